"""An environment for each peer, made once from its pinned requirements: their dependencies clash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
ENVIRONMENTS = REPOSITORY / ".bench" / "venvs"
OWN = ""
"""Name of the environment that this runs in."""
_MADE_FROM = "made-from.txt"
_failed: set[str] = set()
"""Environments that could not be made; they are not tried again."""


class UnavailableError(Exception):
    """A peer cannot be run here; the message says why, for the table."""


def interpreter(name: str) -> Path:
    """The Python of an environment, which is made, or made anew when its requirements have changed.

    Raises:
        UnavailableError: it could not be made; what pip said of it is on standard error.
    """
    if name == OWN:
        return Path(sys.executable)
    place, wanted = ENVIRONMENTS / name, (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    python, made_from = place / "bin" / "python", place / _MADE_FROM
    if made_from.is_file() and made_from.read_text(encoding="utf-8") == wanted:
        return python
    unavailable = UnavailableError(f"{' '.join(pins(wanted))} could not be installed")
    if name in _failed:
        raise unavailable
    print(f"making an environment for {name}", file=sys.stderr)
    for step in steps(place, REQUIREMENTS / f"{name}.txt"):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-2000:], file=sys.stderr)
            _failed.add(name)
            raise unavailable
    made_from.write_text(wanted, encoding="utf-8")
    return python


def steps(place: Path, requirements: Path) -> list[list[str]]:
    """The commands that make an environment. Older pips fail on what some peers ask for, hence a new one."""
    return [
        [sys.executable, "-m", "venv", "--clear", "--upgrade-deps", str(place)],
        [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)],
    ]


def pins(requirements: str) -> list[str]:
    """The packages of a requirements file, comments left out."""
    return [line for line in requirements.splitlines() if line and not line.startswith("#")]


def versions(name: str, packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of packages in an environment that was made; those that are not in it are left out."""
    script = (
        "import sys; from importlib.metadata import version, PackageNotFoundError\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, version(name))\n"
        "    except PackageNotFoundError: pass"
    )
    command = [str(interpreter(name)), "-c", script, *packages]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in said.splitlines())


def surroundings(**changed: str) -> dict[str, str]:
    """Environment variables of a peer's process: ours without settings, one thread a process, the project found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return kept | single | {"PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "ignore"} | changed
