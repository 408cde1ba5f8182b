"""The newest revision of every article, made from the logs alone."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from newscrawl.dump.current import joined
from newscrawl.dump.packing import LINES, suffix_of, unpacked
from newscrawl.dump.schema import LINK_FIELDS
from newscrawl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from newscrawl.dump.place import Place


class _Place(NamedTuple):
    """Where the newest revision of an article stands."""

    revision: int
    file: int
    offset: int
    status: str


def newest_lines(articles: Sequence[Place], links: Iterable[Place], *, include_gone: bool = False) -> Iterator[bytes]:
    """Lines of the current view, by id.

    In memory are the place of each article and its newest link, never the texts.

    Args:
        articles: files of the articles, in any order: the highest revision counts.
        links: files of the links, in the order of publication: the last line of an id counts.
        include_gone: the newest revision of articles that are gone or purged, too.

    Raises:
        StoreError: a file is missing, or a line of it is no record.
    """
    newest = _newest(articles)
    linked = _links(links)
    none = dict.fromkeys(LINK_FIELDS)
    with ExitStack() as stack:
        files = [stack.enter_context(seekable(path)) for path in articles]
        for article_id, place in sorted(newest.items()):
            if place.status != "ok" and not include_gone:
                continue
            files[place.file].seek(place.offset)
            yield joined(files[place.file].readline(), linked.get(article_id, none))


@contextmanager
def seekable(path: Place) -> Iterator[BufferedReader]:
    """A file of lines to jump about in; a packed one, and an object, is copied to the system's temporary files."""
    with ExitStack() as stack:
        file = stack.enter_context(unpacked(path))
        if suffix_of(path.name) != LINES or not isinstance(path, Path):
            given, file = file, cast(BufferedReader, stack.enter_context(tempfile.TemporaryFile()))
            shutil.copyfileobj(given, file)
            file.seek(0)
        yield cast(BufferedReader, file)


def parsed_lines(
    path: Place, *, is_wanted: Callable[[bytes], bool] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Offset and record of every line of a file, in order.

    Args:
        is_wanted: lines for which it says no are passed over, unparsed.

    Raises:
        StoreError: the file is missing, or a line is not a JSON object; names the line.
    """
    offset = 0
    for number, line in enumerate(_lines_of(path), start=1):
        if is_wanted is not None and not is_wanted(line):
            offset += len(line)
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise StoreError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(values, dict) or not line.endswith(b"\n"):
            raise StoreError(f"{path}, line {number}: not a whole record")
        yield offset, values
        offset += len(line)


def _lines_of(path: Place) -> Iterator[bytes]:
    try:
        with unpacked(path) as file:
            yield from file
    except (FileNotFoundError, IsADirectoryError) as error:
        raise StoreError(f"{path} is missing") from error


def _newest(articles: Sequence[Place]) -> dict[str, _Place]:
    newest: dict[str, _Place] = {}
    for file, path in enumerate(articles):
        for offset, values in parsed_lines(path):
            place = _Place(values.get("revision", 0), file, offset, values.get("status", ""))
            article_id = values.get("id", "")
            if article_id not in newest or newest[article_id].revision < place.revision:
                newest[article_id] = place
    return newest


def _links(links: Iterable[Place]) -> dict[str, dict[str, Any]]:
    return {
        values.get("id", ""): {name: values.get(name) for name in LINK_FIELDS}
        for path in links
        for _, values in parsed_lines(path)
    }
