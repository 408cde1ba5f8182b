"""Posts of social networks that stand in the page: words and sender, as one paragraph. Changes the tree.

The networks' own embed codes are read: a blockquote (Telegram: a box) with a class of the network's, the words in
paragraphs, and the sender beside them. Links to the pictures, the date and the words around them ("View this post
on …") go: they are in the language of whoever copied the code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml.html import Element

from newscrawl.extract.lines import line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

POSTS = frozenset(
    {
        "bluesky-embed",
        "fb-xfbml-parse-ignore",
        "instagram-media",
        "mastodon-embed",
        "reddit-card",
        "reddit-embed-bq",
        "text-post-media",
        "tgme_widget_message",
        "tiktok-embed",
        "twitter-tweet",
        "twitter-video",
    }
)
SHARED = frozenset({"instagram-media", "text-post-media"})
"""The last paragraph of these names the sender."""
MAX_POSTS = 200
MAX_SENDER_CHARS = 120
MAX_WRAPPERS = 4
TELEGRAM_TEXT, TELEGRAM_SENDER = "tgme_widget_message_text", "tgme_widget_message_author"
PICTURE = re.compile(r"(?:https?://)?(?:pic\.(?:twitter|x)\.com|t\.co)/\w{1,30}|\[image or embed\]")
HANDLE = re.compile(r"[(（]\s?(@[\w.-]{1,60})\s?[)）]")
DASHES = " —–-\u2015\u200f\u200e"


def plain_posts(root: HtmlElement) -> None:
    """Make each embedded post one quoted paragraph; one without words goes."""
    found = [one for one in root.iter("blockquote", "div") if _is_post(one.get("class"))]
    for post in found[:MAX_POSTS]:
        if post.getparent() is None:
            continue
        words, sender = _telegram(post) if post.tag == "div" else _quoted(post)
        tail = post.tail
        post.clear()
        post.tag = "blockquote"
        post.tail = tail
        paragraph = Element("p")
        paragraph.text = f"{words} — {sender}" if words and sender else words
        post.append(paragraph)
        _unwrap(post)


@lru_cache(maxsize=4096)
def _is_post(names: str | None) -> bool:
    return names is not None and not POSTS.isdisjoint(names.split())


def _unwrap(post: HtmlElement) -> None:
    """Make the boxes around a post, and around nothing else, plain ones: figures and widgets are no text elsewhere."""
    size = len("".join((post.text_content() or "").split()))
    for box in islice(post.iterancestors("div", "figure"), MAX_WRAPPERS):
        if len("".join((box.text_content() or "").split())) > size:
            return
        box.attrib.clear()
        box.tag = "div"


def _quoted(post: HtmlElement) -> tuple[str, str]:
    """The words in paragraphs, and the sender behind them."""
    words: list[str] = []
    sender = ""
    paragraphs = list(post.iter("p"))
    for place, paragraph in enumerate(paragraphs):
        text = " ".join(PICTURE.sub(" ", line(" ".join(paragraph.itertext())) or "").split())
        handle = HANDLE.search(text)
        if handle and place == len(paragraphs) - 1 and not SHARED.isdisjoint((post.get("class") or "").split()):
            sender = handle[1]  # "A post shared by Name (@handle)", in any language
        elif text:
            words.append(text)
    return " ".join(words), sender or _sender(post)


def _sender(post: HtmlElement) -> str:
    """What stands outside the paragraphs, without the date: "Name (@handle)", or the first link's words."""
    links = [link for link in post.iter("a") if not any(one.tag == "p" for one in link.iterancestors())]
    links = [link for link in islice(links, 10) if line(link.text_content())]
    outside: list[str] = []
    for element in (post, *post):
        if element is not post:
            if element.tag == "a" and links and element is not links[-1]:
                outside.append(element.text_content() or "")
            outside.append(element.tail or "")
        else:
            outside.append(post.text or "")
    text = (line("".join(outside)) or "").strip(DASHES)
    if (handle := HANDLE.search(text)) and len(text) <= MAX_SENDER_CHARS:
        return text[: handle.end()].strip(DASHES)
    first = line(links[0].text_content()) if len(links) > 1 or (links and (links[0].text or "").startswith("@")) else ""
    return first if first and len(first) <= MAX_SENDER_CHARS else ""


def _telegram(post: HtmlElement) -> tuple[str, str]:
    def of(name: str) -> str:
        box = next((one for one in post.iter() if name in (one.get("class") or "").split()), None)
        return "" if box is None else line(" ".join(box.itertext())) or ""

    return of(TELEGRAM_TEXT), of(TELEGRAM_SENDER)
