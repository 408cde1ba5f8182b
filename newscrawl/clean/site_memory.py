"""What a site prints in article after article is its furniture, whatever the language says in it.

A line is known by three keys: its whole text, the label it begins with ("Read more: …"), and the frame of a short
line ("By … for the Gazette"). What is remembered of an article is a *sighting* for each key: where the line stood,
on which day and in which section, and the words of the title. A key is furniture when count, spread and place agree
and the titles of its articles have no rare word in common: a sentence that explains a running story comes back
too, but only in that story.

Everything here is pure, and the order in which articles are seen does not count.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut, uncut
from newscrawl.clean.lines import Line, read_line
from newscrawl.text.fold import fold, tokens
from newscrawl.text.scripts import word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from newscrawl.article import Article

RULE = "site_memory"
"""Name under which removed lines are recorded."""

HEAD_LINES = 3
TAIL_LINES = 5
MAX_CHARS = 1_000
"""Longer paragraphs are not remembered."""
MAX_MIDDLE_WORDS = 25
"""In the middle of a text only lines up to this length are remembered."""
MAX_LABEL_WORDS = 5
MAX_LABELLED_WORDS = 25
MAX_FRAME_WORDS = 12
MIN_FRAME_WORDS = 4

MIN_ARTICLES = 3
MIN_TEMPLATE_ARTICLES = 4
MIN_ARTICLES_OF_ONE_DAY = 5
MIN_PLACE_SHARE = 0.8
MIN_MIDDLE_ARTICLES = 6
MIN_MIDDLE_SHARE = 0.4
"""In the middle a line is furniture only when this share of the site's articles has it: subheadings come back, too."""
TOPIC_SHARE = 0.6
"""A word that so many of the titles share …"""
RARE_SHARE = 0.25
"""… and that no more of the site's other titles have, makes the articles one story."""
MAX_SENTENCES = 0.3
"""Share of a template's lines that may end as sentences: a headline follows "Read more:", a sentence "Kyiv:"."""
SHORT_WORDS = 4
"""A shorter line may be a subheading: it goes only where no text stands between it and the end it belongs to."""

HEAD, TAIL, MIDDLE = 1, 2, 4
_LABEL = re.compile(r"[:\uff1a|»>→▶►–—]|-\s")
_DIGITS = re.compile(r"\d+")
PLACES = {HEAD: "beginning", TAIL: "end", HEAD | TAIL: "either end", MIDDLE: "anywhere"}
"""The places in words."""
_IN_WORDS = {HEAD: "at the beginning of", TAIL: "at the end of", MIDDLE: "in"}


@dataclass(frozen=True, slots=True)
class Trace:
    """One key of one line of an article."""

    key: int
    """Hash of what stays the same in the line, 63 bits."""
    kind: str
    """`line`, `label` or `frame`."""
    example: str
    """What stays the same, readable; "…" stands for the rest."""
    place: int
    """`HEAD`, `TAIL` or both, or `MIDDLE`."""
    is_sentence: bool
    repeats: int
    """Lines of the article with this key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The article that a line was seen in."""

    article: int
    """Hash of its id, 63 bits."""
    day: str
    """Publication day, else the day of the crawl."""
    section: str
    """Section, else the first step of the path; may be empty."""
    words: frozenset[int]
    """Hashes of the words of the title, 32 bits each."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A key seen in a story."""

    story: Story
    place: int
    is_sentence: bool
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A key that is furniture, and what says so."""

    key: int
    kind: str
    place: int = MIDDLE
    """`HEAD` or `TAIL` when it belongs there; else `MIDDLE`."""
    articles: int = 0
    days: int = 0
    sections: int = 0
    example: str = ""
    word: str = "learned"
    """Whose word this is: `learned`, or an operator's `pinned` (always furniture) or `forgotten` (never)."""

    def why(self) -> str:
        """The evidence in words."""
        what = {"line": "this line", "label": "a line that begins so", "frame": "a line of this form"}[self.kind]
        if self.word == "pinned":
            return f"an operator pinned it: {what} is furniture of this site"
        return (
            f"the site prints {what} {_IN_WORDS[self.place]} {self.articles} different articles of "
            f"{self.days} days and {self.sections} sections"
        )


