"""What a worker may not do, tried from inside a worker, against real files, sockets, programs and processes."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newscrawl.article import Page
from newscrawl.extract.confine import has_seccomp, landlock_version
from newscrawl.extract.pool import PagePool, PoolOptions
from newscrawl.refine import article_from_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

needs_landlock = pytest.mark.skipif(landlock_version() < 1, reason="this system has no Landlock")
needs_scopes = pytest.mark.skipif(landlock_version() < 6, reason="this system's Landlock has no scopes")
needs_seccomp = pytest.mark.skipif(not has_seccomp(), reason="there is no filter for this machine")
PAGE = Page(url="https://news.example/a", html=b"<p>Text</p>", date_crawled="2026-03-04T05:06:07Z")


def attempt(page: Page, deed: Callable[..., object], *arguments: object) -> str:
    """The name of the error that a deed met in a worker; its result when it met none."""
    try:
        return str(deed(*arguments))
    except OSError as error:
        return type(error).__name__


def grow(path: str) -> None:
    with Path(path).open("ab", buffering=0) as file:
        file.write(b"more")


def make_socket(family: int, kind: int) -> None:
    socket.socket(family, kind).close()


def start_program() -> None:
    subprocess.run(["/bin/true"], check=True)


def replace_itself() -> None:
    os.execv("/bin/true", ["/bin/true"])


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def core_limit() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_CORE)


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@pytest.fixture(scope="module")
def pool() -> Iterator[PagePool]:
    with PagePool(PoolOptions(workers=1)) as pool:
        yield pool


@needs_landlock
@pytest.mark.parametrize("deed", [grow, os.unlink, os.rmdir, os.mkdir, os.mkfifo], ids=lambda deed: deed.__name__)
def test_a_worker_changes_no_file(pool: PagePool, tmp_path: Path, deed: Callable[..., object]) -> None:
    (tmp_path / "file").write_text("as it was", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    name = {grow: "file", os.unlink: "file", os.rmdir: "folder"}.get(deed, "new")
    assert pool.submit(attempt, PAGE, deed, str(tmp_path / name)).result(30) == "PermissionError"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "as it was"


def test_a_worker_reads(pool: PagePool, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("as it was", encoding="utf-8")
    assert pool.submit(attempt, PAGE, read, str(tmp_path / "file")).result(30) == "as it was"


@needs_seccomp
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_worker_has_no_network(pool: PagePool, family: int, kind: int) -> None:
    assert pool.submit(attempt, PAGE, make_socket, int(family), int(kind)).result(30) == "PermissionError"


@needs_landlock
@pytest.mark.parametrize("deed", [start_program, replace_itself])
def test_a_worker_starts_no_program(pool: PagePool, deed: Callable[[], None]) -> None:
    assert pool.submit(attempt, PAGE, deed).result(30) == "PermissionError"


@needs_scopes
def test_a_worker_sends_no_signal_to_others(pool: PagePool) -> None:
    assert pool.submit(attempt, PAGE, os.kill, os.getpid(), 0).result(30) == "PermissionError"


def test_a_worker_dumps_no_core_and_has_one_thread(pool: PagePool) -> None:
    assert pool.submit(attempt, PAGE, core_limit).result(30) == "(0, 0)"
    if sys.platform == "linux":
        # numpy's library would start one a CPU.
        pool.submit(article_from_page, PAGE).exception(30)
        assert pool.submit(attempt, PAGE, threads).result(30) == "1"


LIMITED = """
import os, sys
from newscrawl.extract import confine
confine._landlock = confine._seccomp = lambda libc: None
confine.confine()
try:
    open(sys.argv[1], "ab", buffering=0).write(b"more")
except OSError as error:
    print(type(error).__name__, error.strerror)
"""


def test_where_the_system_has_no_walls_files_do_not_grow(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "file")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "OSError File too large\n"
    assert (tmp_path / "file").read_bytes() == b""
