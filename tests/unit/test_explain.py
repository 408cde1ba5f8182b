"""An explanation says the whole truth of a page: each line, each field, each refusal."""

from __future__ import annotations

import html
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Article, Page, RemovedLine
from newscrawl.demo.gold import gold
from newscrawl.demo.site import build_sites
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.options import ExtractOptions
from newscrawl.refine import RefineOptions, article_from_page
from newscrawl.report.explain import Explanation, explain_page, explain_refusal, explain_stored, explain_text
from newscrawl.report.explain_html import write_html
from newscrawl.report.explain_text import write_text
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.extract.candidates import Candidate, FieldEvidence

URL = "https://harbour-times.example/2026/03/04/ferry-sails-again"
FERRY = (
    "The small ferry that links the two halves of the old harbour sailed again on Tuesday, nine weeks after a storm "
    "had torn its landing stage from the quay and left commuters with an hour's detour by bus."
)
SKIPPER = (
    "Its skipper, who has steered the crossing for twenty years, said the new stage stands on deeper piles and should "
    "outlast the next storm; the town paid for it out of the fund that it keeps for its roads."
)
MORNING = (
    "On the first morning some two hundred people waited in the rain, among them a brass band and a class of pupils "
    "who had drawn the ferry for a competition. The first crossing took four minutes and was free."
)
PARAGRAPHS = (FERRY, SKIPPER, "Read also: A lighthouse keeper who can bake", MORNING)


def page(head: str = "", body: str = "", *, title: str = "Ferry sails again", url: str = URL) -> Page:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    menu = "".join(f'<li><a href="/{number}">Menu {number}</a></li>' for number in range(12))
    document = f"""<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body>
<nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1>{body}{text}</article></main>
<footer><p>Printed on recycled electrons by the harbour desk.</p></footer></body></html>"""
    return Page(url=url, html=document.encode(), date_crawled="2026-03-05T00:00:00Z")


def explain(asked: Page) -> Explanation:
    return explain_page(asked, ExtractOptions(), RefineOptions())


def field(explanation: Explanation, name: str) -> FieldEvidence:
    return next(field for field in explanation.fields if field.name == name)


def at(explanation: Explanation, name: str, place: str) -> Candidate:
    return next(candidate for candidate in field(explanation, name).candidates if candidate.place == place)


def as_text(explanation: Explanation) -> str:
    file = StringIO()
    write_text(explanation, file, colour=False)
    return file.getvalue()


def demo_pages() -> Iterator[Page]:
    sites = build_sites(1)
    for story in gold():
        host, _, path = story.url.removeprefix("http://").partition("/")
        yield Page(url=story.url, html=sites[host][f"/{path}"].body, date_crawled="2026-11-10T00:00:00Z")


@pytest.mark.parametrize("asked", tuple(demo_pages()), ids=lambda asked: asked.url.rstrip("/").rpartition("/")[2])
def test_kept_and_removed_lines_are_those_of_the_record_and_each_field_has_one_winner(asked: Page) -> None:
    article, explanation = article_from_page(asked), explain(asked)
    assert [line.text for line in explanation.lines if line.kind == "kept"] == list(article.paragraphs)
    assert [(line.text, line.rule, line.why) for line in explanation.lines if line.kind == "removed"] == [
        (removed.text, removed.rule, removed.why) for removed in article.removed
    ]
    assert field(explanation, "title").value == article.title
    assert field(explanation, "date_published").value == article.date_published
    for one in explanation.fields:
        winners = [candidate for candidate in one.candidates if candidate.is_winner]
        assert len(winners) == (one.value is not None), one
        assert all(candidate.why for candidate in one.candidates)
        assert all(fold(winner.value) == fold(one.value) for winner in winners)


