"""What an address looks like: an article, a list, a trap. Judged by its structure, never by a language's words.

The tables hold URL tokens, as content management systems write them, not wording of pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_SEGMENTS = 8
MAX_PATH_CHARS = 400
"""Of the path as read, without percent-encoding."""
MAX_QUERY_CHARS = 512

# fmt: off
PAGE_EXTENSIONS = frozenset({
    "html", "htm", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "cfm", "stm", "story", "ece", "cms", "amp", "phtml",
    "ghtml", "do",
})
ASSET_EXTENSIONS = frozenset({
    "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "ico", "bmp", "tif", "tiff", "css", "js", "mjs", "json",
    "xml", "rss", "atom", "txt", "csv", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub", "ics",
    "mp3", "mp4", "m4a", "m4v", "ogg", "wav", "webm", "avi", "mov", "mpg", "mpeg", "m3u8", "zip", "gz", "rar", "7z",
    "tar", "exe", "dmg", "apk", "woff", "woff2", "ttf", "eot",
})
LIST_SEGMENTS = frozenset({
    # Lists of articles by subject or by person.
    "tag", "tags", "tagged", "author", "authors", "category", "categories", "topic", "topics", "keyword", "keywords",
    "label", "labels", "byline", "contributor", "contributors", "profile", "profiles", "user", "users", "member",
    "members", "autor", "autoren", "autore", "auteur", "kategorie", "categoria", "categorie", "etiqueta", "schlagwort",
    # Doors and tools.
    "search", "suche", "recherche", "buscar", "busca", "login", "log-in", "logout", "signin", "sign-in", "signup",
    "sign-up", "register", "registration", "subscribe", "subscription", "subscriptions", "account", "my-account",
    "newsletter", "newsletters", "cart", "checkout", "wp-admin", "wp-login.php", "wp-json", "wp-content", "cgi-bin",
    "cdn-cgi", "oauth", "sso", "share", "print-edition", "e-paper", "epaper",
})
"""A path with one of these anywhere is a list or a tool, unless it ends as no list does."""
EDGE_SEGMENTS = frozenset({
    "about", "about-us", "contact", "contact-us", "contacts", "privacy", "privacy-policy", "terms", "terms-of-use",
    "terms-of-service", "terms-and-conditions", "imprint", "impressum", "cookies", "cookie-policy", "advertise",
    "advertising", "careers", "jobs", "help", "faq", "sitemap", "rss", "feed", "feeds", "atom", "archive", "archives",
    "legal", "accessibility", "disclaimer", "games", "crosswords", "horoscopes", "weather",
})
"""These say it only where a path ends, or where it begins and does not end as an article's does."""
ARTICLE_SEGMENTS = frozenset({
    "article", "articles", "story", "stories", "artikel", "articolo", "articulo", "artigo", "noticia", "haber",
})
CALENDAR_SEGMENTS = frozenset({"calendar", "kalender", "calendario", "calendrier", "agenda"})
INDEX_STEMS = frozenset({"index", "default", "home", "homepage", "main", "startseite", "portada"})
ID_PARAMETERS = frozenset({
    "id", "aid", "nid", "sid", "storyid", "story_id", "articleid", "article_id", "artid", "newsid", "news_id",
    "idnews", "itemid", "item_id", "docid", "contentid", "idarticle", "idarticolo", "idxno", "article", "story", "news",
})
SEARCH_PARAMETERS = frozenset({"q", "s", "query", "search", "keyword", "keywords", "suche"})
PAGE_PARAMETERS = frozenset({"page", "paged", "pg", "pagina", "seite", "offset", "start"})
# fmt: on

