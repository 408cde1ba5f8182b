"""Whoever dies, the browser goes with them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sites import Site, descendants, needs_chromium, page

from newscrawl.addresses import AllowedAddresses
from newscrawl.errors import Outcome
from newscrawl.rendering.browser import KEEPER, Renderer
from newscrawl.rendering.options import RenderOptions
from newscrawl.rendering.tab import Order, RenderingError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.proof,
    needs_chromium,
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the browser with its keeper on Linux"),
]
PATIENCE_S = 20.0


def ours(words: str) -> list[int]:
    """Processes that this one has started, directly or not, with these words in their command."""
    return sorted(pid for pid, command in descendants(os.getpid()).items() if words in command)


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where browsers have their folders; one whose keeper was killed stays."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)  # a browser of root's is nobody's
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("victim", [str(KEEPER), "newscrawl-browser-"], ids=["its keeper", "the browser itself"])
def test_a_killed_browser_costs_one_page_and_leaves_no_process(victim: str, folders: Path) -> None:
    site = Site({"/hangs": page("while (true);"), "/plain": page("document.title = 'the text'")})

    theirs: dict[int, str] = {}

    async def look() -> tuple[RenderingError, bytes]:
        renderer = Renderer(RenderOptions(), user_agent="x", allowed=AllowedAddresses.parse(site.netloc))

        def order(path: str) -> Order:
            return Order(url=site.url + path, max_bytes=1_000_000, robots=lambda _: None)

        hanging = asyncio.ensure_future(renderer.render(order("/hangs")))
        while "/hangs" not in site.asked:
            await asyncio.sleep(0.1)
        theirs.update(descendants(os.getpid()))
        os.kill(ours(victim)[0], signal.SIGKILL)
        with pytest.raises(RenderingError) as failed:
            await hanging
        rendered = await renderer.render(order("/plain"))
        theirs.update(descendants(os.getpid()))
        await renderer.close()
        return failed.value, rendered.html

    error, html = asyncio.run(look())
    site.close()
    assert len(list(folders.iterdir())) == (victim == str(KEEPER))
    assert error.outcome is Outcome.ERROR
    assert error.reason.startswith("the browser failed: ")
    assert b"<title>the text</title>" in html
    until = time.monotonic() + PATIENCE_S
    while left := [pid for pid in theirs if Path(f"/proc/{pid}/exe").exists()]:
        assert time.monotonic() < until, left
        time.sleep(0.1)
