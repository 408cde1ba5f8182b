"""The path of the page in the site: "Home › Politics › Elections"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, first_prose, read_lines
from newscrawl.clean.wording import Wording, wording
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

HEAD_LINES = 8
MAX_PART_CHARS = 40
MAX_ITEM_WORDS = 4
_SEPARATOR = re.compile(r"\s*[›»>→❯]\s*|\s[/|•·]\s")


def breadcrumbs(article: Article) -> Article:
    """Drop lines near the top that are short names with path marks between them.

    Two marks show a path, one does when it begins at the home page. The last part may be the title.
    """
    words = wording("breadcrumbs")
    title = fold(article.title)
    lines = read_lines(article)[:HEAD_LINES]
    taken = {
        index: "a path of section names"
        for index, line in enumerate(lines)
        if line.key and not line.is_sentence and _is_path(line, words, title)
    }
    taken |= dict.fromkeys(_listed_path(lines, words), "a path of section names, as a list")
    return cut(article, taken, "breadcrumbs")


def _is_path(line: Line, words: Wording, title: str) -> bool:
    parts = [part for part in _SEPARATOR.split(line.text) if part.strip()]
    if len(parts) < 2:
        return False
    named = parts[:-1] if fold(parts[-1]) == title else parts
    if any(len(part) > MAX_PART_CHARS for part in named):
        return False
    return len(parts) >= 3 or words.is_line(fold(parts[0])) or named != parts


def _listed_path(lines: tuple[Line, ...], words: Wording) -> list[int]:
    """Indexes of two or more short list items above the text, the first of which is the home page or "News"."""
    found: list[int] = []
    for index, line in enumerate(lines[: first_prose(lines)]):
        if not line.is_item or line.is_sentence or line.words > MAX_ITEM_WORDS:
            if found:
                break
        elif found or words.is_line(line.key):
            found.append(index)
    return found if len(found) > 1 else []
