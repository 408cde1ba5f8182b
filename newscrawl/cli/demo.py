"""``newscrawl demo``: a crawl of the built-in newsroom, from its sites to a dump, without internet."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import FrameType

DESCRIPTION = """\
Start six small invented news sites on this machine (English, Russian, Arabic, Chinese and Kazakh), crawl them over
HTTP with `scrapy crawl news`, and say where the articles are. Needs no internet and takes well under a minute.

With --edition 2 the newsroom is three days older: one story was revised, one withdrawn and one moved. Crawl edition 1
first, then 2 into the same data directory, to see how a dump records that.

With --javascript it is one more site, whose pages are empty until a script fills them: each is rendered in Chromium.

The exit status is that of the crawl.
"""
EXAMPLE = """
newscrawl demo
newscrawl demo --edition 2
newscrawl demo --javascript
"""

# The sites are on this machine: there is nobody to be polite to.
SETTINGS = {
    "DOWNLOAD_DELAY": "0.02",
    "AUTOTHROTTLE_ENABLED": "False",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "NEWSCRAWL_CONTACT": "demo@newsroom.example",
    "NEWSCRAWL_DUMP": "",  # what an operator's environment says is not for the demo
    "NEWSCRAWL_REVISIT_MAX_S": "0",  # a second crawl is meant to look
}
# What would take requests to the newsroom elsewhere.
PROXY_VARIABLES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How long the crawl may take to publish and end once it was asked to.
PATIENCE_S = 60.0
_FOR_THE_SHELL = re.compile(r'["$`\\!]')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--data", metavar="DIR", type=Path, default=Path("data/demo"), help="data directory (default: data/demo)"
    )
    parser.add_argument("--edition", type=int, choices=(1, 2), default=1, help="how old the newsroom is (default: 1)")
    parser.add_argument("--javascript", action="store_true", help="crawl the site that needs a browser (Chromium)")


def run(args: argparse.Namespace) -> int:
    """Crawl the newsroom in a process of its own; nothing is left running afterwards."""
    from newscrawl.demo.server import DemoServer

    data: Path = args.data
    if data.exists() and not data.is_dir():
        raise ConfigError(f"{data} is not a directory")
    known = (data / "manifest.json").exists()
    with DemoServer(edition=args.edition) as newsroom:
        if not args.quiet:
            what = "the site of scripts" if args.javascript else f"{len(newsroom.hosts)} sites, edition {args.edition}"
            print(f"newsroom: {what}, at {newsroom.proxy_url}", flush=True)
        status = _crawl(crawl_command(args), crawl_environment(newsroom.proxy_url))
    if status == ExitCode.DONE and not args.quiet:
        print(next_steps(data, edition=args.edition, known=known))
    return status


def crawl_command(args: argparse.Namespace) -> list[str]:
    """The command line of the crawl."""
    settings = {"NEWSCRAWL_DATA": str(args.data), "NEWSCRAWL_SOURCES": str(_sources_file(args)), **SETTINGS}
    if args.quiet:
        settings["LOG_LEVEL"] = "ERROR"
    elif args.verbose:
        settings["LOG_LEVEL"] = "DEBUG"
    command = [sys.executable, "-m", "scrapy", "crawl", "news"]
    for name, value in settings.items():
        command += ["-s", f"{name}={value}"]
    return command


def crawl_environment(proxy_url: str) -> dict[str, str]:
    """The environment of the crawl: this one, with the newsroom as the one proxy."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
    return kept | {"SCRAPY_SETTINGS_MODULE": "newscrawl.settings", "http_proxy": proxy_url}


def next_steps(data: Path, *, edition: int, known: bool) -> str:
    """What to type next.

    Args:
        known: the data directory held a dump before; its owner has read the long version.
    """
    scripts = _scripts()
    later = f"{scripts}newscrawl demo --data {shlex.quote(str(data))} --edition 2"
    if edition == 2:
        rows = f"rows = newscrawl.read({str(data)!r}, 'articles', include_gone=True)"
        code = f"import newscrawl; {rows}; print(rows[rows.revision > 1][['url', 'revision', 'revision_cause']])"
        return f"\nWhat was revised or withdrawn since the crawl of edition 1:\n  {_python(scripts, code)}"
    if known:
        return f"\nThree days later in the newsroom, with a revision, a withdrawal and a move:\n  {later}"
    code = f"import newscrawl; print(newscrawl.read({str(data)!r})[['source', 'language', 'title']])"
    return f"""
The articles are in {data / "current" / "articles.jsonl"}, one JSON record a line. To look at them:
  {_python(scripts, code)}

Three days later in the newsroom, with a revision, a withdrawal and a move:
  {later}

A real site, politely, into the directory data; and pages that you already have:
  {scripts}scrapy crawl news -a url=https://news.example -a limit=20
  {scripts}newscrawl clean page.html"""


def _python(scripts: str, code: str) -> str:
    """A shell command that runs a line of Python."""
    # Double quotes are easier on the eye, and right unless the shell would read something into what they hold.
    quoted = shlex.quote(code) if _FOR_THE_SHELL.search(code) else f'"{code}"'
    return f"{scripts}python -c {quoted}"


def _sources_file(args: argparse.Namespace) -> Path:
    import newscrawl.demo

    return Path(newscrawl.demo.__file__).parent / ("scripted_sources.toml" if args.javascript else "sources.toml")


def _scripts() -> str:
    """What to put before the names of our commands; nothing when the shell finds them by itself."""
    here = Path(sys.executable).parent
    found = shutil.which("newscrawl")
    if found and Path(found).parent == here:
        return ""
    shown = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
    return shlex.quote(f"{shown}/")


def _crawl(command: list[str], environment: dict[str, str]) -> int:
    """Run the crawl on this terminal and wait for it.

    It is a process group of its own, so that Ctrl-C comes to us alone and is passed on once: Scrapy takes a second one
    for impatience.
    """
    with subprocess.Popen(command, env=environment, process_group=0) as child:  # noqa: S603 - the command is ours
        try:
            with _passing_signals_on(child):
                status = child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    child.kill()
    # A process ended by a signal has a negative status.
    return status if status >= 0 else ExitCode.INTERRUPTED


@contextmanager
def _passing_signals_on(child: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, _: FrameType | None) -> None:
        child.send_signal(number if number == signal.SIGINT else signal.SIGTERM)

    before = {number: signal.signal(number, pass_on) for number in FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
