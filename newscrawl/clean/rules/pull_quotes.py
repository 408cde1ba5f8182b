"""Sentences of the text, set again in large letters beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines

if TYPE_CHECKING:
    from newscrawl.article import Article

MIN_WORDS = 6
MAX_NAME_WORDS = 8
MAX_APART = 8
"""Paragraphs between a quotation and where it is from; further away a sentence that comes back is a formula."""
_AROUND = "\"'»«”“„’‘‚›‹「」『』.,!?:;…。 "
_DASHES = ("—", "–", "―")


def pull_quotes(article: Article) -> Article:
    """Drop a paragraph that a longer one near it says word for word, with the line "— Name" below it.

    With that line it may stand anywhere.
    """
    lines = read_lines(article)
    text = article.text or ""
    taken: dict[int, str] = {}
    for index, line in enumerate(lines):
        if line.key and line.words <= MAX_NAME_WORDS and index - 1 in taken and line.text.startswith(_DASHES):
            taken[index] = "names who said the sentence above, which stands in the text"
        if index == 0 or not line.key or line.words < MIN_WORDS or line.is_item or not line.is_sentence:
            continue
        core = line.text.strip(_AROUND)
        is_signed = index + 1 < len(lines) and lines[index + 1].text.startswith(_DASHES)
        # What the first paragraph has too, it sums up.
        if text.count(core) > 1 and any(
            (at > 0 or index == 1) and other.words > line.words and _says(other.text, core)
            for at, other in enumerate(lines)
            if at != index and (is_signed or abs(at - index) <= MAX_APART)
        ):
            taken[index] = "stands in another paragraph, word for word"
    return cut(article, taken, "pull_quotes")


def _says(text: str, core: str) -> bool:
    """Whether a sentence of the text, or something said in it, begins with these words."""
    before, found, _ = text.partition(core)
    return bool(found) and (not before.strip(_AROUND) or before.rstrip(" ")[-1] in _AROUND)
