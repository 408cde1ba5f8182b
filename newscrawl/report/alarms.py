"""From what is wrong now and what was known before: what has begun, what is over, and what is still to be told."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from newscrawl.state.health import Alarm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newscrawl.report.health import Finding, Verdict


def next_alarms(before: Iterable[Alarm], verdicts: Iterable[Verdict]) -> tuple[Alarm, ...]:
    """The alarms as they stand now, and those whose end is to be told.

    One that stands keeps the day it began. One that nobody was told of, and that is over, was none. A source that is
    looked at and about which nothing can be said any more keeps its alarms; one that is not looked at has none.
    """
    known = {(alarm.source, alarm.what): alarm for alarm in before}
    after: dict[tuple[str, str], Alarm] = {}
    kept: set[str] = set()
    for verdict in verdicts:
        for finding in verdict.findings:
            key = finding.source, finding.what
            after[key] = _standing(known.get(key), finding)
        if verdict.is_watched and not verdict.is_judged:
            kept.add(verdict.source)
    for key, alarm in known.items():
        if key in after:
            continue
        if alarm.source in kept:
            after[key] = alarm
        elif alarm.told:
            after[key] = replace(alarm, ended=True)
    return tuple(after[key] for key in sorted(after))


def to_tell(alarms: Iterable[Alarm]) -> tuple[tuple[Alarm, ...], tuple[Alarm, ...]]:
    """Those that began, and those that are over, and nobody knows yet."""
    alarms = tuple(alarms)
    began = tuple(each for each in alarms if not each.ended and not each.told)
    return began, tuple(each for each in alarms if each.ended)


def when_told(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """The alarms after everything was told: what is over is forgotten."""
    return tuple(replace(each, told=True) for each in alarms if not each.ended)


def as_values(alarm: Alarm) -> dict[str, Any]:
    """What is told of an alarm. JSON-native."""
    return {"source": alarm.source, "what": alarm.what, "since": alarm.since, **alarm.finding}


def sentence(alarm: Alarm) -> str:
    """An alarm in words."""
    return f"{alarm.source}: {alarm.what.replace('_', ' ')} since {alarm.since}: {alarm.finding['words']}"


def message(  # noqa: PLR0913 - the parts of a message, most by name
    run_id: str, data: str, *, began: Sequence[Alarm], ended: Sequence[Alarm], standing: int, at: str
) -> dict[str, Any]:
    """What a command or a webhook is given. JSON-native."""
    words = [f"{sentence(each)}" for each in began]
    words += [f"{each.source}: {each.what.replace('_', ' ')} is over" for each in ended]
    return {
        "program": "newscrawl",
        "time": at,
        "run_id": run_id,
        "data": data,
        "began": [as_values(each) for each in began],
        "ended": [as_values(each) for each in ended],
        "standing": standing,
        "text": "\n".join(words),
    }


def _standing(known: Alarm | None, finding: Finding) -> Alarm:
    values = {name: value for name, value in asdict(finding).items() if name not in {"source", "what", "since"}}
    since = known.since if known else finding.since
    told = known is not None and known.told
    return Alarm(source=finding.source, what=finding.what, since=since, finding=values, told=told)
