"""`-a continuous=true`: crawl what is due, again and again, until a signal comes.

Each round is a run of its own, in a process of its own, as cron would start it: it publishes when it ends, at the
latest after `NEWSCRAWL_PUBLISH_EVERY_S`, and what it left undone goes on in the next. So nothing grows for months, what
is remembered for a run (robots.txt, budgets, hosts in trouble) is never older than a run, changes of the sources file
are seen, and other commands get the data directory between two rounds.
"""

from __future__ import annotations

import logging
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.commands.idle import first_due
from newscrawl.errors import ExitCode, NewscrawlError
from newscrawl.frontier.plan import read_again

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from scrapy.settings import BaseSettings

    from newscrawl.frontier.plan import Plan

logger = logging.getLogger(__name__)

ROUND_S = 60.0
"""From the begin of one round to the begin of the next, at least: starting a process takes a second or two."""
LOOK_EVERY_S = 20.0
"""So often it is asked whether anything is due."""
GOES_ON = frozenset({ExitCode.DONE, ExitCode.ERROR, ExitCode.SOURCES_FAILED, ExitCode.LOCKED, ExitCode.INTERRUPTED})
"""How a round may end without ending them all: what it says was said, and the next one may do better."""
_ARGUMENT = re.compile(r"(-a)?continuous=\w+")


class Rounds:
    """The process of the round that goes on, and the signal that ends them all."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._child: subprocess.Popen[bytes] | None = None
        self._is_told = threading.Event()

    @property
    def is_told(self) -> bool:
        """Whether a signal came."""
        return self._is_told.is_set()

    def tell(self, number: int, frame: FrameType | None = None) -> None:  # noqa: ARG002 - the form of a signal handler
        """Pass a signal on; a second one is passed on too, and ends the round at once."""
        self._is_told.set()
        if self._child is not None:
            self._child.send_signal(number if number == signal.SIGINT else signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Until so much time has passed, or a signal came."""
        self._is_told.wait(max(0.0, seconds))

    def crawl(self) -> int:
        """One round; how it ended, as an exit code."""
        # A process group of its own: Ctrl-C comes to us alone and is passed on once.
        with subprocess.Popen(self._command, process_group=0) as self._child:  # noqa: S603 - our own command line
            if self.is_told:  # just before there was somebody to pass it on to
                self._child.terminate()
            status = self._child.wait()
        self._child = None
        return status if status >= 0 else ExitCode.INTERRUPTED


def keep_crawling(plan: Plan, settings: BaseSettings) -> int:
    """Crawl what is due until a signal comes, or the data directory cannot be written; the exit code."""
    rounds = Rounds(one_round(sys.orig_argv, settings.getfloat("NEWSCRAWL_PUBLISH_EVERY_S")))
    before = {number: signal.signal(number, rounds.tell) for number in _signals()}
    try:
        return _keep_crawling(rounds, plan, settings)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def one_round(command: Sequence[str], publish_every_s: float) -> list[str]:
    """The command line of a round, from the one that was typed."""
    instead = f"max_time={max(1, round(publish_every_s))}"
    matches = ((part, _ARGUMENT.fullmatch(part)) for part in command[1:])
    return [sys.executable, *(part if match is None else f"{match[1] or ''}{instead}" for part, match in matches)]


def _keep_crawling(rounds: Rounds, plan: Plan, settings: BaseSettings) -> int:
    while not rounds.is_told:
        try:
            plan = read_again(plan, Path(settings["NEWSCRAWL_SOURCES"]))
        except NewscrawlError as error:  # somebody is editing it
            logger.warning("%s; nothing is crawled until it is mended", error)
            rounds.wait(ROUND_S)
            continue
        if first_due(plan, settings) is not None:
            rounds.wait(LOOK_EVERY_S)
            continue
        began = time.monotonic()
        if (status := rounds.crawl()) not in GOES_ON:
            return status
        rounds.wait(began + ROUND_S - time.monotonic())
    return ExitCode.INTERRUPTED


def _signals() -> list[signal.Signals]:
    """Those that end a run; under nohup SIGHUP goes on being ignored."""
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return [number for number in ending if signal.getsignal(number) is not signal.SIG_IGN]
