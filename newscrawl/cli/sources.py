"""``newscrawl sources``: list, check and add the publishers of the sources file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse

    from newscrawl.sources import Source

DESCRIPTION = """\
The publishers of the sources file:

  list            print them
  check           read the file and name what is wrong with it
  check ID        look at the site of one: where its feeds and sitemaps are, and its first article with every field
  add URL         append an entry for a site
  import FILE     append an entry for each site of an OPML file, as feed readers export them, with its feeds

Entries are appended with enabled = false unless --enable; nothing else in the file changes.
"""
EXAMPLE = """
newscrawl sources add https://news.example && newscrawl sources check news-example
"""

ACTIONS = {"list": None, "check": "ID", "add": "URL", "import": "FILE"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("what", metavar="ID|URL|FILE", nargs="?", help="with what")
    parser.add_argument(
        "--file",
        metavar="FILE",
        type=Path,
        default=Path(os.environ.get("NEWSCRAWL_SOURCES") or "data/sources.toml"),
        help="the sources file (default: $NEWSCRAWL_SOURCES, else data/sources.toml)",
    )
    parser.add_argument("--enable", action="store_true", help="add, import: with enabled = true")
    parser.add_argument("--name", help="add: name of the outlet (default: its host)")
    parser.add_argument(
        "--timeout", metavar="S", type=_seconds, default=120, help="check: seconds for the site (default: 120)"
    )


def run(args: argparse.Namespace) -> int:
    """Do one of the actions."""
    wanted = ACTIONS[args.action]
    if args.what is None and args.action in {"add", "import"}:
        raise ConfigError(f"sources {args.action} needs a {wanted}")
    if args.what is not None and wanted is None:
        raise ConfigError(f"sources {args.action} takes no {args.what!r}")
    match args.action:
        case "list":
            return _list(args.file)
        case "check":
            return _check(args) if args.what else _check_file(args.file)
        case "add":
            return _add(args)
        case _:
            return _import(args)


def _list(file: Path) -> int:
    from newscrawl.sources import load_sources

    rows = (
        (source.id, source.name, source.country or "-", ",".join(source.languages) or "-", _yes(source.enabled))
        for source in load_sources(file)
    )
    for line in table_lines(("ID", "NAME", "COUNTRY", "LANGUAGES", "ENABLED"), rows):
        print(line)
    return ExitCode.DONE


def _check_file(file: Path) -> int:
    from newscrawl.sources import load_sources

    sources = load_sources(file)
    countries = {source.country for source in sources} - {None}
    languages = {language for source in sources for language in source.languages}
    print(
        f"ok; sources: {len(sources):,}, enabled: {sum(source.enabled for source in sources):,}, "
        f"countries: {len(countries):,}, languages: {len(languages):,}"
    )
    return ExitCode.DONE


def _check(args: argparse.Namespace) -> int:
    from newscrawl.cli.source_check import look_at, report_lines, status_of
    from newscrawl.frontier.plan import read_plan

    sources = read_plan({"source": args.what}, args.file).sources
    if len(sources) != 1:
        raise ConfigError("sources check looks at one source at a time")
    found = look_at(sources[0], args.file, args.timeout)
    for line in report_lines(found):
        print(line)
    return status_of(found)


def _add(args: argparse.Namespace) -> int:
    from newscrawl.sources import load_sources, new_source

    source = new_source(args.what, name=args.name, enabled=args.enable)
    known = load_sources(args.file)
    if why := _why_known(source, known):
        raise ConfigError(f"{args.what}: {why}; nothing was added")
    _append([source], args.file)
    if not args.quiet:
        print(f"added {source.id} to {args.file}\nnext: newscrawl sources check {source.id}")
    return ExitCode.DONE


def _import(args: argparse.Namespace) -> int:
    from newscrawl.readers.opml import MAX_OPML_BYTES, feeds_from_opml, sources_from_feeds
    from newscrawl.sources import load_sources

    try:
        with Path(args.what).open("rb") as file:
            data = file.read(MAX_OPML_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{args.what}: cannot be read: {error.strerror or error}") from None
    try:
        feeds = feeds_from_opml(data)
    except ConfigError as error:
        raise ConfigError(f"{args.what}: {error}") from None
    known = load_sources(args.file)
    found = sources_from_feeds(feeds, enabled=args.enable)
    added = [source for source in found if _why_known(source, known) is None]
    _append(added, args.file)
    if not args.quiet:
        for source in found:
            if why := _why_known(source, known):
                print(f"left out: {plain(why)}")
        print(f"added {len(added):,} of {len(found):,} sites to {args.file}")
    return ExitCode.DONE


def _why_known(source: Source, known: tuple[Source, ...]) -> str | None:
    """Why a new source is in the file already; None when it is not."""
    from newscrawl.urls import normalise_url

    addresses = {normalise_url(address) for address in (source.url, *source.feeds) if address}
    for other in known:
        if other.id == source.id:
            return f"the file has a source {other.id} already"
        named = (other.url, *other.feeds, *other.news_sitemaps, *other.sitemaps, *other.sections)
        if addresses & {normalise_url(address) for address in named if address}:
            return f"the source {other.id} has that address already"
    return None


def _append(sources: list[Source], file: Path) -> None:
    """Add entries to the end of the file, all or none; what stands in it stays as it is, byte by byte."""
    from newscrawl.sources import entry_text

    if not sources:
        return
    path = file.resolve()
    before = path.read_bytes()
    end = b"" if before.endswith(b"\n") or not before else b"\n"
    after = before + end + "".join(f"\n{entry_text(source)}" for source in sources).encode()
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(after)
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _seconds(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    if number < 1:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number
