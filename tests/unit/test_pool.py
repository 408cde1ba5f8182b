"""The page pool, with real processes, real signals and a real memory limit."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newscrawl.article import Page
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.pool import PagePool, PoolOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = PoolOptions(workers=2, deadline_s=1.0, max_memory_mb=128, pages_per_worker=50)


def a_page(url: str = "https://news.example/a", html: bytes = b"<p>Text</p>") -> Page:
    return Page(url=url, html=html, date_crawled="2026-03-04T05:06:07Z")


def length(page: Page) -> int:
    return len(page.html)


def worker_pid(page: Page) -> int:
    return os.getpid()


def loop(page: Page) -> None:
    while True:
        pass


def die(page: Page) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for_word(page: Page, pipe: str) -> str:
    return Path(pipe).read_text(encoding="utf-8")


def eat_memory(page: Page) -> int:
    return len(bytearray(1 << 30))


def reject(page: Page) -> None:
    raise ArticleRejected(Outcome.SOFT_404, page.url, "the title says not found")


def a_bug(page: Page) -> None:
    raise KeyError("headline")


def echo(page: Page) -> bytes:
    return page.html


def born_and_now(page: Page) -> tuple[int, float, float]:
    """Process id, when the process was started and what time it is, in seconds since the machine was."""
    ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
    return os.getpid(), ticks / os.sysconf("SC_CLK_TCK"), time.clock_gettime(time.CLOCK_BOOTTIME)


def modules(page: Page) -> list[str]:
    return sorted(sys.modules)


@pytest.fixture(scope="module")
def pool() -> Iterator[PagePool]:
    with PagePool(SHORT) as pool:
        yield pool


def test_results_come_back_to_the_page_that_asked(pool: PagePool) -> None:
    futures = [pool.submit(length, a_page(html=b"x" * size)) for size in range(20)]
    assert [future.result(30) for future in futures] == list(range(20))


def test_a_rejection_comes_back_whole(pool: PagePool) -> None:
    with pytest.raises(ArticleRejected) as caught:
        pool.submit(reject, a_page()).result(30)
    assert (caught.value.outcome, caught.value.reason) == (Outcome.SOFT_404, "the title says not found")


def test_a_bug_comes_back_as_itself(pool: PagePool) -> None:
    with pytest.raises(KeyError, match="headline"):
        pool.submit(a_bug, a_page()).result(30)


def test_an_endless_page_is_rejected_and_the_others_come_back(pool: PagePool) -> None:
    stuck = pool.submit(loop, a_page("https://news.example/endless"))
    others = [pool.submit(length, a_page()) for _ in range(10)]
    assert [future.result(30) for future in others] == [11] * 10
    with pytest.raises(ArticleRejected) as caught:
        stuck.result(30)
    assert caught.value.outcome is Outcome.TIMEOUT
    assert caught.value.url == "https://news.example/endless"
    assert caught.value.reason == "it took longer than 1 s"


def test_a_page_whose_worker_is_killed_is_tried_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with PagePool(PoolOptions(workers=1)) as pool:
        pid = pool.submit(worker_pid, a_page()).result(30)
        answer = pool.submit(wait_for_word, a_page(), str(pipe))
        with pipe.open("w"):  # opened as soon as the page is in work
            os.kill(pid, signal.SIGKILL)
            wait_for_the_end_of(pid)
        pipe.write_text("second try", encoding="utf-8")
        assert answer.result(30) == "second try"


def test_a_page_that_kills_its_worker_twice_is_rejected_and_the_others_come_back(pool: PagePool) -> None:
    deadly = pool.submit(die, a_page("https://news.example/deadly"))
    others = [pool.submit(length, a_page()) for _ in range(10)]
    assert [future.result(30) for future in others] == [11] * 10
    with pytest.raises(ArticleRejected, match="its worker died by signal 9, 2 times") as caught:
        deadly.result(30)
    assert caught.value.outcome is Outcome.ERROR


def test_an_idle_worker_that_is_killed_is_replaced(pool: PagePool) -> None:
    pids = {pool.submit(worker_pid, a_page()).result(30) for _ in range(4)}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert [pool.submit(length, a_page()).result(30) for _ in range(4)] == [11] * 4


def test_a_page_that_wants_too_much_memory_is_rejected(pool: PagePool) -> None:
    with pytest.raises(ArticleRejected, match="its worker died of its memory limit"):
        pool.submit(eat_memory, a_page()).result(30)
    assert pool.submit(length, a_page()).result(30) == 11


def test_a_worker_is_replaced_after_its_pages() -> None:
    with PagePool(PoolOptions(workers=1, pages_per_worker=2)) as pool:
        pids = [pool.submit(worker_pid, a_page()).result(30) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_the_successor_of_a_worker_is_started_before_its_last_page() -> None:
    with PagePool(PoolOptions(workers=1, pages_per_worker=20)) as pool:
        told = [future.result(60) for future in [pool.submit(born_and_now, a_page()) for _ in range(30)]]
    pids = [pid for pid, _, _ in told]
    assert len(set(pids[:20])) == len(set(pids[20:])) == 1
    assert pids[19] != pids[20]
    assert told[20][1] <= told[19][2]


def test_pages_and_answers_larger_than_a_pipe_pass_one_another(pool: PagePool) -> None:
    pages = [bytes([number]) * 3_000_000 for number in range(12)]
    futures = [pool.submit(echo, a_page(html=page)) for page in pages]
    assert [future.result(60) for future in futures] == pages


def test_a_page_may_have_a_deadline_of_its_own(pool: PagePool) -> None:
    with pytest.raises(ArticleRejected, match=r"it took longer than 0\.2 s"):
        pool.submit(loop, a_page(), deadline_s=0.2).result(30)


def test_workers_import_neither_scrapy_nor_pandas(pool: PagePool) -> None:
    loaded = pool.submit(modules, a_page()).result(30)
    assert "trafilatura.core" in loaded
    assert not {"scrapy", "twisted", "pandas"} & set(loaded)


def test_closing_ends_the_workers_and_refuses_more_pages() -> None:
    pool = PagePool(PoolOptions(workers=1))
    pid = pool.submit(worker_pid, a_page()).result(30)
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(length, a_page())


PARENT = """
import os, sys
sys.path[:0] = sys.argv[1:]
from newscrawl.extract.pool import PagePool, PoolOptions
from test_pool import a_page, loop, worker_pid
pool = PagePool(PoolOptions(workers=1, deadline_s=60))
print(pool.submit(worker_pid, a_page()).result(30), flush=True)
pool.submit(loop, a_page())
sys.stdin.read()
"""


def test_workers_die_with_a_parent_that_is_killed() -> None:
    paths = [path for path in sys.path if path] + [str(Path(__file__).parent)]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent.stdin, parent.stdout:
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    wait_for_the_end_of(pid)


def wait_for_the_end_of(pid: int) -> None:
    limit = time.monotonic() + 10
    while _runs(pid):
        assert time.monotonic() < limit, "the worker lives on"
        os.sched_yield()


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_keeper_that_cannot_start_a_worker_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with PagePool(PoolOptions(workers=1)) as pool:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(FileNotFoundError):
            pool.submit(length, a_page()).result(timeout=60)
        monkeypatch.undo()
        assert pool.submit(length, a_page()).result(timeout=60) == len(a_page().html)


def test_a_page_whose_worker_is_still_starting_waits_for_nothing_when_it_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_to_start.py").write_text(
        "import sys, time\nif 'pytest' not in sys.modules: time.sleep(600)\ndef work(page): return page\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    work = importlib.import_module("slow_to_start").work
    with PagePool(PoolOptions(workers=1)) as pool:
        begun, waiting = pool.submit(work, a_page()), pool.submit(work, a_page())
        pool.cancel_waiting()
        for future in (begun, waiting):
            with pytest.raises(CancelledError):
                future.result(timeout=60)
