"""``newscrawl sites``: what was learned of the sites' own furniture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, answer, print_json
from newscrawl.cli.arguments import add_data
from newscrawl.cli.table import table_lines
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

    from newscrawl.clean.site_memory import Pattern
    from newscrawl.state.store import Store

DESCRIPTION = """\
Show what the crawler remembers of each site: lines that the site prints in article after article, which are taken
out of its texts. `list` names the sites, `show SITE` its lines with their counts and an example, the most frequent
first. `forget SITE KEY` keeps a line in the texts from now on, `pin SITE KEY` makes sure that it goes,
`learn SITE KEY` takes either word back. `pin SITE --line TEXT` pins a line that was not learned.

Texts that are stored already change when their pages are fetched again.
"""
EXAMPLE = """
newscrawl sites list
newscrawl sites show harbour-times.example
newscrawl sites forget harbour-times.example 3f2a90c1
newscrawl sites pin harbour-times.example --line "Follow us and tell your friends"
"""
WORDS = {"forget": "forgotten", "pin": "pinned", "learn": "learned"}
KEY_DIGITS = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("action", choices=["list", "show", *WORDS], help="what to do")
    parser.add_argument("site", metavar="SITE", nargs="?", help="registrable domain, as in the field `site`")
    parser.add_argument(
        "key", metavar="KEY", nargs="?", help="key of a line, as `show` prints it; its beginning will do"
    )
    parser.add_argument("--line", metavar="TEXT", help="with pin: the line itself")
    add_json(parser, "one JSON object a line")
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    """Print what is known, or write an operator's word."""
    from newscrawl.state.store import open_store

    if args.action != "list" and not args.site:
        raise ConfigError(f"sites {args.action} needs the name of a site; `newscrawl sites list` has them")
    if args.action in WORDS and not (args.key or (args.action == "pin" and args.line)):
        raise ConfigError(f"sites {args.action} needs the key of a line; `newscrawl sites show {args.site}` has them")
    with open_store(args.data, create=False) as store:
        if args.action == "list":
            _list(store, as_json=args.json)
        elif args.action == "show":
            _show(store, args.site, as_json=args.json)
        elif args.line:
            _pin_line(store, args)
        else:
            _say(store, args)
    return ExitCode.DONE


def _list(store: Store, *, as_json: bool) -> None:
    sites = store.memory.sites()
    if as_json:
        for site, articles, patterns in sites:
            print_json({"site": site, "articles": articles, "patterns": patterns})
        return
    rows = [(site, str(articles), str(patterns)) for site, articles, patterns in sites]
    for line in table_lines(("site", "articles", "lines"), rows):
        print(line)


def _show(store: Store, site: str, *, as_json: bool) -> None:
    patterns = store.memory.listed(site)
    if not patterns and site not in {name for name, _, _ in store.memory.sites()}:
        raise ConfigError(f"nothing is remembered of {site}; `newscrawl sites list` has the sites")
    if as_json:
        for each in patterns:
            print_json(_values(each))
        return
    if not patterns:
        print(f"no line of {site} is known as furniture yet")
        return
    rows = [tuple(str(value) for value in _values(each).values()) for each in patterns]
    for line in table_lines(tuple(_values(patterns[0])), rows):
        print(line)


def _values(pattern: Pattern) -> dict[str, str | int]:
    from newscrawl.clean.site_memory import PLACES

    return {
        "key": f"{pattern.key:0{KEY_DIGITS}x}",
        "kind": pattern.kind,
        "place": PLACES[pattern.place],
        "articles": pattern.articles,
        "days": pattern.days,
        "sections": pattern.sections,
        "word": pattern.word,
        "example": pattern.example,
    }


def _say(store: Store, args: argparse.Namespace) -> None:
    site, start, word = args.site, args.key, WORDS[args.action]
    known = [each for each in store.memory.listed(site) if f"{each.key:0{KEY_DIGITS}x}".startswith(start.lower())]
    if not known:
        raise ConfigError(f"{site} has no line with the key {start}; `newscrawl sites show {site}` has them")
    if len(known) > 1:
        raise ConfigError(f"{len(known)} lines of {site} have a key that begins with {start}; give more of it")
    store.memory.say(site, known[0].key, word)
    answer(args, f"{word}: {known[0].example or known[0].kind}", _values(known[0]) | {"word": word})


def _pin_line(store: Store, args: argparse.Namespace) -> None:
    from newscrawl.clean.site_memory import trace_of

    trace = trace_of(args.line)
    if trace is None:
        raise ConfigError("--line has no letters or digits, or is too long to be a line")
    store.memory.pin(args.site, trace)
    answer(
        args,
        f"pinned: {trace.example}",
        {"key": f"{trace.key:0{KEY_DIGITS}x}", "word": "pinned", "example": trace.example},
    )
