"""Pages of one article become one record in a batch too, wherever they stand in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.article import Page
from newscrawl.batch import several_pages
from newscrawl.batch.clean import Decision, decide
from newscrawl.batch.several_pages import PrintedPages, article_of_pages, with_pages_together
from newscrawl.errors import Outcome
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.pool import PoolOptions
from newscrawl.refine import RefineOptions

if TYPE_CHECKING:
    import pytest

FIRST = "https://times.example/2026/harbour-reopens-after-two-days"
HEAD = "Readers send us their pictures of the harbour, and we print the best of them in the Saturday edition."
TEXT = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said."


def address(number: int) -> str:
    return FIRST if number == 1 else f"{FIRST}/{number}"


def part(number: int, *, pages: int = 3) -> Page:
    before = f'<link rel="prev" href="{address(number - 1)}">' if number > 1 else ""
    after = f'<link rel="next" href="{address(number + 1)}">' if number < pages else ""
    text = "".join(f"<p>{TEXT} So says part {number}, sentence {each}.</p>" for each in range(3))
    links = "".join(f'<a href="{address(each)}">{each}</a> ' for each in range(1, pages + 1))
    title = "Harbour reopens after two days"
    body = f"<article><h1>{title}</h1><p>{HEAD}</p>{text}</article><nav>{links}</nav>"
    html = f'<!doctype html><html lang="en"><title>{title}</title>{before}{after}<body>{body}'
    return Page(url=address(number), html=html.encode(), date_crawled="2026-11-01T00:00:00Z", discovered_via="warc")


def other(number: int) -> Page:
    html = f"<title>Other {number}</title><h1>Other {number}</h1><article><p>{TEXT}</p><p>{HEAD}</p></article>"
    return Page(
        url=f"https://times.example/other-{number}",
        html=html.encode(),
        date_crawled="2026-11-01T00:00:00Z",
        discovered_via="warc",
    )


def together(*pages: Page) -> list[list[str]]:
    found = (each for _, each in with_pages_together(enumerate(pages)))
    return [[page.url for page in (each.pages if isinstance(each, PrintedPages) else (each,))] for each in found]


def test_pages_come_together_in_any_order_and_others_do_not_wait() -> None:
    whole = [address(1), address(2), address(3)]
    assert together(part(1), other(1), part(2), part(3), other(2)) == [[other(1).url], whole, [other(2).url]]
    assert together(part(3), part(1), other(1), part(2)) == [[other(1).url], whole]


def test_a_page_that_the_one_before_names_belongs_to_it_whatever_it_says_itself() -> None:
    silent = replace(part(2, pages=2), html=part(2, pages=2).html.replace(b"prev", b"none"))
    assert together(part(1, pages=2), silent) == [[address(1), address(2)]]


def test_a_gap_ends_the_article_and_what_is_behind_it_stands_alone() -> None:
    assert together(part(1), part(3)) == [[address(1)], [address(3)]]
    assert together(part(2), other(1)) == [[other(1).url], [address(2)]]


def test_a_page_that_is_archived_twice_is_in_two_articles() -> None:
    twice = together(part(1, pages=2), part(2, pages=2), part(1, pages=2), part(2, pages=2))
    assert twice == [[address(1), address(2)]] * 2


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several_pages, "MAX_HELD", 1)
    assert together(part(1), part(2), other(1), part(3)) == [[address(1), address(2)], [other(1).url], [address(3)]]


def test_the_pages_are_one_article_and_the_others_say_whose_they_are() -> None:
    pages = [part(2), other(1), part(1), part(3)]
    options = ExtractOptions()
    found = list(decide(pages, extract=options, refining=RefineOptions(), pool=PoolOptions(workers=1)))
    decisions = [each for each in found if isinstance(each, Decision)]
    assert [(each.url, each.outcome) for each in decisions] == [
        (other(1).url, Outcome.ARTICLE),
        (address(1), Outcome.ARTICLE),
        (address(2), Outcome.SAME_KEY),
        (address(3), Outcome.SAME_KEY),
    ]
    assert decisions[2].reason == f"page 2 of the article at {FIRST}"
    article = decisions[1].article
    assert article is not None
    ends = [f"So says part {number}, sentence {each}." for number in (1, 2, 3) for each in range(3)]
    assert [text.removeprefix(f"{TEXT} ") for text in article.paragraphs] == [HEAD, *ends]
    assert "truncated_page" not in article.flags


def test_an_article_that_names_a_page_which_is_not_there_says_that_it_is_cut() -> None:
    printed = PrintedPages(pages=(part(1), part(2)), is_cut=True)
    whole = article_of_pages(printed, ExtractOptions(), RefineOptions())
    assert (whole.used, "truncated_page" in whole.article.flags) == (2, True)


def test_a_page_that_only_repeats_the_article_is_none_of_it() -> None:
    again = part(1, pages=2)
    printed = PrintedPages(pages=(part(1, pages=2), again), is_cut=False)
    whole = article_of_pages(printed, ExtractOptions(), RefineOptions())
    assert (whole.used, "truncated_page" in whole.article.flags) == (1, False)
