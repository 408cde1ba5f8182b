"""Where things stand on the page: the headline, the block of paragraphs, and what is printed between the two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.extract.lines import line
from newscrawl.extract.marks import kinds
from newscrawl.extract.prune import drop
from newscrawl.text.fold import fold
from newscrawl.text.scripts import word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_HEADINGS = 50
MAX_OPENING = 400
"""Elements between headline and text that are looked at."""
MIN_STANDFIRST_WORDS = 4
MAX_STANDFIRST_CHARS = 700
MIN_LONE_WORDS = 8
MAX_PLACE_WORDS = 3
INNER_BLOCKS = frozenset({"p", "li", "div", "section", "h2", "h3", "h4"})
PLACE_ENDS = ".·•–—,:|"
LEAD_CHARS = 4
MAX_INNER = 4
"""A standfirst has no more elements in it, links and bold words."""
LONE = frozenset({"p", "h2", "h3", "h4", "div", "span"})
NO_SENTENCE = re.compile(
    r"(?:19|20)\d\d\b.*\d{1,2}[:.]\d\d|,\s(?:19|20)\d\d\W*$|\b(?:photo|foto|image|picture|bild|video)\w*\b",
    re.IGNORECASE,
)
MIN_PROSE_CHARS = 40
PARAGRAPHS_BEHIND = 2
"""A headline printed again has at least so many paragraphs of text below it."""
MIN_BLOCK_CHARS = 300
MAX_BYLINE_CHARS = 300
MAX_DATELINE_CHARS = 150
MAX_NAMED_DATE_CHARS = 60
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
NO_STANDFIRST = frozenset({"a", "button", "figcaption", "img", "nav", "ol", "script", "style", "time", "ul"})
SENTENCE_ENDS = tuple(".!?…。！？؟।»”\"'")
ELSEWHERE = frozenset({"aside", "nav", "footer", "form"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Elements of the tree that was read; they belong to that tree."""

    heading: HtmlElement | None
    """The printed headline."""
    repeats: tuple[HtmlElement, ...]
    """Other headings that print a title of the page again."""
    block: HtmlElement | None
    """The element whose own paragraphs hold most of the text."""
    opening: tuple[HtmlElement, ...]
    """Elements between the headline and the first paragraph of the block, in document order."""
    bylines: tuple[HtmlElement, ...]
    datelines: tuple[HtmlElement, ...]
    """Short elements of the opening that hold a time element: author, date, reading time."""
    standfirst: HtmlElement | None
    figures: tuple[HtmlElement, ...]


def read_layout(root: HtmlElement, titles: tuple[str, ...], stated: tuple[str, ...]) -> Layout:
    """Find them; the first title is the one to look for. A standfirst may repeat one of the ``stated`` descriptions."""
    heading = find_heading(root, titles[0] if titles else None)
    if heading is None:
        heading = _small_heading(root, titles)
    for other in list(other_articles(root, heading)):
        drop(other)
    block = find_block(root)
    opening = tuple(_between(root, heading, block))
    repeats = _repeats(root, heading, titles)
    standfirst = _standfirst(opening, block, titles, stated)
    if standfirst is None:
        standfirst = _named(heading, block, opening)
    if standfirst is None:
        standfirst = _before_repeat(root, heading, repeats, block)
    if standfirst is None:
        standfirst = _lone(opening, block, titles)
    if standfirst is None:
        standfirst = _subheadline(opening, block, titles)
    if standfirst is None:
        standfirst = _repeated(root, block, titles, stated)
    return Layout(
        heading=heading,
        repeats=repeats,
        block=block,
        opening=opening,
        bylines=_bylines(heading, block, opening),
        datelines=tuple(element for element in opening if _is_dateline(element)),
        standfirst=standfirst,
        figures=_figures(heading, block),
    )


