"""What is not an article, told by figures. A real article must pass: every check needs two signs that agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from newscrawl.article import Page
from newscrawl.discover.sections import looks_like_article_url, looks_like_list_url
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract.head import Head
from newscrawl.extract.jsonld import ARTICLE_TYPES, LIST_TYPES, JsonLd
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold

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
LONG_PARAGRAPH = 200
"""Characters from which on a paragraph is prose and not a teaser or a label."""
FEW_CHARS = 1_000
LIST_LINKS = 15
MAX_SCRIPT_ELEMENTS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The figures the checks look at."""

    chars: int
    """Characters of the extracted text."""
    long_paragraphs: int
    short_paragraphs: int
    article_links: int
    """Links on the page that look like articles of this site and have a headline's length of text."""
    declared: bool
    """JSON-LD or og:type says that this is an article."""
    dated: bool
    """JSON-LD or a meta element states when it was published."""
    list_url: bool
    article_url: bool
    page_chars: int
    """Visible characters of the whole page."""
    script_chars: int


def check_bytes(page: Page) -> None:
    """Refuse what is no HTML, by its first bytes."""
    start = page.html[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise ArticleRejected(Outcome.NO_TEXT, page.url, "the body is empty")
    for magic, name in MAGIC:
        if start.startswith(magic):
            raise ArticleRejected(Outcome.NOT_HTML, page.url, f"the body is {name}")
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return
    if start[:1] in b"{[" and b"<" not in page.html[:200]:
        raise ArticleRejected(Outcome.NOT_HTML, page.url, "the body is JSON")
    if b"\0" not in start and b"<" not in page.html:
        raise ArticleRejected(Outcome.NOT_HTML, page.url, f"no markup in {len(page.html)} bytes")
    if start.startswith(b"<?xml") and any(mark in start for mark in (b"<rss", b"<feed", b"<urlset", b"<sitemapindex")):
        raise ArticleRejected(Outcome.NOT_HTML, page.url, "the body is a feed or a sitemap")


def weigh(root: HtmlElement, head: Head, jsonld: JsonLd, url: str) -> Evidence:
    """The figures of the page before anything is taken out of it; text is filled in by `with_text`."""
    seen: set[str] = set()
    host = urlsplit(url).hostname
    for link in root.iter("a"):
        href = link.get("href") or ""
        if len(href) < 8 or href in seen or len((link.text_content() or "").strip()) < 25:
            continue
        seen.add(href)
        if len(seen) >= 2_000:
            break
    own = sum(1 for href in seen if _own_article(href, url, host))
    scripts = [script.text or "" for script in root.iter("script") if "json" not in (script.get("type") or "")]
    body = root.find("body")
    silent = () if body is None else body.iter("script", "style", "noscript", "template")
    hidden = sum(len(element.text_content() or "") for element in silent)
    og_type = (head.first("og:type") or "").lower()
    return Evidence(
        chars=0,
        long_paragraphs=0,
        short_paragraphs=0,
        article_links=own,
        declared=bool(jsonld.article) or og_type in {"article", "og:article", "newsarticle", "news"},
        dated=bool(
            jsonld.article.get("datePublished")
            or head.first("article:published_time", "datepublished", "parsely-pub-date")
        ),
        list_url=looks_like_list_url(url),
        article_url=looks_like_article_url(url),
        page_chars=max(0, len(body.text_content()) - hidden) if body is not None else 0,
        script_chars=sum(map(len, scripts)),
    )


def _own_article(href: str, url: str, host: str | None) -> bool:
    from urllib.parse import urljoin

    try:
        target = urljoin(url, href)
        return urlsplit(target).hostname == host and looks_like_article_url(target)
    except ValueError:
        return False


def check_text(
    page: Page,
    root: HtmlElement,
    head: Head,
    jsonld: JsonLd,
    title: str | None,
    text: list[str],
    evidence: Evidence,
    options: ExtractOptions,
) -> tuple[str, ...]:
    """Refuse what is no article; return the flags of what is one all the same."""
    chars = sum(map(len, text))
    long = sum(len(paragraph) >= LONG_PARAGRAPH for paragraph in text)
    if chars < FEW_CHARS and (reason := _not_found(title, head, page.url)):
        raise ArticleRejected(Outcome.SOFT_404, page.url, f"{reason}; {chars} characters of text")
    if chars < FEW_CHARS and (reason := _needs_javascript(root, evidence, chars)):
        raise ArticleRejected(Outcome.NEEDS_JAVASCRIPT, page.url, reason)
    listed = _list_page(jsonld, evidence, text, chars, long)
    if listed and not (evidence.declared and (evidence.dated or long >= 2)):
        raise ArticleRejected(Outcome.LIST_PAGE, page.url, listed)
    if not chars:
        raise ArticleRejected(Outcome.NO_TEXT, page.url, f"no text in {len(page.html)} bytes of HTML")
    if chars < options.min_text_chars:
        raise ArticleRejected(
            Outcome.TOO_SHORT, page.url, f"{chars} characters of text, fewer than {options.min_text_chars}"
        )
    return ("list_like",) if listed else ()


def _not_found(title: str | None, head: Head, url: str) -> str | None:
    texts = [fold(text) for text in (title, head.title) if text]
    for key in texts:
        for phrase in _folded("not_found"):
            if (
                key == phrase
                or (len(key) < 80 and f" {phrase} " in f" {key} " and phrase != "not found")
                or (len(phrase) > 4 and len(key) < 80 and phrase in key and not phrase.isascii())
            ):
                return f'the title says "{phrase}"'
    for stated in (head.link("canonical"), head.first("og:url")):
        if stated and urlsplit(url).path.strip("/"):
            parts = urlsplit(stated)
            if (
                parts.hostname
                and parts.hostname == urlsplit(url).hostname
                and not parts.path.strip("/")
                and not parts.query
            ):
                return "the page names the home page as its own address"
    return None


@cache
def _folded(key: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in words("gate", key))


def _needs_javascript(root: HtmlElement, evidence: Evidence, chars: int) -> str | None:
    if evidence.page_chars >= FEW_CHARS:
        return None
    asks = fold(" ".join((element.text_content() or "")[:2_000] for element in root.iter("noscript", "body"))[:20_000])
    if any(phrase in asks for phrase in _folded("needs_javascript")):
        return f"the page asks for JavaScript and has {chars} characters of text without it"
    app = root.xpath("//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @data-reactroot]")
    if evidence.page_chars < 200 and (app or evidence.script_chars > 20_000):
        return f"{evidence.page_chars} visible characters and {evidence.script_chars} of script"
    return None


def _list_page(jsonld: JsonLd, evidence: Evidence, text: list[str], chars: int, long: int) -> str | None:
    """Why this looks like a list of articles; None when it does not."""
    links = evidence.article_links
    figures = f"{links} links to articles, {long} long paragraphs, {chars} characters of text"
    if evidence.list_url and not evidence.article_url and not (evidence.declared and long):
        return f"the address is that of a list; {figures}"
    if jsonld.types & LIST_TYPES and not jsonld.types & ARTICLE_TYPES and links >= LIST_LINKS and long < 3:
        return f"the page declares a list; {figures}"
    if links >= LIST_LINKS and not long and not evidence.article_url:
        return figures
    short = sum(len(paragraph) < 120 for paragraph in text)
    if links >= 2 * LIST_LINKS and long < 2 and short > 3 * (long + 1) and not evidence.article_url:
        return figures
    return None
