"""A portal's system: nested div elements, OpenGraph and microdata, no JSON-LD, the headline again inside the text."""
# ruff: noqa: E501 - markup reads best with an element on one line

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.demo.pages.markup import block_html, e, grouped, join, link, stamp
from newscrawl.demo.view import ALSO_AFTER, ArticleView, ListView, NoticeView

if TYPE_CHECKING:
    from newscrawl.demo.content import Outlet


def article(view: ArticleView) -> str:
    """The page of a story."""
    return _page(view.outlet, _head(view), _main(view), title=f"{view.story.title} | {view.outlet.name}")


def listing(view: ListView) -> str:
    """A list of stories."""
    outlet = view.outlet
    rows = join(
        f"""<div class="row list-item"><div class="col-4"><a href="{e(outlet.story_path(story))}"><img src="/img/{story.number}-thumb.jpg" alt=""></a></div>
<div class="col-8"><div class="item-title">{link(outlet, story)}</div><div class="item-lead">{e(story.teaser)}</div>
<div class="item-date">{e(outlet.printed(story.published)) if story.published else ""}</div></div></div>"""
        for story in view.stories
    )
    pages = " ".join(
        f'<b class="page on">{number}</b>'
        if number == view.number
        else f'<a class="page" href="{e(path)}">{number}</a>'
        for number, path in enumerate(view.pages, 1)
    )
    extras = join(f'<div class="quick"><a href="{e(path)}">{e(words)}</a></div>' for path, words in view.extras)
    intro = f'<div class="intro">{e(view.intro)}</div>' if view.intro else ""
    main = f"""<div class="col-main"><div class="block-head"><div class="h1-like">{e(view.title)}</div></div>{intro}
<div class="block-list">{rows}</div><div class="paging">{e(outlet.word("pages"))} {pages}</div>
<div class="quick-links">{extras}</div></div>"""
    head = '<meta property="og:type" content="website">'
    return _page(outlet, head, main, title=f"{view.title} | {outlet.name}")


def notice(view: NoticeView) -> str:
    """Any other page."""
    main = f"""<div class="col-main"><div class="h1-like">{e(view.title)}</div><div class="static">{view.html}</div></div>"""
    return _page(view.outlet, "", main, title=f"{view.title} | {view.outlet.name}")


def _page(outlet: Outlet, head: str, main: str, *, title: str) -> str:
    menu = join(
        f'<div class="menu-i"><a href="{e(outlet.path("section", section=section.slug))}">{e(section.name)}</a></div>'
        for section in outlet.sections
    )
    feed = ""
    if "atom_linked" in outlet.endpoints:
        feed = f'<link href="{e(outlet.path("feed"))}" rel="alternate" type="application/atom+xml" title="Atom">'
    return f"""<!doctype html>
<html lang="{outlet.language}" dir="{outlet.direction}">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>{e(title)}</title>
<meta property="og:site_name" content="{e(outlet.name)}">
{feed}
{head}
<script>var dataLayer=[];function track(a){{dataLayer.push(a)}}</script>
</head>
<body>
<div id="wrap">
<div class="skip"><a href="#content">{e(outlet.word("skip"))}</a></div>
<div class="cookie-bar" style="position:fixed;bottom:0"><div class="cookie-txt">{e(outlet.word("cookies"))}</div><div class="btn">{e(outlet.word("accept"))}</div></div>
<div class="top"><div class="logo"><a href="/">{e(outlet.name)}</a></div><div class="motto">{e(outlet.word("motto"))}</div></div>
<div class="menu"><div class="menu-i"><a href="/">{e(outlet.word("home"))}</a></div>
{menu}
<div class="menu-i"><a href="{e(outlet.path("search"))}">{e(outlet.word("search"))}</a></div>
<div class="menu-i"><a href="{e(outlet.path("login"))}">{e(outlet.word("login"))}</a></div></div>
<div id="content" class="row">
{main}
</div>
<div class="bottom"><div class="copy">{e(outlet.word("copyright"))}</div><div><a href="{e(outlet.path("about"))}">{e(outlet.word("about"))}</a></div></div>
</div>
</body>
</html>
"""


def _head(view: ArticleView) -> str:
    story, outlet = view.story, view.outlet
    lines = [
        f'<link rel="canonical" href="{e(view.canonical)}">',
        f'<meta name="description" content="{e(story.teaser)}">',
        f'<meta name="keywords" content="{e(", ".join(story.tags))}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{e(story.title)}">',
        f'<meta property="og:description" content="{e(story.teaser)}">',
        f'<meta property="og:image" content="{e(outlet.url(view.image))}">',
        f'<meta property="og:url" content="{e(view.url)}">',
        f'<meta property="article:section" content="{e(outlet.section_name(story.section))}">',
    ]
    lines += [f'<meta property="article:tag" content="{e(tag)}">' for tag in story.tags]
    if story.published:
        lines.append(f'<meta property="article:published_time" content="{stamp(story)}">')
    if story.modified:
        lines.append(f'<meta property="article:modified_time" content="{story.modified.isoformat()}">')
    return join(lines)


