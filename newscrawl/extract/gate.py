"""What is not an article, told by figures. A real article must pass: a check needs two signs that agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from newscrawl.discover.shapes import looks_like_article_url, looks_like_list_url
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.jsonld import ARTICLE_TYPES, LIST_TYPES
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold
from newscrawl.text.scripts import word_count

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.article import Page
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.stated import Stated

MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"RIFF", "media data"),
    (b"OggS", "media data"),
    (b"\x00\x00\x00", "media data"),
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROLS = bytes((*range(1, 9), *range(14, 27), *range(28, 32)))
"""Bytes that no text is written with; ESC is, in Japanese."""
FEEDS = (b"<rss", b"<feed", b"<urlset", b"<sitemapindex", b"<rdf:RDF")
LONG_WORDS = 30
"""From here on a paragraph is prose, and not a teaser or a label."""
SHORT_WORDS = 18
MANY_PARAGRAPHS = 8
MUCH_PROSE = 5
FEW_CHARS = 1_000
"""A page with more text than this is not refused for what its title says."""
VERY_FEW_CHARS = 300
"""A page with more text than this is not refused because it asks for JavaScript."""
HEADLINE_CHARS = 25
"""A link with this much text may be a headline."""
CUT_OFF = ("…", "...", "[…]", "[...]", "»")
LIST_LINKS = 15
MAX_LINKS = 2_000
APP_ROOTS = "//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt']"
APP_VISIBLE_CHARS = 200
APP_SCRIPT_CHARS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The signs of one page, read before anything is taken out of it."""

    url: str
    html_bytes: int
    not_found: str | None
    """Why this looks like an error page, in words."""
    javascript: str | None
    """Why this looks like a page that only JavaScript fills, in words."""
    headlines: tuple[str, ...]
    """Texts of the links to what look like articles of this site, each with a headline's length of text.

    Not looked for where the address is an article's: nothing would follow from them.
    """
    is_declared: bool
    """JSON-LD or og:type says that this is an article."""
    is_dated: bool
    is_declared_list: bool
    has_list_url: bool
    has_article_url: bool


