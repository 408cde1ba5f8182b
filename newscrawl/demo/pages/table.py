"""A site of 2004 that nobody dared to rebuild: layout tables, font elements, paragraphs as line breaks, windows-1251."""
# ruff: noqa: E501 - markup reads best with an element on one line

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.demo.pages.markup import e, grouped, join, link
from newscrawl.demo.view import ALSO_AFTER, ArticleView, ListView, NoticeView

if TYPE_CHECKING:
    from newscrawl.demo.content import Outlet

SMALL = '<font face="Tahoma" size="1" color="#666666">'


def article(view: ArticleView) -> str:
    """The page of a story."""
    return _page(view.outlet, _head(view), _main(view), title=f"{view.outlet.name} :: {view.story.title}")


def listing(view: ListView) -> str:
    """A list of stories."""
    outlet = view.outlet
    rows = join(
        f"""<tr><td valign="top" width="90"><img src="/img/{story.number}s.jpg" width="80" height="60" border="0" alt=""></td>
<td valign="top"><font face="Verdana" size="2"><b>{link(outlet, story)}</b></font><br>{SMALL}{e(outlet.printed(story.published)) if story.published else ""}</font><br><font size="2">{e(story.teaser)}</font></td></tr>"""
        for story in view.stories
    )
    pages = " | ".join(
        f"<b>{number}</b>" if number == view.number else f'<a href="{e(path)}">{number}</a>'
        for number, path in enumerate(view.pages, 1)
    )
    extras = "<br>\n".join(f'<a href="{e(path)}">{e(words)}</a>' for path, words in view.extras)
    intro = f"<p><font size=2>{e(view.intro)}</font></p>" if view.intro else ""
    main = f"""<font size="4"><b>{e(view.title)}</b></font>{intro}
<table border="0" cellpadding="4" width="100%">{rows}</table>
<center><font size="2">{e(outlet.word("pages"))} {pages}</font></center>
<p><font size="2">{extras}</font></p>"""
    return _page(outlet, "", main, title=f"{outlet.name} :: {view.title}")


def notice(view: NoticeView) -> str:
    """Any other page."""
    main = f'<font size="4"><b>{e(view.title)}</b></font><br><br><font size="2">{view.html}</font>'
    return _page(view.outlet, "", main, title=f"{view.outlet.name} :: {view.title}")


def _page(outlet: Outlet, head: str, main: str, *, title: str) -> str:
    menu = "<br>\n".join(
        f'<a href="{e(outlet.path("section", section=section.slug))}">{e(section.name)}</a>'
        for section in outlet.sections
    )
    return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<html>
<head>
<title>{e(title)}</title>
<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">
{head}
</head>
<body bgcolor="#FFFFFF" text="#000000" link="#003399" topmargin="0">
{SMALL}<a href="#text">{e(outlet.word("skip"))}</a></font>
<table width="980" border="0" cellspacing="0" cellpadding="0" align="center">
<tr><td colspan="3" bgcolor="#DDE6F0"><a href="/"><img src="/img/logo.gif" alt="{e(outlet.name)}" border="0"></a> <font size="2"><i>{e(outlet.word("motto"))}</i></font></td></tr>
<tr>
<td width="160" valign="top" bgcolor="#F4F4F4"><font face="Arial" size="2">
<a href="/">{e(outlet.word("home"))}</a><br>
{menu}<br>
<a href="{e(outlet.path("search"))}">{e(outlet.word("search"))}</a><br>
<a href="{e(outlet.path("login"))}">{e(outlet.word("login"))}</a>
</font></td>
<td valign="top" width="620">
<a name="text"></a>
{main}
</td>
<td width="200" valign="top">{SMALL}{e(outlet.word("advert"))}<br><img src="/img/banner.jpg" width="180" height="240" alt=""></font></td>
</tr>
<tr><td colspan="3" align="center" bgcolor="#DDE6F0">{SMALL}{e(outlet.word("copyright"))} <a href="{e(outlet.path("about"))}">{e(outlet.word("about"))}</a></font></td></tr>
</table>
<div style="background:#ffffcc">{SMALL}{e(outlet.word("cookies"))} <input type="button" value="{e(outlet.word("accept"))}"></font></div>
</body>
</html>
"""


def _head(view: ArticleView) -> str:
    story = view.story
    lines = [
        f'<meta name="description" content="{e(story.teaser)}">',
        f'<meta name="keywords" content="{e(", ".join(story.tags))}">',
    ]
    if story.published and not story.has("date_printed_only"):
        # Local time without an offset: only somebody who knows the site's zone can tell the hour.
        lines.append(f'<meta name="date" content="{story.published:%Y-%m-%d %H:%M}">')
    return join(lines)


def _main(view: ArticleView) -> str:
    outlet, story = view.outlet, view.story
    updated = f" ({e(outlet.word('updated'))} {e(outlet.printed(story.modified))})" if story.modified else ""
    date = f"{e(outlet.printed(story.published))}{updated}" if story.published else ""
    names = ", ".join(e(person.name) for person in story.authors)
    share = " | ".join(f'<a href="#">{e(words)}</a>' for words in outlet.words["share"])
    tags = ", ".join(f'<a href="{e(outlet.path("tag", tag=tag))}">{e(tag)}</a>' for tag in story.tags)
    return f"""{SMALL}<a href="/">{e(outlet.word("home"))}</a> &gt; <a href="{e(outlet.path("section", section=story.section))}">{e(outlet.section_name(story.section))}</a></font><br>