def story_of(article: Article) -> Story:
    """What is remembered of an article beside its lines."""
    steps = [step for step in article.url.partition("://")[2].split("/")[1:-1] if step]
    words = frozenset(_hash(word, 4) for word in list(tokens(article.title or ""))[:24])
    return Story(
        article=_hash(article.id, 8),
        day=(article.date_published or article.date_crawled)[:10],
        section=fold(article.section) or (steps[0].lower() if steps else ""),
        words=words,
    )


def traces(article: Article) -> tuple[Trace, ...]:
    """The keys of an article's lines as cleaning left them; what this memory took out before counts as there."""
    paragraphs = _before_memory(article)
    found: dict[int, Trace] = {}
    for index, paragraph in enumerate(paragraphs):
        place = _place(index, len(paragraphs))
        for key, kind, example, is_sentence in _keys_at(paragraph, place):
            if (known := found.get(key)) is None:
                found[key] = Trace(key, kind, example, place, is_sentence, 1)
            else:
                both = known.place | place
                found[key] = Trace(key, kind, example, both, known.is_sentence and is_sentence, known.repeats + 1)
    return tuple(found.values())


def trace_of(line: str) -> Trace | None:
    """The key of one line as such; None when it is no line that can be known again."""
    for key, kind, example, is_sentence in _keys_at(line, HEAD | TAIL):
        return Trace(key, kind, example, HEAD | TAIL, is_sentence, 1)
    return None


def judge(line: Pattern, sightings: Sequence[Sighting], stories: Mapping[int, Story]) -> Pattern | None:
    """The line with the evidence that it is furniture; None when it is not.

    Args:
        line: its key and kind.
        sightings: one for each article that has it.
        stories: all remembered articles of the site, by their hash.
    """
    count = len(sightings)
    days, sections = len({each.story.day for each in sightings}), len({each.story.section for each in sightings})
    place = _usual_place(sightings)
    is_frequent = count >= (MIN_ARTICLES if line.kind == "line" else MIN_TEMPLATE_ARTICLES)
    is_spread = days > 1 or (sections > 1 and count >= MIN_ARTICLES_OF_ONE_DAY)
    if not is_frequent or not is_spread or (line.kind != "line" and _is_prose(sightings)):
        return None
    if place == MIDDLE and not _is_everywhere(line, count, sections, len(stories)):
        return None
    if _is_one_story([each.story for each in sightings], stories.values()):
        return None
    return replace(line, place=place, articles=count, days=days, sections=sections)


def without_furniture(article: Article, patterns: Mapping[int, Pattern]) -> Article:
    """The article without the lines that are furniture of its site; the very same object when it has none."""
    if not patterns or article.text is None:
        return article
    paragraphs = article.paragraphs
    whys: dict[int, str] = {}
    short: dict[int, Pattern] = {}
    for index, paragraph in enumerate(paragraphs):
        pattern = _pattern_of(paragraph, _place(index, len(paragraphs)), patterns)
        if pattern is None or pattern.word == "forgotten":
            continue
        if pattern.word == "pinned" or pattern.place == MIDDLE or word_count(paragraph) >= SHORT_WORDS:
            whys[index] = pattern.why()
        else:
            short[index] = pattern
    for index, pattern in short.items():
        outside = range(index) if pattern.place == HEAD else range(index + 1, len(paragraphs))
        if all(each in whys or each in short for each in outside):
            whys[index] = pattern.why()
    if len(whys) == len(paragraphs):
        return article  # all of a text is no furniture: the judgement is wrong, or the page is
    return cut(article, whys, RULE)


def _pattern_of(paragraph: str, place: int, patterns: Mapping[int, Pattern]) -> Pattern | None:
    """The surest pattern that a line at this place has."""
    for key, kind, _, is_sentence in _keys_at(paragraph, place):
        pattern = patterns.get(key)
        if pattern is None or (kind != "line" and is_sentence):
            continue
        if pattern.word != "learned" or pattern.place == MIDDLE or pattern.place & place:
            return pattern
    return None


