"""An alarm is told once when it begins and once when it is over, however often runs look."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from newscrawl.errors import ConfigError
from newscrawl.report.alarms import message, next_alarms, to_tell, when_told
from newscrawl.report.health import Finding, Verdict
from newscrawl.report.metrics import RunMetrics, write_metrics
from newscrawl.report.notify import NotToldError, read_command, read_webhook, tell_command, tell_webhook
from newscrawl.report.summary import run_summary
from newscrawl.report.tally import Tally, summary_lines
from newscrawl.state.health import Alarm, Figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SILENT = Finding(source="a", what="silent", since="2026-03-02", now=0.0, usual=20.0, words="0 a day, usually 20")
BAD = Verdict(source="a", findings=(SILENT,), is_judged=True, is_watched=True)
GOOD = Verdict(source="a", findings=(), is_judged=True, is_watched=True)
UNKNOWN = Verdict(source="a", findings=(), is_judged=False, is_watched=True)
LEFT = Verdict(source="a", findings=(), is_judged=False, is_watched=False)


def told(verdicts: list[Verdict]) -> list[tuple[int, int]]:
    """How many began and ended, as told after each run."""
    alarms: tuple[Alarm, ...] = ()
    said = []
    for verdict in verdicts:
        alarms = next_alarms(alarms, [verdict])
        began, over = to_tell(alarms)
        said.append((len(began), len(over)))
        alarms = when_told(alarms)
    return said


def test_an_alarm_is_told_once_when_it_begins_and_once_when_it_is_over() -> None:
    assert told([GOOD, BAD, BAD, BAD, GOOD, GOOD, BAD]) == [(0, 0), (1, 0), (0, 0), (0, 0), (0, 1), (0, 0), (1, 0)]


def test_what_cannot_be_judged_for_a_while_is_not_called_over() -> None:
    assert told([BAD, UNKNOWN, UNKNOWN, BAD, GOOD]) == [(1, 0), (0, 0), (0, 0), (0, 0), (0, 1)]


def test_the_alarm_of_a_source_that_is_paused_is_over() -> None:
    assert told([BAD, LEFT, LEFT]) == [(1, 0), (0, 1), (0, 0)]


def test_what_nobody_could_be_told_is_told_by_the_next_run() -> None:
    first = next_alarms((), [BAD])
    again = next_alarms(first, [BAD])
    assert to_tell(first) == to_tell(again)
    assert next_alarms(again, [GOOD]) == ()  # nobody heard that it began


def test_an_alarm_keeps_the_day_it_began() -> None:
    before = (Alarm(source="a", what="silent", since="2026-02-27", finding={"words": "?"}, told=True),)
    (alarm,) = next_alarms(before, [BAD])
    assert alarm.since == "2026-02-27"
    assert alarm.finding["usual"] == 20.0


# Telling.

MESSAGE = message("run_1", "data", began=next_alarms((), [BAD]), ended=(), standing=1, at="2026-03-04T00:10:00Z")


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_command_gets_the_alarms_as_json_and_its_arguments_as_they_are(tmp_path: Path) -> None:
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    tell_command((*python(code), str(tmp_path / "a; touch b")), MESSAGE)
    (file,) = tmp_path.iterdir()
    assert file.name == "a; touch b"
    assert json.loads(file.read_bytes()) == MESSAGE
    assert MESSAGE["began"][0] | {"source": "a", "what": "silent", "since": "2026-03-02"} == MESSAGE["began"][0]
    assert MESSAGE["text"] == "a: silent since 2026-03-02: 0 a day, usually 20"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise SystemExit(3)", "ended with 3"),
        ("import sys; sys.exit('no mail')", "ended with 1: no mail"),
        ("import time; time.sleep(60)", "took longer than 0.5 s and was ended"),
    ],
)
def test_a_command_that_fails_or_hangs_is_one_sentence(code: str, why: str) -> None:
    with pytest.raises(NotToldError, match=why):
        tell_command(python(code), MESSAGE, limit_s=0.5 if "sleep" in code else 30.0)


def test_a_command_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(NotToldError, match="could not be started: No such file"):
        tell_command(("/nowhere/at/all",), MESSAGE)


def test_settings_that_cannot_be_read_are_named() -> None:
    assert read_command("mail -s 'newscrawl alarm' me@example.org")[2] == "newscrawl alarm"
    with pytest.raises(ConfigError, match="NEWSCRAWL_ALERT_COMMAND=mail 'me: No closing quotation"):
        read_command("mail 'me")
    for wrong in ("ftp://example.org/", "example.org", "file:///etc/passwd"):
        with pytest.raises(ConfigError, match="NEWSCRAWL_ALERT_WEBHOOK is no http or https address"):
            read_webhook(wrong)


class Hook:
    """A web address that answers as told; "hang" answers only when the test is over."""

    def __init__(self, status: int | str) -> None:
        self.got: list[Any] = []
        self.over = over = Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                if status == "hang":
                    over.wait(30)
                    return
                self.send_response(int(status))
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?secret=1"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def hook(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hook = Hook(request.param)
    yield hook
    hook.over.set()
    hook.server.shutdown()
    hook.server.server_close()


@pytest.mark.parametrize("hook", [204], indirect=True)
def test_a_webhook_is_posted_the_json_even_on_a_private_address(hook: Hook) -> None:
    tell_webhook(hook.url, MESSAGE)
    assert hook.got == [MESSAGE]


@pytest.mark.parametrize(
    ("hook", "why"), [(500, "HTTP 500"), (302, "HTTP 302"), ("hang", "too long|timed out")], indirect=["hook"]
)
def test_a_webhook_that_fails_is_one_sentence_without_its_secret(hook: Hook, why: str) -> None:
    with pytest.raises(NotToldError, match=why) as caught:
        tell_webhook(hook.url, MESSAGE, limit_s=0.5 if "long" in why else 30.0)
    assert "secret" not in str(caught.value)
    assert len(hook.got) == 1


# What a run leaves.


def summary_of(alarms: tuple[Alarm, ...]) -> dict[str, Any]:
    return run_summary(
        Tally(), run_id="run_1", ended="2026-03-04T00:10:00Z", reason="finished", exit_code=0, seconds=1.25, pages=3,
        requests=9, rows=7, alarms=alarms, began=alarms, over=(),
    )  # fmt: skip


def test_the_summary_for_machines_is_json_and_names_the_alarms() -> None:
    summary = summary_of(next_alarms((), [BAD]))
    assert json.loads(json.dumps(summary)) == summary
    assert summary["alarms"][0]["words"] == "0 a day, usually 20"
    assert summary["alarms_began"] == [["a", "silent"]]


def test_the_summary_for_people_names_them_too() -> None:
    lines = summary_lines(
        Tally(), pages=0, requests=0, seconds=1, data="data", rows=0, ending="done", alarms=["a: silent since …"]
    )
    assert "UNHEALTHY  a: silent since …" in lines


def test_the_figures_are_read_by_prometheus_and_its_counters_never_fall(tmp_path: Path) -> None:
    path = tmp_path / "newscrawl.prom"
    odd = 'a"b\\c\n'
    totals = {
        "a": Figures(articles=5, outcomes={"article": 5, "blocked": 2}, last_article="2026-03-04T00:00:00Z"),
        odd: Figures(articles=1),
    }
    alarms = next_alarms((), [BAD])
    for _ in range(2):  # the second in the place of the first
        metrics = RunMetrics(
            summary_of(alarms), totals=totals, today={"a": Figures(words={32: 5})}, alarms=alarms, last_success=None
        )
        write_metrics(path, metrics)
    families = {each.name: each for each in text_string_to_metric_families(path.read_text())}
    samples = [sample for each in families.values() for sample in each.samples]
    values = {(each.name, *(each.labels[name] for name in sorted(each.labels))): each.value for each in samples}
    assert values["newscrawl_articles_total", "a"] == 5
    assert values["newscrawl_articles_total", odd] == 1
    assert values["newscrawl_outcomes_total", "blocked", "a"] == 2
    assert values["newscrawl_alarm", "a", "silent"] == 1
    assert values["newscrawl_median_words", "a"] == 256
    assert values["newscrawl_last_article_timestamp_seconds", "a"] == 1772582400
    assert families["newscrawl_articles"].type == "counter"
    assert all(each.documentation for each in families.values())
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