def check_bytes(page: Page) -> None:
    """Refuse what is no HTML, by its first bytes."""
    start = page.html[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise ArticleRejected(Outcome.NO_TEXT, page.url, "the body is empty")
    if start.startswith(UTF_16):
        return
    for magic, name in MAGIC:
        if start.startswith(magic):
            raise ArticleRejected(Outcome.NOT_HTML, page.url, f"the body is {name}")
    if (n := len(start) - len(start.translate(None, CONTROLS))) * 50 > len(start):
        raise ArticleRejected(Outcome.NOT_HTML, page.url, f"{n} of the first {len(start)} bytes are controls")
    if start[:1] in b"{[" and b"<" not in page.html[:200]:
        raise ArticleRejected(Outcome.NOT_HTML, page.url, "the body is JSON")
    if b"\0" not in start and b"<" not in page.html:
        raise ArticleRejected(Outcome.NOT_HTML, page.url, f"no markup in {len(page.html)} bytes")
    if start.startswith((b"<?xml", *FEEDS)) and any(mark in start for mark in FEEDS):
        raise ArticleRejected(Outcome.NOT_HTML, page.url, "the body is a feed or a sitemap")


def weigh(root: HtmlElement, stated: Stated, titles: tuple[str, ...], html_bytes: int) -> Evidence:
    """Read the signs of the page."""
    head, jsonld, url = stated.head, stated.jsonld, stated.url
    dated = jsonld.article.get("datePublished") or head.first(
        "article:published_time", "datepublished", "parsely-pub-date"
    )
    has_article_url = looks_like_article_url(url) is True
    return Evidence(
        url=url,
        html_bytes=html_bytes,
        not_found=_not_found(stated, titles),
        javascript=_needs_javascript(root),
        headlines=() if has_article_url else _headlines(root, url),
        is_declared=bool(jsonld.article) or "article" in (head.first("og:type") or "").lower(),
        is_dated=bool(dated),
        is_declared_list=bool(jsonld.types & LIST_TYPES) and not jsonld.types & ARTICLE_TYPES,
        has_list_url=looks_like_list_url(url),
        has_article_url=has_article_url,
    )


def check_text(evidence: Evidence, text: list[str], options: ExtractOptions) -> bool:
    """Refuse what is no article; return whether what passes looks like a list all the same."""
    chars = sum(map(len, text))
    url = evidence.url
    if chars < FEW_CHARS and evidence.not_found:
        raise ArticleRejected(Outcome.SOFT_404, url, f"{evidence.not_found}; {chars} characters of text")
    if chars < VERY_FEW_CHARS and evidence.javascript:
        raise ArticleRejected(Outcome.NEEDS_JAVASCRIPT, url, f"{evidence.javascript}; {chars} characters of text")
    counts = [] if evidence.has_article_url else [word_count(paragraph) for paragraph in text]
    long = sum(count >= LONG_WORDS for count in counts)
    listed = None if evidence.has_article_url else _list_page(evidence, text, counts)
    if listed and not (evidence.is_declared and (evidence.is_dated or long >= 2)):
        raise ArticleRejected(Outcome.LIST_PAGE, url, f"{listed}, {long} long paragraphs, {chars} characters of text")
    if not chars:
        raise ArticleRejected(Outcome.NO_TEXT, url, f"no text in {evidence.html_bytes} bytes of HTML")
    if chars < options.min_text_chars:
        raise ArticleRejected(
            Outcome.TOO_SHORT, url, f"{chars} characters of text, fewer than {options.min_text_chars}"
        )
    return listed is not None


def _list_page(evidence: Evidence, text: list[str], counts: list[int]) -> str | None:
    """Why this looks like a list of articles; None when it does not. ``counts`` are the words of each paragraph."""
    links = len(evidence.headlines)
    long = sum(count >= LONG_WORDS for count in counts)
    short = sum(count < SHORT_WORDS for count in counts)
    # Much prose and few headlines: an article whose address has a word that lists have.
    is_prose = long >= MUCH_PROSE and links < long and bool(urlsplit(evidence.url).path.strip("/"))
    if evidence.has_list_url and not is_prose:
        return f"the address is that of a list, {links} links to articles"
    if evidence.is_declared_list and links >= LIST_LINKS and long < 3:
        return f"the page declares a list, {links} links to articles"
    whole = " ".join(text)
    if links >= LIST_LINKS and 2 * sum(len(headline) for headline in evidence.headlines if headline in whole) > len(
        whole
    ):
        return f"{links} links to articles are most of the text"
    if links >= LIST_LINKS and (not long or (long < 2 and short > 3 * (long + 1))):
        return f"{links} links to articles"
    cut = sum(paragraph.endswith(CUT_OFF) for paragraph in text)
    if links >= 2 and text and 2 * cut >= len(text):
        return f"{links} links to articles, {cut} of {len(text)} paragraphs cut off"
    if short == len(counts) >= MANY_PARAGRAPHS and not evidence.is_dated:
        return f"{short} lines and no paragraph, {links} links to articles"
    return None


def _headlines(root: HtmlElement, url: str) -> tuple[str, ...]:
    texts: dict[str, str] = {}
    for link in root.iter("a"):
        href = link.get("href") or ""
        text = " ".join((link.text_content() or "").split())
        if len(href) > 1 and href not in texts and len(text) >= HEADLINE_CHARS:
            texts[href] = text
            if len(texts) >= MAX_LINKS:
                break
    host = urlsplit(url).hostname
    return tuple(text for href, text in texts.items() if _is_own_article(href, url, host))


def _is_own_article(href: str, url: str, host: str | None) -> bool:
    try:
        target = urljoin(url, href)
        return urlsplit(target).hostname == host and looks_like_article_url(target) is True
    except ValueError:
        return False


def _not_found(stated: Stated, titles: tuple[str, ...]) -> str | None:
    """A title that says so, or a page that names the home page as its own address."""
    for key in map(fold, titles):
        for phrase in _phrases("not_found"):
            # A headline may have these words in it; an error page has little else.
            if phrase in key and 2 * len(phrase) >= len(key):
                return f'a title says "{phrase}"'
    path = urlsplit(stated.url).path.strip("/")
    for named in (stated.head.link("canonical"), stated.head.first("og:url")):
        try:
            parts = urlsplit(named or "")
        except ValueError:
            continue
        if path and parts.hostname == urlsplit(stated.url).hostname and not parts.path.strip("/") and not parts.query:
            return "the page names the home page as its own address"
    return None


@cache
def _phrases(key: str) -> tuple[str, ...]:
    return tuple(fold(phrase) for phrase in words("gate", key))


def _ink(element: HtmlElement) -> int:
    """Characters of an element that are not white space."""
    return len("".join((element.text_content() or "").split()))


def _needs_javascript(root: HtmlElement) -> str | None:
    body = root.find("body")
    if body is None:
        return None
    prose = 0
    for paragraph in body.iter("p"):
        prose += _ink(paragraph)
        if prose >= FEW_CHARS:
            return None  # nearly every page ends here, soon
    visible = _ink(body) - sum(map(_ink, body.iter("script", "style", "noscript", "template")))
    if visible >= FEW_CHARS:
        return None
    asks = " ".join((element.text_content() or "")[:2_000] for element in root.iter("noscript", "body"))
    asked = fold(asks[:20_000])
    if any(phrase in asked for phrase in _phrases("needs_javascript")):
        return "the page asks for JavaScript"
    scripts = sum(len(script.text or "") for script in root.iter("script") if "json" not in (script.get("type") or ""))
    if visible < APP_VISIBLE_CHARS and (root.xpath(APP_ROOTS) or scripts > APP_SCRIPT_CHARS):
        return f"{visible} visible characters and {scripts} of script"
    return None
