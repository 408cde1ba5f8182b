"""Whoever dies, the browser goes with them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from sites import Site, descendants, needs_chromium, page

from newscrawl.addresses import AllowedAddresses
from newscrawl.errors import Outcome
from newscrawl.rendering.browser import KEEPER, Renderer
from newscrawl.rendering.options import RenderOptions
from newscrawl.rendering.tab import Order, RenderingError

pytestmark = [
    pytest.mark.proof,
    needs_chromium,
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the browser with its keeper on Linux"),
]
PATIENCE_S = 20.0


def ours(words: str) -> list[int]:
    """Processes that this one has started, directly or not, with these words in their command."""
    return sorted(pid for pid, command in descendants(os.getpid()).items() if words in command)


@pytest.mark.parametrize("victim", [str(KEEPER), "newscrawl-browser-"], ids=["its keeper", "the browser itself"])
def test_a_killed_browser_costs_one_page_and_leaves_nothing(victim: str) -> None:
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
    assert error.outcome is Outcome.ERROR
    assert error.reason.startswith("the browser failed: ")
    assert b"<title>the text</title>" in html
    until = time.monotonic() + PATIENCE_S
    while left := [pid for pid in theirs if Path(f"/proc/{pid}/exe").exists()]:
        assert time.monotonic() < until, left
        time.sleep(0.1)
