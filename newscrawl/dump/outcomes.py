"""What became of addresses: the outcomes of a dump, with the day that each was decided on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newscrawl.dump.manifest import MANIFEST
from newscrawl.dump.place import place
from newscrawl.dump.rebuild import parsed_lines
from newscrawl.dump.streams import read_manifest, stream_files
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.place import Place

_DAY = "crawl_day="


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which outcomes to read; None: all."""

    source: str | None = None
    run_id: str | None = None
    text: str | None = None
    """Part of the address."""


def read_outcomes(path: Place, wanted: Wanted) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (day, outcome line), in the order of publication, one in memory at a time.

    Raises:
        ConfigError: there is no dump at the path.
        StoreError: a file is missing or a line is torn; names both.
    """
    path = place(path)
    if not (path / MANIFEST).is_file():
        raise ConfigError(f"there is no dump at {path}: it has no {MANIFEST}")
    for file in stream_files(path, "outcomes"):
        day = file.parent.name.removeprefix(_DAY)
        for _, line in parsed_lines(file):
            chosen = wanted.source in {None, line["source"]} and wanted.run_id in {None, line["run_id"]}
            if chosen and (wanted.text is None or wanted.text in line["url"]):
                yield day, line


def known_runs(path: Place) -> tuple[str, ...]:
    """Ids of the runs of a dump, oldest first: they begin with their time.

    Raises:
        ConfigError: there is no dump at the path.
        StoreError: its manifest is damaged.
    """
    path = place(path)
    if not (path / MANIFEST).is_file():
        raise ConfigError(f"there is no dump at {path}: it has no {MANIFEST}")
    return tuple(sorted(str(run["id"]) for run in read_manifest(path).get("runs", ())))