def other_articles(root: HtmlElement, heading: HtmlElement | None) -> Iterator[HtmlElement]:
    """Whole articles below the one that is asked for, each with a headline of its own, as endless pages show them."""
    own = None if heading is None else next(heading.iterancestors("article"), None)
    if heading is None or own is None:
        return
    key = fold(line(heading.text_content()))
    around = {own, *own.iterancestors()}
    for article in root.iter("article"):
        if article in around or own in set(article.iterancestors()):
            continue
        if any(fold(line(h1.text_content())) not in {"", key} for h1 in article.iter("h1")):
            yield article


def find_heading(root: HtmlElement, title: str | None) -> HtmlElement | None:
    """The h1 (else h2, else itemprop=headline) that prints the title; else the only h1."""
    key = fold(title)
    h1s = [element for element in root.iter("h1") if fold(line(element.text_content()))]
    for element in h1s:
        if key and fold(line(element.text_content())) == key:
            return element
    marked = root.xpath("//*[@itemprop='headline' and not(self::meta)]")[:5]
    for element in [*marked, *list(root.iter("h2"))[:20]]:
        if key and fold(line(element.text_content())) == key:
            return element
    for element in [*h1s, *marked]:
        text = fold(line(element.text_content()))
        if key and len(text) > 10 and (text in key or key in text):
            return element
    if len(h1s) == 1:
        return h1s[0]
    for element in list(root.iter("h2"))[:20]:
        text = fold(line(element.text_content()))
        if len(key) > 10 and text.endswith(f" {key}") and not _elsewhere(element) and element.find(".//a") is None:
            return element  # below its kicker
    # Pages from before headings were marked print the title in bold or large letters.
    return next(
        (element for element in root.iter("b", "strong", "font", "big") if key and fold(element.text) == key), None
    )


def _small_heading(root: HtmlElement, titles: tuple[str, ...]) -> HtmlElement | None:
    """The h3 that prints a title, outside of side columns, for a page whose headline is no larger."""
    keys = {fold(title) for title in titles}
    small = islice(root.iter("h3"), MAX_HEADINGS)
    return next((one for one in small if fold(line(one.text_content())) in keys and not _elsewhere(one)), None)


def _repeats(root: HtmlElement, heading: HtmlElement | None, titles: tuple[str, ...]) -> tuple[HtmlElement, ...]:
    keys = {fold(title) for title in titles} - {""}
    headings = islice(root.iter("h1", "h2", "h3"), MAX_HEADINGS)
    return tuple(one for one in headings if one is not heading and fold(line(one.text_content())) in keys)


def find_block(root: HtmlElement) -> HtmlElement | None:
    """The element whose paragraphs, its own and half of its children's, hold most text."""
    weights: dict[HtmlElement, float] = {}
    for element in root.iter("p"):
        text = (element.text_content() or "").strip()
        if len(text) >= MIN_PROSE_CHARS:
            linked = sum(len(link.text_content() or "") for link in element.iter("a"))
            _share(weights, element.getparent(), max(0.0, len(text) - 2.0 * linked))
    if max(weights.values(), default=0.0) < MIN_BLOCK_CHARS:
        # Pages from before paragraphs were marked: text between line breaks.
        for parent in {element.getparent() for element in root.iter("br")} - {None}:
            own = [parent.text, *(child.tail for child in parent)]
            _share(weights, parent, sum(len(text) for text in own if text and len(text.strip()) >= MIN_PROSE_CHARS))
    if max(weights.values(), default=0.0) < MIN_BLOCK_CHARS and _holds_prose(body := root.find(".//body")):
        return body  # the plainest of pages: everything stands in its body
    return max(weights, key=weights.__getitem__) if weights else None


def _holds_prose(body: HtmlElement | None) -> bool:
    own = () if body is None else body.findall("p")
    return sum(len(p.text_content() or "") for p in own) >= MIN_BLOCK_CHARS


