"""A JavaScript front end rendered on the server: hashed class names, a JSON-LD graph, the page's state as a blob."""
# ruff: noqa: E501 - markup reads best with an element on one line

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any

from newscrawl.demo.pages.linked_data import breadcrumbs, news_article, publisher
from newscrawl.demo.pages.markup import block_html, e, grouped, join, link, script_json, stamp
from newscrawl.demo.view import ALSO_AFTER, ArticleView, ListView, NoticeView

if TYPE_CHECKING:
    from newscrawl.demo.content import Outlet


def article(view: ArticleView) -> str:
    """The page of a story."""
    return _page(
        view.outlet, _head(view), _main(view), title=f"{view.story.title}_{view.outlet.name}", state=_state(view)
    )


def listing(view: ListView) -> str:
    """A list of stories."""
    outlet = view.outlet
    cards = join(
        f"""<li class="{_c("card")}"><a href="{e(outlet.story_path(story))}" class="{_c("cardlink")}"><h3 class="{_c("cardtitle")}">{e(story.title)}</h3></a><p class="{_c("cardtext")}">{e(story.teaser)}</p><span class="{_c("cardtime")}">{e(outlet.printed(story.published)) if story.published else ""}</span></li>"""
        for story in view.stories
    )
    pages = "".join(
        f'<span class="{_c("pageon")}">{number}</span>'
        if number == view.number
        else f'<a class="{_c("page")}" href="{e(path)}">{number}</a>'
        for number, path in enumerate(view.pages, 1)
    )
    if view.number < len(view.pages):
        pages += f'<a class="{_c("page")}" rel="next" href="{e(view.pages[view.number])}">{e(outlet.word("next"))}</a>'
    extras = "".join(f'<a class="{_c("extra")}" href="{e(path)}">{e(words)}</a>' for path, words in view.extras)
    intro = f'<p class="{_c("intro")}">{e(view.intro)}</p>' if view.intro else ""
    main = f"""<main class="{_c("main")}"><h1 class="{_c("listtitle")}">{e(view.title)}</h1>{intro}<ul class="{_c("cards")}">{cards}</ul><div class="{_c("pager")}">{pages}</div><div class="{_c("extras")}">{extras}</div></main>"""
    state = {"route": view.path, "list": [story.number for story in view.stories]}
    return _page(outlet, "", main, title=f"{view.title}_{outlet.name}", state=state)


def notice(view: NoticeView) -> str:
    """Any other page."""
    main = f'<main class="{_c("main")}"><h1>{e(view.title)}</h1><div class="{_c("static")}">{view.html}</div></main>'
    return _page(view.outlet, "", main, title=f"{view.title}_{view.outlet.name}", state={"route": view.path})


def _c(name: str) -> str:
    """A class name as a build makes it: the same for the same element, and it says nothing."""
    digest = sha1(name.encode(), usedforsecurity=False).hexdigest()
    return f"css-{digest[:6]} _{digest[6:11]}"


def _page(outlet: Outlet, head: str, main: str, *, title: str, state: dict[str, Any]) -> str:
    menu = "".join(
        f'<a class="{_c("nav")}" href="{e(outlet.path("section", section=section.slug))}">{e(section.name)}</a>'
        for section in outlet.sections
    )
    feed = ""
    if "json_linked" in outlet.endpoints:
        feed = f'<link rel="alternate" type="application/feed+json" title="{e(outlet.name)}" href="{e(outlet.path("feed"))}"/>'
    return f"""<!DOCTYPE html><html lang="{outlet.locale}"><head><meta charSet="utf-8"/><title>{e(title)}</title><meta property="og:site_name" content="{e(outlet.name)}"/>{feed}{head}<link rel="preload" as="script" href="/static/chunk-3f1c.js"/></head><body><div id="root"><a class="{_c("skip")}" href="#main">{e(outlet.word("skip"))}</a><header class="{_c("header")}"><a class="{_c("brand")}" href="/">{e(outlet.name)}</a><span class="{_c("motto")}">{e(outlet.word("motto"))}</span><nav class="{_c("navbar")}"><a class="{_c("nav")}" href="/">{e(outlet.word("home"))}</a>{menu}<a class="{_c("nav")}" href="{e(outlet.path("search"))}">{e(outlet.word("search"))}</a><a class="{_c("nav")}" href="{e(outlet.path("login"))}">{e(outlet.word("login"))}</a></nav></header>
{main}
<footer class="{_c("foot")}"><p class="{_c("copy")}">{e(outlet.word("copyright"))}</p><a href="{e(outlet.path("about"))}">{e(outlet.word("about"))}</a></footer><div class="{_c("consent")}" data-testid="cookie-consent"><p>{e(outlet.word("cookies"))}</p><button class="{_c("btn")}">{e(outlet.word("accept"))}</button></div></div>
{script_json(state, ' id="__STATE__" type="application/json"')}
<script>window.__APP__={{"build":"3f1c","hydrate":true}}</script></body></html>
"""


def _head(view: ArticleView) -> str:
    story, outlet = view.story, view.outlet
    graph: list[dict[str, Any]] = [news_article(view), breadcrumbs(view), publisher(view)]
    for node in graph:
        node.pop("@context", None)
    graph.append({"@type": "WebSite", "name": outlet.name, "url": outlet.home})
    return "".join(
        (
            f'<link rel="canonical" href="{e(view.canonical)}"/>',
            f'<meta name="description" content="{e(story.teaser)}"/>',
            f'<meta property="og:title" content="{e(story.title)}"/><meta property="og:type" content="article"/>',
            f'<meta property="og:image" content="{e(outlet.url(view.image))}"/>',
            script_json({"@context": "https://schema.org", "@graph": graph}),
        )
    )


