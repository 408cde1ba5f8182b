"""Addresses that a loop of links makes, told by their form and by what their like gave.

The forms are those of Heritrix (TooManyPathSegmentsDecideRule, PathologicalPathDecideRule) and of calendars; the bounds
are far from anything an editor writes. What form cannot tell, the crawl itself does: when many addresses of one pattern
gave no article, and none did, the others are not asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

from newscrawl.errors import Outcome

MAX_SEGMENTS = 20
MAX_PARAMETERS = 20
MAX_SAME_PARAMETER = 3
MAX_AHEAD = timedelta(days=366)
"""A day in an address that lies further in the future is a leaf of a calendar."""
MIN_BARREN = 50
MAX_PATTERNS = 20_000

# A run of one to three folders, three times on end; runs of numbers are dates: /11/11/11/.
_AGAIN = re.compile(r"((?:/[^/]*[^/\d][^/]*){1,3})\1{2,}(?=/|\Z)")
_DAY = re.compile(r"/((?:19|20|21)\d\d)[/-](0?[1-9]|1[0-2])(?:[/-](0?[1-9]|[12]\d|3[01]))?(?=[/-]|\Z)")
_DIGITS = re.compile(r"\d+")

# A page that is gone is no page of a trap: archives lose whole years of articles.
BARREN = frozenset({Outcome.LIST_PAGE, Outcome.NO_TEXT, Outcome.SOFT_404, Outcome.TOO_SHORT})
FRUITFUL = frozenset({Outcome.ARTICLE, Outcome.UNCHANGED, Outcome.SAME_KEY})


def trap_by_form(url: str, *, today: date) -> str | None:
    """Why an address looks made by a loop of links, in words; None when it does not. Linear in its length."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return "an address that cannot be read"
    path = unquote(parts.path).lower().rstrip("/")
    if (segments := path.count("/")) > MAX_SEGMENTS:
        return f"a path of {segments} folders"
    if again := _AGAIN.search(path):
        return f"a path that repeats itself: {again[1][:60]}"
    names = Counter(name for name, _ in query if not name.endswith("[]"))
    if names and (most := names.most_common(1)[0])[1] > MAX_SAME_PARAMETER:
        return f"{most[1]} times the parameter {most[0][:60]}"
    if len(query) > MAX_PARAMETERS:
        return f"{len(query)} parameters"
    if (day := _DAY.search(path)) and (ahead := _first_day(day)) is not None and ahead - today > MAX_AHEAD:
        return f"a calendar: {day[0].strip('/')}"
    return None


@dataclass(slots=True)
class _Harvest:
    barren: int = 0
    fruitful: bool = False


class Patterns:
    """What the addresses of one pattern came to: the same but for numbers and for the values of parameters."""

    def __init__(self) -> None:
        self._harvests: dict[str, _Harvest] = {}

    def learn(self, url: str, outcome: Outcome) -> None:
        """An address was decided on."""
        if outcome not in BARREN | FRUITFUL:
            return
        pattern = pattern_of(url)
        harvest = self._harvests.pop(pattern, None) or _Harvest()
        harvest.barren += outcome in BARREN
        harvest.fruitful = harvest.fruitful or outcome in FRUITFUL
        self._harvests[pattern] = harvest  # the one that was seen last stands last
        if len(self._harvests) > MAX_PATTERNS:
            del self._harvests[next(iter(self._harvests))]

    def trap(self, url: str) -> str | None:
        """Why an address is not worth a request, in words; None when it may be."""
        harvest = self._harvests.get(pattern_of(url))
        if harvest is None or harvest.fruitful or harvest.barren < MIN_BARREN:
            return None
        return f"{harvest.barren} addresses of this form gave no article, and none did"


def pattern_of(url: str) -> str:
    """The address with every number as 0 and without the values of its parameters."""
    try:
        parts = urlsplit(url)
        names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000))
    except ValueError:
        return url
    return f"{parts.netloc}{_DIGITS.sub('0', parts.path)}?{'&'.join(names)}"


def _first_day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None
