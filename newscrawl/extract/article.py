"""Page -> Article: the order of the steps, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version

from newscrawl.article import PARAGRAPH_BREAK, Article, Extractor, Page
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract import gate
from newscrawl.extract.authors import read_authors
from newscrawl.extract.date_lines import printed_dates
from newscrawl.extract.dates import date_article, time_elements
from newscrawl.extract.embeds import plain_posts
from newscrawl.extract.garbage import collected_later
from newscrawl.extract.head import Head, read_head
from newscrawl.extract.images import read_images
from newscrawl.extract.jsonld import read_jsonld
from newscrawl.extract.kind import read_language, read_section, read_tags, read_type
from newscrawl.extract.layout import read_layout
from newscrawl.extract.lines import address, line
from newscrawl.extract.live import live_text, stated_updates
from newscrawl.extract.names import site_names
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.prune import drop, prune
from newscrawl.extract.rights import read_access, read_license, read_optout
from newscrawl.extract.standfirst import describe, stated_descriptions
from newscrawl.extract.stated import Stated
from newscrawl.extract.text import config_hash, read_text
from newscrawl.extract.title import common_title, headings, pick_title, printed_part, stated_titles, titles_conflict
from newscrawl.extract.tree import parse_page
from newscrawl.text.language import load_model
from newscrawl.urls import normalise_url, same_site, site_of

DEFAULTS = ExtractOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What extraction made of one page."""

    article: Article
    """Not cleaned; without id, revision, counts and hashes."""
    standfirst: str | None
    """The description, when the page prints it above the text; else None."""


def warm_up() -> None:
    """A worker that begins with extraction may be asked to refine later; it can load no model then."""
    load_model()


def extract_article(page: Page, options: ExtractOptions = DEFAULTS) -> Article:
    """The article of a page, not cleaned yet.

    Raises:
        ArticleRejected: the page holds no article; says why.
    """
    return read_page(page, options).article


def read_page(page: Page, options: ExtractOptions = DEFAULTS) -> Reading:
    """The article of a page, and whether its description is printed on it.

    Raises:
        ArticleRejected: the page holds no article; says why.
    """
    with collected_later():
        return _read_page(page, options)


def _read_page(page: Page, options: ExtractOptions) -> Reading:
    gate.check_bytes(page)
    tree = parse_page(page, options)
    if tree is None:
        raise ArticleRejected(Outcome.NO_TEXT, page.url, f"no element in {len(page.html)} bytes")
    root, url = tree.root, normalise_url(page.url)
    head = read_head(root)
    canonical, offsite = read_canonical(head, url)
    jsonld = read_jsonld(root, tuple(filter(None, (page.url, url, canonical))))
    said = Stated(url=url, head=head, jsonld=jsonld, hint=page.hint)
    names = site_names(said)
    stated_by = stated_titles(head, jsonld, headings(root), names)
    titles = stated_by.all()
    title = pick_title(stated_by) or (line(page.hint.title) if page.hint else None)
    printed_title = common_title(titles) or title
    if title and len(titles) == 1:
        title = printed_title = printed_part(root, title) or title
    stated = stated_descriptions(head, jsonld, page.hint)
    titles = tuple(dict.fromkeys(text for text in (printed_title, title, *titles) if text))
    # A feed's summary is often the first paragraph: what it repeats proves no standfirst.
    layout = read_layout(root, titles, stated_descriptions(head, jsonld, None))
    language = read_language(head, jsonld, page.hint)
    dated = date_article(
        page, head, jsonld, time_elements(root, layout), cache(partial(printed_dates, layout, language))
    )
    evidence = gate.weigh(root, said, titles, len(page.html))
    article = Article(
        url=url,
        url_canonical=canonical,
        source=page.source or site_of(url),
        site=site_of(url),
        publisher=names.publisher,
        title=title,
        language=language,
        authors=read_authors(said, layout.bylines, names, root, layout),
        section=read_section(said, titles),
        tags=read_tags(head, jsonld, page.hint),
        images=read_images(head, jsonld, layout.figures, url),
        article_type=read_type(jsonld),
        date_published=dated.published,
        date_precision=dated.precision,
        date_source=dated.source,
        date_evidence=dated.evidence,
        date_modified=dated.modified,
        date_crawled=page.date_crawled,
        access=read_access(head, jsonld, page.hint.access if page.hint else None),
        license=read_license(root, head, jsonld, page),
        optout=read_optout(head, page),
        discovered_via=page.discovered_via,
        extractor=extractor(),
    )
    printed = None if layout.standfirst is None else line(layout.standfirst.text_content())
    plain_posts(root)
    live = live_text(root, layout, jsonld)
    prune(root, layout)
    for element in (layout.standfirst, *layout.bylines, *layout.datelines, *layout.repeats, layout.heading):
        if element is not None:
            drop(element)
    text = live or read_text(root, layout, jsonld)
    text = stated_updates(jsonld, text) or text
    is_list = gate.check_text(evidence, text, options)
    described = describe(text, titles, printed, stated, article.authors)
    article = replace(
        article,
        text=PARAGRAPH_BREAK.join(described.text) or None,
        description=described.description,
        article_type="live" if live else article.article_type,
    ).with_flags(
        *dated.flags,
        *_flags(
            list_like=is_list,
            encoding_repaired=tree.repaired,
            truncated_page=page.truncated,
            canonical_offsite=offsite,
            title_conflict=page.hint is not None and titles_conflict(title, page.hint.title),
            live_blog=bool(live) or article.article_type == "live",
            teaser_only=article.access == "paywalled" and sum(map(len, described.text)) < options.teaser_chars,
        ),
    )
    return Reading(article=article, standfirst=described.standfirst)


def read_canonical(head: Head, url: str) -> tuple[str | None, bool]:
    """The canonical URL when it is on the same site; and whether the page names one of another site."""
    stated = address(head.link("canonical"), url)
    if stated is None:
        return None, False
    try:
        canonical = normalise_url(stated)
    except ValueError:
        return None, False
    return (canonical, False) if same_site(canonical, url) else (None, True)


@cache
def extractor() -> Extractor:
    """Which code and options make the text."""
    return Extractor(name="trafilatura", version=f"v{version('trafilatura')}", config=config_hash())


def _flags(**raised: bool) -> tuple[str, ...]:
    return tuple(name for name, is_raised in raised.items() if is_raised)