_YEAR = re.compile(r"(?:19[89]|20\d)\d\Z")
_DAY_TEXT = re.compile(r"(?:19[89]|20\d)\d[-_.]?(?:0?[1-9]|1[0-2])(?:[-_.]?(?:0?[1-9]|[12]\d|3[01]))?\Z")
_DAY_FIRST = re.compile(r"(?:19[89]|20\d)\d[-_.]?(?:0?[1-9]|1[0-2])[-_.]?(?:0?[1-9]|[12]\d|3[01])[-_.]\D")
_NUMBER = re.compile(r"\d{1,4}\Z")
_MONTH_NAME = re.compile(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\Z")
_LONG_NUMBER = re.compile(r"\d{5,}")
_PAGE_SEGMENT = re.compile(r"(?:page|seite|pagina)[-_]?(\d{1,6})\Z")
_SPLIT = re.compile(r"[-_.,+~\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """An address taken apart."""

    segments: tuple[str, ...]
    """Of the path, decoded, lower case, without empty ones."""
    stem: str
    """The last segment without its extension."""
    extension: str
    query: tuple[tuple[str, str], ...]
    query_chars: int

    @property
    def words(self) -> int:
        """Parts with a letter of the slug: the stem, or the segment before the bare numbers that the path ends with."""
        last_first = (self.stem, *self.segments[-2::-1])
        slug = next((segment for segment in last_first[:4] if not segment.isdecimal()), "")
        return sum(any(char.isalpha() for char in part) for part in _SPLIT.split(slug))

    @property
    def is_dated(self) -> bool:
        """A year and a month in the path before the last segment, or a day in front of the slug."""
        folders = self.segments[:-1]
        for place, segment in enumerate(folders):
            if _DAY_TEXT.match(segment):
                return True
            following = folders[place + 1 : place + 2]
            if _YEAR.match(segment) and following and (_NUMBER.match(following[0]) or _MONTH_NAME.match(following[0])):
                return True
        return _DAY_FIRST.match(self.stem) is not None

    @property
    def has_id(self) -> bool:
        """A number of five or more digits in the last segment that is more than a day."""
        return any(not _DAY_TEXT.match(match[0]) for match in _LONG_NUMBER.finditer(self.stem))

    @property
    def has_id_parameter(self) -> bool:
        if any(name in ID_PARAMETERS and _has_digits(value) for name, value in self.query):
            return True
        # WordPress: /?p=123, /?post_type=article&p=12345. Elsewhere p is a page as often as a post.
        if self.segments and not (len(self.segments) == 1 and self.stem in INDEX_STEMS):
            return False
        return any(
            name == "p" and value.isdecimal() and (len(value) >= 4 or len(self.query) == 1)
            for name, value in self.query
        )


def looks_like_article_url(url: str) -> bool | None:
    """Does the address have the form of an article's? None: it may, the address does not tell."""
    shape = _shape(url)
    if shape is None or is_trap(url) or shape.extension in ASSET_EXTENSIONS or looks_like_list_url(url):
        return False
    return _article_form(shape)


def looks_like_list_url(url: str) -> bool:
    """Is it a home page, a list by tag, author or day, a search, a later page of a list, a login or the like?"""
    shape = _shape(url)
    if shape is None:
        return False
    names = {name for name, _ in shape.query}
    if not shape.segments or (shape.stem in INDEX_STEMS and len(shape.segments) == 1):
        return not shape.has_id_parameter
    if _PAGE_SEGMENT.match(shape.segments[-1]) or (
        len(shape.segments) > 1 and shape.segments[-2] in {"page", "seite", "pagina"} and shape.segments[-1].isdecimal()
    ):
        return True
    if _is_day_list(shape):
        return True
    article = _article_form(shape) is True
    if not article and names & (SEARCH_PARAMETERS | PAGE_PARAMETERS):
        return True
    if not LIST_SEGMENTS.isdisjoint((*shape.segments, shape.stem)) and not _ends_as_an_article(shape):
        return True
    return shape.stem in EDGE_SEGMENTS or (shape.segments[0] in EDGE_SEGMENTS and not article)


def is_trap(url: str) -> bool:
    """Does the address look made by a loop: too long, too deep, repeating itself, or a page of a calendar?"""
    shape = _shape(url)
    if shape is None:
        return False
    segments = shape.segments
    if len(segments) > MAX_SEGMENTS or sum(map(len, segments)) > MAX_PATH_CHARS or shape.query_chars > MAX_QUERY_CHARS:
        return True
    # Numbers repeat in honest dates: /2026/11/11/.
    names = [segment for segment in segments if not segment.isdecimal()]
    if any(names.count(name) >= 3 for name in names):
        return True
    pairs = list(pairwise(names))
    if any(pairs.count(pair) >= 2 for pair in pairs):
        return True
    parameters = {name for name, _ in shape.query}
    if parameters >= {"year", "month"} or "ical" in parameters or "tribe-bar-date" in parameters:
        return True
    calendar = next((place for place, name in enumerate(segments) if name in CALENDAR_SEGMENTS), None)
    return calendar is not None and any(_DAY_TEXT.match(part) or _YEAR.match(part) for part in segments[calendar:])


def page_number(url: str) -> tuple[str, int] | None:
    """The address of the list and the number, when the address is that of a later page: ``?page=2``, ``/page/2``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    place = f"{parts.scheme}://{parts.netloc}"
    match = re.search(r"/(?:page|seite|pagina)[/_-]?(\d{1,6})\Z", path, re.IGNORECASE)
    if match:
        return f"{place}{path[: match.start()]}?{parts.query}", int(match[1])
    query = parse_qsl(parts.query, max_num_fields=None)[:20]
    numbers = [value for name, value in query if name.lower() in {"p", "page", "paged", "pg", "pagina", "seite"}]
    if len(numbers) == 1 and numbers[0].isascii() and numbers[0].isdecimal() and len(numbers[0]) <= 6:
        rest = "&".join(f"{name}={value}" for name, value in query if value != numbers[0])
        return f"{place}{path}?{rest}", int(numbers[0])
    return None


def stem_address(url: str) -> str:
    """The address in the form in which `page_number` names a list."""
    scheme, _, rest = url.partition("://")
    path, _, query = rest.partition("?")
    return f"{scheme}://{path.rstrip('/')}?{query}"


def _article_form(shape: _Shape) -> bool | None:
    words, deep, page = shape.words, len(shape.segments) > 1, shape.extension in PAGE_EXTENSIONS
    if shape.has_id_parameter:
        return True
    if not shape.segments:
        return False
    if (shape.is_dated and words >= 1) or words >= 4:
        return True
    if shape.has_id:
        return True
    if deep and shape.segments[-2] in ARTICLE_SEGMENTS and (_has_digits(shape.stem) or words >= 2):
        return True
    if deep and page and words >= 1 and len(_SPLIT.split(shape.stem)) >= 2:
        return True
    if words >= 3 and (deep or page):
        return True
    # One short word, as /sport: a section. Scripts without spaces write a whole title as one word.
    return False if not deep and words <= 1 and len(shape.stem) <= 20 else None


def _ends_as_an_article(shape: _Shape) -> bool:
    """Does a path of lists end as only an article's does: /category/sea/ferry-returns-after-storm.html?"""
    if shape.is_dated or shape.extension in PAGE_EXTENSIONS:
        return shape.words >= 3
    # /author/ada-berg-of-the-desk is a list, /author/ada-berg/ferry-returns-after-storm is not.
    return shape.words >= 4 and LIST_SEGMENTS.isdisjoint(shape.segments[-2:])


def _is_day_list(shape: _Shape) -> bool:
    """The path ends with a year, a month or a day and nothing else: /2026/11/24, /archive/2026-11."""
    last = shape.stem
    if shape.words >= 4:  # /why-the-ferry-returned/2026/11
        return False
    if _YEAR.match(last) or _DAY_TEXT.match(last):
        return not shape.has_id_parameter
    if not (_NUMBER.match(last) and len(last) <= 2) and not _MONTH_NAME.match(last):
        return False
    return any(_YEAR.match(segment) for segment in shape.segments[-3:-1])


def _has_digits(value: str) -> bool:
    return any(char.isdigit() for char in value)


@lru_cache(maxsize=4096)
def _shape(url: str) -> _Shape | None:
    """The address taken apart; None when it cannot be."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query[: MAX_QUERY_CHARS * 2], keep_blank_values=True)
    except ValueError:
        return None
    segments = tuple(unquote(segment).lower() for segment in parts.path.split("/") if segment)
    last = segments[-1] if segments else ""
    stem, dot, extension = last.rpartition(".")
    if not dot or not (extension in PAGE_EXTENSIONS or extension in ASSET_EXTENSIONS):
        stem, extension = last, ""
    return _Shape(
        segments=segments,
        stem=stem,
        extension=extension,
        query=tuple((name.lower(), value) for name, value in query),
        query_chars=len(parts.query),
    )
