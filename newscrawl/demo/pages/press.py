"""A blogging system's theme: semantic elements, JSON-LD, the headline again beneath the picture."""
# ruff: noqa: E501 - markup reads best with an element on one line

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.demo.pages.linked_data import breadcrumbs, news_article
from newscrawl.demo.pages.markup import block_html, e, grouped, join, link, script_json, stamp
from newscrawl.demo.view import ALSO_AFTER, ArticleView, ListView, NoticeView

if TYPE_CHECKING:
    from datetime import datetime

    from newscrawl.demo.content import Outlet, Person


def article(view: ArticleView) -> str:
    """The page of a story."""
    outlet, story = view.outlet, view.story
    return _page(outlet, _head(view), _main(view), title=f"{story.title} – {outlet.name}", kind="single-post")


def listing(view: ListView) -> str:
    """A list of stories."""
    outlet = view.outlet
    cards = join(
        f"""<article class="post type-post hentry teaser" id="post-{story.number}">
  <a class="teaser-thumb" href="{e(outlet.story_path(story))}"><img src="/img/{story.number}-300x200.jpg" alt=""></a>
  <h2 class="entry-title">{link(outlet, story, ' rel="bookmark"')}</h2>
  <p class="teaser-meta">{_time(outlet, story.published)}</p>
  <div class="entry-summary"><p>{e(story.teaser)}</p></div>
</article>"""
        for story in view.stories
    )
    extras = join(f'<li><a href="{e(path)}">{e(words)}</a></li>' for path, words in view.extras)
    main = f"""<main id="primary" class="site-main archive">
<header class="page-header"><h1 class="page-title">{e(view.title)}</h1>{_intro(view)}</header>
{cards}
<nav class="navigation pagination" aria-label="{e(outlet.word("pages"))}"><div class="nav-links">{_pagination(view)}</div></nav>
<ul class="more-links">{extras}</ul>
</main>"""
    head = f'<link rel="canonical" href="{e(outlet.url(view.path))}">\n<meta property="og:type" content="website">'
    return _page(outlet, head, main, title=f"{view.title} – {outlet.name}", kind="archive")


def notice(view: NoticeView) -> str:
    """Any other page."""
    main = f"""<main id="primary" class="site-main"><h1 class="page-title">{e(view.title)}</h1>
<div class="page-content">{view.html}</div></main>"""
    return _page(view.outlet, "", main, title=f"{view.title} – {view.outlet.name}", kind="page")


def _page(outlet: Outlet, head: str, main: str, *, title: str, kind: str) -> str:
    menu = join(
        f'<li class="menu-item"><a href="{e(outlet.path("section", section=section.slug))}">{e(section.name)}</a></li>'
        for section in outlet.sections
    )
    feed = ""
    if "rss_linked" in outlet.endpoints:
        feed = f"""<link rel="alternate" type="application/rss+xml" title="{e(outlet.name)}" href="{e(outlet.path("feed"))}">"""
    return f"""<!DOCTYPE html>
<html lang="{outlet.locale}" dir="{outlet.direction}">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{e(title)}</title>
<meta property="og:site_name" content="{e(outlet.name)}">
<meta property="og:locale" content="{outlet.locale.replace("-", "_")}">
{feed}
{head}
<style>.screen-reader-text{{clip:rect(1px,1px,1px,1px);position:absolute}}</style>
</head>
<body class="{kind} wp-embed-responsive">
<a class="skip-link screen-reader-text" href="#primary">{e(outlet.word("skip"))}</a>
<header id="masthead" class="site-header">
<p class="site-title"><a href="/" rel="home">{e(outlet.name)}</a></p>
<p class="site-description">{e(outlet.word("motto"))}</p>
<nav id="site-navigation" class="main-navigation"><ul id="primary-menu">
<li class="menu-item"><a href="/">{e(outlet.word("home"))}</a></li>
{menu}
<li class="menu-item"><a href="{e(outlet.path("search"))}">{e(outlet.word("search"))}</a></li>
<li class="menu-item"><a href="{e(outlet.path("login"))}">{e(outlet.word("login"))}</a></li>
</ul></nav>
</header>
{main}
<footer id="colophon" class="site-footer">
<p class="copyright">{e(outlet.word("copyright"))}</p>
<p><a href="{e(outlet.path("about"))}">{e(outlet.word("about"))}</a></p>
</footer>
<div id="cookie-notice" role="dialog" aria-live="polite"><div class="cookie-notice-container">
<span id="cn-notice-text">{e(outlet.word("cookies"))}</span>
<button id="cn-accept-cookie">{e(outlet.word("accept"))}</button>
</div></div>
</body>
</html>
"""


