"""Captions, alternative texts and credits of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, first_prose, read_lines
from newscrawl.clean.wording import Wording, wording
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_CREDIT_WORDS = 12
HEAD_LINES = 8


def image_captions(article: Article) -> Article:
    """Drop what is printed under a picture: lines equal to a caption or credit the page declares, credit lines
    ("Photo: Agency"), and in the head lines printed twice in succession, which are a picture's alternative
    text and its caption.
    """
    lines = read_lines(article)
    declared = {fold(text) for image in article.images for text in (image.caption, image.credit) if text} - {""}
    twice = _printed_twice(lines, fold(article.title))
    words = wording("image_captions")
    taken = {}
    for index, (line, paragraph) in enumerate(zip(lines, article.paragraphs, strict=True)):
        if declared and (line.key or fold(paragraph)) in declared:
            taken[index] = "equals a caption or credit of a picture"
        elif index in twice:
            taken[index] = "printed twice in the head, as alternative text and caption"
        elif line.key and line.words <= MAX_CREDIT_WORDS and (label := _is_credit(line, words)):
            taken[index] = f'a picture credit: "{label}"'
    return cut(article, taken, "image_captions")


def _printed_twice(lines: tuple[Line, ...], title_key: str) -> set[int]:
    """Indexes of lines of the head that come twice in succession and are neither sentences nor the title."""
    end = min(len(lines), max(HEAD_LINES, first_prose(lines)))
    found = set()
    for second in range(1, end):
        line = lines[second]
        around = [lines[index].key for index in (second - 2, second + 1) if 0 <= index < len(lines)]
        # Three times or more is the heading of a table.
        is_twice = bool(line.key) and line.key == lines[second - 1].key and line.key not in {title_key, *around}
        if is_twice and not line.is_sentence and not line.is_item:
            found |= {second - 1, second}
    return found


def _is_credit(line: Line, words: Wording) -> str | None:
    """How the line begins, when that is how credits do: a label with a mark after it, or "Photo by"."""
    text = line.text.lstrip("([ ")
    found = words.label_of(line.key, text) or words.start_of(line.key)
    if found is None and text != line.text and text.endswith((")", "]")):
        # "(Photo AP)": brackets around the whole are mark enough.
        return words.label_of(line.key, line.key.replace(" ", ": ", 1))
    return found
