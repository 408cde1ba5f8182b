"""The answer of a command: a sentence for a person, or with ``--json`` one JSON object a line for a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_json(parser: argparse.ArgumentParser, what: str = "one JSON object") -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help=what)


def print_json(values: Mapping[str, object]) -> None:
    """One object on one line, in ASCII: nothing in it can drive a terminal. Paths become texts."""
    print(json.dumps(values, default=str))


def answer(args: argparse.Namespace, sentence: object, values: Mapping[str, object]) -> None:
    """Say what came of a command: the values with ``--json``, nothing with ``--quiet``, else the sentence."""
    if args.json:
        print_json(values)
    elif not args.quiet:
        print(sentence)
