"""What a run did, counted as it goes, and said in words at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING

from newscrawl.errors import Outcome
from newscrawl.text.terminal import columns_of, cut, fit, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newscrawl.article import Removed

COLUMNS = 80
MAX_SOURCES = 20
"""Sources with a line of their own in the summary; the others are one line together."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """The counts of one run. Mutable: it is the run's own memory, never passed on."""

    outcomes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    """Outcome → the first reason with its address."""
    sources: dict[str, Counter[str]] = field(default_factory=dict)
    """Source id → outcome → addresses."""
    removed: Counter[str] = field(default_factory=Counter)
    """Rule → lines."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why addresses were found and left alone → how many."""
    revisions: int = 0
    renderings: int = 0
    """Pages that came from a browser."""
    rendered: int = 0
    """Articles that did."""
    sources_failed: dict[str, str] = field(default_factory=dict)
    """Source id → why nothing of it could be crawled."""
    bugs: int = 0

    def count(self, outcome: Outcome, reason: str | None, *, url: str, source: str) -> None:
        """One address was decided on."""
        self.outcomes[str(outcome)] += 1
        self.sources.setdefault(source, Counter())[str(outcome)] += 1
        if reason is not None:
            self.examples.setdefault(str(outcome), f"e.g. {reason}: {url}")

    def count_removed(self, removed: Iterable[Removed]) -> None:
        """Cleaning took these out."""
        self.removed.update(line.rule for line in removed)

    def as_counts(self) -> dict[str, int]:
        """The flat form that the manifest keeps."""
        return {
            **{f"outcome_{name}": count for name, count in sorted(self.outcomes.items())},
            **{f"skipped_{name}": count for name, count in sorted(self.skipped.items())},
            **{f"removed_{name}": count for name, count in sorted(self.removed.items())},
            "revisions": self.revisions,
            "renderings": self.renderings,
            "rendered": self.rendered,
            "sources_failed": len(self.sources_failed),
            "bugs": self.bugs,
        }


def summary_lines(  # noqa: PLR0913 - the facts of a run, all by name
    tally: Tally,
    *,
    pages: int,
    requests: int,
    seconds: float,
    data: str,
    rows: int,
    ending: str,
    alarms: Sequence[str] = (),
) -> list[str]:
    """The end of a run in words: what came, what did not and why, what was removed, where it is.

    Args:
        pages: article candidates fetched.
        requests: all requests, feeds, sitemaps and robots.txt included.
        seconds: wall time.
        data: the data directory.
        rows: articles in the current view.
        ending: why the run ended, in words.
        alarms: what is wrong with sources, a sentence each.
    """
    articles = tally.outcomes[str(Outcome.ARTICLE)]
    revisions = f", {tally.revisions} of them revisions" if tally.revisions else ""
    lines = [
        f"{ending} after {_duration(seconds)}: {_many(articles, 'article')} stored{revisions}",
        f"{_many(pages, 'page')} fetched, {_many(requests, 'request')} in all",
        *_source_lines(tally),
    ]
    if tally.renderings:
        share = f" ({tally.rendered / articles:.0%})" if articles else ""
        lines.append(
            f"{_many(tally.renderings, 'page')} rendered in a browser: {tally.rendered} of the articles{share}"
        )
    others = [(name, count) for name, count in tally.outcomes.most_common() if name != Outcome.ARTICLE]
    if others:
        lines.append("no article came of:")
        lines.extend(f"  {count:>6}  {name:<16}  {tally.examples.get(name) or ''}" for name, count in others)
    lines.extend(f"  {count:>6}  {name.replace('_', ' ')}: not fetched" for name, count in tally.skipped.most_common())
    if tally.removed:
        lines.append(f"lines removed from the texts: {sum(tally.removed.values())}")
        lines.extend(f"  {count:>6}  {rule}" for rule, count in tally.removed.most_common())
    for source, why in tally.sources_failed.items():
        # An operator acts on these: they are wrapped, not cut.
        lines.extend(wrap(f"SOURCE FAILED  {source}: {why}", COLUMNS, subsequent_indent="  ", max_lines=4))
    for alarm in alarms:
        lines.extend(wrap(f"UNHEALTHY  {alarm}", COLUMNS, subsequent_indent="  ", max_lines=4))
    if tally.bugs:
        lines.append(f"{_many(tally.bugs, 'page')} met a bug in newscrawl; see the tracebacks above")
    if articles == 0 and not tally.sources_failed and not tally.bugs:
        lines.append("nothing new")
    # The last line is never cut: it holds the path.
    dump = plain(f"dump: {data} ({_many(rows, 'article')} in current/articles.jsonl)")
    return [*(cut(line, COLUMNS) for line in lines), dump]


def _source_lines(tally: Tally) -> list[str]:
    """What each source gave, the largest first; nothing for a run over one source."""
    if len(tally.sources) < 2:
        return []
    ranked = sorted(tally.sources.items(), key=lambda item: -item[1].total())
    rows = ranked[:MAX_SOURCES]
    if rest := ranked[MAX_SOURCES:]:
        rows.append((f"{len(rest)} more sources", sum((counts for _, counts in rest), Counter())))
    width = min(40, max(columns_of(name) for name in ("source", *dict(rows))))
    head = f"  {'source':<{width}}  articles  others"
    return [head, *(f"  {fit(name, width)}  {_of(counts)}" for name, counts in rows)]


def _of(counts: Counter[str]) -> str:
    articles = counts[str(Outcome.ARTICLE)]
    return f"{articles:>8}  {counts.total() - articles:>6}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60} s"
