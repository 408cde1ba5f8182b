"""``newscrawl health``: which sources are not as they usually are."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from newscrawl.cli.answer import answer
from newscrawl.cli.arguments import add_data, whole_number
from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from newscrawl.report.health import Verdict
    from newscrawl.state.health import Alarm, Figures

DESCRIPTION = """\
Compare each source with its own last weeks: a source that fell silent, lost its dates or authors, doubled its noise,
or began to refuse is named with the day it began. Sources that are not crawled any more are no fault. The columns are
of the last days (--days): new articles a day, how many of them have a date and an author, how much of their text was
removed, their median length in words, how many of the pages were refused. It reads beside a run that goes on.

`--accept ID` says that a source is as it should be from now on: its past is not compared with any more.

Exit status 3 when a source is unhealthy, or when no run has looked at any source for three days.
"""
EXAMPLE = """
newscrawl health
newscrawl health --json | jq 'select(.state == "unhealthy")'
newscrawl health --accept harbour-times
"""

RANKS = ("unhealthy", "healthy", "not judged yet", "not looked at")
STALE_AFTER = timedelta(days=3)
NONE = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    parser.add_argument(
        "--days", metavar="N", type=whole_number, default=7, help="days that the columns sum up (default: 7)"
    )
    parser.add_argument("--source", metavar="ID", help="only this source")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and source")
    parser.add_argument("--accept", metavar="ID", help="forget the past of a source, which has changed for good")


def run(args: argparse.Namespace) -> int:
    """Judge, print, and say so in the exit status."""
    from newscrawl.report.health import judge
    from newscrawl.state.health import read_book

    if args.accept:
        return _accept(args)
    sources, alarms = read_book(args.data)
    if args.source and args.source not in sources:
        raise ConfigError(f"{args.data} holds nothing of a source {args.source}")
    today = max((day for days in sources.values() for day in days), default=None)
    if today is None:
        if not args.json:
            print("no run has looked at a source yet")
        return ExitCode.DONE
    verdicts = [_with_kept(each, alarms) for each in judge(sources, today) if args.source in {None, each.source}]
    verdicts.sort(key=lambda each: (RANKS.index(_state(each)), each.source))
    first = (date.fromisoformat(today) - timedelta(days=args.days - 1)).isoformat()
    lately = {
        verdict.source: [figures for day, figures in sources[verdict.source].items() if first <= day <= today]
        for verdict in verdicts
    }
    stale = _stale(today)
    if args.json:
        for verdict in verdicts:
            print(json.dumps(_values(verdict, lately[verdict.source], first, today)))
    else:
        for line in _report(verdicts, lately):
            print(line)
        if stale:
            print(f"\nno run has looked at a source since {today}")
    return ExitCode.SOURCES_FAILED if stale or any(each.findings for each in verdicts) else ExitCode.DONE


def _accept(args: argparse.Namespace) -> int:
    from newscrawl.state.store import open_store

    with open_store(args.data, create=False) as store:
        if not store.health.begin_anew(args.accept):
            raise ConfigError(f"{args.data} holds nothing of a source {args.accept}")
    said = plain(f"{args.accept} is judged anew when two weeks are known")
    answer(args, said, {"source": args.accept, "accepted": True})
    return ExitCode.DONE


def _with_kept(verdict: Verdict, alarms: tuple[Alarm, ...]) -> Verdict:
    """An alarm stands until it can be said that it is over: who is silent for months has no past to be judged by."""
    from newscrawl.report.health import Finding

    if verdict.is_judged or not verdict.is_watched:
        return verdict
    seen = {each.what for each in verdict.findings}
    kept = tuple(
        Finding(
            source=each.source,
            what=each.what,
            since=each.since,
            now=each.finding["now"],
            usual=each.finding["usual"],
            words=each.finding["words"],
        )
        for each in alarms
        if each.source == verdict.source and not each.ended and each.what not in seen
    )
    return replace(verdict, findings=(*verdict.findings, *kept))


def _stale(today: str) -> bool:
    return datetime.now(UTC).date() - date.fromisoformat(today) > STALE_AFTER


def _state(verdict: Verdict) -> str:
    if verdict.findings:
        return "unhealthy"
    if not verdict.is_watched:
        return "not looked at"
    return "healthy" if verdict.is_judged else "not judged yet"


def _report(verdicts: list[Verdict], lately: dict[str, list[Figures]]) -> Iterator[str]:
    header = ("SOURCE", "STATE", "ARTICLES/DAY", "DATED", "AUTHORS", "REMOVED", "WORDS", "REFUSED")
    rows = ((each.source, _state(each), *_columns(lately[each.source])) for each in verdicts)
    yield from table_lines(header, rows)
    if any(each.findings for each in verdicts):
        yield ""
    for verdict in verdicts:
        for each in verdict.findings:
            words = f"{each.what.replace('_', ' ')} since {each.since}: {each.words}"
            yield plain(f"{verdict.source}: {words}")


def _columns(days: list[Figures]) -> tuple[str, ...]:
    shares = _shares(days)
    return (
        _shown(shares["articles_per_day"], "g"),
        *(_shown(shares[name], ".0%") for name in ("dated", "authored", "removed")),
        _shown(shares["median_words"], ".0f"),
        _shown(shares["blocked"], ".0%"),
    )


def _shown(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)


def _shares(days: list[Figures]) -> dict[str, float | None]:
    """Of days on which runs looked; None where there is nothing to take a share of."""
    from newscrawl.state.health import Figures, median_words

    whole = sum(days, Figures())
    looked = sum(bool(each.looks) for each in days)
    printed = whole.kept_chars + whole.removed_chars
    words = median_words(whole)
    return {
        "articles_per_day": round(whole.articles / looked, 1) if looked else None,
        "dated": _share(whole.dated, whole.articles),
        "authored": _share(whole.authored, whole.articles),
        "removed": _share(whole.removed_chars, printed),
        "median_words": None if words is None else round(words),
        "blocked": _share(whole.outcomes.get("blocked", 0), whole.pages),
        "rendered": _share(whole.rendered, whole.articles),
    }


def _share(part: int, of: int) -> float | None:
    return round(part / of, 4) if of else None


def _values(verdict: Verdict, days: list[Figures], first: str, last: str) -> dict[str, Any]:
    from newscrawl.state.health import Figures

    whole = sum(days, Figures())
    return {
        "source": verdict.source,
        "state": _state(verdict).replace(" ", "_"),
        "findings": [
            {name: value for name, value in asdict(each).items() if name != "source"} for each in verdict.findings
        ],
        "first_day": first,
        "last_day": last,
        "looks": whole.looks,
        "failures": whole.failures,
        "pages": whole.pages,
        "articles": whole.articles,
        "revisions": whole.revisions,
        **_shares(days),
        "outcomes": dict(sorted(whole.outcomes.items())),
        "last_look": whole.last_look or None,
        "last_article": whole.last_article or None,
    }
