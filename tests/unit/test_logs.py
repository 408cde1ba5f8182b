"""Log lines: words that can be grepped, one record a line, and nothing of a stranger that drives a terminal."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from newscrawl.errors import ConfigError
from newscrawl.extensions.logs import JsonFormatter, TextFormatter, write_logs
from newscrawl.text.events import event_line, log_event

HOSTILE = "a\r\n2026-11-24 ERROR [newscrawl] forged\x1b[2J\u2028\x85\ud800"


def record(message: str, *, exception: Exception | None = None) -> logging.LogRecord:
    info = None if exception is None else (type(exception), exception, None)
    return logging.LogRecord("newscrawl.test", logging.ERROR, __file__, 1, "%s", (message,), info)


def test_words_are_bare_where_they_can_be_and_json_strings_where_not() -> None:
    fields = {
        "run": "run_1",
        "exit": 0,
        "why": 'no "feed"\n',
        "killed": False,
        "sources": None,
        "empty": "",
        "q": "a=b",
    }
    assert event_line("run_end", fields) == (
        'run_end run=run_1 exit=0 why="no \\"feed\\" " killed=no sources=- empty="" q="a=b"'
    )


@given(st.text())
def test_an_event_is_one_line_whatever_a_stranger_wrote(text: str) -> None:
    line = event_line("source_failed", {"why": text, "n": 1})
    assert line.splitlines() == [line]
    assert line.endswith(" n=1")


@given(st.text(st.characters(exclude_categories=())))
def test_a_json_line_is_one_line_of_ascii_and_gives_the_message_back(message: str) -> None:
    line = JsonFormatter().format(record(message))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == message


def test_a_json_line_of_an_exception_holds_it() -> None:
    read = json.loads(JsonFormatter().format(record("failed", exception=ValueError(HOSTILE))))
    assert read["exception"].startswith("ValueError: a")
    assert (read["level"], read["logger"]) == ("ERROR", "newscrawl.test")


def test_an_event_keeps_the_types_of_its_values_in_a_json_log() -> None:
    kept: list[logging.LogRecord] = []
    log = logging.Logger("newscrawl.test")
    log.addFilter(lambda record: kept.append(record) or True)
    log_event(log, logging.INFO, "run_end", exit=0, why=None)
    read = json.loads(JsonFormatter().format(kept[0]))
    assert (read["event"], read["fields"], read["message"]) == (
        "run_end",
        {"exit": 0, "why": None},
        "run_end exit=0 why=-",
    )


def test_no_line_of_a_stranger_begins_a_line_of_a_text_log_or_drives_a_terminal() -> None:
    text = TextFormatter("%(levelname)s %(message)s").format(record(HOSTILE, exception=ValueError(HOSTILE)))
    first, *others = text.split("\n")
    assert first.startswith("ERROR a")
    assert all(line.startswith("  ") for line in others)
    assert all(line.isprintable() for line in (first, *others))


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"NEWSCRAWL_LOG_FORMAT": "xml"}, "must be text or json, not 'xml'"), ({"LOG_FILE": "/none/crawl.log"}, "/none")],
    ids=["format", "file"],
)
def test_a_log_that_cannot_be_written_so_is_a_mistake_of_the_settings(settings: dict[str, str], words: str) -> None:
    before = list(logging.root.handlers)
    with pytest.raises(ConfigError, match=words):
        write_logs(Settings(settings))
    assert logging.root.handlers == before