def _share(weights: dict[HtmlElement, float], parent: HtmlElement | None, weight: float) -> None:
    """Give a paragraph's weight to its parent, half of it to the grandparent, a quarter to the next."""
    for share in (1.0, 0.5, 0.25):
        if parent is None or parent.tag in {"html", "body"} or not weight:
            return
        weights[parent] = weights.get(parent, 0.0) + share * weight
        parent = parent.getparent()


def first_paragraph(block: HtmlElement | None) -> HtmlElement | None:
    """The first paragraph of prose in the block."""
    paragraphs = () if block is None else block.iter("p")
    return next((p for p in paragraphs if len((p.text_content() or "").strip()) >= MIN_PROSE_CHARS), None)


def _between(root: HtmlElement, heading: HtmlElement | None, block: HtmlElement | None) -> Iterator[HtmlElement]:
    """Elements after the headline and before the block's first paragraph; nothing when that order does not hold."""
    if heading is None:
        return
    first = first_paragraph(block)
    inside = set(heading.iter())
    started = False
    count = 0
    for element in root.iter():
        if element is heading:
            started = True
        if not started or element in inside or not isinstance(element.tag, str):
            continue
        if element is first or count >= MAX_OPENING:
            return
        count += 1
        yield element


def _elsewhere(element: HtmlElement, top: HtmlElement | None = None) -> bool:
    """Whether the element stands in a side column, a footer, a form or furniture."""
    if element.tag in ELSEWHERE:
        return True
    for parent in element.iterancestors():
        if parent is top:
            return False
        if parent.tag in ELSEWHERE:
            return True
    return False


def _bylines(
    heading: HtmlElement | None, block: HtmlElement | None, opening: tuple[HtmlElement, ...]
) -> tuple[HtmlElement, ...]:
    """Byline elements of the opening; else those marked as the article's author anywhere around the headline."""
    found = [element for element in opening if _is_byline(element)]
    if not found and heading is not None:
        scope: HtmlElement | None = heading
        searched: HtmlElement | None = None
        for _ in range(3):
            scope = scope.getparent() if scope is not None else None
            if scope is None or scope.tag in {"body", "html"}:
                break
            # What the scope before this one holds has no byline.
            beside = (element for child in scope if child is not searched for element in child.iter())
            found = [element for element in beside if _is_byline(element) and not _elsewhere(element, scope)]
            if found:
                break
            searched = scope
    if not found and block is not None:
        scope = block
        found = [
            element for element in scope.iterdescendants() if _is_byline(element) and not _elsewhere(element, scope)
        ]
    outermost: list[HtmlElement] = []
    taken: set[HtmlElement] = set()
    for element in found[:50]:
        if element not in taken:
            outermost.append(element)
            taken |= set(element.iter())
    return tuple(outermost[:5])


