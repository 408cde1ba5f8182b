"""A small newsroom, crawls of it in processes of their own that are killed, and what must hold afterwards.

What "the current view equals" means stands in `view`; what must hold of a data directory after any crash, in
`Whole.check`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import sleep
from typing import TYPE_CHECKING, Any

from newscrawl.demo.server import LOOPBACK, DemoServer
from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newscrawl.demo.site import Resource

REPOSITORY = Path(__file__).parents[2]
ANSWER_S = 0.1
"""How long the newsroom takes to answer, so that articles are stored between the requests."""
HUNG_AFTER_S = 120
"""A small crawl takes two seconds; one that takes this long hangs."""
OUTLETS = ("longshore", "saltmarsh")
"""Fifteen articles, a feed that must be told, a sitemap, copies of one wire story that are linked."""
DIFFERS_BY_RUN = frozenset({"revision", "run_id", "date_crawled", "discovered_via"})
"""What a record may say differently after a crash: when and how it was found, and by whom."""
SETTINGS = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    "CONCURRENT_REQUESTS=2",
    "CONCURRENT_REQUESTS_PER_DOMAIN=2",
    "NEWSCRAWL_POOL_WORKERS=1",
)


class Newsroom(DemoServer):
    """The demo newsroom, which can send its crawler a signal in the middle of a request."""

    def __init__(self, edition: int = 1) -> None:
        super().__init__(edition=edition)
        self._counting = Lock()
        self._left = 0
        self._signal = signal.SIGKILL
        self.answer_s = ANSWER_S
        self.crawler: subprocess.Popen[bytes] | None = None

    def signal_at(self, request: int, number: signal.Signals = signal.SIGKILL) -> None:
        """Send the crawler a signal when this request from now on has come, before it is answered; 0: never."""
        with self._counting:
            self._left, self._signal = request, number

    def answer(self, host: str, target: str) -> Resource | None:
        """As the newsroom does, once the crawler has got its signal; no faster than pages are read."""
        sleep(self.answer_s)
        if host != LOOPBACK:
            with self._counting:
                self._left -= 1
                if self._left == 0 and self.crawler is not None:
                    self.crawler.send_signal(self._signal)
        return super().answer(host, target)


@contextmanager
def fresh_directory() -> Iterator[Path]:
    """A directory in memory where there is one: what a kill must not lose is in the system's hands there, too."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="newscrawl-", dir=memory if os.access(memory, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sources_file(folder: Path, outlets: Sequence[str] = OUTLETS) -> Path:
    """A sources file with some outlets of the demo."""
    import newscrawl.demo

    entries = (Path(newscrawl.demo.__file__).parent / "sources.toml").read_text(encoding="utf-8").split("[[source]]")
    file = folder / "sources.toml"
    chosen = [entry for entry in entries[1:] if any(f'id = "{outlet}"' in entry for outlet in outlets)]
    file.write_text("".join(f"[[source]]{entry}" for entry in chosen), encoding="utf-8")
    return file


