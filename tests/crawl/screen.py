"""A program on a terminal of its own, and what stands on its screen at the end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|(\r\n|\n)|(\r)|([^\x1b\r\n]+)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a program wrote to its terminal."""

    exit_code: int
    written: str
    """All of it, with the sequences that move the cursor."""
    columns: int

    @property
    def has_cursor(self) -> bool:
        """Whether the cursor is to be seen at the end."""
        return self.written.rfind("\x1b[?25h") >= self.written.rfind("\x1b[?25l")

    @property
    def lines(self) -> list[str]:
        """What stands there at the end, what scrolled off the top included."""
        screen = [""]
        row = column = 0
        for private, numbers, letter, newline, carriage, text, other in _PIECE.findall(self.written):
            count = int(numbers or 1) if numbers.isdecimal() or not numbers else 1
            if newline:
                row, column = row + 1, 0
                screen.extend([""] * (row + 1 - len(screen)))
            elif carriage or letter == "G":
                column = 0
            elif letter == "A":
                row = max(0, row - count)
            elif letter == "K":
                screen[row] = "" if numbers == "2" else screen[row][:column]
            elif text:
                line = screen[row].ljust(column)
                screen[row] = line[:column] + text + line[column + len(text) :]
                column += len(text)
            else:
                assert letter == "m" or private, f"a sequence that this screen does not know: {other or letter!r}"
        return [line.rstrip() for line in screen]


def run_on_terminal(
    command: list[str],
    *,
    cwd: Path,
    environment: dict[str, str],
    columns: int = 80,
    rows: int = 24,
    interrupts: tuple[bytes, ...] = (),
) -> Shown:
    """Run a program on a terminal of this size until it ends.

    Args:
        interrupts: as soon as each of these was written, one after the other, the program gets SIGINT.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES"}}
    child = subprocess.Popen(command, cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    waiting, seen = list(interrupts), 0
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        written += piece
        if waiting and (place := written.find(waiting[0], seen)) >= 0:
            seen = place + len(waiting.pop(0))
            child.send_signal(signal.SIGINT)
    os.close(ours)
    return Shown(exit_code=child.wait(60), written=written.decode("utf-8", "replace"), columns=columns)
