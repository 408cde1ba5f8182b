"""Who wrote it: people and bylines, never the site's own name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.article import Author
from newscrawl.extract.jsonld import JsonLd, items, name_of, types_of
from newscrawl.extract.lines import address, line
from newscrawl.extract.wording import words
from newscrawl.text.fold import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from newscrawl.extract.names import SiteNames
    from newscrawl.extract.stated import Stated

AUTHOR_META = (
    "author",
    "article:author",
    "og:article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "byl",
    "cxenseparse:author",
    "creator",
)
MAX_AUTHORS = 20
MAX_NAME_CHARS = 80
MAX_NAME_WORDS = 7
MAX_PRINTED_WORDS = 4
DIGIT = re.compile(r"\d")
BRACKETED = re.compile(r"\s*[(\[][^()\[\]]{0,80}(?:[)\]]|$)")
NOT_A_NAME = re.compile(r"https?:|www\.|[@#<>{}=]|\d{3}|\.(?:com|net|org|html?|php)\b", re.IGNORECASE)
SEPARATOR = re.compile(r"\s*[;|&•·\n]\s*|\s+/\s+|,\s+|\s*、\s*|\s+[-–—]\s+")
CREDENTIAL = re.compile(r"^(?:ph\.?\s?d|m\.?d|mba|m\.?sc?|jr|sr|i{2,3}|esq|cfp|cpa|rn|rd|dds|mph)\.?$", re.IGNORECASE)
AUTHOR_LINK = re.compile(
    r"/(?:authors?|autor(?:en|es|i|a|em|zy)?|auteurs?|profil\w*|people|person|reporters?|journalists?|by|staff|contributors?|redaktion)/",
    re.IGNORECASE,
)


@cache
def _before() -> re.Pattern[str]:
    choices = "|".join(re.escape(word) for word in words("byline", "before"))
    return re.compile(rf"^(?:{choices})(?:\s*:\s*|\s+)(?=\S)", re.IGNORECASE)


@cache
def _between() -> re.Pattern[str]:
    choices = "|".join(re.escape(word) for word in words("byline", "between"))
    return re.compile(rf"\s+(?:{choices})\s+", re.IGNORECASE)


def read_authors(
    said: Stated, bylines: tuple[HtmlElement, ...], names: SiteNames, root: HtmlElement
) -> tuple[Author, ...]:
    """The first place that names people.

    JSON-LD, meta elements, a linked byline, an agency, a bare byline, a label ("Author: …"), the feed.
    """
    head, jsonld, url, hint = said.head, said.jsonld, said.url, said.hint
    stated = tuple(_jsonld_authors(jsonld, url))
    people = [author for author, is_person in stated if is_person]
    places: list[tuple[Iterable[Author], SiteNames | None]] = [
        (people, names),
        # A weblog may bear its author's name; a publisher that calls itself a person does not become one.
        ((author for author in people if _is_weblog(jsonld, author.name)), None),
        ((Author(name=text) for text in head.all(*AUTHOR_META)), names),
        (_linked(bylines, url), names),
        ((author for author, is_person in stated if not is_person), names),
        (_printed(bylines), names),
        (_labelled(root), names),
        ((Author(name=text) for text in (hint.authors if hint else ())), names),
    ]
    for place, not_names in places:
        if found := _clean(place, not_names):
            return found
    return ()


def _is_weblog(jsonld: JsonLd, name: str) -> bool:
    """Whether a person may bear the site's name: no organisation on the page has it, and it is more than one word."""
    if len(name.split()) < 2:
        return False
    publishers = [
        jsonld.resolve(value) for node in (jsonld.article, jsonld.page) for value in items(node.get("publisher"))
    ]
    organisations = [
        node
        for node in [*publishers, *jsonld.ids.values()]
        if isinstance(node, Mapping) and "Person" not in types_of(node)
    ]
    return not any(fold(name_of(node)) == fold(name) for node in organisations)


def _jsonld_authors(jsonld: JsonLd, url: str) -> Iterator[tuple[Author, bool]]:
    """Authors and whether each is a person."""
    node = jsonld.article or jsonld.page
    values = [value for name in ("author", "creator") for value in items(node.get(name))]
    for value in values[:MAX_AUTHORS]:
        resolved = jsonld.resolve(value)
        if isinstance(resolved, Mapping):
            for name in items(resolved.get("name"))[:MAX_AUTHORS]:
                if text := line(name):
                    link = next((address(item, url) for item in items(resolved.get("url"))), None)
                    yield Author(name=text, url=link), "Organization" not in " ".join(types_of(resolved))
        elif text := line(resolved):
            yield Author(name=text), True