def _is_byline(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in {"meta", "link", "img", "script", "style", "svg"}:
        return False
    if "author" not in (element.get("rel") or "").lower().split() and "byline" not in kinds(element):
        return False
    text = line(element.text_content())
    return text is not None and len(text) <= MAX_BYLINE_CHARS


def _is_dateline(element: HtmlElement) -> bool:
    """Holds a time element, or is named for a date and holds a year in any digits; and no more than such a line."""
    has_time = next(element.iterdescendants("time"), None) is not None and element.tag != "time"
    if not has_time and "date" not in kinds(element):
        return False
    text = line(element.text_content()) or ""
    if has_time:
        return len(text) <= MAX_DATELINE_CHARS
    return len(text) <= MAX_NAMED_DATE_CHARS and YEAR.search(text) is not None


def _standfirst(
    opening: tuple[HtmlElement, ...], block: HtmlElement | None, titles: tuple[str, ...], stated: tuple[str, ...]
) -> HtmlElement | None:
    """The element between headline and text that is named a standfirst, or that repeats the stated description."""
    said = {fold(title) for title in titles}
    keys = {key for text in stated if word_count(key := fold(text)) >= MIN_STANDFIRST_WORDS}
    marked: HtmlElement | None = None
    size = 0 if block is None else len(block.text_content() or "")
    first = first_paragraph(block)
    wrappers = set() if first is None else set(first.iterancestors())
    for element in opening:
        # What wraps the first paragraph is that paragraph, whatever it repeats.
        if element in wrappers or element.tag in NO_STANDFIRST:
            continue
        raw = element.text_content() or ""
        text = line(raw) if len(raw) <= 3 * MAX_STANDFIRST_CHARS else None
        if not text or len(text) > MAX_STANDFIRST_CHARS or word_count(text) < MIN_STANDFIRST_WORDS:
            continue
        if _elsewhere(element) or _in_figure(element) or next(element.iter("blockquote", "li"), None) is not None:
            continue
        key = fold(text)
        if key in said:
            continue
        if key in keys and len(text) * 3 < size:
            return _with_place(element, text)
        names = kinds(element)
        if marked is None and "standfirst" in names and not names & {"byline", "caption", "furniture"}:
            marked = element
    return marked


def _with_place(element: HtmlElement, text: str) -> HtmlElement:
    """The parent, when it has no more than the place before the text: "Oldtown. The gate …"."""
    parent = element.getparent()
    whole = "" if parent is None else line(parent.text_content()) or ""
    before = whole.removesuffix(text)
    is_place = before != whole and 0 < word_count(before) <= MAX_PLACE_WORDS and before.rstrip()[-1] in PLACE_ENDS
    return parent if is_place else element


def _lone(opening: tuple[HtmlElement, ...], block: HtmlElement | None, titles: tuple[str, ...]) -> HtmlElement | None:
    """The only sentences between the headline and a block without them: no caption, link, byline or furniture."""
    if block is None or first_paragraph(block) is None:
        return None
    inside = set(block.iter())
    said = {fold(title) for title in titles}
    found: HtmlElement | None = None
    for element in opening:
        if element.tag not in LONE or element in inside:
            continue
        text = line(element.text_content()) or ""
        if not _could_be_standfirst(element) or word_count(text) < MIN_LONE_WORDS or fold(text) in said:
            continue
        if any(one.tag in INNER_BLOCKS for one in element.iterdescendants()) or NO_SENTENCE.search(text):
            continue
        if any(_is_other(one) for one in (element, *element.iterancestors())):
            continue
        if next(element.iter("a"), None) is not None:
            return None
        if found is not None and found not in element.iterancestors():
            return None
        found = found if found is not None else element
    said_once, prose = (line(one.text_content()) or "" for one in (found, block)) if found is not None else ("", "")
    return found if len(said_once) * 3 <= len(prose) and said_once not in prose else None


def _subheadline(
    opening: tuple[HtmlElement, ...], block: HtmlElement | None, titles: tuple[str, ...]
) -> HtmlElement | None:
    """The heading right below the headline, when the text has no other of its rank."""
    said = {fold(title) for title in titles}
    first = next((one for one in opening if len(line(one.text_content()) or "") > 1), None)
    if first is None or first.tag not in {"h2", "h3"} or next(first.iter("a"), None) is not None or _elsewhere(first):
        return None
    text = line(first.text_content()) or ""
    if word_count(text) < MIN_LONE_WORDS or len(text) > MAX_STANDFIRST_CHARS or fold(text) in said:
        return None
    others = [one for one in (() if block is None else block.iter(first.tag)) if one is not first]
    return None if others else first


def _repeated(
    root: HtmlElement, block: HtmlElement | None, titles: tuple[str, ...], stated: tuple[str, ...]
) -> HtmlElement | None:
    """The element that repeats a stated description in letters of its own, anywhere before the text."""
    said = {fold(title) for title in titles}
    keys = {key for text in stated if word_count(key := fold(text)) >= MIN_LONE_WORDS} - said
    lengths = {len(text) for text in stated}
    first = first_paragraph(block)
    if not keys or first is None:
        return None
    prose = (first.tag, first.get("class"))
    longest = 2 * max(lengths)
    begins = {text.lstrip()[:LEAD_CHARS].casefold() for text in stated}
    for element in root.iter("p", "h2", "h3", "div", "span"):
        if element is first:
            return None
        begin = (element.text or "").lstrip()[:LEAD_CHARS]
        if len(element) > MAX_INNER or (len(begin) == LEAD_CHARS and begin.casefold() not in begins):
            continue
        raw = element.text_content() or ""
        if not min(lengths) // 2 <= len(raw) <= longest or fold(line(raw)) not in keys:
            continue
        # One that looks like the paragraphs is their first, which the description repeats.
        is_prose = any((one.tag, one.get("class")) == prose for one in (element, *element.iterdescendants()))
        if not is_prose and not any(one is block or _is_other(one) for one in element.iterancestors()):
            return element
    return None


def _is_other(element: HtmlElement) -> bool:
    return element.tag in {*NO_STANDFIRST, *ELSEWHERE, "figure", "li", "table"} or bool(
        kinds(element) & {"byline", "caption", "furniture"} and element.tag not in {"body", "html"}
    )


def _before_repeat(
    root: HtmlElement, heading: HtmlElement | None, repeats: tuple[HtmlElement, ...], block: HtmlElement | None
) -> HtmlElement | None:
    """The one paragraph between the headline and its repetition, when the text begins after the repetition."""
    if heading is None or block is None or not repeats:
        return None
    text = set(block.iter("p"))
    found: HtmlElement | None = None
    started = repeated = False
    after = 0
    for element in root.iter("h1", "h2", "h3", "p", heading.tag):
        if element is heading:
            started = True
        elif started and element in repeats and not _elsewhere(element):
            repeated = True
        elif started and element.tag == "p" and _could_be_standfirst(element) and not _in_figure(element):
            if not repeated and found is not None:
                return None  # two are the text already: the repetition stands below it
            found = found if repeated else element
            after += repeated and element in text
            if after == PARAGRAPHS_BEHIND:
                return found
    return None


def _named(
    heading: HtmlElement | None, block: HtmlElement | None, opening: tuple[HtmlElement, ...]
) -> HtmlElement | None:
    """The first paragraph of a block that holds the headline too, when its name says that it is no text."""
    if heading is None or block is None or block not in set(heading.iterancestors()):
        return None
    first = first_paragraph(block)
    if first is None or first in opening or not _could_be_standfirst(first) or _elsewhere(first, block):
        return None
    names = kinds(first)
    return first if "standfirst" in names and not names & {"byline", "caption", "furniture"} else None


def _in_figure(element: HtmlElement) -> bool:
    return any(one.tag == "figure" for one in (element, *element.iterancestors()))


def _could_be_standfirst(element: HtmlElement) -> bool:
    """Whether it is a sentence or few: not a list of lines, a caption or a motto."""
    text = line(element.text_content()) or ""
    is_short = len(text) <= MAX_STANDFIRST_CHARS and word_count(text) >= MIN_STANDFIRST_WORDS
    return is_short and text.endswith(SENTENCE_ENDS) and element.find(".//br") is None


def _figures(heading: HtmlElement | None, block: HtmlElement | None) -> tuple[HtmlElement, ...]:
    """Figures of the article: in the smallest element that holds headline and text, outside side columns."""
    scope = block
    if block is not None and heading is not None:
        around = set(heading.iterancestors())
        scope = next((parent for parent in block.iterancestors() if parent in around), block)
    if scope is None:
        return ()
    figures = (one for one in scope.iter("figure", "div", "img") if _is_figure(one) and not _elsewhere(one, scope))
    return tuple(islice(figures, 40))


def _is_figure(element: HtmlElement) -> bool:
    """A figure; what WordPress made before there were figures; a picture that carries its caption itself."""
    if element.tag == "div":
        return "wp-caption" in (element.get("class") or "").split()
    return element.tag == "figure" or bool(element.get("data-caption"))