def _head(view: ArticleView) -> str:
    story, outlet = view.story, view.outlet
    lines = [
        f'<link rel="canonical" href="{e(view.canonical)}">',
        f'<meta name="description" content="{e(story.teaser)}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{e(story.title)}">',
        f'<meta property="og:description" content="{e(story.teaser)}">',
        f'<meta property="og:url" content="{e(view.url)}">',
        f'<meta property="og:image" content="{e(outlet.url(view.image))}">',
    ]
    if view.number > 1:
        lines.append(f'<link rel="prev" href="{e(outlet.url(view.paths[view.number - 2]))}">')
    if view.number < len(view.paths):
        lines.append(f'<link rel="next" href="{e(outlet.url(view.paths[view.number]))}">')
    if story.published:
        lines.append(f'<meta property="article:published_time" content="{stamp(story)}">')
    if story.modified:
        lines.append(f'<meta property="article:modified_time" content="{story.modified.isoformat()}">')
    if story.has("broken_jsonld"):
        # A plugin writes the caption into its JSON by hand: a bare line break and a comma too many.
        lines.append(
            '<script type="application/ld+json">{"@context":"https://schema.org","@type":"ImageObject",\n'
            f'"caption":"{story.title}\n({outlet.name})","representativeOfPage":true,}}</script>'
        )
    lines += [script_json(news_article(view)), script_json(breadcrumbs(view))]
    return join(lines)


def _main(view: ArticleView) -> str:
    outlet, story = view.outlet, view.story
    section = outlet.section_name(story.section)
    standfirst = f'<p class="entry-standfirst">{e(story.standfirst or "")}</p>' if view.standfirst_printed else ""
    updated = (
        f'<span class="updated">{e(outlet.word("updated"))} {_time(outlet, story.modified)}</span>'
        if story.modified
        else ""
    )
    return f"""<main id="primary" class="site-main">
<nav class="breadcrumbs" aria-label="breadcrumbs"><a href="/">{e(outlet.word("home"))}</a> » <a href="{e(outlet.path("section", section=story.section))}">{e(section)}</a> » <span>{e(story.title)}</span></nav>
<article id="post-{story.number}" class="post-{story.number} post type-post hentry">
<header class="entry-header">
<span class="cat-links"><a href="{e(outlet.path("section", section=story.section))}" rel="category tag">{e(section)}</a></span>
<h1 class="entry-title">{e(story.title)}</h1>
{standfirst}
<div class="entry-meta"><span class="byline">{e(outlet.word("by"))} {_byline(outlet, story.authors)}</span>
<span class="posted-on">{_time(outlet, story.published)}</span> {updated}
<span class="reading-time">{e(outlet.word("minutes"))}</span></div>
</header>
{_figure(view)}
{_share(outlet, "above")}
<div class="entry-content">
{_body(view)}
{_page_links(view)}</div>
<footer class="entry-footer">
<span class="tags-links">{e(outlet.word("tags"))} {_tags(view)}</span>
{_share(outlet, "below")}
</footer>
</article>
{join(_bio(person) for person in story.authors if person.bio)}
<section class="newsletter-signup"><h2>{e(outlet.word("newsletter_title"))}</h2><p>{e(outlet.word("newsletter"))}</p>
<form><input type="email" placeholder="{e(outlet.word("email"))}"><button>{e(outlet.word("subscribe"))}</button></form></section>
{_related(view)}
{_comments(view)}
</main>
<aside id="secondary" class="widget-area"><section class="widget popular"><h2 class="widget-title">{e(outlet.word("most_read"))}</h2>
<ol>{join(f"<li>{link(outlet, other)}</li>" for other in view.most_read)}</ol></section></aside>"""


