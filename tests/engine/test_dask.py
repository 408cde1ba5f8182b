"""The same batch on real Dask workers: the same dump, whoever dies in the middle of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from corpus import batch, contents, job_of, run_here, write_files

from newscrawl.cli.main import main
from newscrawl.dump.reader import verify
from newscrawl.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest.importorskip("distributed", reason="the extra dask is not installed")
psutil = pytest.importorskip("psutil")

# Dask's own threads and sockets are its business.
pytestmark = pytest.mark.filterwarnings("default")

# A task for each file, so that there are many places to be killed at.
CLEAN = """import sys
from newscrawl.batch.engine import inputs
from newscrawl.cli.main import main
inputs.SHARD_BYTES = 1
if __name__ == "__main__":
    sys.exit(main())
"""
LIMIT_S = 120
"""Longer than anything here takes on a busy machine."""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of the batch."""
    return write_files(tmp_path_factory.mktemp("in") / "in", batch(), [8, 8])


@pytest.fixture(scope="module")
def expected(paths: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What this process makes of them."""
    data = tmp_path_factory.mktemp("here") / "data"
    run_here(job_of(paths), data)
    return contents(data)


def test_two_workers_make_the_same_dump_and_nobody_else_can_reach_them(tmp_path: Path) -> None:
    from newscrawl.batch.engine.dask import DaskEngine

    paths = write_files(tmp_path / "in", batch()[:12], [])  # a line each starts no worker process
    run_here(job_of(paths, parts=2), tmp_path / "here")

    with DaskEngine(workers=2) as engine:
        listening = [
            each.laddr.ip
            for process in (psutil.Process(), *psutil.Process().children(recursive=True))
            for each in process.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN
        ]
        run_here(job_of(paths, parts=2), tmp_path / "data", engine)
    assert set(listening) == {"127.0.0.1"}
    assert contents(tmp_path / "data") == contents(tmp_path / "here")
    assert verify(tmp_path / "data") == ()


def test_a_scheduler_that_is_not_there_is_named(
    tmp_path: Path, paths: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from newscrawl.batch.engine import dask

    monkeypatch.setattr(dask, "CONNECT_S", 1)
    options = ["--engine", "dask", "--scheduler", "tcp://127.0.0.1:9", "--data", str(tmp_path / "data")]
    assert main(["clean", *options, str(paths[0])]) == ExitCode.ERROR
    assert "the scheduler tcp://127.0.0.1:9 cannot be reached" in capsys.readouterr().err


# -- proofs: real processes, real signals --


def command(data: Path, paths: list[Path], *more: str) -> list[str]:
    files = [str(each) for each in paths]
    return [sys.executable, "-c", CLEAN, "clean", "--engine", "dask", *more, "--data", str(data), *files]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive the test."""
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        for each in [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else []:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.communicate()


def command_of(process: Any) -> str:
    """The command line of a process; empty where it has just ended."""
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return " ".join(process.cmdline())
    return ""


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes], list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers as an operator starts them; its address, itself, and they."""
    where = folder / "scheduler.json"
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    dask = (sys.executable, "-m", "dask")
    with running(*dask, "scheduler", *quiet, "--port", "0", "--scheduler-file", str(where)) as scheduler:
        until(lambda: where.exists() and where.stat().st_size > 0)
        address = json.loads(where.read_text())["address"]
        command = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", *quiet, "--local-directory", str(folder)]
        nowhere = subprocess.DEVNULL
        started = [subprocess.Popen(command, stdout=nowhere, stderr=nowhere) for _ in range(workers)]
        try:
            yield address, scheduler, started
        finally:
            for each in started:
                each.kill()
                each.wait()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it."""
    end = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def files_in(folder: Path) -> int:
    """How many tasks of a stage are done."""
    return sum(1 for _ in folder.glob("[!.]*"))


@pytest.mark.proof
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_makes_the_same_dump(
    tmp_path: Path, paths: list[Path], expected: dict[str, Any], workers: int
) -> None:
    subprocess.run(command(tmp_path / "data", paths[::-1], "--workers", str(workers)), check=True, timeout=LIMIT_S)
    assert contents(tmp_path / "data") == expected
    assert verify(tmp_path / "data") == ()


@pytest.mark.proof
@pytest.mark.parametrize(("stage", "count"), [("decided", 5), ("counts", 2), ("pairs-2", 1), ("ready", 10)])
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    tmp_path: Path, paths: list[Path], expected: dict[str, Any], stage: str, count: int
) -> None:
    data = tmp_path / "data"
    with running(*command(data, paths, "--workers", "2")) as driver:
        until(lambda: files_in(data / "state/engine" / stage) >= count)
        workers = [
            each
            for each in psutil.Process(driver.pid).children(recursive=True)
            if "spawn_main" in command_of(each) and "newscrawl.extract" not in command_of(each)
        ]
        assert workers
        workers[0].send_signal(signal.SIGKILL)
        assert driver.wait(LIMIT_S) == ExitCode.DONE
    assert contents(data) == expected
    assert verify(data) == ()


