"""`newscrawl clean --data` killed at any call that writes: the same command goes on, and nothing is cleaned twice."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from crashing import Whole, figures, fresh_directory, lines, some_of, stored, view
from failing_disk import KILL, library
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = "https://harbour-times.example"
STORY = f"{SITE}/2026/harbour-reopens-after-two-days"
TEXT = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said."
PAGES = 24
# A commit for each decision, so that there are many places to be killed at.
CLEAN = """import sys
from newscrawl.batch import output
from newscrawl.cli.main import main
output.GROUP_S = {}
sys.exit(main())
"""


def page(number: int) -> bytes:
    text = "".join(f"<p>{TEXT} Report {number} has figure {number * 7 + each}.</p>" for each in range(3))
    body = f"<article><h1>Ferry {number} sails again</h1>{text}<p>Follow us on the harbour radio.</p></article>"
    return f'<!doctype html><html lang="en"><title>Ferry {number} sails again</title><body>{body}'.encode()


def part(number: int) -> tuple[str, bytes]:
    """A page of an article over three."""
    urls = [STORY, f"{STORY}/2", f"{STORY}/3"]
    before = f'<link rel="prev" href="{urls[number - 2]}">' if number > 1 else ""
    after = f'<link rel="next" href="{urls[number]}">' if number < len(urls) else ""
    numbered = "".join(f'<a href="{url}">{each}</a> ' for each, url in enumerate(urls, start=1))
    text = "".join(f"<p>{TEXT} So says part {number}, sentence {each}.</p>" for each in range(3))
    title = "Harbour reopens after two days"
    body = f"<article><h1>{title}</h1>{text}</article><nav>{numbered}</nav>"
    return urls[number - 1], f'<!doctype html><html lang="en"><title>{title}</title>{before}{after}{body}'.encode()


def archive() -> bytes:
    """Pages, two that are gone, and the parts of one article far from each other; torn at its end."""
    pages = [(f"{SITE}/news/{number}", "200 OK", page(number)) for number in range(PAGES)]
    for place, number in ((1, 1), (PAGES // 2, 3), (PAGES, 2)):
        url, body = part(number)
        pages.insert(place, (url, "200 OK", body))
    pages[4:4] = [(f"{SITE}/gone/{number}", "410 Gone", b"") for number in range(2)]
    file = BytesIO()
    writer = WARCWriter(file, gzip=True)
    for url, status, body in pages:
        http = StatusAndHeaders(status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_headers_dict={"WARC-Date": "2026-03-05T00:00:00Z"},
            )
        )
    return file.getvalue()[:-20]


class Archives:
    """Input of every kind, and the command that cleans it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.input = folder / "input"
        self.input.mkdir()
        (self.input / "pages.warc.gz").write_bytes(archive())
        texts = [{"url": f"{SITE}/texts/{number}", "text": f"{TEXT}\n\n{TEXT} Text {number}."} for number in range(4)]
        (self.input / "texts.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, texts)).encode()))
        saved = self.input / "saved"
        saved.mkdir()
        for number in range(3):
            address = f'<link rel="canonical" href="{SITE}/saved/{number}">'.encode()
            (saved / f"{number}.html").write_bytes(page(100 + number).replace(b"<body>", address + b"<body>"))
        (saved / "script.js").write_text("var page = 1;")
        self._library = library(folder)

    @property
    def urls(self) -> set[str]:
        """Addresses of all but the last page of the archive, which is torn."""
        counts = {"news": PAGES - 1, "gone": 2, "texts": 4, "saved": 3}
        named = {f"{SITE}/{kind}/{number}" for kind, count in counts.items() for number in range(count)}
        return named | {part(number)[0] for number in (1, 2, 3)}

    def clean(self, data: Path, *, group_s: float = 0, **disk: object) -> tuple[int, dict[str, Any], str]:
        """One run: exit status, what it counted, and what it said. `disk` are the variables of `failing_disk.c`."""
        command = [sys.executable, "-c", CLEAN.format(group_s), "clean", str(self.input), "--data", str(data), "--json"]
        env = dict(os.environ)
        if disk:
            env |= {"LD_PRELOAD": str(self._library), "DISK_UNDER": str(data)}
            env |= {f"DISK_{name.upper()}": str(value) for name, value in disk.items()}
        done = subprocess.run([*command, "--workers", "1"], env=env, capture_output=True, timeout=120, check=False)
        return done.returncode, json.loads(done.stdout or b"{}"), done.stderr.decode()

    def calls(self) -> int:
        """How many calls that write the run without a kill made; another run makes as many, more or less."""
        return int((self.folder / "counted").read_text())


@pytest.fixture(scope="module")
def archives() -> Iterator[Archives]:
    with fresh_directory() as folder:
        yield Archives(folder)


@pytest.fixture(scope="module")
def whole(archives: Archives) -> Whole:
    data = archives.folder / "whole"
    status, counted, said = archives.clean(data, counted=archives.folder / "counted")
    assert status == ExitCode.ERROR, said  # the archive is torn
    assert (counted["unread"], counted["pages"]) == (1, len(archives.urls))
    return Whole(view=view(data))


def decided(data: Path) -> int:
    """Decisions that are committed."""
    if not (data / "state" / "newscrawl.sqlite").exists():
        return 0
    with fresh_directory() as folder:
        shutil.copytree(data / "state", folder / "state")
        with closing(sqlite3.connect(folder / "state" / "newscrawl.sqlite")) as connection:
            try:
                return int(connection.execute("SELECT count(*) FROM decisions").fetchone()[0])
            except sqlite3.DatabaseError:
                return 0  # killed before there were tables


def check(archives: Archives, whole: Whole, data: Path, why: str) -> int:
    """Go on after a kill, and compare; how many decisions it had kept."""
    before, kept = stored(data), decided(data)
    status, counted, said = archives.clean(data, group_s=0.2)
    assert status == ExitCode.ERROR, f"{why}: {said}"  # that the archive is torn is said by whoever ends it
    assert counted["pages"] == len(archives.urls) - kept, f"cleaned again, or not at all: {why}"
    whole.check(data, before=before, why=why)
    urls = Counter(line["url"] for line in lines(data, "outcomes"))
    assert urls == Counter(archives.urls), f"lost or doubled: {why}"
    shutil.rmtree(data)
    return kept


def killed(archives: Archives, whole: Whole, count: int) -> None:
    calls = archives.calls()
    kept = []
    points = some_of(range(1, calls + 1), count)
    for point in points:
        data = archives.folder / "data"
        status, _, said = archives.clean(data, point=point, fault=KILL)
        assert status in {-signal.SIGKILL, ExitCode.ERROR}, said
        if status == -signal.SIGKILL:
            kept.append(check(archives, whole, data, f"killed at call {point}"))
        else:
            shutil.rmtree(data)  # fewer calls than counted
    figures("clean, killed at call n", calls=calls, points=len(points), decisions=len(archives.urls), kept=sum(kept))


def test_a_killed_clean_goes_on_where_it_was(archives: Archives, whole: Whole) -> None:
    killed(archives, whole, 1)


@pytest.mark.proof
def test_a_clean_killed_at_many_calls_goes_on_where_it_was(archives: Archives, whole: Whole) -> None:
    killed(archives, whole, 12)
