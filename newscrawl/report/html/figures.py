"""The figures of a report: plain values, made by `gather`, drawn by `page`, printed by ``--json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from newscrawl.errors import Outcome

FIELDS = ("title", "date_published", "authors", "description", "section", "tags", "images", "language")
"""Fields of the record of which a reader wants to know how often they are there."""
HOURS = 24
WITH_ARTICLE = frozenset({Outcome.ARTICLE, Outcome.UNCHANGED})
OTHERS = "(others)"
COUNTS = ("articles", "publication_days", "hours", "languages", "ways", "flags", "words", "rules", "outcomes")
"""What is added up when sources are."""


@dataclass(slots=True, kw_only=True)
class SourceFigures:
    """What a dump says of one source in the days of a report; two of them can be added.

    Mutable while it is gathered. Days are crawl days, ``YYYY-MM-DD`` in UTC. All but `outcomes`, `changes` and
    `addresses` is of articles stored for the first time.
    """

    source: str
    articles: Counter[str] = field(default_factory=Counter)
    """Day → articles stored for the first time."""
    publication_days: Counter[str] = field(default_factory=Counter)
    """Day of publication → articles; "" where it is unknown."""
    hours: Counter[int] = field(default_factory=Counter)
    """Hour of the day (0 to 23, UTC) → articles published in it; those with a day alone are left out."""
    have: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in FIELDS})
    """Field → day → articles that have it."""
    languages: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    """How the address was found → articles."""
    flags: Counter[str] = field(default_factory=Counter)
    words: Counter[int] = field(default_factory=Counter)
    """Class of length (`newscrawl.state.health.words_class`) → articles."""
    kept_chars: int = 0
    removed_chars: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    """Cleaning rule → lines that it removed."""
    outcomes: Counter[str] = field(default_factory=Counter)
    addresses: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    """Outcome → the newest addresses; none of articles and of what had not changed."""
    changes: dict[str, Counter[str]] = field(default_factory=dict)
    """Cause of a revision after the first one → day → revisions."""

    @property
    def total(self) -> int:
        """Articles stored for the first time."""
        return self.articles.total()

    @property
    def missed(self) -> int:
        """Addresses that gave no article."""
        return sum(count for name, count in self.outcomes.items() if name not in WITH_ARTICLE)

    @property
    def revisions(self) -> int:
        """All after the first ones."""
        return sum(days.total() for days in self.changes.values())

    @property
    def removed_share(self) -> float | None:
        """Of the characters that extraction gave; None when it gave none."""
        given = self.kept_chars + self.removed_chars
        return self.removed_chars / given if given else None

    def share(self, name: str, days: frozenset[str] | None = None) -> float | None:
        """Share of the articles (of some days) that have a field; None when there are no articles."""
        of = sum(count for day, count in self.articles.items() if days is None or day in days)
        has = sum(count for day, count in self.have[name].items() if days is None or day in days)
        return has / of if of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address that gave no article."""

    url: str
    reason: str | None
    status: int | None
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One revision after the first."""

    day: str
    source: str
    url: str
    title: str | None
    """Null where the content is gone."""
    revision: int
    cause: str
    fields: tuple[str, ...]
    """What differs from the revision before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """One thing that cleaning took out."""

    place: int
    """Index of the paragraph it stood before."""
    text: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An article drawn at random, with what was kept and what was removed."""

    id: str
    url: str
    source: str
    title: str | None
    date_published: str | None
    language: str | None
    paragraphs: tuple[str, ...]
    removed: tuple[Removed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One article of a story."""

    source: str
    url: str
    delay_s: int | None
    """Seconds after the first one; None where one of the two times is not known to the minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A cluster of articles with the same text or nearly so. The first published comes first."""

    cluster_id: str
    title: str
    copies: tuple[Copy, ...]
    """The first of them in time, at most `newscrawl.report.html.stories.MAX_COPIES`."""
    articles: int
    sources: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something about a source that is not as usual."""

    source: str
    what: str
    since: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What was sent to one host."""

    host: str
    requests: int
    smallest_gap_s: float | None
    crawl_delay_s: float | None
    robots_first: bool
    keeps_delay: bool
    forbidden: int
    """Addresses that robots.txt closes, and that were not fetched."""
    busy: int
    """Answers 429 and 503."""
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run."""

    id: str
    why: str
    started: str
    ended: str | None
    exit_code: int | None
    killed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures of a report."""

    digest: str | None
    """Of the dump; None where it has no manifest."""
    first_day: str
    last_day: str
    run_id: str | None
    """The one run it is about; None: all of the days."""
    held: int
    """Articles of the current view, whenever they came in."""
    sources: tuple[SourceFigures, ...]
    """The busiest first."""
    runs: tuple[Run, ...]
    changes: tuple[Change, ...]
    """The newest ones."""
    stories: tuple[Story, ...]
    """The largest ones, by sources and then by articles."""
    firsts: Mapping[str, int]
    """Source → stories of several sources that it published first."""
    linked: int
    """Articles that share a story with others."""
    drawn: tuple[Drawn, ...]
    alarms: tuple[Alarm, ...] | None
    """None: the crawler's own memory is not here, or knows nothing yet."""
    hosts: tuple[Host, ...] | None
    """The busiest first. None: as above."""


def summed(sources: tuple[SourceFigures, ...], name: str = OTHERS) -> SourceFigures:
    """Several sources as one; without their addresses."""
    total = SourceFigures(source=name)
    for each in sources:
        for counts in COUNTS:
            getattr(total, counts).update(getattr(each, counts))
        total.kept_chars += each.kept_chars
        total.removed_chars += each.removed_chars
        for kind, days in each.have.items():
            total.have[kind].update(days)
        for cause, days in each.changes.items():
            total.changes.setdefault(cause, Counter()).update(days)
    return total


def as_values(value: Any) -> Any:
    """JSON-native values of a report; days and other keys in order."""
    if is_dataclass(value):
        return {each.name: as_values(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_values(each) for key, each in sorted(value.items())}
    if isinstance(value, tuple):
        return [as_values(each) for each in value]
    return value
