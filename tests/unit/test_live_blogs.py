"""Live blogs come out entry by entry, in the order of the page, each under its time."""

from __future__ import annotations

import json

from newscrawl.article import Article, Page
from newscrawl.refine import article_from_page

LEAD = "We report from the harbour all day, with all that happens at the northern gate and on the pier."
TEXTS = [
    "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said.",
    "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter.",
    "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay.",
]
UPDATES = [
    {"@type": "BlogPosting", "headline": f"Entry {n}", "datePublished": f"2026-03-04T1{n}:05:00Z", "articleBody": text}
    for n, text in enumerate(TEXTS)
]


def live(body: str, *, updates: object = None) -> Article:
    stated = {"@context": "https://schema.org", "@type": "LiveBlogPosting", "headline": "Harbour", "x": updates}
    stated["liveBlogUpdate"] = stated.pop("x")
    script = f'<script type="application/ld+json">{json.dumps(stated)}</script>' if updates is not None else ""
    html = f"""<!doctype html><html lang="en"><head><title>Harbour reopens, as it happened</title>{script}</head><body>
<article><h1>Harbour reopens, as it happened</h1><p>{LEAD}</p>{body}</article>
<section class="comments"><div class="comment"><time datetime="2026-03-05T08:00:00Z">08:00</time><p>{TEXTS[0]} Yes!</p>
</div><div class="comment"><time datetime="2026-03-05T09:00:00Z">09:00</time><p>{TEXTS[1]} No!</p></div></section>
</body></html>"""
    page = Page(url="https://paper.example/live/harbour-reopens-1", html=html.encode(), date_crawled=CRAWLED)
    return article_from_page(page)


CRAWLED = "2026-03-06T00:00:00Z"


def entry(clock: str, text: str, *, printed: str = "", title: str = "", more: str = "") -> str:
    time = f'<time datetime="2026-03-04T{clock}:00+01:00">{printed or clock}</time>'
    return f"""<div class="liveblog-entry"><header>{time}
<span class="byline">Ruth Amberly</span>{f"<h3>{title}</h3>" if title else ""}</header><div><p>{text}</p>{more}</div>
<ul class="share-buttons"><li>Share</li><li>Copy link</li></ul></div>"""


def test_entries_stand_in_the_order_of_the_page_each_under_its_time() -> None:
    body = entry("12:40", TEXTS[0], title="The gate opens") + entry("11:15", TEXTS[1]) + entry("09:05", "Good morning.")
    found = live(f'<div class="live">{body}</div>', updates=[])
    assert found.paragraphs == (
        *(LEAD, "12:40", "The gate opens", TEXTS[0]),
        *("11:15", TEXTS[1]),
        *("09:05", "Good morning."),
    )
    assert found.article_type == "live"
    assert "live_blog" in found.flags


def test_the_controls_of_the_ticker_are_no_text() -> None:
    controls = '<div class="ticker-controls"><button>Newest first</button><button>Refresh</button></div>'
    body = controls + entry("12:40", TEXTS[0]) + entry("11:15", TEXTS[1]) + "<button>Load more entries</button>"
    assert live(f"<div>{body}</div>", updates=[]).paragraphs == (LEAD, "12:40", TEXTS[0], "11:15", TEXTS[1])


def test_a_time_that_is_no_clocks_is_taken_from_what_the_element_states() -> None:
    body = entry("12:40", TEXTS[0], printed="3 minutes ago") + entry("11:15", TEXTS[1], printed="4 March, 11.15 h")
    paragraphs = live(f"<div>{body}</div>", updates=[]).paragraphs
    assert paragraphs == (LEAD, "12:40", TEXTS[0], "4 March, 11.15 h", TEXTS[1])


def test_an_entry_keeps_its_lists_and_quotations() -> None:
    more = "<ul><li>the crane</li><li>the tug</li></ul><blockquote><p>It went well.</p></blockquote>"
    body = entry("12:40", TEXTS[0], more=more) + entry("11:15", TEXTS[1])
    lines = ("12:40", TEXTS[0], "- the crane", "- the tug", "It went well.", "11:15", TEXTS[1])
    assert live(f"<div>{body}</div>", updates=[]).paragraphs == (LEAD, *lines)


def test_a_page_is_a_live_blog_by_the_names_of_its_boxes_too() -> None:
    body = "".join(entry(f"1{place}:15", text) for place, text in enumerate(TEXTS))
    found = live(f'<div class="live-blog">{body}</div>')
    assert found.article_type == "live"
    assert found.paragraphs[1:3] == ("10:15", TEXTS[0])


def test_comments_with_their_times_make_no_live_blog() -> None:
    found = live("".join(f"<p>{text}</p>" for text in TEXTS))
    assert found.article_type != "live"
    assert found.paragraphs == (LEAD, *TEXTS)


def test_entries_that_only_the_stated_data_have_are_taken_from_there() -> None:
    found = live('<div id="live-root"></div>', updates=UPDATES)
    expected = [(f"1{place}:05", f"Entry {place}", text) for place, text in enumerate(TEXTS)]
    assert found.paragraphs == tuple(line for lines in expected for line in lines)


def test_a_few_stated_words_do_not_take_the_place_of_a_longer_text() -> None:
    updates = [
        {"@type": "BlogPosting", "headline": None, "articleBody": f"More on this at {hour}."} for hour in (9, 10)
    ]
    article = live("".join(f"<p>{text}</p>" for text in TEXTS), updates=updates)
    assert article.paragraphs == (LEAD, *TEXTS)


def test_entries_of_several_days_stand_in_one_order() -> None:
    days = [entry("12:40", TEXTS[0]) + entry("11:15", TEXTS[1]), entry("18:05", TEXTS[2]) + entry("09:00", "Hello.")]
    found = live(
        "".join(f'<section class="day"><h2>Day {n}</h2>{day}</section>' for n, day in enumerate(days)), updates=[]
    )
    assert found.paragraphs == (LEAD, "12:40", TEXTS[0], "11:15", TEXTS[1], "18:05", TEXTS[2], "09:00", "Hello.")
