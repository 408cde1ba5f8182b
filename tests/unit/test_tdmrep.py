from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.robots import read_robots
from newscrawl.tdmrep import MAX_RULES, read_tdmrep, tdm_rule

SITE = "https://news.example"


def reservation(rules: object, path: str) -> str | None:
    rule = tdm_rule(read_tdmrep(json.dumps(rules).encode()), SITE + path)
    return rule.reservation if rule else None


def test_the_first_rule_that_matches_counts() -> None:
    rules = [
        {"location": "/open/*", "tdm-reservation": 0},
        {"location": "/*.pdf$", "tdm-reservation": 1, "tdm-policy": "https://p.example/"},
        {"location": "/news", "tdm-reservation": "1"},
    ]
    assert reservation(rules, "/open/a") == "0"
    assert reservation(rules, "/a.pdf") == "1"
    assert reservation(rules, "/news/1") == "1"
    assert reservation(rules, "/other") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html>",
        b"[" * 200_000,
        b'{"location": "/", "tdm-reservation": 1}',
        b"[1, null, [], {}]",
        b'[{"location": 5, "tdm-reservation": 1}]',
        b'[{"location": "/", "tdm-reservation": 2}]',
        b'[{"location": "/", "tdm-reservation": [1]}]',
        b'[{"location": "", "tdm-reservation": 1}]',
        b"\xff\xfe\x00",
        b'[{"location": "/", "tdm-reservation": 1}' + b" " * 300_000 + b"]",
    ],
)
def test_what_is_no_rule_is_left_out(body: bytes) -> None:
    assert read_tdmrep(body) == ()


def test_rules_are_few_and_policies_printable() -> None:
    many = [{"location": f"/{n}", "tdm-reservation": 1, "tdm-policy": "a\x1b[2J"} for n in range(MAX_RULES + 5)]
    rules = read_tdmrep(json.dumps(many).encode())
    assert len(rules) == MAX_RULES
    assert {rule.policy for rule in rules} == {None}


@given(st.binary(max_size=200))
def test_reading_never_raises(body: bytes) -> None:
    tdm_rule(read_tdmrep(body), SITE)


def test_robots_txt_states_usage_for_paths_and_licences_for_all() -> None:
    text = (
        "License: https://l.example/a.xml\nUser-agent: other\nContent-Usage: train-ai=n\n"
        "User-agent: *\nContent-Usage: search=y\nContent-Usage: /essays/ train-ai=n\n"
        "Content-Usage:\nContent-Usage: /x\n"
        "License: /b.xml\nAllow: /\n"
    )
    robots = read_robots(text, "newscrawl/1.0", SITE)
    assert robots.content_usage(f"{SITE}/news/1") == "search=y"
    assert robots.content_usage(f"{SITE}/essays/1") == "train-ai=n"
    assert robots.licenses == ("https://l.example/a.xml", f"{SITE}/b.xml")
    assert read_robots(text, "other/2.0", SITE).content_usage(f"{SITE}/news/1") == "train-ai=n"
