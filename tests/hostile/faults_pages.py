"""Faults of a page's size and shape: what a parser, a tree walk or a regular expression may choke on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import honest
from fault import expects, holds, page_fault
from hostile_server import Answer

if TYPE_CHECKING:
    from fault import Check

TOO_MUCH = ("timeout", "too_large", "error")
"""A page may cost its worker, and then it is given up in words."""


def whole(name: str, count: int = 6) -> Check:
    """The article is there from its first to its last paragraph, and nothing else is."""
    paragraphs = honest.prose(name, count)
    return expects(text="\n\n".join(paragraphs), title=f"The page of {name}")


def page(name: str, *, head: str = "", before: str = "", after: str = "") -> Answer:
    """A good article with something around it."""
    body = honest.page(f"The page of {name}", honest.prose(name, 6), head=head, before=before, after=after)
    return Answer(body=body)


def around(name: str, why: str, *outcomes: str, head: str = "", before: str = "", after: str = "") -> None:
    """An article with something hostile around it; where it is stored, it is stored whole."""
    page_fault(
        name,
        why,
        page(name, head=head, before=before, after=after),
        *(outcomes or ("article",)),
        check=whole(name),
    )


around("nested_5000", "5,000 divs around the article", before="<div>" * 5_000, after="</div>" * 5_000)
around("nested_100000", "100,000 divs around the article", before="<div>" * 100_000, after="</div>" * 100_000)
around("nested_tables", "5,000 tables around the article", before="<table><tr><td>" * 5_000)
around("nested_mixed", "30,000 wrappers of ten kinds, none closed", before="<div><section><b><span><font>" * 6_000)
around("nested_unknown", "20,000 elements of a made-up name", before="<x-wrap>" * 20_000)
around("nested_beside", "100,000 divs behind the article", after="<div>" * 100_000)
around("unclosed", "50,000 paragraphs that are opened", after="<p>" * 50_000)
around("closing_only", "100,000 elements closed that were never open", before="</div></b></p>" * 100_000)
around("formatting", "20,000 formatting elements left open", after="<b><i><u><font>" * 5_000, before="")
around("attributes", "an element with 100,000 attributes", after=f"<hr {' '.join(f'a{n}=1' for n in range(100_000))}>")
around("long_attribute", "an attribute of 5 MB", after=f'<hr title="{"news " * 1_000_000}">')
around("comments", "500,000 comments", after="<!--x-->" * 500_000)
around("options", "100,000 options in a form", after=f"<form><select>{'<option>News' * 100_000}</select></form>")
around("empty_paragraphs", "200,000 empty paragraphs", "article", *TOO_MUCH, after="<p></p>" * 200_000)
around("oversized_script", "a script of 5 MB", head=f"<script>var a = '{'x<p>' * 1_300_000}';</script>")
around("open_comment", "a comment that never ends, behind the article", after="<!-- " + "news " * 100_000)
around("open_script", "a script that never ends, behind the article", after="<script>" + "news " * 100_000)
around(
    "jsonld_7mb",
    "7 MB of JSON-LD",
    head=f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "x": "y" * 7_000_000})}</script>',
)
around(
    "jsonld_deep",
    "JSON-LD that is 100,000 deep",
    head=f'<script type="application/ld+json">{"[" * 100_000}{"]" * 100_000}</script>',
)
around(
    "jsonld_deep_object",
    "an author within an author, 20,000 deep",
    head=(
        '<script type="application/ld+json">{"@type":"NewsArticle","author":'
        + '{"name":' * 20_000
        + '"x"'
        + "}" * 20_000
        + "}</script>"
    ),
)
around(
    "jsonld_blocks",
    "20,000 blocks of JSON-LD",
    head='<script type="application/ld+json">{"@type":"NewsArticle","headline":"x"}</script>' * 20_000,
)
around(
    "jsonld_breadth",
    "a JSON-LD graph of 60,000 articles",
    head=('<script type="application/ld+json">{"@graph":[' + ",".join(['{"@type":"Thing"}'] * 50_000) + "]}</script>"),
)

_SHORT = " ".join(honest.prose("long_line", 1))
page_fault(
    "long_line",
    "7 MB of article in one line",
    Answer(
        body=f"<!doctype html><title>Long</title><h1>Long</h1><p>{_SHORT * (7_000_000 // len(_SHORT))}</p>".encode()
    ),
    *TOO_MUCH,
)
page_fault(
    "long_word",
    "a word of 3 MB",
    Answer(body=f"<!doctype html><title>Long</title><h1>Long</h1><article><p>{'a' * 3_000_000}</p></article>".encode()),
    "too_short",
    "no_text",
    *TOO_MUCH,
)
page_fault(
    "page_over_limit",
    "a page of 10 MB, one line",
    Answer(body=f"<p>{_SHORT * (10_000_000 // len(_SHORT))}</p>".encode()),
    "too_large",
)
page_fault(
    "links_200000",
    "200,000 links on one page",
    Answer(
        body=b"<!doctype html><title>Links</title>"
        + b"".join(b'<a href="/x/%d">%d</a>\n' % (n, n) for n in range(200_000))
    ),
    "list_page",
    "no_text",
    "too_short",
    *TOO_MUCH,
)
page_fault(
    "links_1000000",
    "a million links within 8 MB",
    Answer(body=b"<!doctype html><title>Links</title>" + b"<a href>x" * 900_000),
    "list_page",
    "no_text",
    "too_short",
    *TOO_MUCH,
)
page_fault(
    "paragraphs_100000",
    "100,000 paragraphs of prose",
    Answer(
        body=honest.page("Much", [f"Sentence number {n} of a page that does not want to end." for n in range(100_000)])
    ),
    *TOO_MUCH,
)
page_fault(
    "tables_100000",
    "a table of 100,000 rows",
    page("tables_100000", after=f"<table>{'<tr><td>1<td>2' * 100_000}</table>"),
    "article",
    *TOO_MUCH,
)
page_fault("empty", "200 with an empty body", Answer(), "no_text")
page_fault("blanks", "1 MB of blanks", Answer(body=b" \n" * 500_000), "no_text", "not_html")
page_fault("zeros", "1 MB of NUL", Answer(body=b"\0" * 1_000_000), "no_text", "not_html")
page_fault(
    "noise",
    "random bytes that say they are HTML",
    Answer(body=bytes(range(256)) * 4000),
    "no_text",
    "too_short",
    "not_html",
)
page_fault("pdf", "a PDF that says it is HTML", Answer(body=b"%PDF-1.7\n" + b"stream " * 999), "not_html")
page_fault(
    "soft_404",
    "a page that is not there, with status 200",
    Answer(
        body=honest.page("Page not found", ["Sorry, the page you are looking for does not exist or has been moved."])
    ),
    "soft_404",
)
page_fault(
    "needs_javascript",
    "a page that only JavaScript fills",
    Answer(
        body=b'<!doctype html><title>News</title><div id="root"></div>'
        b"<noscript>Please enable JavaScript to run this app.</noscript><script>%s</script>" % (b"x=1;" * 9000)
    ),
    "needs_javascript",
)
page_fault(
    "paywall",
    "a teaser before a paywall",
    Answer(
        body=honest.page(
            "The page of paywall",
            honest.prose("paywall", 1),
            head='<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>',
            after="<div>Subscribe to continue reading.</div>",
        )
    ),
    "article",
    check=expects(access="paywalled", flags=holds(("teaser_only",)), text=holds((), but_not=("Subscribe",))),
)
_HARD = (" " * 99 + "\t" * 99) * 150 + "!" * 30_000 + "a," * 15_000 + "(" * 20_000 + "http://" * 3000
page_fault(
    "hard_for_patterns",
    "texts that make careless regular expressions run for ever",
    page("hard_for_patterns", after=f"<p>{_HARD}</p><p>{'By ' * 30_000}</p><p>{'- ' * 30_000}x</p>"),
    "article",
    check=expects(text=holds((honest.prose("hard_for_patterns", 6)[0],))),
)
