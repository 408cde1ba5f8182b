"""A batch in small: texts of several sites in several files, with all that has to be found out over all of them."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from newscrawl.batch.engine.job import Job
from newscrawl.batch.engine.run import Done, Engine, Here, run_batch
from newscrawl.dump.streams import records
from newscrawl.readers.files import Input

if TYPE_CHECKING:
    from pathlib import Path

SITES = ("harbour-times.example", "valley-post.example", "coast-herald.example")
FURNITURE = "Follow {} on every channel and never miss a story from your own town"
WORDS = [
    f"{first}{last}"
    for first in ("har", "mel", "tor", "vin", "bas", "cor")
    for last in ("bour", "ton", "dale", "wick", "es")
]
WORDS += [
    "the",
    "a",
    "of",
    "on",
    "and",
    "was",
    "said",
    "after",
    "before",
    "council",
    "school",
    "river",
    "bridge",
    "market",
]


def story(number: int) -> list[str]:
    """Paragraphs that no other number has."""
    dice = random.Random(number)
    return [" ".join(dice.choices(WORDS, k=24)).capitalize() + f", figure {number * 10 + each}." for each in range(5)]


def line(site: str, number: int, paragraphs: list[str], *, day: int, title: str | None = None) -> dict[str, Any]:
    """A record as somebody's dump has it: with the lines that its site prints everywhere."""
    return {
        "schema_version": "v1.0",
        "url": f"https://{site}/news/{number}",
        "title": title or f"Number {number} on {WORDS[number % len(WORDS)]} {number * 31}",
        "text": "\n\n".join([*paragraphs, FURNITURE.format(site)]),
        "date_crawled": f"2026-03-{day:02d}T10:00:00Z",
        "date_published": f"2026-03-{day:02d}T0{number % 10}:00:00Z",
        "date_precision": "second",
        "discovered_via": "text",
        "status": "ok",
    }


def batch() -> list[dict[str, Any]]:
    """Stories; copies of them on other sites, whole, cut and added to; revisions; texts that are too short."""
    found = []
    for number in range(36):
        site = SITES[number % len(SITES)]
        found.append(line(site, number, story(number), day=1 + number % 9))
        other = SITES[(number + 1) % len(SITES)]
        if number % 6 == 0:  # equal
            found.append(line(other, 100 + number, story(number), day=1 + (number + 1) % 9))
        if number % 6 == 1:  # one paragraph less, and a copy of the copy
            found.append(line(other, 100 + number, story(number)[1:], day=1 + (number + 2) % 9))
            found.append(line(SITES[(number + 2) % 3], 200 + number, [*story(number)[1:], *story(900)[:1]], day=9))
        if number % 6 == 2:  # the publisher changes it, and prints it once more as it is
            found.append(line(site, number, [*story(number), *story(800 + number)[:2]], day=20))
            found.append(line(site, number, [*story(number), *story(800 + number)[:2]], day=21))
        if number % 12 == 3:
            found.append({**line(site, 300 + number, ["Too short."], day=3), "text": "Too short."})
        if number % 12 == 5:  # a copy, but a month later: not one any more
            found.append(line(other, 400 + number, story(number)[:4], day=30))
    return found


def write_files(folder: Path, lines: list[dict[str, Any]], sizes: list[int]) -> list[Path]:
    """JSON lines in files of so many lines; what is left over, one line each."""
    folder.mkdir(parents=True)
    paths, left = [], list(lines)
    while left:
        size = sizes[len(paths)] if len(paths) < len(sizes) else 1
        some, left = left[:size], left[size:]
        path = folder / f"{len(paths):03d}.jsonl"
        path.write_text("".join(f"{json.dumps(each)}\n" for each in some))
        paths.append(path)
    return paths


def job_of(paths: list[Path], *, parts: int = 3, **options: Any) -> Job:
    """The job of some files."""
    inputs = tuple(Input(name=str(each)) for each in sorted(paths))
    ends = tuple(range(1, len(inputs) + 1))
    return Job(inputs=inputs, versions=tuple("" for _ in inputs), ends=ends, parts=parts, **options)


def run_here(job: Job, data: Path, engine: Engine | None = None) -> Done:
    """The batch in this process."""
    return run_batch(job, data, engine or Here(1), files="")


def contents(data: Path) -> dict[str, Any]:
    """What a dump holds, whatever its run and its files are called, and however often a link was written."""

    def of(stream: str) -> list[str]:
        lines = ({**each, "run_id": ""} for each in records(data, stream, include_gone=True))
        return sorted(json.dumps(each, sort_keys=True) for each in lines)

    links = {each["id"]: {**each, "run_id": ""} for each in records(data, "links")}
    return {**{stream: of(stream) for stream in ("articles", "removed", "outcomes", "current")}, "links": links}
