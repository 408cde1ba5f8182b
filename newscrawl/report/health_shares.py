"""Whether dates, authors, noise, lengths and refusals are as usual: the newest articles or pages beside earlier ones.

The newest are those of the last day, or of a few where it has few. The earlier days are taken together in blocks
with enough articles each, so a source with two articles a day is judged as one with two hundred, only later.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from newscrawl.errors import Outcome
from newscrawl.report.health_baseline import Usual, chance_of_at_least, chance_of_at_most, usual
from newscrawl.state.health import BUCKETS_A_DOUBLING, Figures, median_class, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")
Day = tuple[str, Figures]
MAX_RECENT_DAYS = 14
PAST_DAYS = 84
MIN_RECENT = 5
MIN_BLOCK = 5
MIN_TEXTS = 8
"""Lengths and noise differ more between articles than whether they have a date."""
MIN_BLOCKS = 8
MAX_CHANCE = 1e-4
HALF = 0.5
MIN_USUAL_SHARE = 0.3
"""What fewer articles have is not missed."""
MIN_JUMP = 0.25
MIN_STRAY = 0.08
"""What a share strays from day to day at the least, even if that was not seen."""
MIN_MORE_NOISE = 0.02
NO_NOISE = 0.01
"""Below this share of the text, more is not told from less."""
TIMES_THE_NOISE = 1.75
SPREADS = 6.0
MIN_WORDS_CLASSES = 1.0 * BUCKETS_A_DOUBLING
"""Texts twice as long, or half."""

_NO_TEXT = (Outcome.NO_TEXT, Outcome.TOO_SHORT, Outcome.LIST_PAGE, Outcome.SOFT_404, Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure that is not as usual."""

    what: str
    since: str
    now: float
    usual: float
    words: str


class Noise(NamedTuple):
    """What was removed of the texts of so many articles, in characters."""

    removed: int
    printed: int
    articles: int


