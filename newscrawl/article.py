"""Page, Article and what travels with them: the vocabulary of everything else.

`Article` is the one definition of the record (schema_version v1.0): its field order is the order in
the dump, and its field docstrings become the JSON Schema, the field table in ``data/README.md`` and
the columns of every other artefact. Values are JSON-native, so that ``-O out.jsonl``, the dump and
``asdict`` agree. Nothing is checked on construction: `newscrawl.refine` checks what goes out,
`newscrawl.dump.reader` what comes in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from newscrawl.errors import Outcome

SCHEMA_VERSION = "v1.0"

OPT_OUT_HEADERS = ("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "license")
"""Response headers that `Page.headers` carries; ``license`` stands for one stated in robots.txt or a Link header."""

PARAGRAPH_BREAK = "\n\n"
UTC_TIME = {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", "format": "date-time"}
SHA256 = {"pattern": r"^sha256:[0-9a-f]{64}$"}
ARTICLE_ID = {"pattern": r"^nc_[a-z2-7]{26}$"}
RUN_ID = {"pattern": r"^run_[0-9a-z_]+$"}

REVISION_CAUSES = ("first", "page", "cleaning", "gone", "purged")
STATUSES = ("ok", "gone", "purged")
ARTICLE_TYPES = ("news", "opinion", "live", "review", "press_release", "other")
DATE_PRECISIONS = ("second", "minute", "day")
DATE_SOURCES = ("jsonld", "meta", "news_sitemap", "feed", "time_element", "url")
ACCESS = ("free", "paywalled", "unknown")
DISCOVERED_VIA = ("feed", "news_sitemap", "sitemap", "page", "url", "warc", "file", "text")
FLAGS = (
    "mixed_script",
    "placeholder_text",
    "short",
    "teaser_only",
    "encoding_repaired",
    "language_mismatch",
    "date_day_only",
    "date_conflict",
    "date_implausible",
    "title_conflict",
    "canonical_offsite",
    "truncated_page",
    "list_like",
    "live_blog",
    "rendered",
)


def _schema(**keywords: Any) -> dict[str, Any]:
    """Extra JSON Schema keywords of a field, where ItemAdapter looks for them."""
    return {"json_schema_extra": keywords}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a feed, a news sitemap or a section page says of an address: a second opinion on the page."""

    url: str
    via: str
    """One of `DISCOVERED_VIA`."""
    title: str | None = None
    description: str | None = None
    date_published: str | None = None
    """As printed in the feed or sitemap, unparsed."""
    date_modified: str | None = None
    """As printed, unparsed (feed ``updated``, sitemap ``lastmod``)."""
    language: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    access: str | None = None
    """``paywalled`` when the news sitemap says ``Subscription`` or ``Registration``; else None."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """How a page came: what the outcome line and the memory of its address need beside the article."""

    requested_url: str
    """The address asked for, before redirects."""
    status: int | None = None
    bytes: int | None = None
    """Length of the decompressed body."""
    ms: int | None = None
    """Milliseconds from the request to the first byte of the response."""
    etag: str | None = None
    last_modified: str | None = None
    lastmod: str | None = None
    """What feed or sitemap said of the last change, as printed: when it differs the next time, the page is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One fetched or stored HTML page: all that extraction sees."""

    url: str
    """Final URL of the response."""
    html: bytes
    date_crawled: str
    """When the bytes arrived, UTC ``YYYY-MM-DDTHH:MM:SSZ``."""
    charset: str | None = None
    """Charset of the Content-Type header, when there was one."""
    headers: tuple[tuple[str, str], ...] = ()
    """Response headers that carry opt-out signals (lower-case name, value), as read."""
    source: str | None = None
    """Id of the source entry; None: the site itself is the source."""
    discovered_via: str = "url"
    hint: Hint | None = None
    time_zone: str | None = None
    """IANA zone of the source, for times printed without an offset."""
    languages: tuple[str, ...] = ()
    """Languages the source says it publishes in; empty: not known."""
    robots_rule: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person or a byline, never the site's own name."""

    name: str
    """As printed, without "By" and role."""
    url: str | None = None
    """The author's page, absolute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of the article."""

    url: str
    """Absolute URL."""
    caption: str | None = None
    """Caption as printed, without the credit where it can be told apart."""
    credit: str | None = None
    """Photographer or agency, as printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """Opt-out signals as read at fetch time, raw."""

    meta_robots: str | None = None
    """Content of ``<meta name="robots">``, and of one that names this crawler (``newscrawl: …``), "; " between them."""
    x_robots_tag: str | None = None
    """``X-Robots-Tag`` header; "; " between its lines."""
    tdm_reservation: str | None = None
    """``tdm-reservation`` of the meta element, else of the header, else of ``/.well-known/tdmrep.json``."""
    tdm_policy: str | None = None
    """``tdm-policy``, from the same places."""
    content_usage: str | None = None
    """``Content-Usage`` header, else the rule of robots.txt for the address."""
    robots_rule: str | None = None
    """The robots.txt rule that allowed the fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractor:
    """Which code and options made this text."""

    name: str
    """Package that made the text."""
    version: str
    """Its version, with a leading "v"."""
    config: str
    """Short hash of the options, with a leading "c"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """One paragraph or part of one that cleaning took out of an article's text."""

    place: int
    """Index (from 0) of the paragraph of the cleaned text that it stood before."""
    text: str
    rule: str
    """Name of the rule: its module in ``newscrawl.clean.rules``."""
    why: str
    """One sentence fragment with the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the store wants to know of a text and what a worker process can find out: of no use beside another text."""

    text_sha256: str
    """Of the text it was made of."""
    signature: bytes | None
    """For near-duplicates, packed; None: the text is too short for one."""
    lines: tuple[tuple[int, int], ...]
    """Key and shape of each line, for the memory of its site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One revision of one article."""

    schema_version: str = field(default=SCHEMA_VERSION, metadata=_schema(enum=[SCHEMA_VERSION]))
    """Version of this record: minor for new nullable fields, major for a break."""
    id: str = field(default="", metadata=_schema(**ARTICLE_ID))
    """Hash of the URL key; the same for every revision."""
    revision: int = field(default=1, metadata=_schema(minimum=1))
    """1, 2, …; (id, revision) is the key of the stream."""
    revision_cause: str = field(default="first", metadata=_schema(enum=list(REVISION_CAUSES)))
    """Why this revision exists: `page` (the publisher changed it), `cleaning` (we cleaned better), `gone`, `purged`."""
    changes: tuple[str, ...] = ()
    """Names of the fields that differ from the revision before."""
    status: str = field(default="ok", metadata=_schema(enum=list(STATUSES)))
    """`ok`, `gone` (withdrawn by the publisher) or `purged` (withdrawn by us); content is null unless `ok`."""
    url: str = ""
    """Final response URL without fragment, user info and tracking parameters."""
    url_canonical: str | None = None
    """URL the page names as canonical; only when on the same site; never the key."""
    source: str = ""
    """Id of the source entry, or the site when crawled without one."""
    site: str = ""
    """Registrable domain of the URL."""
    publisher: str | None = None
    """Name of the outlet."""
    title: str | None = None
    """Clean headline, no site suffix."""
    description: str | None = None
    """Standfirst as printed, else the site's teaser; null when it only repeats the beginning of the text."""
    text: str | None = None
    """The article: paragraphs one blank line apart, list items as "- …"."""
    language: str | None = None
    """BCP 47 tag."""
    authors: tuple[Author, ...] = ()
    """People and bylines, in the order printed."""
    section: str | None = None
    """Section of the site."""
    tags: tuple[str, ...] = ()
    """Keywords of the publisher."""
    images: tuple[Image, ...] = ()
    """Pictures; the first is the main one."""
    article_type: str | None = field(default=None, metadata=_schema(enum=[*ARTICLE_TYPES, None]))
    """`news`, `opinion`, `live`, `review`, `press_release` or `other`."""
    date_published: str | None = field(default=None, metadata=_schema(**UTC_TIME))
    """UTC; never the crawl day and never a guess from prose: null instead."""
    date_precision: str | None = field(default=None, metadata=_schema(enum=[*DATE_PRECISIONS, None]))
    """How exact `date_published` is: `second`, `minute` or `day`."""
    date_source: str | None = field(default=None, metadata=_schema(enum=[*DATE_SOURCES, None]))
    """Where `date_published` was read."""
    date_evidence: str | None = None
    """What was read, with its place: "jsonld datePublished: 2026-03-04T23:30:00-05:00"."""
    date_modified: str | None = field(default=None, metadata=_schema(**UTC_TIME))
    """UTC; as the publisher states it."""
    date_crawled: str = field(default="", metadata=_schema(**UTC_TIME))
    """UTC; when the bytes arrived."""
    access: str = field(default="unknown", metadata=_schema(enum=list(ACCESS)))
    """`free`, `paywalled` (only the teaser is there) or `unknown`."""
    license: str | None = None
    """Licence as stated, URL or words: of the page, else of its site (robots.txt ``License``, RSL)."""
    optout: OptOut = field(default_factory=OptOut)
    """Opt-out signals as read at fetch time, raw."""
    word_count: int = field(default=0, metadata=_schema(minimum=0))
    """Words of the text, or characters / 2 in scripts without spaces."""
    text_sha256: str | None = field(default=None, metadata=_schema(**SHA256))
    """SHA-256 of the NFC text in UTF-8."""
    flags: tuple[str, ...] = field(default=(), metadata=_schema(items={"type": "string", "enum": list(FLAGS)}))
    """What a reader may want to filter on."""
    discovered_via: str = field(default="url", metadata=_schema(enum=list(DISCOVERED_VIA)))
    """How the address was found."""
    extractor: Extractor = field(default_factory=lambda: Extractor(name="", version="v0", config="c0"))
    """Which code and options made this text."""
    run_id: str = field(default="", metadata=_schema(**RUN_ID))
    """The run that stored it; runs are described in the manifest."""

    removed: tuple[Removed, ...] = field(default=(), metadata={"record": False})
    """What cleaning took out. Travels with the article, is stored in a stream of its own."""
    fetch: Fetch | None = field(default=None, metadata={"record": False})
    """How the page came; None for articles that were not fetched."""
    prepared: Prepared | None = field(default=None, metadata={"record": False})
    """What its worker worked out for the store; None: the store does it itself."""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text as blocks; a list item is a block of its own, with its "- "."""
        return tuple(self.text.split(PARAGRAPH_BREAK)) if self.text else ()

    def with_paragraphs(self, paragraphs: tuple[str, ...] | list[str]) -> Article:
        """The same article with another text; no text at all becomes None."""
        return replace(self, text=PARAGRAPH_BREAK.join(paragraphs) or None)

    def with_flags(self, *flags: str) -> Article:
        """The same article with these flags added, sorted and without repeats."""
        return replace(self, flags=tuple(sorted({*self.flags, *flags})))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    """What one run decided on one address."""

    url: str
    """The address, normalised."""
    source: str
    """Id of the source entry, or the site."""
    outcome: str = field(metadata=_schema(enum=[str(outcome) for outcome in Outcome]))
    """The class of what happened."""
    reason: str | None
    """What was seen, in words and figures; null for an article."""
    status: int | None
    """HTTP status; null when there was no response."""
    bytes: int | None
    """Length of the decompressed body."""
    ms: int | None
    """Milliseconds from the request to the first byte of the response."""
    via: str = field(metadata=_schema(enum=list(DISCOVERED_VIA)))
    """How the address was found."""
    run_id: str = field(metadata=_schema(**RUN_ID))
    """The run that decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedLine:
    """One thing that cleaning took out of one revision."""

    id: str = field(metadata=_schema(**ARTICLE_ID))
    """The article."""
    revision: int = field(metadata=_schema(minimum=1))
    """The revision."""
    place: int = field(metadata=_schema(minimum=0))
    """Index (from 0) of the paragraph of the text that it stood before."""
    text: str
    """What was taken out."""
    rule: str
    """Name of the rule."""
    why: str
    """The evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """A relation of an article to others, found later; the last line of an id counts."""

    id: str = field(metadata=_schema(**ARTICLE_ID))
    """The article."""
    duplicate_of: str | None = field(metadata=_schema(**ARTICLE_ID))
    """The article of its cluster that was published first; null for that article itself."""
    cluster_id: str = field(metadata=_schema(**ARTICLE_ID))
    """The smallest id of the cluster."""
    similarity: float = field(metadata=_schema(minimum=0, maximum=1))
    """Of its text to that of `duplicate_of`: the share of all their runs of five words that both have; 1 when equal."""
    run_id: str = field(metadata=_schema(**RUN_ID))
    """The run that found it."""
