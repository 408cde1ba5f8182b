from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.errors import Outcome
from newscrawl.frontier.traps import MAX_PATTERNS, MIN_BARREN, Patterns, pattern_of, trap_by_form

TODAY = date(2026, 11, 24)
SITE = "https://news.example"
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/a/a/a/story", "repeats itself"),
        ("/news/world/news/world/news/world/x", "repeats itself"),
        ("/x/y/z/x/y/z/x/y/z", "repeats itself"),
        ("/en/en/en/", "repeats itself"),
        ("/" + "/".join(f"p{n}" for n in range(30)), "30 folders"),
        ("/events/2031/05/", "a calendar"),
        ("/events/2031-05-06/", "a calendar"),
        ("/calendar/2199/12", "a calendar"),
        ("/s?f=1&f=2&f=3&f=4", "4 times the parameter f"),
        ("/s?" + "&".join(f"p{n}={n}" for n in range(30)), "30 parameters"),
    ],
)
def test_a_loop_of_links_is_told_by_its_form(path: str, words: str) -> None:
    assert words in str(trap_by_form(SITE + path, today=TODAY))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/2026/11/11/harbour-reopens",
        "/2011/11/11/11/story",
        "/11/11/11/11/story.html",
        "/news/2026/nov/24/why-the-2031-census-matters-2031-2032",
        "/archive/1865/04/15/president-dead.html",
        "/politics/2027/03/01/embargoed-by-a-mistyped-month",
        "/news/uk-news/news-a-z/12345678",
        "/sport/football/sport-football-report-2-2",
        "/story/2030-budget-explained-2030-01-plan",
        "/a/b/c/d/e/f/g/h/i/j/story-of-the-town.html",
        "/article.php?id=1&cat=2&sub=3&lang=en&ref=rss&x=1&y=2",
        "/search?tag[]=a&tag[]=b&tag[]=c&tag[]=d&tag[]=e",
        "/ru/новости/новости-дня/2026/11/24/корабль-вернулся",
        "/live/live/live-updates",
        "/" + "a-very-long-slug-" * 40,
    ],
)
def test_what_editors_write_is_no_trap(path: str) -> None:
    assert trap_by_form(SITE + path, today=TODAY) is None


def test_no_golden_article_is_a_trap() -> None:
    urls = [json.loads(file.read_text(encoding="utf-8"))["page"]["url"] for file in GOLDEN.glob("*/*.json")]
    assert len(urls) > 40
    assert not {url: why for url in urls if (why := trap_by_form(url, today=TODAY))}


words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
slugs = st.lists(words, min_size=1, max_size=15).map("-".join)
days = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)
sections = st.lists(words, max_size=3, unique=True).map("/".join)


@given(
    sections,
    days,
    slugs,
    st.sampled_from(
        ["/{s}/{d:%Y/%m/%d}/{g}", "/{d:%Y/%m}/{s}/{g}.html", "/{s}/{g}-{d:%Y%m%d}", "/{s}/{d:%Y-%m-%d}-{g}"]
    ),
    st.integers(0, 10**9),
)
def test_a_dated_address_with_sections_and_a_slug_is_no_trap(
    section: str, day: date, slug: str, form: str, number: int
) -> None:
    url = SITE + form.format(s=section, d=day, g=slug) + f"?id={number}"
    assert trap_by_form(url, today=TODAY) is None


@given(st.text(max_size=300))
def test_form_never_raises(text: str) -> None:
    trap_by_form(f"{SITE}/{text}", today=TODAY)
    trap_by_form(text, today=TODAY)
    pattern_of(text)


def test_many_addresses_of_one_pattern_that_gave_nothing_end_it() -> None:
    patterns = Patterns()
    for n in range(MIN_BARREN):
        assert patterns.trap(f"{SITE}/calendar/{n}?view=day") is None
        patterns.learn(f"{SITE}/calendar/{n}?view=day", Outcome.SOFT_404)
    assert "gave no article" in str(patterns.trap(f"{SITE}/calendar/9999?view=week"))
    assert patterns.trap(f"{SITE}/calendar/9999") is None
    assert patterns.trap("https://other.example/calendar/9999?view=week") is None


def test_one_article_clears_its_pattern_for_good() -> None:
    patterns = Patterns()
    patterns.learn(f"{SITE}/news/1", Outcome.ARTICLE)
    for n in range(10 * MIN_BARREN):
        patterns.learn(f"{SITE}/news/{n}", Outcome.NO_TEXT)
    assert patterns.trap(f"{SITE}/news/77") is None


def test_a_busy_server_a_robots_txt_and_lost_pages_teach_nothing() -> None:
    patterns = Patterns()
    for n in range(10 * MIN_BARREN):
        patterns.learn(f"{SITE}/news/{n}", (Outcome.TIMEOUT, Outcome.ROBOTS, Outcome.BLOCKED, Outcome.GONE)[n % 4])
    assert patterns.trap(f"{SITE}/news/77") is None


def test_patterns_are_bounded() -> None:
    patterns = Patterns()
    for n in range(MAX_PATTERNS + 100):
        patterns.learn(
            f"{SITE}/{'x' * (n % 7)}/{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}", Outcome.NO_TEXT
        )
    assert len(patterns._harvests) <= MAX_PATTERNS
