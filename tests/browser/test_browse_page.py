"""`newscrawl browse` in a real browser: nothing runs, nobody else is asked, and it holds in the dark and on a phone."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import newsroom
import pytest
from webdriver import AXE_PACKAGES, CHROMIUM, DRIVER, Browser, chromium

from newscrawl.browse.library import Library
from newscrawl.browse.server import BrowseServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="Chromium and chromedriver are not installed"),
]

HOSTILE = (
    '</title></style><script>document.hacked = 1</script>"\'><img src=x onerror="document.hacked = 1">'
    "{{ 7 * 7 }}\u202eright to left"
)
PHONE = 360
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
KINDS = ("list", "found", "article", "revised", "diff", "missing")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One address of each kind."""
    dump = newsroom.build(tmp_path_factory.mktemp("dump"), days=4, hostile=HOSTILE)
    with Library(dump) as library, BrowseServer(library, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        with library.reading() as database:
            (hostile,) = database.execute("SELECT id FROM articles WHERE title LIKE '%hacked%'").fetchone()
            (revised,) = database.execute("SELECT id FROM articles WHERE revisions > 1").fetchone()
        paths = {
            "list": "",
            "found": "?text=the&show=there&sort=best",
            "article": f"article/{hostile}",
            "revised": f"article/{revised}",
            "diff": f"diff/{revised}?before=1&after=2",
            "missing": "nothing",
        }
        yield {kind: server.url + path for kind, path in paths.items()}
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def show(browser: Browser, url: str, *, width: int = 1200, dark: bool = False) -> None:
    browser.logged("browser")
    browser.requested()
    browser.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.command("Emulation.setEmulatedMedia", media="screen", features=[scheme])
    browser._post("/url", {"url": url})


@pytest.mark.parametrize("kind", KINDS)
def test_it_asks_for_itself_and_its_style_and_runs_nothing(kind: str, browser: Browser, pages: dict[str, str]) -> None:
    show(browser, pages[kind])
    style = pages["list"] + "style.css"
    assert {each for each in browser.requested() if not each.startswith("data:")} == {pages[kind], style}
    assert [each for each in browser.logged("browser") if kind != "missing"] == []
    assert browser.ask("document.hacked") is None
    assert browser.ask("document.querySelectorAll('script, img').length") == 0
    assert browser.ask("getComputedStyle(document.body).overflowWrap") == "anywhere"  # the style was let in


@pytest.mark.parametrize("kind", KINDS)
def test_it_fits_a_phone(kind: str, browser: Browser, pages: dict[str, str]) -> None:
    show(browser, pages[kind], width=PHONE)
    assert browser.ask("innerWidth") == PHONE
    assert browser.ask(TOO_WIDE) == 0


def test_it_is_dark_where_that_is_wanted(browser: Browser, pages: dict[str, str]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    show(browser, pages["list"])
    light = browser.ask(paper)
    show(browser, pages["list"], dark=True)
    assert browser.ask(paper) != light


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_serious(kind: str, dark: bool, browser: Browser, pages: dict[str, str]) -> None:
    show(browser, pages[kind], dark=dark)
    browser.command("Page.setBypassCSP", enabled=True)
    found = browser.accessibility()
    if found is None:
        pytest.skip(f"no package of {', '.join(AXE_PACKAGES)} is installed")
    assert [each for each in found if each["impact"] in {"serious", "critical"}] == []


def test_the_form_asks_what_is_typed(browser: Browser, pages: dict[str, str]) -> None:
    show(browser, pages["list"])
    browser.ask("(document.querySelector('[name=text]').value = 'no \"such thing\"', document.forms[0].submit())")
    assert browser.ask("new URLSearchParams(location.search).get('text')") == 'no "such thing"'
    assert browser.ask("document.querySelector('.none').textContent.includes('Nothing was found')") is True
