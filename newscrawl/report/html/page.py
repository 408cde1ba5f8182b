"""A report as one HTML file below a megabyte: no script, no request to anywhere, everything a site said escaped."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from newscrawl.dump.files import NewFile, storage_error
from newscrawl.report.html import arrivals, events, quality, travels
from newscrawl.report.html.chart import busiest
from newscrawl.report.html.figures import FIELDS, summed
from newscrawl.report.templates import templates
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from newscrawl.report.html.figures import Address, Drawn, Report

MAX_BYTES = 1_000_000
MAX_HREF_CHARS = 2083
MAX_SHOWN_CHARS = 160
"""Of an address; the link leads to all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a report is shown."""

    sources: int
    text_chars: int
    """Of each article drawn."""
    addresses: int
    """Of each source and outcome."""


LIMITS = (
    Limits(sources=24, text_chars=6000, addresses=3),
    Limits(sources=16, text_chars=3000, addresses=2),
    Limits(sources=8, text_chars=1500, addresses=1),
    Limits(sources=4, text_chars=500, addresses=0),
)
"""The first that fit in `MAX_BYTES` are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A paragraph that was kept, and what was removed before it."""

    kept: str | None
    """None: below the last one."""
    removed: tuple[tuple[str, str, str], ...] = ()
    """Text, rule and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rows that are read one by one, or, where nothing was removed anywhere near, folded together."""

    rows: tuple[Row, ...]
    is_folded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of the addresses of a source."""

    source: str
    total: int
    outcomes: tuple[tuple[str, int, tuple[Address, ...]], ...]
    """Outcome, count and some of its addresses."""


def write_page(report: Report, path: Path) -> int:
    """Write the file and return its size in bytes; it appears complete or not at all.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        with NewFile(path) as file:
            file.write(page(report))
            return file.finish().bytes
    except OSError as error:
        raise storage_error(path, error) from error


def page(report: Report) -> bytes:
    """The file, as large as `LIMITS` let it be."""
    made = b""
    for limits in LIMITS:
        made = _render(report, limits)
        if len(made) < MAX_BYTES:
            break
    return made


def rows_of(drawn: Drawn, max_chars: int) -> tuple[Row, ...]:
    """The paragraphs of an article with what was removed before each, in at most so many characters of each side."""
    removed = {place: tuple(each) for place, each in groupby(drawn.removed, key=lambda each: each.place)}
    rows, kept_chars, removed_chars = [], 0, 0
    last = max(len(drawn.paragraphs), *removed, 0)
    for place in range(last + 1):
        gone = []
        for each in removed.get(place, ()):
            if (left := max_chars - removed_chars) > 0:
                gone.append((_cut(each.text, left), each.rule, _cut(each.why, 200)))
                removed_chars += len(each.text)
        kept = drawn.paragraphs[place] if place < len(drawn.paragraphs) else None
        if kept is not None and kept_chars >= max_chars:
            rows.append(Row(kept="…", removed=tuple(gone)))
            break
        if kept or gone:
            rows.append(Row(kept=_cut(kept, max_chars - kept_chars) if kept else None, removed=tuple(gone)))
            kept_chars += len(kept or "")
    return tuple(rows)


def stretches_of(rows: tuple[Row, ...]) -> tuple[Stretch, ...]:
    """The rows beside a removal, the first and the last are shown; of the others, what is longer than one is folded.

    So that ten articles can be judged in two minutes.
    """
    last = len(rows) - 1
    near = [at in {0, last} or any(row.removed for row in rows[max(at - 1, 0) : at + 2]) for at in range(len(rows))]
    found = []
    for is_near, group in groupby(zip(near, rows, strict=True), key=lambda pair: pair[0]):
        of = tuple(row for _, row in group)
        found.append(Stretch(rows=of, is_folded=not is_near and len(of) > 1))
    return tuple(found)


def _render(report: Report, limits: Limits) -> bytes:
    shown = busiest(report, limits.sources)
    style = files(__package__).joinpath("templates", "report.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    total = summed(report.sources)
    text = _environment().get_template("report.html").render(
        report=report,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - a file of ours
        total=total,
        decided=total.outcomes.total(),
        withdrawn=sum(days.total() for cause, days in total.changes.items() if cause in {"gone", "purged"}),
        came_in=arrivals.came_in(report, shown),
        outcomes=events.outcomes(report),
        sources=_decided(report, limits),
        hidden=max(len(report.sources) - limits.sources, 0),
        field_names=[name.replace("_", " ") for name in FIELDS],
        coverage=quality.coverage(shown),
        how_good=quality.how_good(report, shown),
        changes=events.changes(report),
        travels=[each for each in (travels.stories(report), travels.firsts(report)) if each],
        politeness=events.politeness(report),
        drawn=[(each, stretches_of(rows_of(each, limits.text_chars))) for each in report.drawn],
    )  # fmt: skip
    return text.encode()


def _decided(report: Report, limits: Limits) -> tuple[Decided, ...]:
    """Of the sources with most addresses that gave no article."""
    most = sorted(report.sources, key=lambda each: -each.missed)[: limits.sources]
    return tuple(
        Decided(
            source=each.source,
            total=each.outcomes.total(),
            outcomes=tuple(
                (name, count, each.addresses.get(name, ())[: limits.addresses])
                for name, count in each.outcomes.most_common()
            ),
        )
        for each in most
        if each.missed
    )


@cache
def _environment() -> Environment:
    environment = templates("newscrawl.report.html", finalize=_plain)
    environment.globals["link"] = _link
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    environment.filters["count"] = lambda value: f"{value:,}"
    return environment


def _plain(value: Any) -> Any:
    """What strangers wrote, without anything that turns or hides what stands beside it."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _link(url: str, text: str | None = None) -> Markup:
    """A link where it leads to the web, else the text."""
    shown = plain(text or url, MAX_SHOWN_CHARS)
    if url.startswith(("http://", "https://")) and len(url) <= MAX_HREF_CHARS:
        return Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(plain(url), shown)
    return Markup("{}").format(shown)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(most - 1, 0)]}…"
