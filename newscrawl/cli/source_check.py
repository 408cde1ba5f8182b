"""What a crawl finds at one source: a child process crawls it for one article, into a directory that is thrown away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from newscrawl.cli.table import MAX_CELL_CHARS, table_lines
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.sources import Source

PATIENCE_S = 30
"""How long the crawl may take to end in order after its time is over."""
MAX_ANSWERS = 30
MAX_REJECTED = 10
MAX_FIELD_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a crawl for one article left behind."""

    exit_code: int
    answers: tuple[dict[str, Any], ...]
    """What the site was asked for before any article, in the order of the answers."""
    rejected: tuple[dict[str, Any], ...]
    """Outcome lines of addresses that gave no article."""
    article: dict[str, Any] | None
    said: tuple[str, ...]
    """What the crawl said, line by line."""


def look_at(source: Source, sources_file: Path, timeout_s: int) -> Found:
    """Crawl the source for one article.

    The settings are those of the project in the current directory, else newscrawl's own.

    Raises:
        ConfigError: the crawl did not end in time, not even when it was asked to.
    """
    with TemporaryDirectory(prefix="newscrawl-check-") as folder:
        data, asked = Path(folder) / "data", Path(folder) / "asked.jsonl"
        try:
            child = subprocess.run(  # noqa: S603 - the command is ours
                _command(source, sources_file, data, asked, timeout_s),
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=timeout_s + PATIENCE_S,
            )
        except subprocess.TimeoutExpired:
            raise ConfigError(f"{source.id}: the crawl was stopped, it did not end by itself") from None
        rejected, article = _stored(data)
        return Found(
            exit_code=child.returncode,
            answers=tuple(map(json.loads, asked.read_bytes().splitlines())) if asked.exists() else (),
            rejected=rejected,
            article=article,
            # Where the articles are is of no use: that directory is gone in a moment.
            said=tuple(line for line in child.stderr.decode("utf-8", "replace").splitlines() if folder not in line),
        )


def report_lines(found: Found) -> Iterator[str]:
    """What was found, for a terminal."""
    rows = [
        (_kind(answer), str(answer["status"]), answer["url"], answer["holds"])
        for answer in found.answers[:MAX_ANSWERS]
        if answer["status"] < 400 or not answer["probe"]  # that a guessed address is missing is no news
    ]
    if rows:
        yield from table_lines(("ASKED FOR", "STATUS", "URL", "HOLDS"), rows)
    else:
        yield "no answer to anything that was asked"
    if found.rejected:
        yield "\nno article came of:"
        lines = ((line["outcome"], line["reason"] or "", line["url"]) for line in found.rejected)
        yield from table_lines(("OUTCOME", "REASON", "URL"), lines)
    if found.article is None:
        yield "\nno article; the crawl said:"
        yield from (f"  {plain(line, MAX_CELL_CHARS)}" for line in found.said[-5:])
        return
    yield "\nthe first article:"
    for name, value in found.article.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"  {name:<16}  {plain(shown, MAX_FIELD_CHARS)}"


def status_of(found: Found) -> int:
    """0 with an article; else what the crawl ended with, and 1 where that was no error."""
    return ExitCode.DONE if found.article else found.exit_code or ExitCode.ERROR


def _kind(answer: dict[str, Any]) -> str:
    return f"{answer['kind']} (guessed)" if answer["probe"] else str(answer["kind"])


def _stored(data: Path) -> tuple[tuple[dict[str, Any], ...], dict[str, Any] | None]:
    from newscrawl.dump.manifest import MANIFEST
    from newscrawl.dump.reader import records

    if not (data / MANIFEST).is_file():
        return (), None
    rejected = tuple(line for line in records(data, "outcomes") if line["outcome"] != "article")
    return rejected[:MAX_REJECTED], next(records(data, "current"), None)


def _command(source: Source, sources_file: Path, data: Path, asked: Path, timeout_s: int) -> list[str]:
    from newscrawl import settings

    chosen = {
        "NEWSCRAWL_DATA": str(data),
        "NEWSCRAWL_SOURCES": str(sources_file.absolute()),
        "LOG_LEVEL": "WARNING",
        "CLOSESPIDER_TIMEOUT": str(timeout_s),
        "EXTENSIONS": json.dumps(settings.EXTENSIONS | {"newscrawl.extensions.asked.AskedLog": 600}),
        "ASKED_FILE": str(asked),
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"source={source.id}", "-a", "limit=1"]
    for name, value in chosen.items():
        command += ["-s", f"{name}={value}"]
    return command


def _environment() -> dict[str, str]:
    here = Path.cwd()
    has_project = any((folder / "scrapy.cfg").is_file() for folder in (here, *here.parents))
    return dict(os.environ) if has_project else {"SCRAPY_SETTINGS_MODULE": "newscrawl.settings"} | dict(os.environ)
