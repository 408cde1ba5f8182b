"""Text that a machine left where something else was to stand: "{{ title }}", "undefined", "lorem ipsum"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import Line, read_lines
from newscrawl.clean.wording import Wording, wording

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 20
_REFERENCE_NUMBER = re.compile(r"\A(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}\.)\s*")
_TEMPLATE = re.compile(
    r"\A(?:\{\{[^{}]{0,200}\}\}|\{%[^{}]{0,200}%\}|<%[^<>]{0,200}%>|\$\{[^{}]{0,200}\}|\[object \w{1,20}\]|\s)+\Z"
)
_BRACKETED = re.compile(r"\A\[[^\[\]]{1,60}\]\Z")


def placeholders(article: Article) -> Article:
    """Drop lines that are nothing but a placeholder, and flag the article: who made it did not read it.

    Empty marks of pictures and players ("[image]") go without a flag: they say nothing of the text.
    """
    words = wording("placeholders")
    taken = {}
    flag = False
    for index, line in enumerate(read_lines(article)):
        if line.words > MAX_WORDS and not line.key.startswith("lorem ipsum"):
            continue
        if why := _placeholder(line, words):
            taken[index] = why
            flag = True
        elif _BRACKETED.match(line.text) and line.key in words.words:
            taken[index] = "the mark of something that is not text"
    return cut(article.with_flags("placeholder_text") if flag else article, taken, "placeholders")


def _placeholder(line: Line, words: Wording) -> str | None:
    if _TEMPLATE.match(line.text):
        return "a template variable"
    key = line.key
    if number := _REFERENCE_NUMBER.match(line.text):
        key = key[sum(map(str.isalnum, number.group())) :].strip()
    if words.is_line(key):
        return f'a placeholder: "{key}"'
    if words.start_of(key):
        return "a placeholder text"
    return None
