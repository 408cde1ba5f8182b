"""``newscrawl purge``: take articles out for legal reasons."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, answer
from newscrawl.cli.arguments import add_data
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

    from newscrawl.state.store import Store

DESCRIPTION = """\
Take articles out for good, for legal reasons: every revision, what cleaning took out of it, its links, its pages in
raw/ and all that the store keeps of its words. What stays is a record with the status `purged`, a tombstone, and the
address, which is blocked: no run fetches it again. Outcome lines keep the address, too. Copies of the data directory
and exports made before are not reached.

It cannot be undone. Interrupted at any moment, it goes on when the data directory is next opened for writing.
"""
EXAMPLE = """
newscrawl purge nc_abcdefghijklmnopqrstuvwxyz
newscrawl purge --file ids.txt --yes
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("ids", metavar="ID", nargs="*", help="id of an article")
    parser.add_argument("--file", metavar="FILE", type=Path, help="ids, one a line; lines starting with # are skipped")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_data(parser)
    add_json(parser, "one JSON object: how many were purged, and the ids of copies that stay")


def run(args: argparse.Namespace) -> int:
    """Purge, and say how many were."""
    from newscrawl import __version__
    from newscrawl.dump.purge import finish_purges
    from newscrawl.state.store import open_store

    ids = _ids(args.ids, args.file)
    _check_copies(args.data / "state")
    with open_store(args.data, create=False) as store:
        _check(store, ids, args.data)
        if not args.yes and not _confirmed(len(ids)):
            answer(args, "nothing was purged", {"purged": 0, "purged_before": 0, "copies": []})
            return ExitCode.DONE
        run_id = store.begin_run(
            why="newscrawl purge", arguments={"articles": str(len(ids))}, versions={"newscrawl": __version__}
        )
        copies = store.copies_of(ids)
        purged = store.purge(ids, run_id=run_id)
        store.end_run(run_id, exit_code=ExitCode.DONE, counts={"purged": len(purged)})
        finish_purges(store, args.data)
    before = len(ids) - len(purged)
    said = f"purged {len(purged):,} articles{f'; {before:,} were purged before' if before else ''}"
    if copies:
        said += f"\nthe same text stands under {len(copies):,} other ids, which stay: {' '.join(copies)}"
    answer(args, said, {"purged": len(purged), "purged_before": before, "copies": copies})
    return ExitCode.DONE


def _ids(named: list[str], file: Path | None) -> tuple[str, ...]:
    from newscrawl.article import ARTICLE_ID

    places = [(each, "the command line") for each in named]
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--file {file}: {getattr(error, 'strerror', None) or error}") from error
        stripped = ((number, line.strip()) for number, line in enumerate(lines, start=1))
        places += [(text, f"{file}, line {at}") for at, text in stripped if text and not text.startswith("#")]
    if not places:
        raise ConfigError("name the articles to purge: ids, or --file FILE")
    for each, place in places:
        if not re.fullmatch(ARTICLE_ID["pattern"], each):
            raise ConfigError(f"{place}: {each!r} is not the id of an article")
    return tuple(dict.fromkeys(each for each, _ in places))


def _check_copies(state: Path) -> None:
    """Damaged stores that a rebuild set aside are the operator's to delete, and may hold the texts."""
    for each in sorted(state.glob("newscrawl.sqlite.*")):
        raise ConfigError(f"{each} is a copy of a store and may hold the articles; delete it first")


def _check(store: Store, ids: tuple[str, ...], data: Path) -> None:
    for each in ids:
        if store.outbox.status(each) is None:
            raise ConfigError(f"{data} holds no article {each}; nothing was purged")


def _confirmed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("purging cannot be undone; give --yes where nobody can be asked")
    print(f"purge {count:,} articles for good? [y/N] ", end="", file=sys.stderr, flush=True)
    return input().strip().lower() in {"y", "yes"}