def test_lines_stand_in_the_order_of_the_page_with_menus_as_one_line() -> None:
    lines = explain(page()).lines
    assert [line.kind for line in lines] == ["left_out", "field", "kept", "kept", "removed", "kept", "left_out"]
    menu, title, footer = lines[0], lines[1], lines[-1]
    assert menu.count == 12
    assert (menu.text[:8], menu.why) == ("- Menu 0", "cut before extraction: inside nav")
    assert (title.text, title.rule) == ("Ferry sails again", "title")
    assert footer.why == "cut before extraction: inside footer"
    assert lines[4].rule == "read_also"
    assert lines[4].why


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("2031-01-01T00:00:00Z", "implausible"),
        ("03/04/2026", "ambiguous"),
        ("once upon a time", "without guessing"),
    ],
)
def test_a_refused_date_is_shown_with_the_reason(raw: str, why: str) -> None:
    asked = page(f'<meta property="article:published_time" content="{raw}">')
    explanation = explain(asked)
    refused = at(explanation, "date_published", "meta article:published_time")
    assert (refused.raw, refused.value, refused.is_winner) == (raw, None, False)
    assert why in refused.why
    assert at(explanation, "date_published", "url").is_winner


def test_every_place_of_a_title_is_named_with_what_it_says() -> None:
    head = (
        '<meta property="og:title" content="Ferry sails again"><meta property="og:site_name" content="Harbour Times">'
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry sails again | Harbour Times"}'
        "</script>"
    )
    title = field(explain(page(head)), "title")
    said = {candidate.place: candidate.raw for candidate in title.candidates}
    assert said == {
        "jsonld headline": "Ferry sails again | Harbour Times",
        "meta og:title": "Ferry sails again",
        "title element": "Ferry sails again",
        "h1": "Ferry sails again",
    }
    assert at(explain(page(head)), "title", "jsonld headline").value == "Ferry sails again"


def test_the_sites_own_name_is_refused_as_an_author_and_the_byline_wins() -> None:
    head = '<meta name="author" content="Harbour Times"><meta property="og:site_name" content="Harbour Times">'
    explanation = explain(page(head, '<p class="byline">By <a rel="author" href="/by/jo">Jo Quayle</a></p>'))
    assert field(explanation, "authors").value == "Jo Quayle"
    assert "refused" in at(explanation, "authors", "meta author").why
    assert at(explanation, "authors", "printed byline").is_winner


def test_a_declared_language_that_the_text_contradicts_loses_to_the_text() -> None:
    asked = page()
    wrong = Page(url=URL, html=asked.html.replace(b'lang="en"', b'lang="de"'), date_crawled=asked.date_crawled)
    explanation = explain(wrong)
    assert field(explanation, "language").value == "en"
    assert at(explanation, "language", "detected in the text").is_winner
    assert "another language" in at(explanation, "language", "html lang").why


def test_a_canonical_address_of_another_site_is_refused() -> None:
    explanation = explain(page('<link rel="canonical" href="https://elsewhere.example/a">'))
    assert field(explanation, "url_canonical").value is None
    assert "another site" in at(explanation, "url_canonical", "link canonical").why


def test_a_description_that_repeats_the_text_is_shown_and_not_used() -> None:
    explanation = explain(page(f'<meta name="description" content="{html.escape(PARAGRAPHS[0])}">'))
    assert field(explanation, "description").value is None
    assert "repeats" in at(explanation, "description", "meta description").why


def test_a_refused_page_says_why_and_what_was_seen() -> None:
    links = "".join(f'<p><a href="/2026/03/0{n}/story">A headline of one more story {n}</a></p>' for n in range(1, 9))
    document = f"<html><head><title>News</title></head><body><h1>News</h1>{links}</body></html>"
    asked = Page(url="https://harbour-times.example/", html=document.encode(), date_crawled="2026-03-05T00:00:00Z")
    with pytest.raises(ArticleRejected) as refusal:
        article_from_page(asked)
    explanation = explain(asked)
    assert (explanation.outcome, explanation.reason) == (str(refusal.value.outcome), refusal.value.reason)
    seen = {fact.name: fact.value for fact in explanation.facts}
    assert seen["address of a list"] == "yes"
    assert seen["links to articles"] == "8"
    assert "kept" not in {line.kind for line in explanation.lines}
    assert as_text(explanation).splitlines()[1].startswith("list_page: ")


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(b"", "no_text"), (b"%PDF-1.4", "not_html"), (b'{"a": 1}', "not_html"), (b"<!---->", "no_text")],
)
def test_what_is_no_page_is_explained_by_its_outcome(body: bytes, outcome: str) -> None:
    explanation = explain(Page(url=URL, html=body, date_crawled="2026-03-05T00:00:00Z"))
    assert explanation.outcome == outcome
    assert explanation.reason