def _body(view: ArticleView) -> str:
    outlet = view.outlet
    pieces = []
    texts = 0
    for kind, blocks in grouped(view.blocks):
        pieces.append(block_html(kind, blocks))
        if kind != "p":
            continue
        texts += 1
        if texts == 1:
            pieces.append(
                f'<div class="code-block code-block-1"><span class="ad">{e(outlet.word("advert"))}</span></div>'
            )
        if texts == ALSO_AFTER:
            pieces.append(f"<p><strong>{e(outlet.word('also'))}</strong> {link(outlet, view.also)}</p>")
    return join(pieces)


def _page_links(view: ArticleView) -> str:
    if len(view.paths) == 1:
        return ""
    links = " ".join(
        f'<span class="post-page-numbers current">{number}</span>'
        if number == view.number
        else f'<a href="{e(path)}" class="post-page-numbers">{number}</a>'
        for number, path in enumerate(view.paths, 1)
    )
    return f'<div class="page-links">{e(view.outlet.word("pages"))}: {links}</div>'


def _figure(view: ArticleView) -> str:
    story = view.story
    if not story.caption:
        return ""
    credit = f"{view.outlet.word('photo')} {story.credit}" if story.credit else ""
    return f"""<figure class="post-thumbnail"><img src="{view.image}" alt="{e(story.title)}" width="1200" height="800">
<figcaption>{e(story.caption)} <span class="credit">{e(credit)}</span></figcaption></figure>"""


def _time(outlet: Outlet, moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f'<time class="entry-date" datetime="{moment.isoformat()}">{e(outlet.printed(moment))}</time>'


def _byline(outlet: Outlet, people: tuple[Person, ...]) -> str:
    return ", ".join(
        f'<a class="url fn n" href="{e(outlet.path("author", author=person.slug))}">{e(person.name)}</a>'
        if person.bio
        else f'<span class="fn n">{e(person.name)}</span>'
        for person in people
    )


def _tags(view: ArticleView) -> str:
    return ", ".join(
        f'<a href="{e(view.outlet.path("tag", tag=tag))}" rel="tag">{e(tag)}</a>' for tag in view.story.tags
    )


def _share(outlet: Outlet, place: str) -> str:
    buttons = join(
        f'<li><a class="share-{n}" href="#share">{e(words)}</a></li>' for n, words in enumerate(outlet.words["share"])
    )
    return f'<div class="sharedaddy share-{place}"><h3>{e(outlet.word("share_title"))}</h3><ul>{buttons}</ul></div>'


def _bio(person: Person) -> str:
    return f"""<div class="author-box"><h4>{e(person.name)}</h4><p class="author-description">{e(person.bio or "")}</p></div>"""


def _related(view: ArticleView) -> str:
    cards = join(
        f"""<div class="related-post"><h3>{link(view.outlet, other)}</h3><p>{e(other.teaser)}</p></div>"""
        for other in view.related
    )
    return f"""<section class="related-posts"><h2>{e(view.outlet.word("related"))}</h2>{cards}</section>"""


def _comments(view: ArticleView) -> str:
    said = join(
        f"""<li class="comment"><div class="comment-author vcard">{e(comment.name)}</div><div class="comment-content"><p>{e(comment.text)}</p></div></li>"""
        for comment in view.comments
    )
    return f"""<div id="comments" class="comments-area"><h2 class="comments-title">{e(view.outlet.word("comments"))}</h2>
<ol class="comment-list">{said}</ol><p class="must-log-in">{e(view.outlet.word("log_in_to_comment"))}</p></div>"""


def _intro(view: ListView) -> str:
    return f'<div class="archive-description"><p>{e(view.intro)}</p></div>' if view.intro else ""


def _pagination(view: ListView) -> str:
    links = [
        f'<span aria-current="page" class="page-numbers current">{number}</span>'
        if number == view.number
        else f'<a class="page-numbers" href="{e(path)}">{number}</a>'
        for number, path in enumerate(view.pages, 1)
    ]
    if view.number < len(view.pages):
        links.append(
            f'<a class="next page-numbers" href="{e(view.pages[view.number])}">{e(view.outlet.word("next"))}</a>'
        )
    return " ".join(links)
