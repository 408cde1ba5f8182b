"""A PostgreSQL server of the tests' own: made in a temporary directory, reached by a unix socket, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/bin")
UNPRIVILEGED = ("postgres", "nobody")


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest one; None when there is no server on this machine."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder for each in PLACES for folder in Path("/").glob(each[1:]) if (folder / "initdb").exists()]
    return max(
        folders, key=lambda folder: [int(part) for part in str(folder).split("/") if part.isdecimal()], default=None
    )


class Server:
    """One server; `url` makes an empty place for a store.

    Args:
        is_durable: with fsync, as for crash proofs; without, everything is faster.
    """

    def __init__(self, bin_folder: Path, *, is_durable: bool = False) -> None:
        self._bin = bin_folder
        self._numbers = count()
        self.folder = Path(tempfile.mkdtemp(prefix="newscrawl-pg-", dir=_memory()))
        self._user = _unprivileged()
        if self._user:
            shutil.chown(self.folder, self._user)
        self.folder.chmod(0o755)
        self._run("initdb", "-D", "data", "-U", "newscrawl", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        settings = [f"unix_socket_directories = '{self.folder}'", "listen_addresses = ''", "max_connections = 50"]
        if not is_durable:
            settings += ["fsync = off", "full_page_writes = off"]
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write("\n".join([*settings, "shared_buffers = 32MB", "max_wal_size = 256MB", ""]))
        self.start()

    def url(self, *, options: str = "") -> str:
        """The address of a new, empty schema."""
        name = f"t{next(self._numbers)}"
        self.sql(f"CREATE SCHEMA {name}")
        return f"postgresql://newscrawl@/postgres?host={self.folder}&options=-csearch_path%3D{name}{options}"

    def sql(self, statement: str) -> str:
        """What a statement answers, one row a line."""
        import psycopg

        with psycopg.connect(f"postgresql://newscrawl@/postgres?host={self.folder}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return "\n".join("|".join(map(str, row)) for row in cursor.fetchall()) if cursor.description else ""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop it; `immediate` is a crash: it recovers when it starts."""
        self._run("pg_ctl", "-D", "data", "-m", how, "-w", "stop")

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            cwd=self.folder,
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            # A server that inherits a pipe would keep it open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"{program}: {log.read_text() if log.exists() else done.returncode}")


def _memory() -> Path | None:
    """A directory in memory where there is room: what a crash of the server must not lose is in the system's hands."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 10**9 else None


def _unprivileged() -> str | None:
    """Who runs the server: not root, which it refuses."""
    if os.geteuid():
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    return next(each for each in UNPRIVILEGED if each in names)


def server(*, is_durable: bool = False) -> Iterator[Server]:
    """For a fixture: a server, or the test is skipped."""
    import pytest

    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'newscrawl[postgresql]'")
    if (folder := programs()) is None:
        pytest.skip("there is no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    running = Server(folder, is_durable=is_durable)
    yield running
    running.close()
