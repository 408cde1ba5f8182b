"""A program reads every line of a JSON log; tests/deploy has the run that says nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Crawl

JSON = ("NEWSCRAWL_LOG_FORMAT=json",)
ONE = "source=saltmarsh"


def test_every_line_of_a_json_log_is_an_object(
    crawl_demo: Callable[..., Crawl],
) -> None:
    first = crawl_demo("-a", ONE, "-a", "limit=2", settings=JSON)
    assert (first.exit_code, first.out) == (0, "")
    lines = [json.loads(line) for line in first.err.splitlines()]
    assert all({"time", "level", "logger", "message", "pid"} <= line.keys() for line in lines)
    (began,) = (line["fields"] for line in lines if line.get("event") == "run_begin")
    (ended,) = (line["fields"] for line in lines if line.get("event") == "source_end")
    assert (ended["run"], ended["source"], ended["articles"]) == (began["run"], "saltmarsh", first.outcomes["article"])
    (whole,) = (line["fields"] for line in lines if line.get("event") == "run_end")
    assert (whole["run"], whole["exit"], whole["articles"]) == (began["run"], 0, ended["articles"])
    assert "dump: " in lines[-1]["message"]


def test_a_mistake_is_an_object_of_the_json_log_too(crawl_demo: Callable[..., Crawl]) -> None:
    mistaken = crawl_demo("-a", "source=none", settings=JSON)
    (line,) = (json.loads(each) for each in mistaken.err.splitlines())
    assert (mistaken.exit_code, line["level"]) == (2, "ERROR")
    assert "no source none" in line["message"]
