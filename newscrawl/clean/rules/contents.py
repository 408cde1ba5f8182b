"""The table of contents of a long article: "In this article" and the headings that come later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.controls import is_weak
from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, read_lines
from newscrawl.clean.wording import wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MIN_HEADINGS = 3
"""So many lines in a row that come again below are a table of contents without a label."""
MAX_HEADING_WORDS = 20


def contents(article: Article) -> Article:
    """Drop lines in succession that all come again further down as headings, with the label over them.

    A label of several words goes alone, when extraction lost the lines under it.
    """
    words = wording("contents")
    lines = read_lines(article)
    # A heading leads text; lines that come again in a menu or a table do not.
    leads = {line.key: index for index, line in enumerate(lines[:-1]) if line.key and lines[index + 1].is_prose}
    taken: dict[int, str] = {}
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and _comes_again(lines[end], end, leads):
            end += 1
        above = lines[index - 1] if index else None
        is_labelled = above is not None and words.is_line(above.key) and not above.is_sentence
        # The lines of a table come again below it, not in it.
        listed = [place for place in range(index, end) if leads[lines[place].key] >= end]
        is_announced = above is not None and above.is_label and not is_labelled  # "There are three gates:"
        is_table = len(listed) >= (1 if is_labelled else MIN_HEADINGS) and not is_announced
        if is_table and len(listed) == end - index:
            taken.update(dict.fromkeys(listed, "comes again further down as a heading"))
            if is_labelled:
                taken[index - 1] = f'the label of a table of contents: "{lines[index - 1].key}"'
        elif is_labelled and above is not None and not is_weak(above):
            taken[index - 1] = f'the label of a table of contents: "{above.key}"'
        index = max(end, index + 1)
    if lines and words.is_line(lines[-1].key) and not lines[-1].is_sentence and not is_weak(lines[-1]):
        taken[len(lines) - 1] = f'the label of a table of contents: "{lines[-1].key}"'
    return cut(article, taken, "contents")


def _comes_again(line: Line, index: int, leads: dict[str, int]) -> bool:
    return not line.is_prose and line.words <= MAX_HEADING_WORDS and leads.get(line.key, -1) > index