def _before_memory(article: Article) -> tuple[str, ...]:
    own = tuple(each for each in article.removed if each.rule == RULE)
    if not own:
        return article.paragraphs
    return uncut(replace(article, removed=own))


def _place(index: int, count: int) -> int:
    return (HEAD * (index < HEAD_LINES) | TAIL * (count - index <= TAIL_LINES)) or MIDDLE


def _usual_place(sightings: Sequence[Sighting]) -> int:
    for place in (TAIL, HEAD):
        if sum(bool(each.place & place) for each in sightings) >= MIN_PLACE_SHARE * len(sightings):
            return place
    return MIDDLE


def _is_prose(sightings: Sequence[Sighting]) -> bool:
    """Whether a template's lines are sentences, or what the speakers of an interview say."""
    count = len(sightings)
    sentences, spoken = sum(each.is_sentence for each in sightings), sum(each.repeats > 2 for each in sightings)
    return sentences > MAX_SENTENCES * count or spoken * 2 > count


def _is_everywhere(line: Pattern, count: int, sections: int, articles: int) -> bool:
    is_template = line.kind == "frame"
    return not is_template and count >= MIN_MIDDLE_ARTICLES and sections > 1 and count >= MIN_MIDDLE_SHARE * articles


def _is_one_story(some: Sequence[Story], every: Iterable[Story]) -> bool:
    """Whether the titles share a word that is rare in the site's other titles."""
    shared = Counter(word for story in some for word in story.words)
    candidates = {word for word, count in shared.items() if count >= max(2, TOPIC_SHARE * len(some))}
    if not candidates:
        return False
    own = {story.article for story in some}
    others, elsewhere = 0, Counter[int]()
    for story in every:
        if story.article not in own:
            others += 1
            elsewhere.update(candidates & story.words)
    return others > 0 and any(elsewhere[word] <= RARE_SHARE * others for word in candidates)


def _keys_at(paragraph: str, place: int) -> Iterator[tuple[int, str, str, bool]]:
    """Key, kind, example and whether it ends as a sentence, of a line at a place; the surest kind first."""
    if len(paragraph) > MAX_CHARS or (place == MIDDLE and paragraph.count(" ") > 2 * MAX_MIDDLE_WORDS):
        return  # counting the words of a long one takes longer than all else
    keys, words = _keys(paragraph)
    if place == MIDDLE and words > MAX_MIDDLE_WORDS:
        return
    yield from keys


@lru_cache(maxsize=4096)
def _keys(paragraph: str) -> tuple[tuple[tuple[int, str, str, bool], ...], int]:
    line = read_line(paragraph)
    key = line.key or fold(line.text)
    if not line.is_prose:
        key = _constant(key)  # dates and counts change; in a sentence the number is what it says
    if not key:
        return (), 0
    words = word_count(line.text)
    keys = [(_hash(f"line {key}", 8), "line", line.text[:200], line.is_sentence)]
    if label := _label(line, words):
        keys.append((_hash(f"label {_constant(fold(label))}", 8), "label", f"{label} …", line.is_sentence))
    if frame := _frame(key, words):
        keys.append((_hash(f"frame {frame}", 8), "frame", frame, line.is_sentence))
    return tuple(keys), words


def _label(line: Line, words: int) -> str | None:
    """What stands before the first mark of a line, when it is short and something follows."""
    match = _LABEL.search(line.text)
    if match is None or words > MAX_LABELLED_WORDS:
        return None
    label, rest = line.text[: match.end()].strip(), line.text[match.end() :]
    return label if fold(label) and fold(rest) and word_count(label) <= MAX_LABEL_WORDS else None


def _frame(key: str, words: int) -> str | None:
    """First and last words of a short line."""
    parts = key.split()
    if not MIN_FRAME_WORDS <= len(parts) <= MAX_FRAME_WORDS or words > MAX_FRAME_WORDS:
        return None
    return f"{parts[0]} … {parts[-2]} {parts[-1]}"


def _constant(key: str) -> str:
    return _DIGITS.sub("0", key)


def _hash(text: str, size: int) -> int:
    """A number that SQLite can hold: 63 bits at most."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest(), "big") >> 1
