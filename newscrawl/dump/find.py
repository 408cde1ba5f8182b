"""One article of a dump, by its id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newscrawl.article import Article, RemovedLine
from newscrawl.dump.current import read_lines
from newscrawl.dump.place import place
from newscrawl.dump.record import article_from
from newscrawl.dump.streams import stream_files
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.dump.place import Place


def find_article(path: Place, article_id: str) -> tuple[Article, tuple[RemovedLine, ...]]:
    """The newest revision, withdrawn ones too, and what cleaning took out of it. Reads through the whole dump.

    Raises:
        ConfigError: there is no such dump or article.
    """
    path = place(path)
    if not path.is_dir():
        raise ConfigError(f"there is no dump at {path}")
    newest = max(_of_id(path, "articles", article_id), key=lambda values: int(values["revision"]), default=None)
    if newest is None:
        raise ConfigError(f"there is no article {article_id} in {path}")
    article = article_from(newest)
    removed = (
        RemovedLine(**values)
        for values in _of_id(path, "removed", article_id)
        if values["revision"] == article.revision
    )
    return article, tuple(removed)


def find_revisions(path: Place, article_id: str) -> dict[int, dict[str, Any]]:
    """Every revision of an article that the dump holds, by its number. Reads through the articles.

    Raises:
        ConfigError: there is no such dump or article.
    """
    path = place(path)
    if not path.is_dir():
        raise ConfigError(f"there is no dump at {path}")
    found = {int(values["revision"]): values for values in _of_id(path, "articles", article_id)}
    if not found:
        raise ConfigError(f"there is no article {article_id} in {path}")
    return found


def _of_id(path: Place, stream: str, article_id: str) -> Iterator[dict[str, Any]]:
    sought = f'"{article_id}"'.encode()
    for file in stream_files(path, stream):
        for line in read_lines(file):
            # Parsing every line would take many times as long.
            if sought in line and (values := json.loads(line))["id"] == article_id:
                yield values