def _main(view: ArticleView) -> str:
    outlet, story = view.outlet, view.story
    section = outlet.section_name(story.section)
    return f"""<div class="col-main" itemscope itemtype="http://schema.org/NewsArticle">
<div class="crumbs"><a href="/">{e(outlet.word("home"))}</a> &rsaquo; <a href="{e(outlet.path("section", section=story.section))}">{e(section)}</a></div>
<h1 class="ttl" itemprop="headline">{e(story.title)}</h1>
<div class="meta-line">{_author(view)} {_dates(view)} <span class="rt">{e(outlet.word("minutes"))}</span></div>
<div class="share-row">{_share(outlet)}</div>
{_picture(view)}
<div class="txt" itemprop="articleBody">
<h2 class="ttl-2">{e(story.title)}</h2>
{_lead(view)}
{_body(view)}
</div>
<div class="tags-row">{e(outlet.word("tags"))} {_tags(view)}</div>
<div class="share-row share-bottom">{e(outlet.word("share_title"))} {_share(outlet)}</div>
{_bio(view)}
<div class="nl-box"><div class="nl-t">{e(outlet.word("newsletter_title"))}</div><div>{e(outlet.word("newsletter"))}</div><input placeholder="{e(outlet.word("email"))}"><span class="btn">{e(outlet.word("subscribe"))}</span></div>
{_related(view)}
{_comments(view)}
</div>
<div class="col-side"><div class="side-t">{e(outlet.word("most_read"))}</div>
{join(f'<div class="side-i"><span class="n">{number}</span> {link(outlet, other)}</div>' for number, other in enumerate(view.most_read, 1))}
</div>"""


def _lead(view: ArticleView) -> str:
    if not view.standfirst_printed:
        return ""
    return f'<div class="lead" itemprop="description">{e(view.story.standfirst or "")}</div>'


def _body(view: ArticleView) -> str:
    outlet = view.outlet
    pieces = []
    texts = 0
    for kind, blocks in grouped(view.blocks):
        pieces.append(block_html(kind, blocks, quote='<div class="quote"><p>{}</p></div>'))
        if kind != "p":
            continue
        texts += 1
        if texts == 1:
            pieces.append(
                f'<div class="banner"><div class="banner-l">{e(outlet.word("advert"))}</div><img src="/img/banner.jpg" alt=""></div>'
            )
        if texts == ALSO_AFTER:
            pieces.append(f'<div class="inner-link"><b>{e(outlet.word("also"))}</b> {link(outlet, view.also)}</div>')
    return join(pieces)


def _picture(view: ArticleView) -> str:
    story = view.story
    if not story.caption:
        return ""
    credit = f' <i class="src">{e(view.outlet.word("photo"))} {e(story.credit)}</i>' if story.credit else ""
    return f"""<div class="pic" itemprop="image" itemscope itemtype="http://schema.org/ImageObject"><img itemprop="url" src="{view.image}" alt="{e(story.title)}"><div class="pic-c">{e(story.caption)}{credit}</div></div>"""


def _author(view: ArticleView) -> str:
    names = ", ".join(
        f'<span itemprop="author" itemscope itemtype="http://schema.org/Person"><span itemprop="name">{e(person.name)}</span></span>'
        for person in view.story.authors
    )
    return f'<span class="by">{e(view.outlet.word("by"))} {names}</span>' if names else ""


def _dates(view: ArticleView) -> str:
    story, outlet = view.story, view.outlet
    pieces = []
    if story.published:
        pieces.append(
            f'<span class="dt"><meta itemprop="datePublished" content="{stamp(story)}">{e(outlet.printed(story.published))}</span>'
        )
    if story.modified:
        pieces.append(
            f'<span class="dt-u"><meta itemprop="dateModified" content="{story.modified.isoformat()}">{e(outlet.word("updated"))} {e(outlet.printed(story.modified))}</span>'
        )
    return " ".join(pieces)


def _tags(view: ArticleView) -> str:
    return " ".join(f'<a href="{e(view.outlet.path("tag", tag=tag))}">#{e(tag)}</a>' for tag in view.story.tags)


def _share(outlet: Outlet) -> str:
    return " ".join(
        f'<a class="sh sh-{n}" href="javascript:;">{e(words)}</a>' for n, words in enumerate(outlet.words["share"])
    )


def _bio(view: ArticleView) -> str:
    return join(
        f'<div class="about-a"><div class="about-n"><a href="{e(view.outlet.path("author", author=person.slug))}">{e(person.name)}</a></div><div class="about-t">{e(person.bio)}</div></div>'
        for person in view.story.authors
        if person.bio
    )


def _related(view: ArticleView) -> str:
    items = join(
        f'<div class="rel-i"><div class="rel-t">{link(view.outlet, other)}</div><div class="rel-x">{e(other.teaser)}</div></div>'
        for other in view.related
    )
    return f'<div class="rel"><div class="rel-h">{e(view.outlet.word("related"))}</div>{items}</div>'


def _comments(view: ArticleView) -> str:
    said = join(
        f'<div class="cm"><div class="cm-n">{e(comment.name)}</div><div class="cm-t">{e(comment.text)}</div></div>'
        for comment in view.comments
    )
    return f'<div class="cms"><div class="cms-h">{e(view.outlet.word("comments"))}</div>{said}<div class="cms-l">{e(view.outlet.word("log_in_to_comment"))}</div></div>'
