"""A process between the crawl and the browser, so that nothing of the browser outlives the crawl, however it ends.

Run as a program of its own: ``keeper.py READ WRITE MAX_MEMORY_MB BROWSER FLAG…``. READ and WRITE are the descriptors
that the browser speaks the DevTools protocol on. Standard input is the line to the crawl: when it is closed, as a
SIGKILL closes it too, the browser and its folder go. Standard output says why the browser ended. Should the keeper
itself be killed, the kernel kills the browser (Linux).

A crawl of root starts the browser as nobody: Chromium's sandbox works for every user but root.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

NOBODY = 65534
LOOK_EVERY_S = 0.25
PATIENCE_S = 3.0
_PR_SET_PDEATHSIG = 1
# Where Chromium's --remote-debugging-pipe reads and writes.
_READ, _WRITE = 3, 4


def main(arguments: list[str]) -> int:
    """Keep one browser until it ends or nobody wants it any more."""
    read, write = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in arguments[:2])
    for number, place in ((read, _READ), (write, _WRITE)):
        os.dup2(number, place)
        os.close(number)
    os.setsid()  # Ctrl-C on the crawl's terminal is for the crawl
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        folder = Path(tempfile.mkdtemp(prefix="newscrawl-browser-"))
    except OSError as error:
        os.write(1, f"no folder can be made for it: {error.strerror}".encode())
        return 1
    try:
        return _keep(folder, int(arguments[2]), arguments[3:])
    finally:
        until = time.monotonic() + PATIENCE_S
        while folder.exists() and time.monotonic() < until:
            shutil.rmtree(folder, ignore_errors=True)  # what ends may still write


def _keep(folder: Path, max_memory_mb: int, command: list[str]) -> int:
    said = folder / "said"
    with said.open("wb") as errors:
        browser = subprocess.Popen(  # noqa: S603 - the crawl's own command
            [*command, f"--user-data-dir={folder / 'profile'}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(_READ, _WRITE),
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder)},
            preexec_fn=_die_with_us,  # noqa: PLW1509 - this process has one thread
        )
    os.close(_READ)
    os.close(_WRITE)
    why = ""
    try:
        while browser.poll() is None:
            if select.select([0], [], [], LOOK_EVERY_S)[0]:
                return 0
            if (used_mb := _memory_mb(browser.pid)) > max_memory_mb:
                why = f"it took {used_mb:,.0f} MB of memory: NEWSCRAWL_RENDER_MAX_MEMORY_MB"
                break
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(browser.pid, signal.SIGKILL)
        status = browser.wait()
    how = f"it ended with status {status}" if status >= 0 else f"it was ended by signal {-status}"
    with suppress(OSError):
        os.write(1, (why or _last_words(said) or how).encode())
    return 1


def _die_with_us() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _memory_mb(session: int) -> float:
    """What the processes of a session have of their own, without what they share; 0 where the system does not say."""
    pages = 0
    for place in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        with suppress(OSError, IndexError, ValueError):
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                resident, shared = (place / "statm").read_text().split()[1:3]
                pages += int(resident) - int(shared)
    return pages * 4096 / 1e6


def _last_words(said: Path) -> str:
    """What the browser said that it cannot go on without, and not where in its source."""
    lines = [line for line in said.read_text(errors="replace").splitlines() if ":FATAL:" in line]
    return lines[-1].rpartition("] ")[2][:200] if lines else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