def _linked(bylines: tuple[HtmlElement, ...], url: str) -> Iterator[Author]:
    """Names in byline elements that link to an author's page."""
    for element in bylines:
        links = [link for link in [element, *element.iter("a")] if link.tag == "a" and _is_author_link(link)]
        for link in dict.fromkeys(links):
            yield Author(name=spaced_text(link), url=address(link.get("href"), url))


def _printed(bylines: tuple[HtmlElement, ...]) -> Iterator[Author]:
    """Names in the text of byline elements: nothing with a digit, in lower case or on a button."""
    for element in bylines:
        text = spaced_text(element)
        fewest = 2 if DIGIT.search(text) else 1  # beside a date, a single word is a day or a month
        for name in split_names(text):
            has_case = any(c.lower() != c.upper() for c in name)
            is_plain = fewest <= len(name.split()) <= MAX_PRINTED_WORDS and not DIGIT.search(name)
            if is_plain and (name != name.lower() or not has_case):
                yield Author(name=name)


def _labelled(root: HtmlElement) -> Iterator[Author]:
    """The name in the one element of the page whose whole text is a label and a name, as "Author: Jane Roe".

    Pages that say it of several people list articles, or comments.
    """
    found: dict[str, Author] = {}
    for text in root.xpath("//body//text()[contains(., ':') or contains(., '：')]"):
        said = " ".join(text.split())
        label, _, name = said.replace("：", ":").partition(":")
        is_label = len(said) <= MAX_NAME_CHARS and fold(label) in _labels()
        if is_label and len(name.split()) <= MAX_PRINTED_WORDS and not DIGIT.search(name) and name != name.lower():
            found[fold(name)] = Author(name=name.strip())
    if len(found) == 1:
        yield from found.values()


@cache
def _labels() -> frozenset[str]:
    return frozenset(fold(word) for word in words("byline", "before"))


def spaced_text(element: HtmlElement) -> str:
    """The text of an element, with a separator where two parts touch that the page shows apart."""
    parts: list[str] = []
    for part in element.xpath("descendant-or-self::text()"):
        # The parent of a tail is the element it follows.
        owner = part.getparent().getparent() if part.is_tail else part.getparent()
        if _on_button(owner, element):
            continue
        if parts and part and not parts[-1][-1].isspace() and not part[0].isspace() and part[0].isalnum():
            parts.append(" | ")
        if part:
            parts.append(part)
    return " ".join("".join(parts).split())


def _on_button(element: HtmlElement, top: HtmlElement) -> bool:
    for parent in (element, *element.iterancestors()):
        if parent.tag in {"button", "script", "style", "time", "svg", "figure"}:
            return True
        if parent is top:
            return False
    return False


def _is_author_link(link: HtmlElement) -> bool:
    return "author" in (link.get("rel") or "") or bool(AUTHOR_LINK.search(link.get("href") or ""))


def _clean(stated: Iterable[Author], names: SiteNames | None) -> tuple[Author, ...]:
    """Split joined names, drop what is no name, and say each once."""
    found: dict[str, Author] = {}
    for author in islice(stated, MAX_AUTHORS):
        for name in split_names(author.name):
            if (key := fold(name)) and not (names and names.has(name)) and key not in found:
                found[key] = Author(name=name, url=author.url)
    return tuple(found.values())


def split_names(text: str) -> tuple[str, ...]:
    """The names in a byline, without "by" and without credentials."""
    text = _before().sub("", text.strip(), count=1)
    parts = [part for chunk in SEPARATOR.split(text) for part in _between().split(chunk)]
    names = [BRACKETED.sub("", part).strip(" ,.;:-–—()[]\"'*") for part in parts]
    return tuple(name for name in names if is_name(name))


def is_name(text: str) -> bool:
    """Whether this may be the name of a person or an agency: short, no address, no sentence."""
    if not 2 <= len(text) <= MAX_NAME_CHARS or NOT_A_NAME.search(text) or CREDENTIAL.match(text):
        return False
    return len(text.split()) <= MAX_NAME_WORDS and any(c.isalpha() for c in text)
