from __future__ import annotations

import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from newscrawl.robots import MAX_BYTES, MAX_SITEMAPS, cut_body, product_tokens, read_robots

SITE = "https://news.example"
US = "newscrawl/1.0 (+https://crawler.example/about)"


def allowed(text: str, path: str, agent: str = US) -> bool:
    rule = read_robots(text, agent, SITE).deciding_rule(SITE + path)
    return rule is None or rule.allow


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /a*b*c", "/a-b-c-d", False),
        ("Disallow: /a*b*c", "/a-c-b", True),
        ("Disallow: /?s=", "/?s=harbour", False),
        ("Disallow: /?s=", "?s=harbour", False),
        ("Disallow: /%7Euser", "/~user", False),
        ("Disallow: /über", "/%C3%BCber", False),
        ("Disallow: /a%3cd", "/a%3Cd", False),
        ("Disallow: /robots.txt", "/robots.txt", True),
        ("disalow: /a # no entry", "/a", False),
        ("Disallow /a", "/a", False),
        ("Disallow: **a", "/b/a", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, expected: bool) -> None:
    assert allowed(f"User-agent: *\n{rules}\n", path) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User-agent: *\nDisallow: /\n\nUser-agent: NewsCrawl\nDisallow:", True),
        ("User-agent: newscrawl\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: NewsCrawl/2.0\nDisallow: /", False),
        ("User-agent: other\nUser-agent: newscrawl\nDisallow: /", False),
        ("User-agent: newscrawl\nUser-agent: other\nDisallow: /", False),
        ("User-agent: *\nUser-agent: newscrawl\nDisallow: /a\nUser-agent: newscrawl\nDisallow: /", False),
        ("User-agent: news\nDisallow: /", True),
        ("User-agent: newscrawl-images\nDisallow: /", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: crawler\nDisallow: /", True),  # a word of our address, not our name
        ("User-agent: other\nCrawl-delay: 3\nUser-agent: *\nDisallow: /", False),
        ("User-agent: other\nSitemap: /s.xml\nUser-agent: *\nDisallow: /", False),
        ("Disallow: /", True),
        ("\ufeffUser-agent: *\rDisallow: /\r", False),
        ("User-agent: *\x0bDisallow: /", True),
    ],
)
def test_the_group_that_names_the_crawler_counts_else_the_one_for_all(text: str, expected: bool) -> None:
    assert allowed(text, "/a") is expected


@pytest.mark.parametrize(
    ("user_agent", "tokens"),
    [
        (US, {"newscrawl"}),
        ("newscrawl", {"newscrawl"}),
        ("*", set()),
        ("NewsCrawl/0.3 (news archiving crawler)", {"newscrawl"}),
        ("Mozilla/5.0 (compatible; TownBot/2.1; +https://town.example/bot/1)", {"mozilla", "townbot"}),
        ("", set()),
    ],
)
def test_our_names_are_the_products_of_the_user_agent(user_agent: str, tokens: set[str]) -> None:
    assert product_tokens(user_agent) == tokens


def test_a_rule_says_where_it_comes_from() -> None:
    robots = read_robots("User-agent: *\nAllow: /news\nDisallow: /", US, SITE)
    assert str(robots.deciding_rule(f"{SITE}/news/1")) == "User-agent: *; Allow: /news"
    assert str(robots.deciding_rule(f"{SITE}/login")) == "User-agent: *; Disallow: /"
    assert read_robots("", US, SITE).deciding_rule(f"{SITE}/news/1") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("10", 10.0),
        ("86400", 60.0),
        ("0.5", 0.5),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("ten", None),
        ("", None),
    ],
)
def test_a_crawl_delay_is_a_number_of_seconds(line: str, expected: float | None) -> None:
    assert read_robots(f"User-agent: *\nCrawl-delay: {line}", US, SITE).crawl_delay_s == expected


def test_sitemaps_are_absolute_web_addresses_and_few() -> None:
    lines = [
        "Sitemap: /s.xml",
        "sitemap: https://cdn.example/n.xml",
        "Sitemap: ftp://x/",
        "Sitemap: http://[",
        "Sitemap: /s.xml",
    ]
    assert read_robots("\n".join(lines), US, SITE).sitemaps == (f"{SITE}/s.xml", "https://cdn.example/n.xml")
    many = "\n".join(f"Sitemap: /{n}.xml" for n in range(MAX_SITEMAPS + 50))
    assert len(read_robots(many, US, SITE).sitemaps) == MAX_SITEMAPS


def test_a_long_body_is_cut_at_a_line_end() -> None:
    line = b"Disallow: /aaaaaaaa\n"
    body = line * (MAX_BYTES // len(line) + 100)
    kept = cut_body(body)
    assert len(kept) <= MAX_BYTES
    assert kept.endswith(line)
    assert cut_body(b"x" * (MAX_BYTES + 1)) == b""
    assert cut_body(line) == line


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\n" + "Disallow: /" + "*a" * 250_000 + "b",
        "User-agent: *\n" + "Disallow: /*a*a*a*b\n" * 25_000,
        "User-agent: *\n" + "".join(f"Disallow: /*{n}*a*b\n" for n in range(25_000)),
        "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "".join(f"Allow: /{n}\n" for n in range(15_000)),
        "".join(f"User-agent: newscrawl\nUser-agent: *\nDisallow: /{n}\n" for n in range(10_000)),
        "User-agent: *\n" + "Disallow: %" * 45_000,
        "\n" * MAX_BYTES,
    ],
    ids=[
        "one long rule",
        "equal rules",
        "many rules",
        "agents times rules",
        "repeated groups",
        "escapes",
        "empty lines",
    ],
)
def test_a_hostile_file_costs_no_more_than_its_size(text: str) -> None:
    began = time.process_time()
    robots = read_robots(text, US, SITE)
    robots.deciding_rule(SITE + "/" + "a" * 2000)
    assert time.process_time() - began < 2.0


PATHS = ["/" + "".join(letters) for size in range(4) for letters in product("ab/", repeat=size)]
patterns = st.text(alphabet="ab/*$", max_size=5).map(
    lambda text: "/" + text.replace("$", "") + ("$" if "$" in text else "")
)
groups = st.tuples(
    st.lists(st.sampled_from(["*", "newscrawl", "other"]), min_size=1, max_size=2),
    st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), patterns), max_size=4),
)


@settings(max_examples=150)
@given(st.lists(groups, max_size=3))
def test_decisions_agree_with_protego(parts: list[tuple[list[str], list[tuple[str, str]]]]) -> None:
    """Scrapy's own parser; where a pattern has a run of stars it counts another length, so those are left out."""
    text = "\n".join(
        line
        for agents, rules in parts
        for line in (*(f"User-agent: {a}" for a in agents), *(f"{r}: {p}" for r, p in rules))
    )
    if "**" in text or "index" in text:
        return
    theirs = Protego.parse(text)
    for path in PATHS:
        assert allowed(text, path) is theirs.can_fetch(SITE + path, US), (text, path)


@given(st.text(), st.text())
def test_reading_never_raises(text: str, path: str) -> None:
    read_robots(f"User-agent: *\nDisallow: {text}\n{text}", US, SITE).deciding_rule(f"{SITE}/{path}")