class Part(NamedTuple):
    """So many of so many."""

    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share that can be lost, or can jump."""

    what: str
    words: str
    part: Callable[[Figures], Part]
    is_good: bool

    def may_be_amiss(self, now: float) -> bool:
        """False for what cannot be amiss, whatever was usual: most of what is looked at."""
        return now <= HALF if self.is_good else now >= MIN_JUMP


def share_changes(days: Sequence[Day]) -> Iterator[Change]:
    """What differs at the end of the days on which runs looked, oldest first."""
    if not days:
        return
    first = (date.fromisoformat(days[-1][0]) - timedelta(days=PAST_DAYS)).isoformat()
    days = [(day, figures) for day, figures in days if day >= first]
    changes = (*(_share_change(share, days) for share in SHARES), _noise_change(days), _words_change(days))
    yield from (change for change in changes if change is not None)


def _pages(figures: Figures, *outcomes: Outcome) -> Part:
    count = sum(figures.outcomes.get(outcome, 0) for outcome in outcomes)
    return Part(min(count, figures.pages), figures.pages)


def _browser_pages(figures: Figures) -> Part:
    count = figures.outcomes.get(Outcome.NEEDS_JAVASCRIPT, 0) + figures.rendered
    return Part(min(count, figures.pages), figures.pages)


SHARES = (
    Share("lost_dates", "articles with a date", lambda each: Part(each.dated, each.articles), is_good=True),
    Share("lost_authors", "articles with an author", lambda each: Part(each.authored, each.articles), is_good=True),
    Share("blocked", "pages refused", lambda each: _pages(each, Outcome.BLOCKED), is_good=False),
    Share("no_article", "pages without an article", lambda each: _pages(each, *_NO_TEXT), is_good=False),
    Share("needs_javascript", "pages that only a browser can read", _browser_pages, is_good=False),
)


def _share_change(share: Share, days: Sequence[Day]) -> Change | None:
    parts = [(day, share.part(figures)) for day, figures in days]
    suspects = [each for each in _newest(parts, _of, MIN_RECENT) if share.may_be_amiss(_ratio(each))]
    if not suspects or (was := _past(parts, _ratio, _of, MIN_BLOCK)) is None:
        return None
    for recent in suspects:
        part, now = _total(recent), _ratio(recent)
        if (_is_lost if share.is_good else _has_jumped)(part, was):
            words = f"{now:.0%} of {part.of} {share.words}, usually {was.middle:.0%}"
            since = _since(parts, _ratio, _of, (now + was.middle) / 2)
            return Change(what=share.what, since=since, now=now, usual=was.middle, words=words)
    return None


def _is_lost(now: Part, was: Usual) -> bool:
    if was.middle < MIN_USUAL_SHARE or now.hits / now.of > HALF * was.middle:
        return False
    expected = max(was.middle - max(2 * was.spread, MIN_STRAY), 0.6 * was.middle)
    return chance_of_at_most(now.hits, now.of, expected) <= MAX_CHANCE


def _has_jumped(now: Part, was: Usual) -> bool:
    if now.hits / now.of < max(2 * was.middle, was.middle + MIN_JUMP):
        return False
    expected = was.middle + max(2 * was.spread, MIN_STRAY / 2)
    return chance_of_at_least(now.hits, now.of, expected) <= MAX_CHANCE


def _noise_change(days: Sequence[Day]) -> Change | None:
    noises = [
        (day, Noise(each.removed_chars, each.removed_chars + each.kept_chars, each.articles)) for day, each in days
    ]
    if (was := _past(noises, _log_noise, _articles, MIN_TEXTS)) is None:
        return None
    usually = max(exp(was.middle) - NO_NOISE, 0.0)
    for recent in _newest(noises, _articles, MIN_TEXTS):
        now = _noise(recent)
        is_far = _log_noise(recent) - was.middle >= _stray(was, sum(map(_articles, recent)))
        if is_far and now >= TIMES_THE_NOISE * usually and now - usually >= MIN_MORE_NOISE:
            words = f"{now:.1%} of the text is removed, usually {usually:.1%}"
            since = _since(noises, _noise, _articles, (now + usually) / 2)
            return Change(what="noise", since=since, now=now, usual=usually, words=words)
    return None


def _words_change(days: Sequence[Day]) -> Change | None:
    lengths = [(day, each.words) for day, each in days]
    if (was := _past(lengths, _length, _texts, MIN_TEXTS)) is None:
        return None
    for recent in _newest(lengths, _texts, MIN_TEXTS):
        now = _length(recent)
        if abs(now - was.middle) >= max(MIN_WORDS_CLASSES, _stray(was, sum(map(_texts, recent)))):
            words = f"{words_of(now):.0f} words in the middle, usually {words_of(was.middle):.0f}"
            since = _since(lengths, _length, _texts, (now + was.middle) / 2)
            return Change(what="words", since=since, now=words_of(now), usual=words_of(was.middle), words=words)
    return None


def _stray(was: Usual, texts: int) -> float:
    """How far the value of so many texts may be off, when blocks of `MIN_TEXTS` stray as they do: less for more."""
    return SPREADS * was.spread * max(sqrt(MIN_TEXTS / texts), 0.4)


def _of(part: Part) -> int:
    return part.of


def _total(parts: Sequence[Part]) -> Part:
    return Part(sum(each.hits for each in parts), sum(each.of for each in parts))


def _ratio(parts: Sequence[Part]) -> float:
    hits, of = _total(parts)
    return hits / of


def _articles(noise: Noise) -> int:
    return noise.articles


def _noise(parts: Sequence[Noise]) -> float:
    return sum(each.removed for each in parts) / max(sum(each.printed for each in parts), 1)


def _log_noise(parts: Sequence[Noise]) -> float:
    """One article full of boxes makes a day's share jump: its logarithm strays evenly."""
    return log(_noise(parts) + NO_NOISE)


def _texts(words: Mapping[int, int]) -> int:
    return sum(words.values())


def _length(days: Sequence[Mapping[int, int]]) -> float:
    """The median class, between two classes where it falls between them."""
    return median_class(sum((Counter(each) for each in days), Counter()))


def _past(
    days: Sequence[tuple[str, T]], value: Callable[[Sequence[T]], float], size: Callable[[T], int], least: int
) -> Usual | None:
    """What was usual before the last days, in blocks of at least so many articles or pages; None with few blocks."""
    values: list[float] = []
    block: list[T] = []
    for _, each in days[:-MAX_RECENT_DAYS]:
        block.append(each)
        if sum(map(size, block)) >= least:
            values.append(value(block))
            block = []
    return usual(values) if len(values) >= MIN_BLOCKS else None


def _newest(days: Sequence[tuple[str, T]], size: Callable[[T], int], least: int) -> Iterator[Sequence[T]]:
    """The last day, the last two, …, where they have enough articles or pages."""
    count = 0
    for back in range(1, min(MAX_RECENT_DAYS, len(days)) + 1):
        added = size(days[-back][1])
        count += added
        if added and count >= least:
            yield [each for _, each in days[-back:]]


def _since(
    days: Sequence[tuple[str, T]], value: Callable[[Sequence[T]], float], size: Callable[[T], int], middle: float
) -> str:
    """The first of the last days in a row, empty ones aside, that are on the same side of the middle as the last."""
    since, side = "", None
    for day, each in reversed(days):
        if not size(each):
            continue
        if side is None:
            side = value([each]) > middle
        if (value([each]) > middle) != side:
            break
        since = day
    return since
