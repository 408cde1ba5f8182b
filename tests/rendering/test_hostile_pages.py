"""Pages that want too much: each ends at its bound, and the page after it comes as if nothing had been."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sites import Answer, Site, needs_chromium, page

from newscrawl.addresses import AllowedAddresses
from newscrawl.errors import Outcome
from newscrawl.rendering.browser import Renderer
from newscrawl.rendering.options import RenderOptions
from newscrawl.rendering.tab import Order, Rendered, RenderingError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.proof, needs_chromium]

TEXT = "document.getElementById('root').textContent = 'the text';"
PAGES = {
    "/flood": f"{TEXT} let n = 0; setInterval(() => {{ for (let i = 0; i < 9; i++) fetch('/f' + n++) }}, 20);",
    "/polls": f"{TEXT} setInterval(() => fetch('/p').catch(() => 0), 200);",
    "/large": f"fetch('/3mb').then(answer => answer.text()).then(text => {{ {TEXT} }});",
    "/hangs": f"{TEXT} setTimeout(() => {{ while (true); }}, 300);",
    "/asks": "while (true) alert('stay');",
    "/grows": "setInterval(() => document.body.append('y'.repeat(1e7) + Math.random()), 1);",
    "/long": "document.getElementById('root').textContent = 'x'.repeat(2e6);",
    "/leaves": f"{TEXT} location.href = 'https://elsewhere.example/';",
    "/plain": TEXT,
}
OPTIONS = RenderOptions(deadline_s=8, max_mb=2, max_memory_mb=700, pages_per_browser=4)


class Seen(dict[str, Rendered | RenderingError]):
    """Path → what came of it; and who the browser ran as."""

    users: set[int]
    browsers: int


@pytest.fixture(scope="module")
def seen() -> Iterator[tuple[Seen, Site]]:
    """Every page once, one after the other, and the plain one after each."""
    site = Site({path: page(code) for path, code in PAGES.items()} | {"/3mb": Answer(body=b"z" * 3_000_000)})
    seen = Seen()

    async def look() -> None:
        renderer = Renderer(OPTIONS, user_agent="newscrawl/1.0", allowed=AllowedAddresses.parse(site.netloc))
        for path in PAGES:
            for each in (path, "/plain"):
                order = Order(url=site.url + each, max_bytes=1_000_000, robots=lambda _: None)
                try:
                    seen[f"{path} {each}"] = await renderer.render(order)
                except RenderingError as error:
                    seen[f"{path} {each}"] = error
        seen.users = users_of_browsers()
        await renderer.close()

    asyncio.run(look())
    yield seen, site
    site.close()


def users_of_browsers() -> set[int]:
    """Who our browsers run as."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if b"newscrawl-browser-" in (place / "cmdline").read_bytes():
                found.add(place.stat().st_uid)
        except OSError:
            continue
    return found


def rendered(seen: tuple[Seen, Site], path: str) -> Rendered:
    result = seen[0][f"{path} {path}"]
    assert isinstance(result, Rendered), result
    return result


@pytest.mark.parametrize("path", PAGES)
def test_the_page_after_it_comes_as_if_nothing_had_been(seen: tuple[Seen, Site], path: str) -> None:
    result = seen[0][f"{path} /plain"]
    assert isinstance(result, Rendered), result
    assert b"the text" in result.html


def test_a_flood_of_requests_is_cut_and_the_page_is_read(seen: tuple[Seen, Site]) -> None:
    flood = rendered(seen, "/flood")
    assert flood.is_cut
    assert flood.requests == OPTIONS.max_requests
    assert sum(path.startswith("/f") and path != "/flood" for path in seen[1].asked) < OPTIONS.max_requests
    assert b"the text" in flood.html


def test_a_page_that_never_falls_silent_is_read_before_its_deadline(seen: tuple[Seen, Site]) -> None:
    assert b"the text" in rendered(seen, "/polls").html


def test_an_answer_over_the_bound_is_cut(seen: tuple[Seen, Site]) -> None:
    large = rendered(seen, "/large")
    assert large.is_cut
    assert large.bytes <= 2.1e6
    assert b"the text" not in large.html.partition(b"<script")[0]


@pytest.mark.parametrize("path", ["/hangs", "/asks"])
def test_a_page_that_hangs_ends_at_its_deadline(seen: tuple[Seen, Site], path: str) -> None:
    result = seen[0][f"{path} {path}"]
    assert isinstance(result, RenderingError)
    assert (result.outcome, result.reason) == (Outcome.TIMEOUT, "not rendered within 8 seconds")


def test_a_browser_that_takes_too_much_memory_is_ended(seen: tuple[Seen, Site]) -> None:
    result = seen[0]["/grows /grows"]
    assert isinstance(result, RenderingError)
    assert "NEWSCRAWL_RENDER_MAX_MEMORY_MB" in result.reason


def test_a_rendered_page_has_a_longest_size(seen: tuple[Seen, Site]) -> None:
    result = seen[0]["/long /long"]
    assert isinstance(result, RenderingError)
    assert result.outcome is Outcome.TOO_LARGE


def test_a_page_that_leads_to_another_site_is_read_itself(seen: tuple[Seen, Site]) -> None:
    result = rendered(seen, "/leaves")
    assert result.document.url.endswith("/leaves")
    assert b"the text" in result.html


def test_the_browser_is_never_roots(seen: tuple[Seen, Site]) -> None:
    assert seen[0].users == ({65534} if os.geteuid() == 0 else {os.geteuid()})
