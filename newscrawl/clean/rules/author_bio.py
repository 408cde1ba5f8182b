"""Who the author is, printed below the text: "Jane Roe has covered the port since 2011."."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.clean.cut import cut
from newscrawl.clean.lines import read_lines
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_WORDS = 60
LAST_LINES = 3
"""So many of the last paragraphs are looked at."""
MIN_NAME_CHARS = 2


def author_bio(article: Article) -> Article:
    """Drop short paragraphs at the very end that begin with the name of an author of the article.

    An author whom the text names before, as somebody in the story, keeps the paragraph.
    """
    names = [key for author in article.authors if len(key := fold(author.name)) >= MIN_NAME_CHARS]
    lines = read_lines(article)
    taken: dict[int, str] = {}
    for index in range(len(lines) - 1, max(0, len(lines) - 1 - LAST_LINES), -1):
        line = lines[index]
        name = next((each for each in names if _begins(line.key, each)), None)
        if name is None or line.words > MAX_WORDS or line.is_speech:
            break
        if name in fold(" ".join(article.paragraphs[:index])):
            break
        taken[index] = f'below the text, begins with the author\'s name: "{name}"'
    return cut(article, taken, "author_bio")


def _begins(key: str, name: str) -> bool:
    """Whether a line begins with a name, as a word of its own where words have spaces between them."""
    rest = key.removeprefix(name)
    return rest != key and (not rest or rest[0] == " " or (not name.isascii() and " " not in name))