<font face="Georgia" size="5" color="#003366"><b>{e(story.title)}</b></font><br>
{SMALL}{date} &nbsp; {e(outlet.word("minutes"))} &nbsp; <a href="#print">{e(outlet.word("print"))}</a></font><br><br>
<table width="100%" border="0" cellpadding="8"><tr><td valign="top">
{_picture(view)}
<div class="text"><font face="Times New Roman" size="3">
<b>{e(story.title)}</b><br><br>
{_lead(view)}{_body(view)}
</font></div>
<div align="right"><font size="2"><i>{e(outlet.word("by"))} {names}</i></font></div>
</td></tr></table>
<table width="100%" bgcolor="#F4F4F4"><tr><td>{SMALL}{e(outlet.word("share_title"))} {share}<br>{e(outlet.word("tags"))} {tags}</font></td></tr></table>
{_bio(view)}
{_newsletter(outlet)}
{_others(view)}
{_comments(view)}"""


def _newsletter(outlet: Outlet) -> str:
    return f"""<hr size="1"><table width="100%" bgcolor="#EEF3E6"><tr><td><b>{e(outlet.word("newsletter_title"))}</b><br><font size="2">{e(outlet.word("newsletter"))}</font><br><input type="text" value="{e(outlet.word("email"))}"> <input type="submit" value="{e(outlet.word("subscribe"))}"></td></tr></table>"""


def _others(view: ArticleView) -> str:
    outlet = view.outlet
    related = join(
        f'<font size="2">&bull; {link(outlet, other)}<br>{e(other.teaser)}</font><br>' for other in view.related
    )
    most_read = join(
        f'<font size="2">{number}. {link(outlet, other)}</font><br>' for number, other in enumerate(view.most_read, 1)
    )
    return f"""<table width="100%" border="0" cellpadding="4"><tr>
<td width="50%" valign="top"><b>{e(outlet.word("related"))}</b><br>
{related}</td>
<td width="50%" valign="top"><b>{e(outlet.word("most_read"))}</b><br>
{most_read}</td>
</tr></table>"""


def _comments(view: ArticleView) -> str:
    said = join(
        f'<tr><td bgcolor="#EEEEEE"><font size="2"><b>{e(comment.name)}</b></font></td></tr>\n<tr><td><font size="2">{e(comment.text)}</font></td></tr>'
        for comment in view.comments
    )
    return f"""<b>{e(view.outlet.word("comments"))}</b><br>
<table width="100%">{said}</table>
{SMALL}{e(view.outlet.word("log_in_to_comment"))}</font>"""


def _lead(view: ArticleView) -> str:
    return f"<b>{e(view.story.standfirst or '')}</b><br><br>\n" if view.standfirst_printed else ""


def _body(view: ArticleView) -> str:
    outlet = view.outlet
    pieces = []
    texts = 0
    for kind, blocks in grouped(view.blocks):
        text = e(blocks[0].text, quote=False)
        if kind == "li":
            pieces.append("<ul>" + "".join(f"<li>{e(block.text, quote=False)}" for block in blocks) + "</ul>")
            continue
        if kind == "h2":
            pieces.append(f'<font size="3" color="#003366"><b>{text}</b></font><br><br>')
            continue
        pieces.append(f"<i>{text}</i><br><br>" if kind == "quote" else f"{text}<br><br>")
        if kind != "p":
            continue
        texts += 1
        if texts == ALSO_AFTER:
            pieces.append(f"<b>{e(outlet.word('also'))}</b> {link(outlet, view.also)}<br><br>")
    return join(pieces)


def _picture(view: ArticleView) -> str:
    story = view.story
    if not story.caption:
        return ""
    credit = f" {e(view.outlet.word('photo'))} {e(story.credit)}" if story.credit else ""
    return f"""<table align="left" width="240" cellpadding="6"><tr><td><img src="{view.image}" width="230" alt="{e(story.title)}"><br>{SMALL}{e(story.caption)}{credit}</font></td></tr></table>"""


def _bio(view: ArticleView) -> str:
    return join(
        f'<table border="1" width="100%"><tr><td><font size="2"><a href="{e(view.outlet.path("author", author=person.slug))}">{e(person.name)}</a>. {e(person.bio)}</font></td></tr></table>'
        for person in view.story.authors
        if person.bio
    )
