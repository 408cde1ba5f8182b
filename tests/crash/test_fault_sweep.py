"""A disk that fails, or a process or machine that dies, at the n-th call to the operating system, for every n.

What is swept is the store and what is done with it, in processes whose every write, fsync and change of names goes
through `failing_disk.c`. After each failure the next life does what was not said to be done, and must end with what a
life without one ends with.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from crashing import figures, fresh_directory, some_of, stored, whole_lines
from failing_disk import FAULTS, KILL, Life, Lives, all_is_synced, lose_power
from life import FORGOTTEN, SCENARIOS, SECRET

from newscrawl.dump.reader import verify
from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEVER = 0
VERIFIED_EVERY = 5
"""Every point is compared with what is expected; at each fifth the dump proves itself, too, which takes longer."""
DISTURBANCES = (
    "kill",
    "power cut",
    "power cut, torn",
    "ENOSPC",
    "ENOSPC, stays full",
    "EIO",
    "EIO, reads too",
    "EACCES",
)


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with fresh_directory() as folder, Lives(folder) as lives:
        yield lives


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A scenario about to begin, and what it comes to."""

    scenario: str
    before: Path
    expected: Mapping[str, Any]
    calls: Mapping[bool, int]
    """Whether reads count → how many points of failure there are."""


@pytest.fixture(scope="module")
def prepared(lives: Lives) -> dict[str, Prepared]:
    """Filled by `prepare`."""
    return {}


def prepare(lives: Lives, prepared: dict[str, Prepared], scenario: str) -> Prepared:
    if scenario not in prepared:
        before = fresh(lives)
        lives.prepare(scenario, before / "data")
        calls = {}
        for reads in (False, True):
            folder = fresh(lives, before)
            life = lives.live(scenario, folder / "data", point=NEVER, reads=int(reads))
            assert (life.status, life.following) == (0, len(SCENARIOS[scenario])), life.said
            calls[reads] = life.calls
        assert verify(folder / "data") == () or not (folder / "data" / "manifest.json").exists()
        prepared[scenario] = Prepared(scenario=scenario, before=before, expected=content(folder / "data"), calls=calls)
    return prepared[scenario]


def fresh(lives: Lives, like: Path | None = None) -> Path:
    """A new folder, empty or a copy of another."""
    folder = Path(tempfile.mkdtemp(dir=lives.folder))
    return folder if like is None else Path(shutil.copytree(like, folder, dirs_exist_ok=True))


def content(data: Path) -> dict[str, Any]:
    """What a data directory says, whatever its files are called; a torn line is an error."""
    found: dict[str, Any] = {"stored": sorted(stored(data))}
    for stream in ("articles", "removed", "outcomes", "links", "current"):
        found[stream] = sorted(
            json.dumps(_without_moment(json.loads(line)), sort_keys=True)
            for file in (data / stream).rglob("*.jsonl")
            for line in whole_lines(file)
        )
    return found


def _without_moment(record: dict[str, Any]) -> dict[str, Any]:
    if record.get("status") == "purged":  # said by the command itself, at its own time
        return record | {"date_crawled": "", "run_id": ""}
    return record


def disturb(lives: Lives, scenario: str, folder: Path, disturbance: str, point: int) -> Life:
    """One life with a failure; afterwards the folder is what the next one finds."""
    name, _, how = disturbance.partition(", ")
    if name in FAULTS:
        extra = {"stays": int(how == "stays full"), "reads": int(how == "reads too")}
        return lives.live(scenario, folder / "data", point=point, fault=FAULTS[name], **extra)
    if name == "kill":
        return lives.live(scenario, folder / "data", point=point, fault=KILL)
    synced = folder.with_name(f"{folder.name}.synced")
    all_is_synced(folder, synced)
    life = lives.live(scenario, folder / "data", point=point, fault=KILL, synced=synced)
    lose_power(folder, synced, random.Random(point) if how else None)
    shutil.rmtree(synced)
    return life


def check_failure(life: Life, data: Path, disturbance: str, why: str) -> None:
    """What a failed life itself owes: to be killed, or to end well, or with exit code 5 and one sentence."""
    if disturbance.startswith(("kill", "power")):
        assert life.status == -signal.SIGKILL, f"{why}: {life.said}"
        return
    assert life.status in {ExitCode.DONE, ExitCode.STORAGE}, f"{why}: {life.status} {life.said}"
    assert life.said.count("\n") == (life.status == ExitCode.STORAGE), f"{why}: {life.said}"
    assert not life.said or life.said.startswith("newscrawl: "), f"{why}: {life.said}"
    for file in data.rglob("*.jsonl"):
        whole_lines(file)


def sweep(lives: Lives, prepared: Prepared, disturbance: str, points: list[int]) -> Counter[str]:
    """Fail at each of the points, go on, compare."""
    came = Counter[str]()
    for point in points:
        scenario = prepared.scenario
        why = f"{scenario}: {disturbance} at call {point}"
        folder = fresh(lives, prepared.before)
        data = folder / "data"
        life = disturb(lives, scenario, folder, disturbance, point)
        check_failure(life, data, disturbance, why)
        came[str(life.status)] += 1
        acknowledged = set(stored(data)) if data.exists() else set()
        after = lives.live(scenario, data, start=life.following)
        assert (after.status, after.following) == (0, len(SCENARIOS[scenario])), f"{why}, going on: {after.said}"
        assert acknowledged <= set(stored(data)), why
        found = content(data)
        for stream, expected in prepared.expected.items():
            assert found[stream] == expected, f"{why}: another {stream}"
        if (data / "manifest.json").exists():
            assert point % VERIFIED_EVERY or verify(data) == (), why
            assert not list(data.rglob("*.tmp")), f"{why}: a temporary file stayed"
        if scenario in FORGOTTEN:
            holding = [file for file in data.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
            assert not holding, f"{why}: {holding} still have what was purged"
        shutil.rmtree(folder)
    return came


@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_at_some_call(lives: Lives, prepared: dict[str, Prepared], scenario: str, disturbance: str) -> None:
    ready = prepare(lives, prepared, scenario)
    sweep(lives, ready, disturbance, some_of(range(1, ready.calls["reads" in disturbance] + 1), 1))


@pytest.mark.proof
@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_at_every_call(lives: Lives, prepared: dict[str, Prepared], scenario: str, disturbance: str) -> None:
    ready = prepare(lives, prepared, scenario)
    points = list(range(1, ready.calls["reads" in disturbance] + 1))
    came = sweep(lives, ready, disturbance, points)
    figures(
        f"{scenario}: {disturbance} at call n", points=len(points), **{f"ended {how}": n for how, n in came.items()}
    )
