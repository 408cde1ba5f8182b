"""XLSX, for who works in a spreadsheet: every text is a text, times are times, nothing is a formula or a link."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newscrawl.dump.columns import is_time
from newscrawl.errors import ConfigError, StoreError
from newscrawl.export.cells import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.export.table import Row, Table

MAX_ROWS = 1_048_575
"""What a sheet holds below its header."""
MAX_CELL_UNITS = 32_767
"""What a cell holds, in UTF-16 code units."""
_CUT = " … [cut: {:,} characters; JSON lines, CSV, Parquet and SQLite have all of it]"
_WIDTHS = {"title": 60, "text": 80, "description": 50, "url": 40, "date_published": 19, "date_crawled": 19}


def write_xlsx(rows: Iterator[Row], table: Table, path: Path, *, is_raw: bool) -> int:
    """One sheet, one row in memory at a time. Times are UTC.

    Returns:
        How many cells were too long for a spreadsheet, and cut; each says so at its end.

    Raises:
        ImportError: xlsxwriter is not installed.
        ConfigError: there are more rows than a sheet holds.
        StoreError: the disk is full or failed.
    """
    import xlsxwriter  # type: ignore[import-untyped]
    from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

    # Made among the temporary files, where its rows wait too: a full disk under the final name is one clean error.
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.xlsx"
        book = xlsxwriter.Workbook(str(whole), {"constant_memory": True, "tmpdir": folder})
        try:
            cut = _fill(book, rows, table, is_raw=is_raw)
        finally:  # after an error too: it keeps rows in files that are open
            try:
                book.close()
            except FileCreateError as error:
                raise StoreError(f"cannot write temporary files in {Path(folder).parent}: {error}") from error
        shutil.copyfile(whole, path)
    return cut


def _fill(book: Any, rows: Iterator[Row], table: Table, *, is_raw: bool) -> int:
    """Write the sheet; how many cells were cut."""
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    for at, name in enumerate(table.fields):
        sheet.set_column(at, at, _WIDTHS.get(name, 14))
        sheet.write_string(0, at, name, bold)
    times = {name for name, each in table.fields.items() if is_time(each)}
    number = cut = 0
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise ConfigError(f"a sheet holds {MAX_ROWS:,} rows: choose fewer records, or another format")
        for at, (name, value) in enumerate(row.items()):
            if name in times:
                _write_time(sheet, number, at, value, moment)
            else:
                cut += _write(sheet, number, at, cell(value, is_raw=is_raw))
    sheet.autofilter(0, 0, number, len(table.fields) - 1)
    return cut


def _write_time(sheet: Any, row: int, column: int, value: str | None, form: Any) -> None:
    if value is not None:
        # A spreadsheet knows no time zones.
        sheet.write_datetime(row, column, datetime.fromisoformat(value).replace(tzinfo=None), form)


def _write(sheet: Any, row: int, column: int, value: str | float | None) -> bool:
    """Write a cell; whether it was cut."""
    if value is None:
        return False
    if not isinstance(value, str):
        sheet.write_number(row, column, value)
        return False
    fitting = _fitting(value)
    sheet.write_string(row, column, fitting)
    return fitting is not value


def _fitting(text: str) -> str:
    if len(text) * 2 <= MAX_CELL_UNITS or _units(text) <= MAX_CELL_UNITS:
        return text
    note = _CUT.format(len(text))
    kept = text.encode("utf-16-le")[: 2 * (MAX_CELL_UNITS - _units(note))]
    return kept.decode("utf-16-le", "ignore") + note


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
