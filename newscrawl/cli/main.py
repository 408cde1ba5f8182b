"""The ``newscrawl`` command.

A sub-command is one module beside this one, named for it, and one line in `COMMANDS`. The module holds::

    DESCRIPTION: str                                  one paragraph for its --help
    EXAMPLE: str                                      one or more command lines, printed below the options
    def add_arguments(parser: argparse.ArgumentParser) -> None
    def run(args: argparse.Namespace) -> int          the exit status, one of `ExitCode`

``args.verbose`` (count) and ``args.quiet`` (bool) are there for every command. `run` raises `NewscrawlError` for what
the user should read as one sentence; it catches no KeyboardInterrupt and no BrokenPipeError but to tidy up.

Only the module of the command asked for is imported, and those modules import the heavy packages (pandas, trafilatura,
scrapy, lxml) inside `run`: ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from traceback import print_exc
from typing import TYPE_CHECKING

from newscrawl.errors import ExitCode, NewscrawlError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "clean": "clean HTML, WARC archives or dirty texts into article records",
    "explain": "show why a page came out as it did: every line, every field",
    "diff": "show two revisions of an article side by side",
    "reclean": "make articles anew from the raw pages, with today's code",
    "init": "make a project folder, ready for `scrapy crawl news`",
    "outcomes": "say why addresses gave no article",
    "next": "say when which source is due",
    "status": "show a data directory at a glance: runs, articles, what waits, room left",
    "workers": "say who crawls what, where several workers share a store",
    "sources": "list, check, add, switch and pause the publishers of the sources file",
    "health": "name the sources that are not as they usually are",
    "coverage": "estimate how many articles were missed",
    "politeness": "prove from what was sent how politely a run treated each host",
    "sites": "show what was learned of the sites' own furniture",
    "state": "look at the crawler's own memory, copy it, mend it",
    "browse": "show the dump in a local web page: search, revisions, copies, removed lines",
    "report": "write what a crawl brought as one HTML file: charts, outcomes, articles to judge",
    "export": "write the dump or a part of it as JSON lines, Parquet, CSV, XLSX or SQLite",
    "verify": "prove that a dump is whole and says what it holds",
    "purge": "take articles out for good, for legal reasons",
    "compact": "merge the many small files of a dump into few",
    "publish": "publish what a killed run left unpublished",
    "demo": "crawl the built-in newsroom, without internet",
    "completion": "print a script by which bash, zsh or fish completes all this",
}

# The disk or the device refuses: full, over quota, broken, read-only.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})

EXAMPLE = """\
examples:
  newscrawl clean page.html                     one record on standard output
  newscrawl clean crawl.warc.gz --data data     stored, with outcomes and a manifest
  newscrawl init newsroom                       a project to crawl with
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. A user's mistake is one sentence on stderr, never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    tracebacks = False
    try:
        args = _parser(_command(arguments)).parse_args(arguments)
        tracebacks = args.verbose > 1
        status = int(args.run(args))
        if sys.stdout is not None:
            sys.stdout.flush()  # what is still buffered, while its failure can still be told
    except BrokenPipeError:
        # The reader of our output, `head` for one, has read enough. That is no error of ours or of the user.
        _silence_stdout()
        return ExitCode.DONE
    except KeyboardInterrupt:
        _silence_stdout()
        _say("interrupted")
        return ExitCode.INTERRUPTED
    except (NewscrawlError, OSError) as error:
        if tracebacks:
            print_exc()
        _silence_stdout()
        _say(str(error))
        return _exit_code(error)
    return status


def _exit_code(error: NewscrawlError | OSError) -> ExitCode:
    if isinstance(error, NewscrawlError):
        return error.exit_code
    return ExitCode.STORAGE if error.errno in DISK_ERRORS else ExitCode.ERROR


def _command(arguments: Sequence[str]) -> str | None:
    """The command named, if any: the first argument that is no option, for the options before it take no value."""
    return next((argument for argument in arguments if not argument.startswith("-")), None)


def _parser(command: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="newscrawl",
        description="From a news site's address to clean articles. Crawling itself is `scrapy crawl news`.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == command:
            fill(sub, name)
    return parser


def fill(parser: argparse.ArgumentParser, name: str) -> None:
    """Give the parser of the command asked for what its module says."""
    module = import_module(f"newscrawl.cli.{name}")
    parser.description = module.DESCRIPTION
    parser.epilog = "example:\n" + "\n".join(f"  {line.strip()}" for line in module.EXAMPLE.strip().splitlines())
    module.add_arguments(parser)
    how_much = parser.add_mutually_exclusive_group()
    how_much.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice: tracebacks too")
    how_much.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    parser.set_defaults(run=module.run)


class _Version(argparse.Action):
    """As argparse's own, but the version is looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from newscrawl import __version__

        print(f"newscrawl {__version__}")
        parser.exit()


def _silence_stdout() -> None:
    """Keep the interpreter from failing once more when it flushes a stdout that cannot take it."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def _say(sentence: str) -> None:
    """One line on stderr; a file name in it must not drive the terminal."""
    if sys.stderr is None:
        return
    line = "".join(character if character.isprintable() else repr(character)[1:-1] for character in sentence)
    with suppress(OSError):
        print(f"newscrawl: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