def test_a_saved_page_without_an_address_is_explained_too() -> None:
    address = f"urn:sha256:{'0' * 64}"
    explanation = explain(page(url=address))
    assert (explanation.url, explanation.outcome) == (address, "article")


def test_a_text_shows_what_cleaning_took_out() -> None:
    text = Article(url=f"urn:sha256:{'1' * 64}", discovered_via="text", date_crawled="2026-03-05T00:00:00Z")
    explanation = explain_text(text.with_paragraphs(PARAGRAPHS), RefineOptions())
    assert [line.kind for line in explanation.lines] == ["kept", "kept", "removed", "kept"]
    short = explain_text(text.with_paragraphs(["Two words."]), RefineOptions())
    assert (short.outcome, [line.kind for line in short.lines]) == ("too_short", ["refused"])


def test_a_stored_article_has_its_removed_lines_back_in_their_places() -> None:
    article = article_from_page(page())
    removed = tuple(
        RemovedLine(id=article.id, revision=1, place=line.place, text=line.text, rule=line.rule, why=line.why)
        for line in article.removed
    )
    explanation = explain_stored(article, removed)
    assert [line.text for line in explanation.lines] == list(PARAGRAPHS)
    [date] = field(explanation, "date_published").candidates
    assert (date.place, date.raw, date.value) == ("url", "url: 2026-03-04", "2026-03-04T00:00:00Z")


def test_nothing_a_page_says_drives_the_terminal() -> None:
    evil = "Ferry \x1b[2J\x9b31m \u202ereversed&#27;]0;owned&#7; sails"
    shown = as_text(explain(page(f'<meta property="og:title" content="{evil}">', f"<p>{evil}</p>", title=evil)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)


def test_the_html_is_inert_and_everything_a_page_says_is_escaped(tmp_path: Path) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;\"'&gt;&lt;img src=x onerror=alert(1)&gt;"
    head = f'<meta name="author" content="{evil.replace(chr(34), "")}"><meta name="&quot;&gt;&lt;b&gt;" content="x">'
    write_html(explain(page(head, f"<p>{evil}</p>", title=f"Ferry {evil}")), tmp_path / "page.html")
    written = (tmp_path / "page.html").read_text()
    tags = {match.lower() for match in re.findall(r"<([a-zA-Z]+)", written)}
    assert not tags & {"script", "img", "b", "iframe", "object", "form"}
    assert "default-src 'none'" in written
    assert "alert(1)" in written
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_page_without_a_body_tag_is_shown_whole() -> None:
    document = page().html.replace(b"<body>", b"").replace(b"</body>", b"").replace(b"</head>", b"")
    lines = explain(Page(url=URL, html=document, date_crawled="2026-03-05T00:00:00Z")).lines
    assert {line.rule for line in lines if line.kind == "field"} == {"title"}
    assert any("Printed on recycled electrons" in line.text for line in lines if line.kind == "left_out")


def test_what_never_came_has_an_explanation_of_one_sentence() -> None:
    explanation = explain_refusal(ArticleRejected(Outcome.GONE, URL, "HTTP 410"))
    assert as_text(explanation) == f"{URL}\ngone: HTTP 410\n"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</div>", "<li>", "<h1>", "a few words", "&#0;", "\ud800", "<br>", "<table>"])))
def test_no_page_makes_it_fail_and_its_kept_lines_are_the_text(pieces: list[str]) -> None:
    document = f"<html><body>{' '.join(pieces)}<p>{'</p><p>'.join(PARAGRAPHS)}</p></body></html>"
    asked = Page(url=URL, html=document.encode("utf-8", "surrogatepass"), date_crawled="2026-03-05T00:00:00Z")
    explanation = explain(asked)
    kept = [line.text for line in explanation.lines if line.kind == "kept"]
    assert kept == list(article_from_page(asked).paragraphs)
    as_text(explanation).encode()


def test_in_the_html_what_was_printed_and_what_was_read_keep_their_own_directions(tmp_path: Path) -> None:
    asked = page('<meta property="article:published_time" content="12 مارس 2026">')
    write_html(explain(asked), tmp_path / "page.html")
    assert re.search(r"<bdi>12 مارس 2026</bdi>( → <bdi>)?", (tmp_path / "page.html").read_text("utf-8"))
