"""Links to other articles: "Read also:" and the titles that follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import OPENING_QUOTES, Line, first_prose, last_prose, read_lines
from newscrawl.clean.wording import Wording, sign_after, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_TITLE_WORDS = 25
MAX_INLINE_WORDS = 35
MAX_CROSSHEAD_WORDS = 4
MAX_ONLY_CROSSHEAD_WORDS = 5
MAX_ITEMS = 15
"""Titles that one label in the middle of a text may take along."""


def read_also(article: Article) -> Article:
    """Drop labels of related articles with the titles after them, and lines that hold label and title.

    After the last paragraph of text everything that follows a label goes with it. In the middle, titles are
    list items and short lines that do not end like a statement, up to the next real paragraph; the last
    short line before it may be its heading, and stays.
    """
    lines = read_lines(article)
    words = wording("read_also")
    start, end = first_prose(lines), last_prose(lines)
    taken: dict[int, str] = {}
    for index, line in enumerate(lines):
        if index in taken:
            continue
        if _is_label(line, words):
            is_tail = 0 <= end < index
            titles = _titles_after(lines, index, tail=is_tail)
            # A word like "Related" right over a paragraph may be a heading; two are none, nor one over a short line
            # or above the text.
            if (
                line.words > 1
                or index < start
                or line.is_label
                or is_tail
                or any(map(_is_title, lines[index + 1 : index + 2]))
            ):
                taken[index] = f'the label of related articles: "{line.key}"'
                taken.update(dict.fromkeys(titles, f'stands under "{line.key}"'))
        elif phrase := _inline(line, words):
            taken[index] = f'a link to another article: "{phrase}"'
    return cut(article, taken, "read_also")


def _is_label(line: Line, words: Wording) -> bool:
    return bool(line.key) and not line.is_sentence and not line.is_speech and words.is_line(line.key)


def _inline(line: Line, words: Wording) -> str | None:
    """The label with which the line begins, when a mark parts it from the title that follows."""
    if not line.key or line.words > MAX_INLINE_WORDS or line.is_speech:
        return None
    if phrase := words.label_of(line.key, line.text):
        return phrase
    # "Read also The gate opens": no mark, but another beginning.
    phrase = words.label_before(line.key)
    if phrase is None or " " not in phrase or line.is_sentence or line.key == phrase:
        return None
    begins = sign_after(line.text, phrase)
    return phrase if begins.isupper() or begins in OPENING_QUOTES else None


def _titles_after(lines: tuple[Line, ...], label: int, *, tail: bool) -> list[int]:
    if tail:
        return list(range(label + 1, len(lines)))
    titles: list[int] = []
    for index in range(label + 1, min(len(lines), label + 1 + MAX_ITEMS)):
        # The titles under one label are all list items or all none: another kind of line begins something else.
        if not _is_title(lines[index]) or lines[index].is_item != lines[label + 1].is_item:
            break
        titles.append(index)
    # A label with a colon announces at least one title; one without may have lost its titles to extraction.
    least = 1 if lines[label].is_label else 0
    if len(titles) > least and titles[-1] + 1 < len(lines):
        last = lines[titles[-1]]
        longest = MAX_CROSSHEAD_WORDS if len(titles) > 1 else MAX_ONLY_CROSSHEAD_WORDS
        if not last.is_item and last.words <= longest and lines[titles[-1] + 1].is_prose:
            titles.pop()
    return titles


def _is_title(line: Line) -> bool:
    if not line.key:
        return len(line.text) < 3  # a bullet on a line of its own
    if line.words > MAX_TITLE_WORDS or line.is_label:
        return False
    return not line.is_sentence or line.text.rstrip("\"'»”’").endswith(("?", "!", "?", "!"))
