"""Author, date and reading time, printed as lines above or below the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, first_prose, is_unspaced, last_prose, read_line, read_lines
from newscrawl.clean.wording import Wording, sign_after, wording
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 14
MAX_NAME_WORDS = 8
MIN_TELLING_CHARS = 3
_BAR = re.compile(r"[|•·]")
_DATE_IN_FIGURES = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})(?!\d)|\d年"
)


def byline_lines(article: Article) -> Article:
    """Drop lines before the first and after the last paragraph of text that only say who, when or how long to read.

    A date line is made of numbers and words of dates alone; a byline is an author the page declares, or a
    word like "By" and names. Anything with other words stays.
    """
    lines = read_lines(article)
    start, end = first_prose(lines), last_prose(lines)
    if start == len(lines):
        return article
    authors = {fold(author.name) for author in article.authors} - {""}
    words = wording("byline_lines")
    taken = {}
    for index in (*range(start), *range(end + 1, len(lines))):
        line = lines[index]
        if line.key and line.words <= MAX_WORDS and (why := _byline(line, authors, words)):
            taken[index] = why
    return cut(article, taken, "byline_lines")


def _byline(line: Line, authors: set[str], words: Wording) -> str | None:
    if line.key in authors:
        return "an author's name"
    if _is_date_line(line, words):
        return "nothing but a date, a time or a reading time"
    parts = [read_line(part) for part in _BAR.split(line.text) if fold(part)]
    if len(parts) > 1 and all(part.key in authors or _is_date_line(part, words) for part in parts):
        return "an author's name and a date"
    if (by := words.start_of(line.key)) and _is_name(line, by, authors):
        return f'a byline: "{by}"'
    return None


def _is_date_line(line: Line, words: Wording) -> bool:
    tokens = line.key.split()
    if len(tokens) < 2 or line.is_item or not all(token in words.words or _is_number(token) for token in tokens):
        return False
    # "10 p.m." and telephone numbers are no date lines: a month, a weekday, "Updated" or a date in figures makes one.
    named = any(token in words.words and (len(token) >= MIN_TELLING_CHARS or is_unspaced(token[0])) for token in tokens)
    return (named and any(map(_is_number, tokens))) or _DATE_IN_FIGURES.search(line.text) is not None


def _is_number(token: str) -> bool:
    """ "12", "1st", "10am", "2026年3月4日" without its marks."""
    return token[0].isdigit() and len(token) <= 12 and sum(map(str.isdigit, token)) * 2 >= len(token)


def _is_name(line: Line, by: str, authors: set[str]) -> bool:
    """Whether what follows the word "By" is a declared author, or some capitalised words and no sentence.

    Where letters have no case, a mark must part the names from the word.
    """
    rest = line.key[len(by) :].strip()
    if not rest or any(author in rest for author in authors):
        return True
    if line.is_sentence or line.words > MAX_NAME_WORDS:
        return False
    if sign_after(line.text, by) in {":", "\uff1a", "/", "|", "丨"}:
        return True
    names = line.text.split()[len(by.split()) :]
    return len(names) > 1 and all(name[:1].isupper() or name[:1] in "|•·,/&–—-" for name in names)