@dataclass(kw_only=True)
class Crawler:
    """Runs of ``scrapy crawl news`` over one newsroom."""

    newsroom: Newsroom
    sources: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    """Environment of the crawls, beside what they have anyway."""

    def run(self, data: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> tuple[int, str]:
        """One run: its exit status, negative for the signal that ended it, and what it said on stderr."""
        chosen = [f"NEWSCRAWL_DATA={data}", f"NEWSCRAWL_SOURCES={self.sources}", *SETTINGS]
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("NEWSCRAWL_") and "proxy" not in name.lower()
        }
        settings = [part for each in chosen for part in ("-s", each)]
        with tempfile.TemporaryFile() as said:
            self.newsroom.crawler = process = subprocess.Popen(
                [sys.executable, "-m", "scrapy", "crawl", "news", *settings, *arguments],
                cwd=REPOSITORY,
                env=kept | {"http_proxy": self.newsroom.proxy_url} | dict(extra if extra is not None else self.extra),
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            try:
                status = process.wait(HUNG_AFTER_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                said.seek(0)
                raise AssertionError(f"the crawl hangs: {said.read().decode()[-2000:]}") from None
            finally:
                self.newsroom.signal_at(0)
            said.seek(0)
            return status, said.read().decode()


def lines(data: Path, stream: str) -> list[dict[str, Any]]:
    """The records of a stream, all files; a torn line is an error here."""
    return [json.loads(line) for file in sorted((data / stream).rglob("*.jsonl")) for line in whole_lines(file)]


def whole_lines(file: Path) -> list[bytes]:
    """The lines of a file; one that ends in the middle of a line is an error."""
    held = file.read_bytes()
    assert not held or held.endswith(b"\n"), f"{file} ends in the middle of a line"
    return held.split(b"\n")[:-1]


def view(data: Path) -> dict[str, dict[str, Any]]:
    """The current view, id → what must be the same whatever happened on the way to it."""
    return {
        line["id"]: {name: value for name, value in line.items() if name not in DIFFERS_BY_RUN}
        for line in lines(data, "current")
    }


def stored(data: Path) -> dict[str, str]:
    """Articles that are committed, id → when they were crawled, read as the next run will: from a copy."""
    if not (data / "state" / "newscrawl.sqlite").exists():
        return {}
    with fresh_directory() as folder:
        shutil.copytree(data / "state", folder / "state")
        with closing(sqlite3.connect(folder / "state" / "newscrawl.sqlite")) as connection:
            try:
                return dict(connection.execute("SELECT id, date_crawled FROM articles"))
            except sqlite3.DatabaseError as error:
                if not any(words in str(error) for words in ("no such table", "not a database", "malformed")):
                    raise
                return {}  # killed before the store had tables, or a store that is damaged on purpose


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What a crawl without a crash comes to."""

    view: Mapping[str, Mapping[str, Any]]

    def check(self, data: Path, *, before: Mapping[str, str] | None = None, why: str = "") -> None:
        """Nothing lost, nothing doubled, nothing torn; what was stored before the crash was not stored again.

        Args:
            before: `stored` at the crash.
            why: which crash it was.
        """
        problems = verify(data)
        assert problems == (), f"{why}: {problems}"
        found = view(data)
        assert sorted(self.view) == sorted(found), f"lost or doubled: {why}"
        for each, expected in self.view.items():
            differs = {
                name: (found[each][name], value) for name, value in expected.items() if found[each][name] != value
            }
            assert not differs, f"another record of {each}: {why}"
        articles = lines(data, "articles")
        assert max(Counter(line["id"] for line in articles).values()) == 1, f"stored twice: {why}"
        crawled = {line["id"]: line["date_crawled"] for line in articles}
        assert (before or {}).items() <= crawled.items(), f"what was stored is gone or was stored again: {why}"
        decided = Counter((line["run_id"], line["url"]) for line in lines(data, "outcomes"))
        assert max(decided.values()) == 1, f"two outcomes of one address in one run: {why}"
        assert not list(data.rglob("*.tmp")), f"a temporary file stayed: {why}"


def some_of(points: Sequence[int], count: int) -> list[int]:
    """A sample of points of failure, another one each time; SEED in the environment repeats the one that is printed."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10_000))
    sys.stdout.write(f"SEED={seed}\n")
    return sorted(random.Random(seed).sample(points, min(count, len(points))))


def figures(name: str, **numbers: int | float | str) -> None:
    """Say what a proof came to; ``PROOF_FIGURES=FILE`` collects it, one JSON object a line."""
    line = json.dumps({"proof": name, **numbers})
    sys.stdout.write(f"{line}\n")
    if file := os.environ.get("PROOF_FIGURES"):
        with Path(file).open("a", encoding="utf-8") as collected:
            collected.write(f"{line}\n")
