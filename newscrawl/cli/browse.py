"""``newscrawl browse``: the dump in a local web page."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from newscrawl.cli.arguments import add_data
from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DESCRIPTION = """\
Show the dump in a web page on this machine: search titles and texts, filter by source, language and day, and see one
article with its revisions, its copies, what cleaning took out of it, and what became of its address. It only reads, and
answers on 127.0.0.1 only. Ctrl-C or SIGTERM ends it.

Words are found whatever their case and accents; "words in a row", -without, beginning*. The index is made at the first
start and kept in state/browse.sqlite; it follows when the dump changes, and may be deleted at any time.

Exit status 0: ended with Ctrl-C; 2: there is no dump, or the port is in use; 5: the dump or the disk is damaged.
"""
EXAMPLE = """
newscrawl browse
newscrawl browse --data data/demo --port 0 --open
"""
PORT = 8617
MAX_PORT = 65_535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    parser.add_argument(
        "--port",
        metavar="N",
        type=_port,
        default=PORT,
        help=f"port on 127.0.0.1; 0: any that is free (default: {PORT})",
    )
    parser.add_argument("--open", action="store_true", help="open the page in the web browser")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from newscrawl.browse.library import Library
    from newscrawl.browse.server import BrowseServer

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        with _progress(quiet=args.quiet) as tell:
            library = Library(args.data, tell)
        with library, BrowseServer(library, args.port) as server:
            if not args.quiet:
                print(f"{args.data} at {server.url} – Ctrl-C ends it", flush=True)
            if args.open:
                # A browser for terminals comes back only when it is left: it must not be waited for.
                Thread(target=_open, args=(server.url,), daemon=True).start()
            server.serve_forever()
    except KeyboardInterrupt:
        pass
    return ExitCode.DONE


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; it is not there before there is something to tell."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("making the index", total=None, visible=False)
        yield lambda done, whole: progress.update(task, completed=done, total=whole, visible=True)


def _open(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        print(f"newscrawl: no web browser could be started; open {url} in one", file=sys.stderr)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to {MAX_PORT}")
    return int(text)
