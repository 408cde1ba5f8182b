"""Saved pages told again: the same layouts with other texts, as many as one likes, which change as time goes on."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from benchmarks.replay.pages import SavedPage, address_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EDITED_IN_A_RUN = 0.05
"""Share of the pages that are edited between a run and the next."""
FIRST_DAY = date(2026, 1, 1)
_PROSE = re.compile(rb"(<(?!script|style|title)[a-z][^>]*>)([^<]{40,})", re.IGNORECASE)
_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPage(SavedPage):
    """A saved page with another text."""

    edition: int
    """From 1; each has its own text."""

    def html(self) -> bytes:
        """The page with the words of its prose in another order, and a number among them, as some languages have no
        spaces between words; length, language and markup stay."""
        chance = random.Random(f"{self.key} {self.edition}")
        return _PROSE.sub(lambda found: found[1] + _shuffled(found[2], chance), SavedPage.html(self))


def _shuffled(text: bytes, chance: random.Random) -> bytes:
    words = [*text.split(), b"%d" % chance.randrange(1_000_000)]
    chance.shuffle(words)
    return b" ".join(words)


def retold(pages: Sequence[SavedPage], count: int, *, run: int = 0, runs: int = 1) -> Iterator[EditedPage]:
    """What the sites have in one of several runs, the first of which is 0.

    In each run an equal part of all `count` pages is new, and some of the old ones are edited, which feed and sitemap
    tell. A page lives at another domain than it did, ``www-paper-com.example``, so that what the saved page says of
    its address is another site's word.
    """
    for number in range(count * (run + 1) // runs):
        telling, place = divmod(number, len(pages))
        edition = edition_of(number, born=_born(number, count, runs), run=run)
        yield _again(pages[place], telling, edition)


def edition_of(number: int, *, born: int, run: int) -> int:
    """The edition of a page in a run, that of its first run being 1."""
    edits = (random.Random(f"{number} {each}").random() < EDITED_IN_A_RUN for each in range(born + 1, run + 1))
    return 1 + sum(edits)


def _born(number: int, count: int, runs: int) -> int:
    return next(run for run in range(runs) if number < count * (run + 1) // runs)


def _again(page: SavedPage, telling: int, edition: int) -> EditedPage:
    host, _, path = page.key.partition("/")
    return EditedPage(
        id=f"{page.id}-{telling}",
        dataset=page.dataset,
        key=address_key(f"http://{_NOT_IN_A_LABEL.sub('-', host).strip('-')[:63]}.example/{telling}/{path}"),
        published=page.published,
        file=page.file,
        edition=edition,
        changed=(FIRST_DAY + timedelta(days=edition)).isoformat(),
    )
