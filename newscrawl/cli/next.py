"""``newscrawl next``: when something is due."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data, add_sources
from newscrawl.cli.table import table_lines
from newscrawl.dates import format_utc, utc_now
from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from newscrawl.state.upcoming import Upcoming

DESCRIPTION = """\
Say when each enabled source is due: the first of its feeds, sitemaps and sections, its young articles that are looked
at again, and what earlier runs left over. A run without arguments does what is due and ends. It may be asked at any
time and changes nothing. Settings are read from the environment (NEWSCRAWL_REVISIT_MAX_S and its like).
"""
EXAMPLE = """
newscrawl next
newscrawl next --json | jq -r 'select(.due_now).source'
"""
HEADER = ("SOURCE", "DUE", "IN", "YOUNG ARTICLES", "FIRST")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    add_sources(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line and source; times in UTC")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    from newscrawl.frontier.revisit import ArticleOptions
    from newscrawl.frontier.schedule import RevisitOptions
    from newscrawl.options import read_options
    from newscrawl.sources import is_paused, load_sources
    from newscrawl.state.upcoming import upcoming

    options = read_options(RevisitOptions, os.environ, "REVISIT_")
    ages_s = read_options(ArticleOptions, os.environ, "ARTICLE_").ages_s
    at = utc_now()
    sources = [each for each in load_sources(args.sources) if each.enabled and not is_paused(each, at)]
    now = time.time()
    each = upcoming(
        args.data, sources, now=now, longest_look_s=options.max_s, longest_age_s=ages_s[-1] if ages_s else 0.0
    )
    ranked = sorted(each, key=lambda source: (source.due, source.source))
    if args.json:
        for source in ranked:
            print(json.dumps(_values(source)))
        return ExitCode.DONE
    if not ranked:
        print(f"no source of {args.sources} is enabled")
        return ExitCode.DONE
    for line in table_lines(HEADER, [_row(source, now) for source in ranked]):
        print(line)
    first = ranked[0]
    print(f"next: {_time(first.due) or 'now'}")
    return ExitCode.DONE


def _values(source: Upcoming) -> dict[str, object]:
    return {
        "source": source.source,
        "due_now": source.due == 0,
        "next_due": _time(source.due),
        "next_look": _time(source.look),
        "look_at": source.at,
        "next_article": _time(source.article),
        "young_articles": source.articles,
    }


def _row(source: Upcoming, now: float) -> tuple[str, ...]:
    if source.left == source.due:
        what = "left over"
    elif source.article == source.due:
        what = "a young article"
    else:
        what = source.at or "never looked at"
    return (source.source, _time(source.due) or "now", _in(source.due - now), f"{source.articles:,}", what)


def _time(seconds: int | None) -> str | None:
    return format_utc(datetime.fromtimestamp(seconds, UTC)) if seconds else None


def _in(seconds: float) -> str:
    if seconds <= 0:
        return "-"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
