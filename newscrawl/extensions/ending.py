"""How a crawl that must end soon lets go of what it has not done, and what ends it if that takes too long."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from newscrawl.extensions.logs import told
from newscrawl.middlewares.guard import StoppedError, stop_transfers

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.errors import ExitCode

GRACE_S = 3.0
LIMIT_S = 9.0
CURSOR_BACK = "\x1b[?25h"
"""Shows the cursor that a progress bar has hidden."""


def let_go(crawler: Crawler) -> None:
    """In the reactor: end what waits for its turn, transfers after `GRACE_S`; pages in work reach their deadline."""
    from twisted.internet import reactor

    assert crawler.engine is not None
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            _, deferred = slot.queue.popleft()
            deferred.errback(StoppedError())
    pool = getattr(crawler.spider, "pool", None)
    if pool is not None:
        pool.cancel_waiting()
    reactor.callLater(GRACE_S, stop_transfers, crawler)  # type: ignore[arg-type]  # zope knows no varargs


def end_in_time(exit_code: ExitCode, since: str) -> threading.Timer:
    """End the process at once when `LIMIT_S` have passed; `since` says after what. Cancel it when all is done."""
    watchdog = threading.Timer(LIMIT_S, end_at_once, (exit_code, f"not done {LIMIT_S:g} seconds after {since}"))
    watchdog.daemon = True
    watchdog.start()
    return watchdog


def end_at_once(exit_code: ExitCode, why: str) -> None:
    """End the process without tidying up: the store needs none, and the workers end with us."""
    if (out := sys.__stderr__) is not None:  # not the one that a progress bar has put in its place
        back = CURSOR_BACK if out.isatty() else ""
        end = told(f"newscrawl: ended at once, {why}; what is stored is safe, and the next run publishes it")
        out.write(f"{back}{end}\n")
        out.flush()
    os._exit(exit_code)
