"""The report in a real browser: it asks for nothing, says what the dump says, holds in the dark and on a phone."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import newsroom
import pytest
from webdriver import AXE_PACKAGES, CHROMIUM, DRIVER, Browser, chromium

from newscrawl.report.html.gather import gather
from newscrawl.report.html.page import write_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="Chromium and chromedriver are not installed (Debian: chromium-driver)"
)

HOSTILE = (
    "</title></style><script>document.hacked = 1; fetch('https://evil.example/')</script>"
    '"\'><img src=x onerror="document.hacked = 1"><svg onload="document.hacked = 1">{{ 7 * 7 }}\u202eright to left'
)
PHONE = 360
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"
BARS = "[...document.querySelectorAll('{} .bar[data-value]')].map(bar => ({{...bar.dataset, height: +bar.getAttribute('height'), width: +bar.getAttribute('width')}}))"  # noqa: E501


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return newsroom.build(tmp_path_factory.mktemp("dump"), days=4, hostile=HOSTILE)


@pytest.fixture(scope="module")
def file(dump: Path) -> Path:
    write_page(gather(dump), dump / "report.html")
    return dump / "report.html"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser, file: Path) -> Browser:
    window.open(file)
    return window


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(browser: Browser, file: Path) -> None:
    assert browser.ask("document.readyState") == "complete"
    assert browser.requested() == [file.as_uri()]
    assert browser.logged("browser") == []


def test_the_bars_are_the_numbers_of_the_dump(browser: Browser, dump: Path) -> None:
    new = [line for line in newsroom.values_of(dump, "articles") if line["revision"] == 1]
    by_day = Counter(int(str(line["date_crawled"])[8:10]) for line in new)
    bars: list[dict[str, Any]] = browser.ask(BARS.format("#per-day"))
    assert {bar["at"]: int(bar["value"]) for bar in bars} == {f"{day} Nov": count for day, count in by_day.items()}
    # and as high as they say
    highest = max(bars, key=lambda bar: int(bar["value"]))
    for bar in bars:
        expected = highest["height"] * int(bar["value"]) / int(highest["value"])
        assert bar["height"] == pytest.approx(expected, abs=0.02)
    by_outcome = Counter(str(line["outcome"]).replace("_", " ") for line in newsroom.values_of(dump, "outcomes"))
    outcomes = browser.ask(BARS.format("#outcomes"))
    assert {bar["at"]: int(bar["value"]) for bar in outcomes} == dict(by_outcome)


def test_each_source_has_its_chart_and_the_table_behind_it_says_the_same(browser: Browser, dump: Path) -> None:
    new = [line for line in newsroom.values_of(dump, "articles") if line["revision"] == 1]
    by_source = Counter(str(line["source"]) for line in new)
    shown = browser.ask(
        "Object.fromEntries([...document.querySelectorAll('#per-source [role=img]')].map(each => [each.dataset.of, "
        "[...each.querySelectorAll('.bar')].reduce((sum, bar) => sum + +bar.dataset.value, 0)]))"
    )
    assert shown == dict(by_source)
    rows = browser.ask("[...document.querySelectorAll('#per-day tbody td')].map(cell => +cell.textContent)")
    assert sum(rows) == len(new)
    assert browser.ask("document.querySelector('#fact-articles').textContent") == str(len(new))


def test_every_chart_has_a_text_alternative_and_its_numbers(browser: Browser) -> None:
    figures = browser.ask("document.querySelectorAll('figure').length")
    assert figures >= 15
    assert browser.ask("document.querySelectorAll('figure:not(:has(table))').length") == 0
    assert browser.ask("[...document.querySelectorAll('figure svg')].every(each => each.closest('[role=img], .key'))")
    told = browser.ask("[...document.querySelectorAll('[role=img]')].map(each => each.ariaLabel)")
    assert all(len(each) > 4 for each in told)


def test_what_a_site_wrote_stays_text(browser: Browser) -> None:
    assert browser.ask("document.hacked") is None
    assert browser.ask("document.querySelectorAll('script, img, [onerror], [onload], [style]').length") == 0
    assert browser.ask("document.body.textContent.includes('{{ 7 * 7 }}')")
    assert "\u202e" not in browser.ask("document.documentElement.outerHTML")
    links = browser.ask("[...document.querySelectorAll('a[href]')].map(a => [a.getAttribute('href'), a.rel])")
    outside = [rel for href, rel in links if not href.startswith("#")]
    assert outside
    assert all("noreferrer" in rel for rel in outside)
    assert all(href.startswith(("#", "https://")) for href, _ in links)


def test_a_script_would_be_refused_by_the_pages_own_policy(browser: Browser) -> None:
    browser.command("Runtime.evaluate", expression="document.body.append(Object.assign("
                    "document.createElement('script'), {textContent: 'document.ran = 1'}))")  # fmt: skip
    assert browser.ask("document.ran") is None
    assert "Content Security Policy" in browser.logged("browser")[0]["message"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(window: Browser, file: Path, dark: bool) -> None:
    window.open(file, width=PHONE, dark=dark)
    assert window.ask("document.documentElement.scrollWidth") == PHONE
    # With every table opened, too.
    window.ask(OPEN_ALL)
    assert window.ask("document.documentElement.scrollWidth") == PHONE


def test_the_dark_has_light_letters_on_a_dark_page(window: Browser, file: Path) -> None:
    page, letters = _brightness(window, file, dark=False)
    assert page > 200
    assert letters < 60
    page, letters = _brightness(window, file, dark=True)
    assert page < 60
    assert letters > 200


@pytest.mark.parametrize(
    ("width", "dark"),
    [(1200, False), pytest.param(PHONE, True, marks=pytest.mark.proof)],
    ids=["light", "dark on a phone"],
)
def test_axe_finds_nothing_wrong(window: Browser, file: Path, width: int, dark: bool) -> None:
    window.open(file, width=width, dark=dark)
    window.ask(OPEN_ALL)
    found = window.accessibility()
    if found is None:
        pytest.skip(f"none of {', '.join(AXE_PACKAGES)} is installed")
    assert found == []


def test_print_leaves_the_folded_tables_out_and_fits_the_paper(browser: Browser) -> None:
    browser.command("Emulation.setEmulatedMedia", media="print")
    assert browser.ask("[...document.querySelectorAll('figure details')].every(each => !each.checkVisibility())")
    assert browser.ask("[...document.querySelectorAll('figure svg')].every(each => each.checkVisibility())")
    pdf: dict[str, str] = browser.command("Page.printToPDF", printBackground=True)
    assert len(pdf["data"]) > 20_000


@pytest.mark.proof
def test_the_report_of_a_real_crawl_tells_what_the_second_edition_changed(window: Browser, tmp_path: Path) -> None:
    data, report = tmp_path / "demo", tmp_path / "report.html"
    for edition in ("1", "2"):
        command = [sys.executable, "-m", "newscrawl", "demo", "--data", data, "--edition", edition]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    subprocess.run([sys.executable, "-m", "newscrawl", "report", "--data", data, "-o", report], check=True, timeout=60)
    window.open(report)
    assert window.logged("browser") == []
    assert window.requested() == [report.as_uri()]
    facts = window.ask(
        "Object.fromEntries([...document.querySelectorAll('.facts div')].map(each => "
        "[each.querySelector('dt').textContent, each.querySelector('dd').textContent]))"
    )
    articles = len(newsroom.values_of(data, "current"))
    assert (facts["articles held in all"], facts["revisions"], facts["withdrawn"]) == (str(articles), "1", "1")
    assert window.ask("document.querySelectorAll('#politeness .bar').length") == 6
    assert window.ask("document.querySelectorAll('.drawn').length") == 10
    assert window.accessibility() in ([], None)


def _brightness(window: Browser, file: Path, *, dark: bool) -> tuple[float, float]:
    """Of the page and of its letters, 0 to 255."""
    window.open(file, dark=dark)
    colours = window.ask("(style => [style.backgroundColor, style.color])(getComputedStyle(document.body))")
    page, letters = ([int(part) for part in each[4:-1].split(",")] for each in colours)
    return sum(page) / 3, sum(letters) / 3
