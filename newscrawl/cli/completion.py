"""``newscrawl completion``: a script by which a shell completes commands, options and their values.

It is made from the parsers, once, and asks nobody while one types: a completion that starts Python takes a second each.
"""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DESCRIPTION = """\
Print a script that completes the commands of newscrawl, their options and the values that an option can have. It is of
this version: make it anew after an update.
"""
EXAMPLE = """
eval "$(newscrawl completion bash)"
newscrawl completion zsh > ~/.zfunc/_newscrawl
newscrawl completion fish > ~/.config/fish/completions/newscrawl.fish
"""
FOR_ALL = ("--help", "--version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One option or positional argument of a command."""

    flags: tuple[str, ...]
    """Empty: it has a place, no name."""
    help: str
    metavar: str
    words: tuple[str, ...]
    """Its values, where there are only so many."""
    takes_value: bool
    is_file: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, for a shell."""

    name: str
    summary: str
    arguments: tuple[Argument, ...]

    @property
    def options(self) -> Iterator[Argument]:
        """Arguments with a name."""
        return (each for each in self.arguments if each.flags)

    @property
    def places(self) -> Iterator[Argument]:
        """Arguments without."""
        return (each for each in self.arguments if not each.flags)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("shell", choices=tuple(SCRIPTS), help="for which shell")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print("\n".join(SCRIPTS[args.shell](tuple(commands()))))
    return ExitCode.DONE


def commands() -> Iterator[Command]:
    """Every command with its arguments, by its parser."""
    from newscrawl.cli.main import COMMANDS, fill

    for name, summary in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"newscrawl {name}")
        fill(parser, name)
        yield Command(name=name, summary=summary, arguments=tuple(map(_argument, parser._actions)))


def _argument(action: argparse.Action) -> Argument:
    metavar = str(action.metavar or action.dest).upper()
    words = tuple(map(str, action.choices or ()))
    is_path = action.type is Path or not {"FILE", "DIR", "PATH"}.isdisjoint(metavar.replace("|", " ").split())
    return Argument(
        flags=tuple(action.option_strings),
        help=argparse.HelpFormatter("")._expand_help(action) if action.help else "",
        metavar=metavar,
        words=words,
        takes_value=action.nargs != 0,
        is_file=is_path and not words,
    )


def _bash(known: tuple[Command, ...]) -> Iterator[str]:
    yield "# newscrawl completion bash"
    yield "_newscrawl() {"
    yield "    local at command= files= words="
    yield "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}"
    yield "    for ((at = 1; at < COMP_CWORD; at++)); do"
    yield "        [[ ${COMP_WORDS[at]} == -* ]] || { command=${COMP_WORDS[at]}; break; }"
    yield "    done"
    yield "    case $command in"
    yield f"    '') words={shlex.quote(' '.join((*(each.name for each in known), *FOR_ALL)))} ;;"
    for command in known:
        yield f"    {command.name})"
        yield "        case $before in"
        for option in (each for each in command.options if each.takes_value):
            yield f"        {'|'.join(option.flags)}) {_bash_value(option)} ;;"
        flags = [flag for option in command.options for flag in option.flags]
        yield f"        *) words={shlex.quote(' '.join(flags))}"
        if places := tuple(command.places):
            offers = [word for each in places for word in each.words]
            files = "; files=1" if any(each.is_file for each in places) else ""
            yield f"           [[ $current == -* ]] || {{ words={shlex.quote(' '.join(offers))}{files}; }} ;;"
        else:
            yield "           ;;"
        yield "        esac ;;"
    yield "    esac"
    yield '    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")'
    yield "    if [[ $files ]]; then"
    yield "        compopt -o filenames"
    yield '        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")'
    yield "    fi"
    yield "}"
    yield "complete -F _newscrawl newscrawl"


def _bash_value(option: Argument) -> str:
    return "files=1" if option.is_file else f"words={shlex.quote(' '.join(option.words))}"


def _zsh(known: tuple[Command, ...]) -> Iterator[str]:
    yield "#compdef newscrawl"
    yield "_newscrawl() {"
    yield "    local -a commands=("
    for command in known:
        yield f"        {shlex.quote(f'{command.name}:{command.summary}')}"
    yield "    )"
    yield "    if (( CURRENT == 2 )); then"
    yield "        _describe command commands"
    yield "        return"
    yield "    fi"
    yield "    shift words"
    yield "    (( CURRENT-- ))"
    yield "    case $words[1] in"
    for command in known:
        specs = [spec for option in command.options for spec in _zsh_option(option)]
        specs += [f"*:{_zsh_text(each.metavar)}:{_zsh_value(each)}" for each in command.places][:1]
        yield f"    {command.name}) _arguments {' '.join(map(shlex.quote, specs))} ;;"
    yield "    esac"
    yield "}"
    yield "compdef _newscrawl newscrawl"


def _zsh_option(option: Argument) -> Iterator[str]:
    value = f":{_zsh_text(option.metavar)}:{_zsh_value(option)}" if option.takes_value else ""
    for flag in option.flags:
        yield f"{flag}[{_zsh_text(option.help)}]{value}"


def _zsh_value(argument: Argument) -> str:
    return "_files" if argument.is_file else f"({' '.join(argument.words)})" if argument.words else " "


def _zsh_text(text: str) -> str:
    return "".join(f"\\{char}" if char in "[]:\\" else char for char in text)


def _fish(known: tuple[Command, ...]) -> Iterator[str]:
    yield "# newscrawl completion fish"
    yield "complete -c newscrawl -f"
    for command in known:
        yield f"complete -c newscrawl -n __fish_use_subcommand -a {command.name} -d {_fish_text(command.summary)}"
    for command in known:
        when = f"complete -c newscrawl -n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            names = " ".join(
                f"-l {flag.removeprefix('--')}" if flag.startswith("--") else f"-s {flag.removeprefix('-')}"
                for flag in option.flags
            )
            yield f"{when} {names}{_fish_value(option)} -d {_fish_text(option.help)}"
        for each in command.places:
            yield f"{when} -F" if each.is_file else f"{when} -a {_fish_text(' '.join(each.words))}"


def _fish_value(option: Argument) -> str:
    if not option.takes_value:
        return ""
    return " -rF" if option.is_file else f" -xa {_fish_text(' '.join(option.words))}" if option.words else " -x"


def _fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SCRIPTS: dict[str, Callable[[tuple[Command, ...]], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
