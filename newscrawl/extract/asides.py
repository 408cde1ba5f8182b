"""What stands in or below the text and is none of it: teasers, tables of contents, lines about the author.

Known by structure alone: what is a link, what holds one, and where it stands.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.marks import kinds
from newscrawl.text.fold import fold
from newscrawl.text.scripts import word_count

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from lxml.html import HtmlElement

HEADS = frozenset({"h2", "h3", "h4", "h5", "h6"})
IN_LINK = frozenset({"p", "div", "section", "article", "h2", "h3", "h4", "h5", "h6", "ul", "figure"})
LINKED_SHARE = 0.9
LIST_LINKED_SHARE = 0.6
"""Titles of a list may have a topic before the link."""
MIN_TITLE_WORDS = 4
MAX_CARD_CHARS = 600
MAX_LABEL_WORDS = 8
MAX_INSIDE = 100
"""So many elements of a box are looked at."""
MAX_BIO_WORDS = 80
MIN_TEXT_CHARS = 300
"""With less text than this nothing is sure to be beside it."""
MAX_CAPTION_CHARS = 300
MIN_CAPTION_WORDS = 3
LEVELS_TO_PICTURE = 4
MAX_PICTURES = 100
PROSE_CHARS = 40
MAX_BEHIND = 40
"""Elements behind the text that are looked at."""
MAX_NUMBER_DIGITS = 3
MAX_OTHER_WORDS = 3
"""Beside page numbers: "Page", "next", "previous"."""
NUMBER_FRAMES = "[]()|·•,.:…«»‹›<>→←"
SENTENCE_ENDS = tuple(".!?…。！？؟।")


def asides(root: HtmlElement, block: HtmlElement) -> Iterator[HtmlElement]:
    """Elements that are no text, in the block of the text and around it; some may hold others."""
    sizes = {p: len(text_of(p)) for p in block.iter("p")}
    paragraphs = [p for p, size in sizes.items() if size >= PROSE_CHARS and linked_share(p) < LINKED_SHARE]
    if sum(map(sizes.__getitem__, paragraphs)) < MIN_TEXT_CHARS:
        return
    around = {block, *block.iterancestors()}
    linked, boxes = _boxes_of_links(root)
    is_between = False
    for element in root.iterdescendants():
        if not isinstance(element.tag, str) or element in around:
            continue
        if element is paragraphs[0] or element is paragraphs[-1]:
            is_between = element is paragraphs[0] and len(paragraphs) > 1
        if element not in linked:
            continue  # what holds no link is no teaser, list of titles, card or menu
        if is_aside(element, boxes) or (not is_between and element.tag in {"ul", "ol"} and _is_menu(element)):
            yield element
            if element.tag in {"ul", "ol"} and (label := _label_of(element)) is not None:
                yield label
    yield from _captions(block)
    yield from _about_author(block, paragraphs)


def is_aside(element: HtmlElement, boxes: Container[HtmlElement]) -> bool:
    """Whether an element of the text is a linked title, a list of such titles, a card or a table of contents.

    Args:
        boxes: the elements of the page that hold a linked picture.
    """
    tag = element.tag
    if tag == "a":
        return _holds_block(element) or (_stands_alone(element) and _is_linked_title(element))
    if tag == "p" or tag in HEADS:
        # A linked heading over a paragraph leads it.
        is_title = _is_linked_title(element) and not (tag in HEADS and _is_over_prose(element))
        return is_title or (tag == "p" and _is_page_numbers(element))
    if tag in {"ul", "ol"}:
        return _is_link_list(element) or _is_page_numbers(element)
    if tag not in {"div", "section", "article"}:
        return False
    if _is_page_numbers(element):
        return True
    return _is_card(element, element in boxes) or (
        len(element) == 1 and element[0].tag == "a" and _is_linked_title(element)
    )


def text_of(element: HtmlElement) -> str:
    """Its text as one line."""
    return " ".join((element.text_content() or "").split())


def linked_share(element: HtmlElement) -> float:
    """How much of its text is links to other pages, 0 to 1."""
    links = [link for link in element.iter("a") if link.get("href")]
    size = len("".join((element.text_content() or "").split())) if links else 0
    return sum(len("".join((link.text_content() or "").split())) for link in links) / size if size else 0.0


def _holds_block(link: HtmlElement) -> bool:
    """A link around whole blocks is a teaser."""
    return bool(link.get("href")) and any(child.tag in IN_LINK for child in link) and word_count(text_of(link)) > 1


def _stands_alone(link: HtmlElement) -> bool:
    """A link between the paragraphs, not in one."""
    parent, before = link.getparent(), link.getprevious()
    if parent is None or parent.tag not in {"div", "section", "article"}:
        return False
    text_before = parent.text if before is None else before.tail
    beside = (one for one in (before, link.getnext()) if one is not None)
    return (
        not (text_before or "").strip() and not (link.tail or "").strip() and all(one.tag in IN_LINK for one in beside)
    )


def _is_linked_title(element: HtmlElement) -> bool:
    links = list(islice(element.iter("a"), 2))
    if len(links) != 1 or linked_share(element) < LINKED_SHARE:
        return False
    text = text_of(element)
    if (links[0].get("href") or "#").startswith(("#", "mailto:", "tel:")):
        return False
    return word_count(text) >= MIN_TITLE_WORDS and not text.endswith(SENTENCE_ENDS)


def _is_link_list(element: HtmlElement) -> bool:
    """Two links or more and nothing else: titles of other pages, or parts of this one."""
    items = [item for item in element if item.tag == "li" and text_of(item)]
    if len(items) < 2:
        return False
    links = [next(item.iter("a"), None) for item in items]
    if any(link is None for link in links) or linked_share(element) < LIST_LINKED_SHARE:
        return False
    if all((link.get("href") or "").startswith("#") for link in links if link is not None):
        return True
    texts = list(map(text_of, items))
    if any(text.endswith(".") or linked_share(item) < 0.5 for text, item in zip(texts, items, strict=True)):
        return False
    return sum(map(word_count, texts)) >= MIN_TITLE_WORDS * len(items)


def _is_page_numbers(element: HtmlElement) -> bool:
    """ "Pages: 1 2 3", the numbers linked: the pages of an article or a list."""
    if not any((link.text_content() or "").strip().isdecimal() for link in islice(element.iter("a"), 3)):
        return False
    text = " ".join(element.itertext())
    if len(text) > MAX_CARD_CHARS:
        return False
    words = [word for raw in text.split() if (word := raw.strip(NUMBER_FRAMES))]
    numbers = {int(word) for word in words if word.isdecimal() and len(word) <= MAX_NUMBER_DIGITS}
    others = sum(not word.isdecimal() for word in words)
    return {1, 2} <= numbers and others <= MAX_OTHER_WORDS


def _is_menu(element: HtmlElement) -> bool:
    """Nothing but links: sections or tags, above or below the text."""
    items = [item for item in element if item.tag == "li" and text_of(item)]
    return bool(items) and all(linked_share(item) >= LINKED_SHARE for item in items)


def _is_over_prose(heading: HtmlElement) -> bool:
    below = next((one for one in heading.itersiblings() if isinstance(one.tag, str) and text_of(one)), None)
    return below is not None and below.tag == "p" and linked_share(below) < LINKED_SHARE


def _is_card(element: HtmlElement, has_picture: bool) -> bool:
    """A small box that is led by a linked heading, or links a picture and a title to the same page."""
    heading = next((one for one in islice(element.iter(), MAX_INSIDE) if one.tag in HEADS), None)
    is_led = heading is not None and linked_share(heading) >= LINKED_SHARE
    is_led = is_led and heading is not None and word_count(text_of(heading)) >= MIN_TITLE_WORDS
    if not is_led and not (has_picture and _links_twice(element)):
        return False
    return (
        len(text_of(element)) <= MAX_CARD_CHARS and sum(len(text_of(p)) >= PROSE_CHARS for p in element.iter("p")) <= 1
    )


def _boxes_of_links(root: HtmlElement) -> tuple[set[HtmlElement], set[HtmlElement]]:
    """The links and all that holds one; and what holds a linked picture."""
    linked: set[HtmlElement] = set()
    pictured: set[HtmlElement] = set()
    for link in root.iter("a"):
        linked.add(link)
        _add_new(linked, link)
        if link.get("href") and next(link.iter("img", "picture"), None) is not None:
            _add_new(pictured, link)
    return linked, pictured


def _add_new(boxes: set[HtmlElement], link: HtmlElement) -> None:
    for box in link.iterancestors():
        if box in boxes:
            break
        boxes.add(box)


def _links_twice(element: HtmlElement) -> bool:
    pictures: set[str] = set()
    titles: set[str] = set()
    for link in islice(element.iter(), MAX_INSIDE):
        if link.tag == "a" and (address := link.get("href")):
            if next(link.iter("img", "picture"), None) is not None:
                pictures.add(address)
            elif word_count(text_of(link)) >= MIN_TITLE_WORDS:
                titles.add(address)
    return bool(pictures & titles)


def _label_of(element: HtmlElement) -> HtmlElement | None:
    """The heading or short line right above a list."""
    above = element.getprevious()
    if above is None or not isinstance(above.tag, str) or (element.getprevious().tail or "").strip():
        return None
    text = text_of(above)
    is_label = above.tag in HEADS or (above.tag in {"p", "div", "span", "strong"} and not text.endswith(SENTENCE_ENDS))
    return above if is_label and text and word_count(text) <= MAX_LABEL_WORDS else None


def _captions(block: HtmlElement) -> Iterator[HtmlElement]:
    """What repeats the alternative text of a picture near it."""
    for picture in islice(block.iter("img"), MAX_PICTURES):
        key = fold((picture.get("alt") or "")[:MAX_CAPTION_CHARS])
        if word_count(key) < MIN_CAPTION_WORDS:
            continue
        for box in islice(picture.iterancestors(), LEVELS_TO_PICTURE):
            if box is block:
                break
            for element in islice(box.iter("p", "span", "div", "small", "em"), MAX_INSIDE):
                if fold((element.text_content() or "")[: 2 * MAX_CAPTION_CHARS]) == key:
                    yield element


def _about_author(block: HtmlElement, paragraphs: list[HtmlElement]) -> Iterator[HtmlElement]:
    """Short boxes named for the author below the first paragraphs, and a lone short paragraph behind the block."""
    inside = set(block.iter())
    first = paragraphs[0]
    started = False
    top = block.getparent()
    scope = block if top is None or top.tag in {"body", "html"} else top
    for element in scope.iter():
        if element is first:
            started = True
        is_named = started and isinstance(element.tag, str) and element is not block and "byline" in kinds(element)
        if is_named and element.tag != "p" and 0 < word_count(text_of(element)) <= MAX_BIO_WORDS:
            yield element
    # A box whose class no box of the text has is no part of it.
    boxes = {one.get("class") for one in inside if one.tag in {"div", "section"}}
    for element in islice(block.itersiblings(), MAX_BEHIND):
        if element.tag in {"div", "section"} and element.get("class") not in boxes and _is_lone_paragraph(element):
            yield element


def _is_lone_paragraph(element: HtmlElement) -> bool:
    found = [p for p in element.iter("p") if text_of(p)]
    text = text_of(element)
    return len(found) == 1 and fold(text_of(found[0])) == fold(text) and word_count(text) <= MAX_BIO_WORDS
