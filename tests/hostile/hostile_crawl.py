"""One crawl of hostile sites in a process of its own: what it stored, what it said, what it cost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import honest
from hostile_server import Answer, HostileWeb, Site

if TYPE_CHECKING:
    from fault import Fault

REPOSITORY = Path(__file__).resolve().parents[2]
HONEST = "127.0.0.1"
HONEST_ARTICLES = [honest.Honest(number=n) for n in range(8)]
MAX_MB = 512
LAUNCHER = """
import json, os, sys
child = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[2:]])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    json.dump({"mb": usage.ru_maxrss / 1024, "cpu_s": usage.ru_utime + usage.ru_stime}, file)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""
"""A small process in between: what the kernel keeps of a process's peak begins with its parent's."""


def honest_site() -> Site:
    """The site that must come through whatever the others do."""

    def rss(asked: Any) -> Answer:
        return Answer(
            body=honest.feed(asked.url, [(one.path, one.title) for one in HONEST_ARTICLES]), type="application/rss+xml"
        )

    return Site(
        address=HONEST,
        pages={
            "/robots.txt": Answer(body=b"User-agent: *\nDisallow: /login\n", type="text/plain"),
            "/": Answer(body=honest.home("The honest news")),
            "/rss.xml": rss,
            **{one.path: lambda asked, one=one: Answer(body=one.html(asked.url)) for one in HONEST_ARTICLES},
        },
    )


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """What one crawl left behind."""

    exit_code: int
    log: str
    out: str
    data: Path
    mb: float
    """The most memory of any one of its processes."""
    cpu_s: float
    seconds: float
    honest_s: float
    """Until the last request to the honest site."""

    def lines(self, stream: str) -> list[dict[str, Any]]:
        """The records of a stream."""
        return [
            json.loads(line)
            for file in sorted((self.data / stream).rglob("*.jsonl"))
            for line in file.read_bytes().splitlines()
        ]

    @property
    def articles(self) -> dict[str, dict[str, Any]]:
        """The current view, by address."""
        return {article["url"]: article for article in self.lines("current")}

    def outcomes(self, url: str) -> list[dict[str, Any]]:
        """The outcome lines of an address, however it is spelled."""
        return [line for line in self.lines("outcomes") if unquote(line["url"]) == unquote(url)]


def crawl(
    faults: list[tuple[int, Fault]], data: Path, *settings: str, timeout_s: float = 60
) -> tuple[Hostile, HostileWeb]:
    """Crawl the honest site and those of the faults; each fault comes with the number of its site."""
    sites = [fault.site(number) for number, fault in faults]
    with HostileWeb([honest_site(), *sites]) as web:
        data.mkdir(parents=True)
        sources = data.parent / "sources.toml"
        entries = [
            ("honest", HONEST),
            *((f"s{number}", site.address) for (number, _), site in zip(faults, sites, strict=True)),
        ]
        sources.write_text(
            "".join(
                f'[[source]]\nid = "{name}"\nname = "{name}"\nurl = "{web.url(address)}"\nenabled = true\n'
                for name, address in entries
            ),
            encoding="utf-8",
        )
        chosen = (
            f"NEWSCRAWL_DATA={data}",
            f"NEWSCRAWL_SOURCES={sources}",
            f"NEWSCRAWL_ALLOW_ADDRESSES={web.allowed}",
            "NEWSCRAWL_POOL_WORKERS=2",
            "NEWSCRAWL_CONTACT=press@newscrawl.example",
            "NEWSCRAWL_DISCOVER_MAX_ENTRIES_PER_FILE=200",
            "DOWNLOAD_TIMEOUT=3",
            "DOWNLOAD_DELAY=0",
            "AUTOTHROTTLE_ENABLED=False",
            "CONCURRENT_REQUESTS_PER_DOMAIN=4",
            *settings,
        )
        began = time.monotonic()
        exit_code, out, log, usage = run(
            ["-m", "scrapy", "crawl", "news", *(part for one in chosen for part in ("-s", one))],
            data.parent / "usage.json",
            timeout_s,
        )
        seconds = time.monotonic() - began
    done = Hostile(
        exit_code=exit_code,
        log=log,
        out=out,
        data=data,
        seconds=seconds,
        honest_s=web.last.get(HONEST, began) - began,
        mb=usage["mb"],
        cpu_s=usage["cpu_s"],
    )
    return done, web


def run(arguments: list[str], usage: Path, timeout_s: float) -> tuple[int, str, str, dict[str, float]]:
    """Run Python with these arguments; exit code, both outputs, and what the kernel counted.

    Raises:
        AssertionError: it did not end in time; it is killed, and the end of its log is told.
    """
    process = _start(arguments, usage)
    try:
        out, log = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, log = process.communicate()
        raise AssertionError(f"it did not end within {timeout_s:g} s:\n{log[-3000:]}") from None
    return process.returncode, out, log, json.loads(usage.read_text("utf-8"))


def measure(arguments: list[str], usage: Path, timeout_s: float) -> dict[str, float]:
    """Run Python with these arguments, not longer than that: ``exit`` (-1: it was killed), ``seconds`` and ``mb``."""
    began = time.monotonic()
    process = _start(arguments, usage)
    try:
        process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        # The launcher lives on, and tells what its child had taken.
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        for child in map(int, children):
            os.kill(child, signal.SIGKILL)
        process.communicate()
        return {"exit": -1, "seconds": timeout_s, "mb": json.loads(usage.read_text("utf-8"))["mb"]}
    spent = time.monotonic() - began
    return {"exit": process.returncode, "seconds": spent, "mb": json.loads(usage.read_text("utf-8"))["mb"]}


def _start(arguments: list[str], usage: Path) -> subprocess.Popen[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("NEWSCRAWL_") and "proxy" not in name.lower()
    }
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(usage), *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        start_new_session=True,
    )
