"""``newscrawl sources``: list, check, add, switch and pause the publishers of the sources file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, answer, print_json
from newscrawl.cli.arguments import add_sources
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
  enable ID…      have them crawled by runs without arguments; `disable ID…` ends that
  pause ID…       leave them out of those runs, until --until or `resume ID…`: kept as paused_until in their entries

Entries are appended with enabled = false unless --enable; nothing else in the file changes, remarks and layout neither.
Whatever an entry says, a source that a run names is crawled.
"""
EXAMPLE = """
newscrawl sources add https://news.example && newscrawl sources check news-example
newscrawl sources pause news-example --until 3d
"""

ACTIONS = {
    "list": None,
    "check": "ID",
    "add": "URL",
    "import": "FILE",
    "enable": "ID",
    "disable": "ID",
    "pause": "ID",
    "resume": "ID",
}
EDITS = ("enable", "disable", "pause", "resume")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("what", metavar="ID|URL|FILE", nargs="*", help="with what")
    add_sources(parser, option="--file")
    parser.add_argument("--enable", action="store_true", help="add, import: with enabled = true")
    parser.add_argument(
        "--until", metavar="TIME", help="pause: so long, as 12h, 3d or 2026-12-01 (UTC); without it until `resume`"
    )
    add_json(parser, "list: one JSON object a line and source; the others: one object")
    parser.add_argument("--name", help="add: name of the outlet (default: its host)")
    parser.add_argument(
        "--timeout", metavar="S", type=_seconds, default=120, help="check: seconds for the site (default: 120)"
    )


def run(args: argparse.Namespace) -> int:
    """Do one of the actions."""
    wanted = ACTIONS[args.action]
    if not args.what and args.action not in {"list", "check"}:
        raise ConfigError(f"sources {args.action} needs {'an' if wanted == 'ID' else 'a'} {wanted}")
    most = len(args.what) if args.action in EDITS else int(wanted is not None)
    if len(args.what) > most:
        raise ConfigError(f"sources {args.action} takes no {args.what[most]!r}")
    if args.until is not None and args.action != "pause":
        raise ConfigError(f"sources {args.action} takes no --until; pause does")
    match args.action:
        case "list":
            return _list(args.file, as_json=args.json)
        case "check":
            return _check(args) if args.what else _check_file(args)
        case "add":
            return _add(args)
        case "import":
            return _import(args)
        case _:
            return _edit(args)


def _list(file: Path, *, as_json: bool) -> int:
    from newscrawl.dates import utc_now
    from newscrawl.sources import load_sources

    sources, now = load_sources(file), utc_now()
    if as_json:
        for source in sources:
            print_json(asdict(source))
        return ExitCode.DONE
    rows = (
        (source.id, source.name, source.country or "-", ",".join(source.languages) or "-", _whether(source, now))
        for source in sources
    )
    for line in table_lines(("ID", "NAME", "COUNTRY", "LANGUAGES", "ENABLED"), rows):
        print(line)
    return ExitCode.DONE


def _check_file(args: argparse.Namespace) -> int:
    from newscrawl.sources import load_sources

    sources = load_sources(args.file)
    counts = {
        "sources": len(sources),
        "enabled": sum(source.enabled for source in sources),
        "countries": len({source.country for source in sources} - {None}),
        "languages": len({language for source in sources for language in source.languages}),
    }
    answer(args, "ok; " + ", ".join(f"{name}: {count:,}" for name, count in counts.items()), counts)
    return ExitCode.DONE


def _check(args: argparse.Namespace) -> int:
    from newscrawl.cli.source_check import look_at, report_lines, status_of
    from newscrawl.frontier.plan import read_plan

    sources = read_plan({"source": args.what[0]}, args.file).sources
    if len(sources) != 1:
        raise ConfigError("sources check looks at one source at a time")
    found = look_at(sources[0], args.file, args.timeout)
    if args.json:
        print_json({"source": sources[0].id, **asdict(found)})
        return status_of(found)
    for line in report_lines(found):
        print(line)
    return status_of(found)


