"""What `newscrawl clean` says while it works and when it is done: on standard error, or as JSON."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from newscrawl.errors import ArchiveError, ExitCode, Outcome
from newscrawl.readers.position import Position
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from rich.live import Live

    from newscrawl.batch.clean import Decision
    from newscrawl.readers.files import Input

DRAW_EVERY_S = 0.2
PAGES, BYTES = "pages", "bytes"


class Said:
    """Counts decisions as they come, and says what a user wants to know of them. A ``with`` block shows how far it is.

    Args:
        total: bytes that there are to read; None: not known.
    """

    def __init__(self, *, verbose: int, quiet: bool, total: int | None = None) -> None:
        self.outcomes: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.unread = 0
        self.bugs = 0
        self.faults_before = 0
        """Of earlier runs, in files that are continued or passed over."""
        self._verbose = verbose
        self._quiet = quiet
        self._total = total
        self._before = 0
        self._position = Position()
        self._began_s = time.monotonic()
        self._bar: _Bar | None = None

    def __enter__(self) -> Said:
        if shows_progress(quiet=self._quiet):
            self._bar = _Bar()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def reading(self, inputs: Iterable[Input]) -> Iterator[tuple[Input, Position]]:
        """The inputs as they are read, each with the position that tells how far."""
        for each in inputs:
            self._position = Position()
            yield each, self._position
            self._before += each.size()
            self._position = Position()

    def hear(self, decision: Decision | ArchiveError) -> None:
        """One more page or text is decided, or a record cannot be read."""
        if isinstance(decision, ArchiveError):
            self.unread += 1
            self.line(f"newscrawl: {decision}")
        else:
            outcome = str(decision.outcome)
            self.outcomes[outcome] += 1
            self.bugs += decision.is_bug
            if decision.reason is not None:
                self.examples.setdefault(outcome, f"{decision.reason}: {decision.url}")
                if self._verbose:
                    self.line(f"{outcome}: {decision.reason}: {decision.url}")
        if self._bar is not None and self._bar.is_due():
            counts = {PAGES: self.outcomes.total(), BYTES: self._before + self._position.bytes_read()}
            self._bar.draw(counts, self._total, self.outcomes[Outcome.ARTICLE], time.monotonic() - self._began_s)

    def sum_up(self, where: str) -> None:
        """What came, and what did not with an example of why."""
        if self._quiet:
            return
        self.line(f"{self._counted()} in {time.monotonic() - self._began_s:.1f} s{where}")
        for outcome, count in self.outcomes.most_common():
            if outcome != Outcome.ARTICLE:
                self.line(f"{count:>8}  {outcome:<17} e.g. {self.examples.get(outcome, '')[:160]}")
        if self.unread:
            self.line(f"{self.unread:>8}  could not be read, see above")
        if self.faults_before:
            self.line(f"{self.faults_before:>8}  could not be read by an earlier run of the same files")

    def counts(self) -> dict[str, int]:
        """The flat form that the manifest keeps."""
        counts = {f"outcome_{name}": count for name, count in sorted(self.outcomes.items())}
        return {**counts, "unread": self.unread, "bugs": self.bugs}

    def values(self) -> dict[str, Any]:
        """For a script."""
        return {
            "pages": self.outcomes.total(),
            "articles": self.outcomes[Outcome.ARTICLE],
            "outcomes": dict(self.outcomes.most_common()),
            "unread": self.unread,
            "unread_before": self.faults_before,
            "bugs": self.bugs,
            "seconds": round(time.monotonic() - self._began_s, 3),
        }

    def exit_code(self) -> ExitCode:
        """Rejections are expected; input that cannot be read and bugs are not."""
        return ExitCode.ERROR if self.unread or self.bugs or self.faults_before else ExitCode.DONE

    def line(self, text: str) -> None:
        """A line on stderr. It quotes strangers: nothing in it may drive the terminal."""
        if sys.stderr is not None:
            with suppress(OSError):  # what cannot be said must not cost what was done
                print(plain(text), file=sys.stderr, flush=True)

    def _counted(self) -> str:
        total, articles = self.outcomes.total(), self.outcomes[Outcome.ARTICLE]
        what = "page or text" if total == 1 else "pages or texts"
        return f"{total:,} {what}: {articles:,} article" + ("" if articles == 1 else "s")


def shows_progress(*, quiet: bool) -> bool:
    """Whether somebody looks at a terminal."""
    return sys.stderr is not None and sys.stderr.isatty() and not quiet


class _Bar:
    """One line at the foot of the terminal, on standard error; what is said meanwhile stands above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        from newscrawl.report.progress import Pace

        self._console = Console(stderr=True)
        self._live: Live = Live(console=self._console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._live.start()
        self._pace = Pace()
        self._drawn_s = 0.0

    def is_due(self) -> bool:
        """Whether it is time to draw."""
        return time.monotonic() - self._drawn_s >= DRAW_EVERY_S

    def draw(self, counts: dict[str, int], total: int | None, articles: int, elapsed_s: float) -> None:
        """Draw what was counted by now."""
        from rich.text import Text

        from newscrawl.report.progress import FilesProgress, files_progress_line

        self._drawn_s = time.monotonic()
        self._pace.note(self._drawn_s, counts)
        progress = FilesProgress(
            read=counts[BYTES],
            total=total,
            pages=counts[PAGES],
            articles=articles,
            pages_per_minute=self._pace.per_minute(PAGES),
            bytes_per_minute=self._pace.per_minute(BYTES),
            elapsed_s=elapsed_s,
        )
        line = files_progress_line(progress, columns=self._console.size.width - 1)
        self._live.update(Text(line, style="green", no_wrap=True, overflow="crop"), refresh=True)

    def close(self) -> None:
        """Take it away."""
        self._live.stop()
