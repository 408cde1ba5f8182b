"""``newscrawl publish``: publish what a killed run left."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from newscrawl.cli.answer import add_json, answer
from newscrawl.cli.arguments import add_data, compression, dump
from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

DESCRIPTION = """\
Publish what is stored but in no dump file yet, as after a run that was killed. Until then it is safe in the store,
and the next crawl publishes it too. Running it again changes nothing.
"""
EXAMPLE = "newscrawl publish --data data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_data(parser)
    add_json(parser, "one JSON object: the new files, their rows, and the current view's rows and digest")


def run(args: argparse.Namespace) -> int:
    """Publish, and say what was published."""
    from newscrawl.dump.elsewhere import publish_to
    from newscrawl.dump.publish import publish
    from newscrawl.state.store import STORE_FILE, open_store
    from newscrawl.state.where import store_url

    data: Path = args.data
    if store_url(data) is None and not (data / "state" / STORE_FILE).is_file():
        raise ConfigError(f"{data} is no data directory of newscrawl: it has no state/{STORE_FILE}")
    with open_store(data, create=False) as store:
        publish_to(store.outbox, data, dump())
        published = publish(store, data, compression=compression())
    answer(args, f"published {published}", asdict(published))
    return ExitCode.DONE
