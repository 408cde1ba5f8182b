"""A disk that fails at the n-th call, and what is left on it when the power goes.

`failing_disk.c` stands between the process and the C library, so that SQLite's own calls are disturbed like Python's.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import random

HERE = Path(__file__).parent
KILL = "kill"
FAULTS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}


def library(folder: Path) -> Path:
    """The library to preload, compiled; the test is skipped where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs Linux and a C compiler, to stand between SQLite and the disk")
    made = folder / "failing_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", made, HERE / "failing_disk.c", "-ldl"], check=True)
    return made


@dataclass(frozen=True, kw_only=True)
class Life:
    """How a life ended."""

    status: int
    """Exit status, negative for a signal."""
    following: int
    """The first step that was not said to be done."""
    said: str
    calls: int
    """How many calls there were; 0 when the life was killed."""


class Lives:
    """Lives of `life.py`; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, HERE / "life.py"],
            env=os.environ | {"LD_PRELOAD": str(library(folder))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Lives:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)  # closes its input, which ends it

    def prepare(self, scenario: str, data: Path) -> None:
        """Do what comes before a scenario."""
        life = self._live({"scenario": scenario, "data": str(data), "start": 0, "prepare": True, "disk": {}})
        assert life.status == 0, life.said

    def live(self, scenario: str, data: Path, *, start: int = 0, **disk: object) -> Life:
        """One life. `disk` are the variables of `failing_disk.c`, in small letters and without their prefix."""
        chosen = {f"DISK_{name.upper()}": str(value) for name, value in disk.items()}
        if chosen:
            chosen |= {"DISK_UNDER": str(data.parent)}
        return self._live({"scenario": scenario, "data": str(data), "start": start, "prepare": False, "disk": chosen})

    def _live(self, request: dict[str, object]) -> Life:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said, counted = self.folder / "said", self.folder / "counted"
        counted.unlink(missing_ok=True)
        request["disk"] = {"DISK_COUNTED": str(counted), **dict(request["disk"])}  # type: ignore[call-overload]
        print(json.dumps(request | {"said": str(said)}), file=self._process.stdin, flush=True)
        status, following = json.loads(self._process.stdout.readline())
        calls = int(counted.read_text()) if counted.exists() else 0
        return Life(status=status, following=following, said=said.read_text(), calls=calls)


def all_is_synced(folder: Path, synced: Path) -> None:
    """Note what stands in a folder as being on the disk."""
    synced.mkdir()
    for path in (folder, *folder.rglob("*")):
        inode = path.stat().st_ino
        if path.is_dir():
            names = (f"{each.stat().st_ino} {'d' if each.is_dir() else 'f'} {each.name}\n" for each in path.iterdir())
            (synced / f"{inode}.names").write_text("".join(names))
        else:
            shutil.copyfile(path, synced / str(inode))


def lose_power(folder: Path, synced: Path, chance: random.Random | None = None) -> None:
    """Leave in a folder what a machine finds there when the power comes back.

    Without `chance` that is what was synced and nothing else: bytes of files that were synced, under names whose
    directory was. With it, each file is by chance what was synced, what was written, or bytes of both; names stay.
    """
    after = folder.with_name(f"{folder.name}.after")
    if chance is None:
        after.mkdir()
        _lay_out(folder.stat().st_ino, after, synced)
    else:
        shutil.copytree(folder, after)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                kept = synced / str(path.stat().st_ino)
                old, new = kept.read_bytes() if kept.exists() else b"", path.read_bytes()
                (after / path.relative_to(folder)).write_bytes(_by_chance(old, new, chance))
    for path in after.rglob("*-shm"):
        path.unlink()  # memory of the processes, not of the disk
    shutil.rmtree(folder)
    after.rename(folder)


def _lay_out(inode: int, folder: Path, synced: Path) -> None:
    names = synced / f"{inode}.names"
    for line in names.read_text().splitlines() if names.exists() else ():
        child, kind, name = line.split(" ", 2)
        if kind == "d":
            (folder / name).mkdir()
            _lay_out(int(child), folder / name, synced)
        else:
            kept = synced / child
            (folder / name).write_bytes(kept.read_bytes() if kept.exists() else b"")


def _by_chance(old: bytes, new: bytes, chance: random.Random) -> bytes:
    match chance.randrange(3):
        case 0:
            return old
        case 1:
            return new
    sector = 512  # a disk writes whole ones, in any order
    mixed = bytearray()
    for place in range(0, max(len(old), len(new)), sector):
        mixed += (old if chance.random() < 0.5 else new)[place : place + sector]
    return bytes(mixed)