def _main(view: ArticleView) -> str:
    outlet, story = view.outlet, view.story
    lead = f'<p class="{_c("lead")}">{e(story.standfirst or "")}</p>' if view.standfirst_printed else ""
    date = f'<time dateTime="{stamp(story)}">{e(outlet.printed(story.published))}</time>' if story.published else ""
    updated = f"<span>{e(outlet.word('updated'))}{e(outlet.printed(story.modified))}</span>" if story.modified else ""
    names = "、".join(
        f'<a href="{e(outlet.path("author", author=person.slug))}">{e(person.name)}</a>' for person in story.authors
    )
    return f"""<main id="main" class="{_c("main")}"><div class="{_c("crumbs")}"><a href="/">{e(outlet.word("home"))}</a><i>/</i><a href="{e(outlet.path("section", section=story.section))}">{e(outlet.section_name(story.section))}</a><i>/</i><span>{e(outlet.word("here"))}</span></div>
<article class="{_c("story")}"><h1 class="{_c("title")}">{e(story.title)}</h1><div class="{_c("meta")}"><span>{e(outlet.word("by"))}{names}</span>{date}{updated}<span>{e(outlet.word("minutes"))}</span></div>{_share(outlet)}
{_picture(view)}<div class="{_c("body")}" data-testid="story-body"><h2 class="{_c("sronly")}">{e(story.title)}</h2>{lead}
{_body(view)}
</div>{_wall(view)}<div class="{_c("tags")}"><span>{e(outlet.word("tags"))}</span>{_tags(view)}</div>{_bio(view)}</article>
<div class="{_c("news")}" data-testid="newsletter-signup"><strong>{e(outlet.word("newsletter_title"))}</strong><p>{e(outlet.word("newsletter"))}</p><input placeholder="{e(outlet.word("email"))}"/><button>{e(outlet.word("subscribe"))}</button></div>
<section class="{_c("related")}" data-testid="related-stories"><h2>{e(outlet.word("related"))}</h2>{_related(view)}</section>{_comments(view)}
<aside class="{_c("hot")}" data-testid="most-read"><h2>{e(outlet.word("most_read"))}</h2><ol>{"".join(f"<li>{link(outlet, other)}</li>" for other in view.most_read)}</ol></aside></main>"""


def _body(view: ArticleView) -> str:
    outlet = view.outlet
    pieces = []
    texts = 0
    for kind, blocks in grouped(view.blocks):
        pieces.append(
            block_html(
                kind,
                blocks,
                f'<p class="{_c("para")}">{{}}</p>',
                f'<blockquote class="{_c("quote")}">{{}}</blockquote>',
            )
        )
        if kind != "p":
            continue
        texts += 1
        if texts == 1:
            pieces.append(
                f'<div class="{_c("ad")}" data-testid="ad-slot"><span>{e(outlet.word("advert"))}</span></div>'
            )
        if texts == ALSO_AFTER:
            pieces.append(
                f'<p class="{_c("para")}"><span class="{_c("also")}">{e(outlet.word("also"))}</span>{link(outlet, view.also)}</p>'
            )
    return join(pieces)


def _wall(view: ArticleView) -> str:
    if view.story.access != "paywalled":
        return ""
    outlet = view.outlet
    return f'<div class="subscribers {_c("wall")}"><h3>{e(outlet.word("wall_title"))}</h3><p>{e(outlet.word("wall"))}</p><a href="{e(outlet.path("login"))}">{e(outlet.word("login"))}</a></div>'


def _picture(view: ArticleView) -> str:
    story = view.story
    if not story.caption:
        return ""
    credit = (
        f'<span class="{_c("credit")}">{e(view.outlet.word("photo"))}{e(story.credit)}</span>' if story.credit else ""
    )
    return f'<figure class="{_c("fig")}"><img src="{view.image}" alt="{e(story.title)}"/><figcaption class="{_c("cap")}">{e(story.caption)}{credit}</figcaption></figure>'


def _tags(view: ArticleView) -> str:
    return "".join(f'<a href="{e(view.outlet.path("tag", tag=tag))}">{e(tag)}</a>' for tag in view.story.tags)


def _share(outlet: Outlet) -> str:
    buttons = "".join(f'<button class="{_c("share")}">{e(words)}</button>' for words in outlet.words["share"])
    return f'<div class="{_c("shares")}" data-testid="share-bar"><span>{e(outlet.word("share_title"))}</span>{buttons}</div>'


def _bio(view: ArticleView) -> str:
    return "".join(
        f'<div class="{_c("bio")}" data-testid="author-bio"><b>{e(person.name)}</b><p>{e(person.bio)}</p></div>'
        for person in view.story.authors
        if person.bio
    )


def _related(view: ArticleView) -> str:
    return "".join(
        f'<div class="{_c("relcard")}">{link(view.outlet, other)}<p>{e(other.teaser)}</p></div>'
        for other in view.related
    )


def _comments(view: ArticleView) -> str:
    said = "".join(
        f'<div class="{_c("comment")}"><b>{e(comment.name)}</b><p>{e(comment.text)}</p></div>'
        for comment in view.comments
    )
    return f'<div class="{_c("comments")}" data-testid="comments"><h2>{e(view.outlet.word("comments"))}</h2>{said}<p>{e(view.outlet.word("log_in_to_comment"))}</p></div>'


def _state(view: ArticleView) -> dict[str, Any]:
    """What the front end starts from: the story once more, and its neighbours."""
    story = view.story
    return {
        "route": view.path,
        "article": {
            "id": story.number,
            "title": story.title,
            "content": [{"t": block.kind, "v": block.text} for block in story.body],
        },
        "related": [{"id": other.number, "title": other.title, "summary": other.teaser} for other in view.related],
        "user": None,
    }
