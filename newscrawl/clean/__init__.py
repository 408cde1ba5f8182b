"""Article -> Article: what the page printed around the text goes, and `Article.removed` says what and why.

The rules are pure functions in `newscrawl.clean.rules`, each named for what it removes. Structure comes
first in them (position, repetition, length, punctuation, neighbours), wording second, and wording is data per
language (`newscrawl.clean.wording`). A paragraph goes whole or stays as it is.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from newscrawl.clean.rules import RULES

if TYPE_CHECKING:
    from newscrawl.article import Article

MAX_PASSES = 8
"""One pass nearly always does; a rule that opens the view for another needs a second. The bound is for hostile text."""


def clean(article: Article) -> Article:
    """Run every rule, again until none finds anything; cleaning the result changes nothing.

    Nothing is lost: `newscrawl.clean.cut.uncut` of the result gives the paragraphs that came in.
    """
    if article.text is None:
        return article
    quiet = 0
    for rule in islice(cycle(RULES), MAX_PASSES * len(RULES)):
        before, article = article, rule(article)
        quiet = quiet + 1 if article is before else 0
        if quiet == len(RULES):
            break
    return article