@pytest.mark.proof
@pytest.mark.parametrize(("stage", "count"), [("decided", 5), ("spread-1", 3), ("linked", 1)])
def test_a_killed_driver_with_its_scheduler_leaves_nobody_behind_and_is_gone_on_with(
    tmp_path: Path, paths: list[Path], expected: dict[str, Any], stage: str, count: int
) -> None:
    data = tmp_path / "data"
    with running(*command(data, paths, "--workers", "2")) as driver:
        until(lambda: files_in(data / "state/engine" / stage) >= count)
        others = psutil.Process(driver.pid).children(recursive=True)
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait()
        _, alive = psutil.wait_procs(others, timeout=LIMIT_S)
        assert not alive
    assert not (data / "manifest.json").exists()
    decided = {each: each.stat().st_mtime_ns for each in (data / "state/engine/decided").glob("[!.]*")}
    with running(*command(data, paths, "--workers", "2")) as driver:
        until(lambda: files_in(data / "state/engine/decided") >= len(decided))
        assert all(each.stat().st_mtime_ns == when for each, when in decided.items() if each.exists())
        assert driver.wait(LIMIT_S) == ExitCode.DONE
    assert contents(data) == expected
    assert verify(data) == ()


@pytest.mark.proof
def test_a_killed_scheduler_ends_the_command_with_a_sentence_and_another_one_goes_on(
    tmp_path: Path, paths: list[Path], expected: dict[str, Any]
) -> None:
    data = tmp_path / "data"
    with (
        cluster(tmp_path, 2) as (address, scheduler, _),
        running(*command(data, paths, "--scheduler", address)) as driver,
    ):
        until(lambda: files_in(data / "state/engine/decided") >= 5)
        scheduler.kill()
        _, said = driver.communicate(timeout=LIMIT_S)
        assert driver.returncode == ExitCode.ERROR
    assert b"is gone" in said
    assert b"Traceback" not in said
    (tmp_path / "scheduler.json").unlink()
    with (
        cluster(tmp_path, 2) as (address, _, workers),
        running(*command(data, paths, "--scheduler", address)) as driver,
    ):
        until(lambda: files_in(data / "state/engine/counts") >= 1)
        workers[0].kill()  # without a nanny it is not replaced
        assert driver.wait(LIMIT_S) == ExitCode.DONE
    assert contents(data) == expected
    assert verify(data) == ()


@pytest.mark.proof
def test_a_task_that_kills_every_worker_is_given_up_and_named(tmp_path: Path) -> None:
    program = """
import os, signal
from newscrawl.batch.engine.dask import DaskEngine
from newscrawl.errors import EngineError
def deadly(number):
    os.kill(os.getpid(), signal.SIGKILL)
if __name__ == "__main__":
    with DaskEngine(workers=2) as engine:
        try:
            list(engine.each(deadly, [(7,)]))
        except EngineError as error:
            print(error)
"""
    (tmp_path / "deadly.py").write_text(program)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "deadly.py")], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert "deadly-0 ended every worker" in done.stdout
