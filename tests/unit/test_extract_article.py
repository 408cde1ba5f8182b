"""Page -> Article: every field from its best place, and nothing twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from newscrawl.article import Article, Author, Hint, Page
from newscrawl.extract.article import Reading, extract_article, read_page

URL = "https://www.news.example/2026/03/04/harbour-reopens-after-two-days"
P1 = "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said."
P2 = "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter."
P3 = "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay."
LEAD = "The repairs cost a third more than planned, and the second gate is still to come."

LD = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Harbour reopens after two days of repairs",
    "datePublished": "2026-03-04T23:30:00-05:00",
    "dateModified": "2026-03-05T09:00:00Z",
    "author": [{"@type": "Person", "name": "By Ruth Amberly", "url": "/authors/ruth-amberly"}],
    "publisher": {"@type": "NewsMediaOrganization", "name": "The Harbour Times"},
    "articleSection": "Local",
    "keywords": "harbour, ferries; gate",
    "isAccessibleForFree": "False",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "inLanguage": "en-GB",
    "image": {"@type": "ImageObject", "url": "/i/gate.jpg", "caption": "The northern gate"},
}


def html(head: str = "", body: str = "", ld: object = LD) -> str:
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld else ""
    return f'<!doctype html><html lang="en-GB"><head>{head}{script}</head><body>{body}</body></html>'


BODY = f"""
<nav><a href="/">Home</a> <a href="/local">Local news from the harbour and the old town</a></nav>
<article>
  <h1>Harbour reopens after two days of repairs</h1>
  <p class="article__standfirst">{LEAD}</p>
  <div class="byline">By <a rel="author" href="/authors/ruth-amberly">Ruth Amberly</a></div>
  <time datetime="2026-03-04T23:30:00-05:00">4 March 2026</time>
  <div class="share-buttons"><p>Share this article on the networks that you like best, please</p></div>
  <div class="body">
    <p>{P1}</p>
    <figure><img src="/i/gate.jpg" alt="A gate in the evening"><figcaption>The northern gate at dusk
      <span class="credit">Photo: T. Reyl</span></figcaption></figure>
    <h2>What comes next</h2>
    <p>{P2}</p>
    <ul><li>The second gate in spring</li><li>The crane in summer</li></ul>
    <p>{P3}</p>
  </div>