def _add(args: argparse.Namespace) -> int:
    from newscrawl.sources import load_sources, new_source

    (url,) = args.what
    source = new_source(url, name=args.name, enabled=args.enable)
    known = load_sources(args.file)
    if why := _why_known(source, known):
        raise ConfigError(f"{url}: {why}; nothing was added")
    _append([source], args.file)
    said = f"added {source.id} to {args.file}\nnext: newscrawl sources check {source.id}"
    answer(args, said, {"file": args.file, "added": [source.id]})
    return ExitCode.DONE


def _import(args: argparse.Namespace) -> int:
    from newscrawl.readers.opml import MAX_OPML_BYTES, feeds_from_opml, sources_from_feeds
    from newscrawl.sources import load_sources

    (name,) = args.what
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_OPML_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror or error}") from None
    try:
        feeds = feeds_from_opml(data)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None
    known = load_sources(args.file)
    found = sources_from_feeds(feeds, enabled=args.enable)
    added = [source for source in found if _why_known(source, known) is None]
    _append(added, args.file)
    left_out = [why for source in found if (why := _why_known(source, known))]
    said = [f"left out: {plain(why)}" for why in left_out]
    said += [f"added {len(added):,} of {len(found):,} sites to {args.file}"]
    values = {"file": args.file, "added": [source.id for source in added], "left_out": left_out}
    answer(args, "\n".join(said), values)
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
    from newscrawl.cli.source_edit import replace_file
    from newscrawl.sources import entry_text

    if not sources:
        return
    before = file.read_bytes().decode()
    end = "" if before.endswith("\n") or not before else "\n"
    replace_file(file, before + end + "".join(f"\n{entry_text(source)}" for source in sources))


def _edit(args: argparse.Namespace) -> int:
    from newscrawl.cli.source_edit import replace_file, with_value
    from newscrawl.frontier.plan import read_plan

    key, value, done = _edit_of(args.action, args.until)
    sources = read_plan({"source": ",".join(args.what)}, args.file).sources
    before = args.file.read_bytes().decode()
    try:
        after = with_value(before, [source.id for source in sources], key, value)
    except ConfigError as error:
        raise ConfigError(f"{args.file}: {error}; nothing was changed") from None
    if after != before:
        replace_file(args.file, after)
    said = "\n".join(f"{done} {source.id} in {args.file}" for source in sources)
    answer(args, said, {"file": args.file, "sources": [source.id for source in sources], key: value})
    return ExitCode.DONE


def _edit_of(action: str, until: str | None) -> tuple[str, str | bool | None, str]:
    """What an action changes: the key, its new value, and what there is to say."""
    from newscrawl.sources import RESUMED

    if action in {"enable", "disable"}:
        return "enabled", action == "enable", f"{action}d"
    if action == "resume":
        return "paused_until", None, "resumed"
    moment = RESUMED if until is None else _future(until)
    return "paused_until", moment, f"paused until {moment}:"


def _future(text: str) -> str:
    """``3d`` from now, or a date; UTC ``YYYY-MM-DDTHH:MM:SSZ``."""
    from datetime import UTC, datetime

    from newscrawl.dates import format_utc, parse_age, parse_moment, utc_now

    try:
        return format_utc(datetime.now(UTC) + parse_age(text))
    except (ValueError, OverflowError):
        moment = parse_moment(text, "UTC")
    if moment is None:
        raise ConfigError(f"--until {text} is neither a length of time (12h, 3d, 2w) nor a date (2026-12-01)")
    if moment.value <= utc_now():
        raise ConfigError(f"--until {text} is over already")
    return moment.value


def _whether(source: Source, now: str) -> str:
    from newscrawl.sources import is_paused

    if not source.enabled:
        return "no"
    return f"yes, paused until {source.paused_until}" if is_paused(source, now) else "yes"


def _seconds(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    if number < 1:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number
