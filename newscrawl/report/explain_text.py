"""An `Explanation` for a terminal: one line for each block, the fields below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from newscrawl.errors import Outcome
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.extract.candidates import Candidate, FieldEvidence
    from newscrawl.report.explain import Explanation
    from newscrawl.report.explain_lines import Line

MARKS = {"kept": "+", "removed": "-", "field": "=", "left_out": ".", "refused": "?"}
STYLES = {"kept": "", "removed": "red", "field": "cyan", "left_out": "dim", "refused": "yellow"}
LEGEND = "+ kept   - removed by cleaning   = in another field   . not taken by extraction"
LEGEND_REFUSED = "? would have been the text   - removed by cleaning   = in a field   . not taken by extraction"
MAX_VALUE_CHARS = 100


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    indent: int = 0
    style: str = ""
    """A rich style."""


def write_text(explanation: Explanation, file: TextIO, *, colour: bool) -> None:
    """Write it, a paragraph a line; with colour, folded to the width of the terminal."""
    if hasattr(file, "reconfigure"):
        file.reconfigure(errors="replace")
    if not colour:
        file.writelines(f"{' ' * row.indent}{row.text}".rstrip() + "\n" for row in _rows(explanation))
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=file, highlight=False)
    for row in _rows(explanation):
        console.print(Padding(Text(row.text, style=row.style), (0, 0, 0, row.indent)))


def _rows(explanation: Explanation) -> Iterator[_Row]:
    yield _Row(plain(explanation.url), style="bold")
    is_article = explanation.outcome == Outcome.ARTICLE
    decision = explanation.outcome if explanation.reason is None else f"{explanation.outcome}: {explanation.reason}"
    yield _Row(plain(decision), style="bold green" if is_article else "bold yellow")
    for fact in explanation.facts:
        yield _Row(f"{fact.name}: {plain(fact.value)}", indent=2)
    if explanation.lines:
        yield _Row("")
        yield _Row("The page, from top to bottom", style="bold")
        yield _Row(LEGEND if is_article or explanation.reason is None else LEGEND_REFUSED, style="dim")
        for line in explanation.lines:
            yield from _line_rows(line)
    if explanation.fields:
        yield _Row("")
        yield _Row("The fields, and where they were read", style="bold")
        yield _Row("* chosen", style="dim")
        for field in explanation.fields:
            yield from _field_rows(field)


def _line_rows(line: Line) -> Iterator[_Row]:
    style = STYLES[line.kind]
    many = f"… {line.count} short lines: " if line.count > 1 else ""
    field = f"{line.rule}: " if line.kind == "field" else ""
    why = f"   ({line.why})" if line.kind == "left_out" else ""
    yield _Row(f"{MARKS[line.kind]} {many}{field}{plain(line.text)}{why}", style=style)
    if line.kind == "removed":
        yield _Row(plain(f"{line.rule}: {line.why}"), indent=4, style=style)


def _field_rows(field: FieldEvidence) -> Iterator[_Row]:
    yield _Row(f"{field.name}: {plain(field.value or 'none', 4 * MAX_VALUE_CHARS)}", style="bold")
    for candidate in field.candidates:
        yield _Row(_candidate(candidate), indent=2, style="green" if candidate.is_winner else "dim")


def _candidate(candidate: Candidate) -> str:
    raw = plain(candidate.raw, MAX_VALUE_CHARS)
    read = f" → {plain(candidate.value, MAX_VALUE_CHARS)}" if candidate.value not in {None, candidate.raw} else ""
    mark = "*" if candidate.is_winner else " "
    return f"{mark} {plain(candidate.place, MAX_VALUE_CHARS)}: {raw}{read}   ({plain(candidate.why)})"