</article>
<aside><p>Read also: the other story of the day, which is about something else entirely, and quite long too.</p></aside>
<footer><p>All rights reserved by the publisher of this site, and some more words to make it long enough.</p></footer>
"""


def a_page(text: str, **values: object) -> Page:
    page = Page(url=URL, html=text.encode(), date_crawled="2026-03-06T00:00:00Z")
    return replace(page, **values)  # type: ignore[arg-type]


def article(text: str, **values: object) -> Article:
    return extract_article(a_page(text, **values))


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_page(a_page(html(body=BODY)))


def test_the_text_is_the_article_and_nothing_else(reading: Reading) -> None:
    lines = [P1, "What comes next", P2, "- The second gate in spring", "- The crane in summer", P3]
    assert list(reading.article.paragraphs) == lines


def test_the_printed_standfirst_is_the_description(reading: Reading) -> None:
    assert reading.standfirst == reading.article.description == LEAD


def test_every_field_comes_from_its_best_place(reading: Reading) -> None:
    it = reading.article
    assert it.title == "Harbour reopens after two days of repairs"
    assert it.authors == (Author(name="Ruth Amberly", url="https://www.news.example/authors/ruth-amberly"),)
    assert (it.publisher, it.section, it.article_type) == ("The Harbour Times", "Local", "news")
    assert it.tags == ("harbour", "ferries; gate")
    assert (it.site, it.source, it.language) == ("news.example", "news.example", "en-GB")
    assert it.license == "https://creativecommons.org/licenses/by/4.0/"
    assert it.images[0].url == "https://www.news.example/i/gate.jpg"
    assert (it.images[0].caption, it.images[0].credit) == ("The northern gate", "Photo: T. Reyl")


def test_the_date_is_utc_with_what_was_read(reading: Reading) -> None:
    it = reading.article
    assert (it.date_published, it.date_precision, it.date_source) == ("2026-03-05T04:30:00Z", "second", "jsonld")
    assert it.date_evidence == "jsonld datePublished: 2026-03-04T23:30:00-05:00"
    assert it.date_modified == "2026-03-05T09:00:00Z"


def test_a_paywalled_short_text_is_a_teaser(reading: Reading) -> None:
    assert reading.article.access == "paywalled"
    assert "teaser_only" in reading.article.flags


def test_the_extractor_names_version_and_options(reading: Reading) -> None:
    extractor = reading.article.extractor
    assert extractor.name == "trafilatura"
    assert extractor.version.startswith("v2.")
    assert extractor.config.startswith("c")
    assert len(extractor.config) == 9


def test_reading_twice_gives_the_same() -> None:
    page = a_page(html(body=BODY))
    assert [read_page(page) for _ in range(4)].count(read_page(page)) == 4


PLAIN = f"<article><h1>Harbour reopens</h1><p>{P1}</p><p>{P2}</p><p>{P3}</p></article>"


def meta(**values: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in values.items())


def test_a_canonical_of_another_site_is_flagged_and_not_kept() -> None:
    it = article(html('<link rel="canonical" href="https://victim.example/a">', PLAIN, ld=None))
    assert it.url_canonical is None
    assert "canonical_offsite" in it.flags
    assert it.url == URL


def test_a_canonical_of_the_same_site_is_kept() -> None:
    it = article(html('<link rel="canonical" href="/harbour?utm_source=x">', PLAIN, ld=None))
    assert it.url_canonical == "https://www.news.example/harbour"
    assert "canonical_offsite" not in it.flags


@pytest.mark.parametrize(
    "title",
    ["Harbour reopens | The Harbour Times", "Harbour reopens - Harbour Times", "The Harbour Times: Harbour reopens"],
)
def test_the_name_of_the_site_is_no_part_of_the_title(title: str) -> None:
    names = meta(og__site_name="The Harbour Times" if "The" in title else "Harbour Times", og__title=title)
    assert article(html(names, PLAIN, ld=None)).title == "Harbour reopens"


def test_what_two_places_state_is_the_title() -> None:
    head = meta(og__title="You will not believe what the harbour did")
    assert article(html(head, PLAIN, ld={**LD, "headline": "Harbour reopens"})).title == "Harbour reopens"


def test_a_title_that_was_cut_off_is_completed() -> None:
    head = meta(og__title="Harbour reo…")
    assert article(html(head, PLAIN, ld=None)).title == "Harbour reopens"


def test_entities_in_metadata_are_resolved() -> None:
    ld = {**LD, "headline": "Harbour &amp;amp; gate &quot;open&quot;"}
    assert article(html("", PLAIN.replace("Harbour reopens", ""), ld=ld)).title == 'Harbour & gate "open"'


def test_a_title_is_printed_on_pages_that_state_nothing_else() -> None:
    head = "<font size=5><b>The harbour reopens at last</b></font><br>"
    body = f"<table><tr><td>{head}{P1}<br><br>{P2}<br><br>{P3}</td></tr></table>"
    it = article(html("<title>Harbour Courier :: The harbour reopens at last</title>", body, ld=None))
    assert it.title == "The harbour reopens at last"
    assert it.paragraphs == (P1, P2, P3)


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ruth Amberly", ["Ruth Amberly"]),
        ("Von Ruth Amberly und Pavel Odin", ["Ruth Amberly", "Pavel Odin"]),
        ("Ruth Amberly, Pavel Odin and Dan Okoro", ["Ruth Amberly", "Pavel Odin", "Dan Okoro"]),
        ("Ruth Amberly; Pavel Odin (po)", ["Ruth Amberly", "Pavel Odin"]),
        ({"@type": "Person", "name": "Ruth Amberly, Ph.D."}, ["Ruth Amberly"]),
        ({"@type": "Organization", "name": "The Harbour Times"}, []),
        ({"@type": "Organization", "name": "Reuters"}, ["Reuters"]),
        ("https://www.facebook.com/harbour", []),
        ("desk@news.example", []),
        ([None, 3, {"name": None}, {"name": ["Ruth Amberly"]}], ["Ruth Amberly"]),
    ],
)
def test_authors_are_people_and_bylines(author: object, expected: list[str]) -> None:
    assert [one.name for one in article(html("", PLAIN, ld={**LD, "author": author})).authors] == expected


def test_the_printed_byline_names_who_wrote_it() -> None:
    body = PLAIN.replace(
        "</h1>", '</h1><div class="byline"><span>By</span> <span>Ruth Amberly</span><time>4 March</time></div>'
    )
    it = article(html("", body, ld=None))
    assert it.authors == (Author(name="Ruth Amberly"),)
    assert it.paragraphs == (P1, P2, P3)


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        (meta(article__published_time="2026-03-04T10:00:00+01:00"), URL, ("2026-03-04T09:00:00Z", "second", "meta")),
        (meta(article__published_time="2026-03-04"), URL, ("2026-03-04T00:00:00Z", "day", "meta")),
        ("", URL, ("2026-03-04T00:00:00Z", "day", "url")),
        ("", "https://www.news.example/harbour-reopens-after-two-days", (None, None, None)),
        (
            meta(article__published_time="03/04/2026"),
            "https://www.news.example/harbour-reopens-in-2009",
            (None, None, None),
        ),
    ],
)
def test_a_date_is_what_the_page_states_never_a_guess(
    head: str, url: str, expected: tuple[str | None, str | None, str | None]
) -> None:
    it = article(html(head, PLAIN, ld=None), url=url)
    assert (it.date_published, it.date_precision, it.date_source) == expected


def test_a_time_on_the_same_day_refines_a_day() -> None:
    head = meta(article__published_time="2026-03-04")
    body = PLAIN.replace("</h1>", '</h1><time datetime="2026-03-04T10:11:12Z">today</time>')
    assert article(html(head, body, ld=None)).date_published == "2026-03-04T10:11:12Z"


def test_a_date_in_a_side_column_is_not_the_articles() -> None:
    body = PLAIN + '<aside><time datetime="2026-03-01T10:11:12Z">Sunday</time></aside>'
    it = article(html("", body, ld=None), url="https://www.news.example/harbour-reopens-after-two-days")
    assert it.date_published is None


@pytest.mark.parametrize("raw", ["2199-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_an_implausible_date_is_refused_with_a_flag(raw: str) -> None:
    page = html(meta(article__published_time=raw), PLAIN, ld=None)
    it = article(page, url="https://www.news.example/harbour-reopens")
    assert it.date_published is None
    assert "date_implausible" in it.flags


def a_hint(**values: object) -> Hint:
    return replace(Hint(url=URL, via="feed"), **values)  # type: ignore[arg-type]


def test_the_feed_is_a_second_opinion() -> None:
    hint = a_hint(
        title="Council votes on school meals", date_published="Sun, 01 Mar 2026 10:00:00 GMT",
        publisher="Harbour Times", tags=("harbour",), authors=("Ruth Amberly",), access="paywalled",
    )  # fmt: skip
    head = meta(article__published_time="2026-03-05T10:00:00Z")
    it = article(html(head, PLAIN, ld=None), hint=hint, discovered_via="feed")
    assert {"title_conflict", "date_conflict"} <= set(it.flags)
    assert it.title == "Harbour reopens"
    assert (it.publisher, it.tags, it.access) == ("Harbour Times", ("harbour",), "paywalled")
    assert [author.name for author in it.authors] == ["Ruth Amberly"]


def test_the_feed_dates_a_page_that_does_not() -> None:
    hint = a_hint(title="Harbour reopens", date_published="Wed, 04 Mar 2026 10:00:00 GMT")
    it = article(html("", PLAIN, ld=None), hint=hint, url="https://www.news.example/harbour-reopens")
    assert (it.date_published, it.date_source) == ("2026-03-04T10:00:00Z", "feed")
    assert not {"title_conflict", "date_conflict"} & set(it.flags)


@pytest.mark.parametrize(
    ("lastmod", "expected"), [("2026-03-04T10:00:00Z", None), ("2026-03-05T10:00:00Z", "2026-03-05T10:00:00Z")]
)
def test_a_lastmod_that_only_repeats_the_publication_is_no_modification(lastmod: str, expected: str | None) -> None:
    head = meta(article__published_time="2026-03-04T10:00:00Z")
    assert article(html(head, PLAIN, ld=None), hint=a_hint(date_modified=lastmod)).date_modified == expected


def test_opt_out_signals_are_kept_raw() -> None:
    head = '<meta name="robots" content="noai, noimageai"><meta name="tdm-reservation" content="1">'
    headers = (("X-Robots-Tag", "noarchive"), ("tdm-policy", "https://news.example/tdm.json"))
    optout = article(html(head, PLAIN, ld=None), headers=headers, robots_rule="Allow: /").optout
    assert (optout.meta_robots, optout.x_robots_tag) == ("noai, noimageai", "noarchive")
    assert (optout.tdm_reservation, optout.tdm_policy) == ("1", "https://news.example/tdm.json")
    assert optout.robots_rule == "Allow: /"


def test_breadcrumbs_then_the_address_name_the_section() -> None:
    names = [("Home", "https://www.news.example/"), ("Local", "/local/"), ("Harbour reopens", URL)]
    crumbs = [{"@type": "ListItem", "item": {"@id": url, "name": name}} for name, url in names]
    assert article(html("", PLAIN, ld={"@type": "BreadcrumbList", "itemListElement": crumbs})).section == "Local"
    assert (
        article(html("", PLAIN, ld=None), url="https://www.news.example/politics/harbour-reopens").section == "politics"
    )
    assert article(html("", PLAIN, ld=None)).section is None


def test_a_live_blog_is_flagged_not_refused() -> None:
    it = article(html("", PLAIN, ld={**LD, "@type": "LiveBlogPosting"}))
    assert it.article_type == "live"
    assert "live_blog" in it.flags


def test_a_description_that_repeats_the_text_is_dropped() -> None:
    head = meta(og__description=P1[:80] + "…")
    assert article(html(head, PLAIN, ld=None)).description is None


def test_a_first_paragraph_that_is_the_description_stays_in_the_text() -> None:
    assert article(html(meta(og__description=P1), PLAIN, ld=None)).paragraphs == (P1, P2, P3)


def test_a_line_of_author_date_and_reading_time_is_no_text() -> None:
    byline = '<div><span>Ruth Amberly</span><time datetime="2026-03-04T10:00:00Z">4 March</time><b>2 min</b></div>'
    it = article(html(meta(og__description=P1), PLAIN.replace("</h1>", f"</h1>{byline}"), ld=None))
    assert it.paragraphs == (P1, P2, P3)
    assert it.description is None


def test_the_stated_body_stands_in_for_a_page_that_prints_none() -> None:
    ld = {**LD, "articleBody": f"{P1}\n{P2}\n{P3}"}
    assert article(html("", "<h1>Harbour reopens</h1><div id=app></div>", ld=ld)).paragraphs == (P1, P2, P3)


def test_hidden_text_and_furniture_are_no_text() -> None:
    noise = "Some words that are long enough to be taken for a paragraph of the article by anybody who counts them."
    hidden = "".join(
        f"<div {attributes}><p>{noise}</p></div>"
        for attributes in (
            "hidden", 'aria-hidden="true"', 'style="display: none"', 'role="dialog"', 'class="cookie-banner"',
            'class="related-articles"', 'id="newsletter-signup"', 'class="c-Newsletter"',
        )
    )  # fmt: skip
    assert article(html("", PLAIN.replace(f"<p>{P2}", f"{hidden}<p>{P2}"), ld=None)).paragraphs == (P1, P2, P3)


def test_a_block_named_like_furniture_that_holds_the_article_stays() -> None:
    body = f'<div class="share-container"><h1>Harbour reopens</h1><p>{P1}</p><p>{P2}</p><p>{P3}</p></div>'
    assert article(html("", body, ld=None)).paragraphs == (P1, P2, P3)


def test_code_in_a_sentence_does_not_break_it() -> None:
    said = "The port runs <code>ferry --now</code> each morning, and its master reads the answer aloud to the crew."
    text = "".join(f"<p>{said} Day {day}.</p>" for day in range(4))
    body = html(body=f"<article><h1>Harbour reopens after two days of repairs</h1>{text}</article>").encode()
    article = extract_article(Page(url=URL, html=body, date_crawled="2026-03-05T10:00:00Z"))
    assert (
        article.paragraphs[1]
        == "The port runs ferry --now each morning, and its master reads the answer aloud to the crew. Day 1."
    )
