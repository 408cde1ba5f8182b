"""What a run sees of each source, counted as it goes; `newscrawl.state.health` adds it up by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newscrawl.state.health import Figures, words_class

if TYPE_CHECKING:
    from newscrawl.article import Article
    from newscrawl.errors import Outcome
    from newscrawl.sources import Source

FRESH_FOR = timedelta(days=3)
"""What was published earlier before its fetch is no sign that the source goes on publishing."""


class RunFigures:
    """Mutable: the run's own memory of what it has not written down yet."""

    def __init__(self) -> None:
        self._figures: defaultdict[str, Figures] = defaultdict(Figures)
        self._looked: set[str] = set()

    def looked(self, source: Source, found: int, at: str) -> None:
        """A feed, sitemap, section or home page answered, and named so many addresses; one look until the next `take`.

        Args:
            at: now, in UTC.
        """
        is_first = source.id not in self._looked
        self._looked.add(source.id)
        seen = Figures(looks=int(is_first), found=found, last_look=at, country=source.country or "")
        self._figures[source.id] += seen

    def failed(self, source_id: str) -> None:
        """Nothing of a source could be crawled."""
        self._figures[source_id] += Figures(failures=1)

    def decided(self, source: str, outcome: Outcome, *, is_answered: bool) -> None:
        """An address was decided on; whether a page came."""
        self._figures[source] += Figures(outcomes={str(outcome): 1}, pages=int(is_answered))

    def stored(self, article: Article) -> None:
        """An article was stored: for the first time, or as a revision."""
        self._figures[article.source] += _of(article)

    def take(self) -> dict[str, Figures]:
        """All since the last time."""
        taken, self._figures, self._looked = dict(self._figures), defaultdict(Figures), set()
        return taken


def _of(article: Article) -> Figures:
    if article.revision > 1:
        return Figures(revisions=1)
    return Figures(
        articles=1,
        fresh=int(_is_fresh(article)),
        dated=int(article.date_published is not None),
        authored=int(bool(article.authors)),
        rendered=int("rendered" in article.flags),
        kept_chars=len(article.text or ""),
        removed_chars=sum(len(each.text) for each in article.removed),
        removed_lines=len(article.removed),
        last_article=article.date_crawled,
        words={words_class(article.word_count): 1},
    )


def _is_fresh(article: Article) -> bool:
    if article.date_published is None:
        return True
    return datetime.fromisoformat(article.date_crawled) - datetime.fromisoformat(article.date_published) <= FRESH_FOR
