"""Every place of a page that states a field, what it says, and why it won or lost.

Nothing here knows how a field is read: each reader of `newscrawl.extract` is asked itself, with the whole page, with
one place alone, and with a sample in that place. A place is a candidate when the reader takes a value or a sample from
it; it decided when a sample in its stead changes the result. So this account cannot drift away from the extraction.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newscrawl.dates import parse_moment
from newscrawl.extract.article import read_canonical
from newscrawl.extract.authors import read_authors
from newscrawl.extract.dates import Dated, date_article
from newscrawl.extract.images import read_images
from newscrawl.extract.jsonld import JsonLd
from newscrawl.extract.kind import read_language, read_section
from newscrawl.extract.lines import line
from newscrawl.extract.names import site_names
from newscrawl.extract.places import NO_HEAD, NOWHERE, Place, Sight, blank, places
from newscrawl.extract.rights import read_access
from newscrawl.extract.standfirst import stated_descriptions
from newscrawl.extract.stated import Stated
from newscrawl.extract.title import pick_title, printed_part, stated_titles
from newscrawl.text.fold import fold
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_SHOWN_CHARS = 300
TWO_NUMBERS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}")
REPEATS = "not used: it repeats the title or the beginning of the text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One place, and what it says."""

    place: str
    """As ``meta og:title`` or ``jsonld headline``."""
    raw: str
    """What stands there, shortened."""
    value: str | None
    """What the reader makes of it; None when it takes nothing."""
    is_winner: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEvidence:
    """Everything a page says for one field."""

    name: str
    """The name of the field in the record."""
    value: str | None
    """What the page states in the end; authors joined with commas."""
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    candidate: Candidate
    weight: int
    """Twice for saying what the result is, once for deciding it; the first of the heaviest is the one chosen."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    read: Callable[[Sight], str | None]
    samples: tuple[str, ...]
    """Values that a place of this field gives: one of them at least is not the result."""
    refused: Callable[[str], str]
    """Why what stands there gave nothing."""
    lost: str = "not used"
    """Why what a place gave is not in the record, and nothing else is."""


def read_candidates(sight: Sight, results: Mapping[str, str | None]) -> tuple[FieldEvidence, ...]:
    """The evidence of every field.

    Args:
        results: what the record has in the end, by field; of a field that is not in it, what the page alone gives.
    """
    nothing, asked = blank(sight), tuple(places(sight))
    return tuple(_field_evidence(field, sight, nothing, asked, results) for field in _fields(sight))


def _field_evidence(
    field: _Field, sight: Sight, nothing: Sight, asked: tuple[Place, ...], results: Mapping[str, str | None]
) -> FieldEvidence:
    stated = field.read(sight)
    result = results.get(field.name, stated)
    answers = [_ask(field, place, stated, result, sight, nothing) for place in asked]
    found = [answer for answer in answers if answer is not None]
    strongest = max((answer.weight for answer in found), default=0)
    winner = next((answer for answer in found if answer.weight == strongest > 0), None)
    return FieldEvidence(
        name=field.name,
        value=result,
        candidates=tuple(
            replace(answer.candidate, is_winner=True, why=_chosen(strongest)) if answer is winner else answer.candidate
            for answer in found
        ),
    )


def _chosen(weight: int) -> str:
    return "chosen, as it reads beside what the other places say" if weight == 1 else "chosen"


def _ask(  # noqa: PLR0913, PLR0917 - one question, with all that it is about
    field: _Field, place: Place, stated: str | None, result: str | None, sight: Sight, nothing: Sight
) -> _Answer | None:
    """What one place says for one field; None when the field is not read from there."""
    if place.fields is not None and field.name not in place.fields:
        return None
    samples = () if place.fields is not None else field.samples
    silence = {None, field.read(nothing)}
    given = {sample: found for sample in samples if (found := field.read(place.put(nothing, sample))) not in silence}
    value = field.read(place.put(nothing, None))
    if value is None or value in silence:
        if not given and not place.speaks:
            return None
        candidate = Candidate(
            place=place.name, raw=_shown(place.raw), value=None, is_winner=False, why=field.refused(place.raw)
        )
        return _Answer(candidate, 0)
    decides = any(other != stated and field.read(place.put(sight, sample)) == other for sample, other in given.items())
    agrees = fold(value) == fold(result)
    lost = field.lost if result is None else "not used: another place comes first"
    candidate = Candidate(
        place=place.name,
        raw=_shown(place.raw or value),
        value=_shown(value),
        is_winner=False,
        why="says the same" if agrees else lost,
    )
    return _Answer(candidate, 0 if result is None else 2 * agrees + decides)


def _fields(full: Sight) -> tuple[_Field, ...]:
    """Each field with its reader. Names and addresses that a reader judges by are those of the whole page."""
    url = normalise_url(full.page.url)
    names = site_names(_stated(full))
    stated = stated_titles(full.head, full.jsonld, full.h1s, names)
    titles = stated.all()

    def title(sight: Sight) -> str | None:
        said = stated_titles(sight.head, sight.jsonld, sight.h1s or full.h1s, names)
        if sight.h1s or not full.h1s:
            title = pick_title(said)
            return (printed_part(full.root, title) or title) if title and len(said.all()) == 1 else title
        # A place alone is cut as beside the printed titles, which themselves are left out.
        printed = Counter(stated_titles(NO_HEAD, JsonLd(), full.h1s, names).all())
        return next(iter((Counter(said.all()) - printed).elements()), None)

    def authors(sight: Sight) -> str | None:
        found = read_authors(_stated(sight), sight.layout.bylines, names, sight.root, sight.layout)
        return ", ".join(author.name for author in found) or None

    def access(sight: Sight) -> str | None:
        found = read_access(sight.head, sight.jsonld, None)
        return None if found == "unknown" else found

    def image(sight: Sight) -> str | None:
        found = read_images(sight.head, sight.jsonld, sight.layout.figures, url)
        return found[0].url if found else None

    def description(sight: Sight) -> str | None:
        if sight.layout.standfirst is not None and (printed := line(sight.layout.standfirst.text_content())):
            return printed
        return next(iter(stated_descriptions(sight.head, sight.jsonld, None)), None)

    days = (full.page.date_crawled, "2001-02-03T04:05:06Z")
    return (
        _Field("title", title, (f"{pick_title(stated) or 'A sample of a title'} sampled",), _no_title),
        _Field("authors", authors, ("Jane Q. Sample",), _no_author),
        _Field("date_published", lambda sight: _dated(sight).published, days, _no_date),
        _Field("date_modified", lambda sight: _dated(sight).modified, days, _no_date),
        _Field("language", lambda s: read_language(s.head, s.jsonld, None), ("eo", "is"), _no_language),
        _Field("description", description, ("A sample of a sentence that says what happened.",), _nothing, REPEATS),
        _Field("section", lambda s: read_section(_stated(s), titles), ("Sampled",), _nothing),
        _Field("access", access, ("false", "locked", "true", "free"), _no_access),
        _Field("image", image, (f"{NOWHERE}sample.jpg",), _no_address),
        _Field("url_canonical", lambda s: read_canonical(s.head, url)[0], (f"{url}/sample",), _no_canonical),
        _Field("publisher", lambda s: site_names(_stated(s)).publisher, ("Sample Gazette",), _nothing),
    )


def _stated(sight: Sight) -> Stated:
    return Stated(url=normalise_url(sight.page.url), head=sight.head, jsonld=sight.jsonld, hint=sight.page.hint)


def _dated(sight: Sight) -> Dated:
    return date_article(sight.page, sight.head, sight.jsonld, sight.times, lambda: sight.printed)


def _no_title(_: str) -> str:
    return "refused: it is the name of the site"


def _no_author(_: str) -> str:
    return "refused: the site's own name, or no name of a person"


def _no_date(raw: str) -> str:
    if (moment := parse_moment(raw)) is not None:
        return f"refused: implausible, {moment.value} is before 1990 or more than 48 hours after the crawl"
    if (numbers := TWO_NUMBERS.match(raw)) and max(map(int, numbers.groups())) <= 12:
        return "refused: ambiguous, day and month cannot be told apart"
    return "refused: no date that can be read without guessing"


def _no_language(_: str) -> str:
    return "refused: no language tag"


def _no_access(_: str) -> str:
    return "refused: says neither free nor paid"


def _no_address(_: str) -> str:
    return "refused: no web address"


def _no_canonical(_: str) -> str:
    return "refused: another site, or no web address"


def _nothing(_: str) -> str:
    return "refused: empty or too long"


def _shown(text: str) -> str:
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"
