"""``newscrawl explain``: why a page came out as it did."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, print_json
from newscrawl.cli.arguments import add_data
from newscrawl.cli.colour import wants_colour
from newscrawl.errors import ArchiveError, ArticleRejected, ConfigError, ExitCode, StoreError

if TYPE_CHECKING:
    import argparse

    from newscrawl.readers import ReaderItem
    from newscrawl.report.explain import Explanation

DESCRIPTION = """\
Show a page as what became of each line of it, from top to bottom: kept, removed by cleaning (with the rule and its
reason), read into another field, or not taken by extraction; and each field with every place that states it, the one
chosen, and why the others were not. A page that gave no article says why, and what was seen on it.

TARGET is a saved HTML file, a WARC archive (with --url: the page of that address in it, else the first page), a web
address, or the id of a stored article. A web address is fetched as a crawl would: robots.txt is obeyed. Of a stored
article there is no page any more: its text, what was removed, and where values came from as far as the record says.

Exit status 0: explained, whether an article came of it or not; 1: the page could not be had; 2: a wrong argument.
"""
EXAMPLE = """
newscrawl explain page.html --url https://news.example/ferry
newscrawl explain https://news.example/ferry --html ferry.html
newscrawl explain nc_3q2hcd2mmxkgbjcmsvtnbx5mfa --data data --json
"""

STORED = re.compile(r"nc_[a-z2-7]{26}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("target", metavar="TARGET", help='a file ("-" is standard input), a web address, or an id')
    parser.add_argument("--url", help="address of the saved page, or of the one wanted of an archive")
    add_data(parser, "data directory of the id", is_read=True)
    add_json(parser)
    parser.add_argument(
        "--html", metavar="FILE", type=Path, help="write a page for a browser, page and fields side by side"
    )


def run(args: argparse.Namespace) -> int:
    """Explain one page."""
    if sys.stdout is None:
        raise StoreError("standard output is closed")
    explanation = _explain(args)
    if args.html is not None:
        from newscrawl.report.explain_html import write_html

        write_html(explanation, args.html)
    if args.json:
        from newscrawl.dump.record import record

        print_json(record(explanation))
    elif args.html is None:
        from newscrawl.report.explain_text import write_text

        write_text(explanation, sys.stdout, colour=wants_colour(sys.stdout))
    elif not args.quiet:
        print(f"{args.html}: {explanation.outcome}" + (f": {explanation.reason}" if explanation.reason else ""))
    return ExitCode.DONE


def _explain(args: argparse.Namespace) -> Explanation:
    target: str = args.target
    if args.url is not None:
        _check_url("--url", args.url)
    if STORED.fullmatch(target):
        return _stored(target, args.data)
    if target.lower().startswith(("http://", "https://")):
        if args.url is not None:
            raise ConfigError("--url is for files; the address is given already")
        _check_url("TARGET", target)
        from newscrawl.cli.fetch import fetch_page

        return _of_item(fetch_page(target))
    return _of_item(_item_of_file(target, args.url))


def _check_url(name: str, url: str) -> None:
    from newscrawl.urls import normalise_url

    try:
        normalise_url(url)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error


def _of_item(item: ReaderItem) -> Explanation:
    from newscrawl.article import Page
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.options import read_options
    from newscrawl.readers import NoPage
    from newscrawl.refine import RefineOptions
    from newscrawl.report.explain import explain_page, explain_refusal, explain_text

    refining = read_options(RefineOptions, os.environ, "REFINE_")
    if isinstance(item, ArchiveError):
        raise item
    if isinstance(item, NoPage):
        return explain_refusal(ArticleRejected(item.outcome, item.url, item.reason))
    if isinstance(item, Page):
        return explain_page(item, read_options(ExtractOptions, os.environ, "EXTRACT_"), refining)
    return explain_text(item, refining)


def _item_of_file(name: str, url: str | None) -> ReaderItem:
    """The page of a file; of an archive, the first of the address wanted, else the first page there is.

    Raises:
        ConfigError: there is no such file, or no such page in it.
        ArchiveError: it cannot be read.
    """
    from newscrawl.article import Page
    from newscrawl.readers.files import STDIN, Input, read_input
    from newscrawl.urls import normalise_url

    path = Path(name)
    if name != STDIN and not path.is_file():
        kind = "is a directory" if path.is_dir() else "no such file"
        raise ConfigError(f"{name}: {kind}; TARGET is a file, a web address or an id as nc_…")
    first: ReaderItem | None = None
    count = 0
    wanted = normalise_url(url) if url is not None else None
    for item in read_input(Input(name=name, url=url)):
        count += 1
        if isinstance(item, ArchiveError):
            first = first or item
            continue
        is_wanted = isinstance(item, Page) if wanted is None else _is_at(item.url, wanted)
        if is_wanted:
            return item
        first = item if first is None or isinstance(first, ArchiveError) else first
    if first is None:
        raise ConfigError(f"{name} holds no page")
    if wanted is not None and not isinstance(first, ArchiveError):
        raise ConfigError(f"{name}: none of its {count} pages has the address {url}")
    return first


def _is_at(url: str, wanted: str) -> bool:
    from newscrawl.urls import normalise_url

    try:
        return normalise_url(url) == wanted
    except ValueError:
        return False


def _stored(article_id: str, data: Path) -> Explanation:
    """The newest revision of an article in a dump.

    Raises:
        ConfigError: there is no such dump or article.
    """
    from newscrawl.dump.find import find_article
    from newscrawl.report.explain import explain_stored

    article, removed = find_article(data, article_id)
    return explain_stored(article, removed)
