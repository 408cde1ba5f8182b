"""Rows as lines of text: JSON lines and CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from newscrawl.dump.record import to_line
from newscrawl.export.cells import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.export.table import Row, Table


def json_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """One line each, written as the lines of a dump are."""
    return map(to_line, rows)


def csv_lines(rows: Iterable[Row], table: Table, *, is_raw: bool) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, with a header: texts may hold line feeds, null is empty, lists and objects are JSON."""
    buffer = StringIO()
    writer = csv.writer(buffer)

    def line() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode()

    writer.writerow(table.fields)
    yield line()
    for row in rows:
        writer.writerow([cell(row[name], is_raw=is_raw) for name in table.fields])
        yield line()
