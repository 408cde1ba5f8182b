"""Every error newscrawl raises on purpose, the outcomes of an address, and the exit codes.

The tree::

    NewscrawlError
    ├── ConfigError        settings, arguments or sources are wrong; nothing was fetched      exit 2
    ├── ArticleRejected    a page gave no article: expected, counted, never retried           exit 0
    ├── ArchiveError       a record of an input file cannot be read: skipped and counted      exit 1
    ├── EngineError        what runs a batch went away or gave a task up; it can go on        exit 1
    ├── InterruptedWaitError  a signal came while the data directory was waited for           exit 130
    └── StoreError         data is at risk, the run stops: disk full, damaged store, dump     exit 5
        ├── LockedError    another run owns the data directory                                exit 4
        └── StoreAwayError the database of the store went away in the middle of something     exit 5

A bug is none of these: it is not caught, and fails loudly with the address it failed on.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Outcome(StrEnum):
    """What became of one address in one run. Every address a run decided on has exactly one."""

    ARTICLE = "article"
    UNCHANGED = "unchanged"
    SAME_KEY = "same_key"
    LIST_PAGE = "list_page"
    TOO_SHORT = "too_short"
    NO_TEXT = "no_text"
    SOFT_404 = "soft_404"
    GONE = "gone"
    BLOCKED = "blocked"
    TIMEOUT = "timeout"
    ROBOTS = "robots"
    OPTED_OUT = "opted_out"
    NEEDS_JAVASCRIPT = "needs_javascript"
    NOT_HTML = "not_html"
    TOO_LARGE = "too_large"
    OFFSITE = "offsite"
    REFUSED_ADDRESS = "refused_address"
    TRAP = "trap"
    OVER_BUDGET = "over_budget"
    ERROR = "error"


_NOT_FOUND = frozenset({404, 410})
_REFUSED = frozenset({401, 402, 403, 407, 429, 451})


def outcome_of_status(status: int) -> Outcome:
    """What an HTTP status other than 200 means for the address: `gone`, `blocked` or `error`."""
    if status in _NOT_FOUND:
        return Outcome.GONE
    return Outcome.BLOCKED if status in _REFUSED else Outcome.ERROR


class ExitCode(IntEnum):
    """The exit status of every command, ``scrapy crawl`` included. The README has the same table."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    SOURCES_FAILED = 3
    LOCKED = 4
    STORAGE = 5
    INTERRUPTED = 130


class NewscrawlError(Exception):
    """The root of the tree. ``str(error)`` is one sentence that names the thing at fault."""

    exit_code: ExitCode = ExitCode.ERROR


class ConfigError(NewscrawlError):
    """A setting, an argument or the sources file is wrong. Raised before the first request."""

    exit_code = ExitCode.USAGE


class ArticleRejected(NewscrawlError):
    """A page gave no article: an expected outcome, counted and never retried.

    ``outcome`` is the class, ``reason`` says what was seen, in words and figures.
    """

    def __init__(self, outcome: Outcome, url: str, reason: str) -> None:
        super().__init__(f"{outcome}: {reason}: {url}")
        self.outcome = outcome
        self.url = url
        self.reason = reason

    def __reduce__(self) -> tuple[type[ArticleRejected], tuple[Outcome, str, str]]:
        # An exception pickles its message only; this one crosses from the worker processes whole.
        return type(self), (self.outcome, self.url, self.reason)


class ArchiveError(NewscrawlError):
    """A record of an input file cannot be read. Names the file and the place in it."""


class EngineError(NewscrawlError):
    """What runs a batch went away or gave a task up; what was done stays done, and the same command does the rest."""


class InterruptedWaitError(NewscrawlError):
    """A signal came while a data directory was waited for; nothing was begun."""

    exit_code = ExitCode.INTERRUPTED


class StoreError(NewscrawlError):
    """The store or the dump cannot be written or trusted; the run stops so that no data is lost."""

    exit_code = ExitCode.STORAGE


class StoreAwayError(StoreError):
    """The database server went away in the middle of something, of which nothing is stored: it may be begun again."""


class LockedError(StoreError):
    """Another process owns the data directory. Names it."""

    exit_code = ExitCode.LOCKED
