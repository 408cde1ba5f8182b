"""Addresses: one spelling per page, its key and id, and the site it belongs to.

`normalise_url` is w3lib's canonical form with our layer on top: what names the page stays, what names
the visitor goes. It is the one place where an address is read, so that what is checked, stored and
fetched is the same.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote, unquote_to_bytes, urlsplit

from w3lib.url import canonicalize_url

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_URL_CHARS = 2083
"""Longest address kept: the longest that the sitemap protocol and old browsers allow."""
MAX_INPUT_CHARS = 16_384
"""Longer texts are refused unread: without its tracking parameters a shorter one may still fit."""

TRACKING_PREFIXES = ("utm_", "ns_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "at_custom")
# fmt: off
TRACKING_PARAMETERS = frozenset({
    # Click identifiers of advertising and social networks.
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source",
    "gad_campaignid", "srsltid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "li_fat_id", "epik", "igshid", "igsh", "fb_action_ids", "fb_action_types", "fb_ref",
    "fb_source", "__twitter_impression", "_branch_match_id",
    # Mail and marketing tools.
    "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking", "oly_enc_id",
    "oly_anon_id", "vero_id", "vero_conv", "dm_i", "s_kwcid", "ef_id",
    # Audience measurement and campaign names of publishers.
    "_ga", "_gl", "_openstat", "ref_src", "ref_url", "cmp", "cmpid",
    "ito", "icid", "ncid", "ocid", "xtor", "smid", "smtyp", "wt_mc", "wt.mc_id", "guccounter",
    "guce_referrer", "guce_referrer_sig", "at_medium", "at_campaign", "at_campaign_type", "at_link_id", "at_link_type",
    "at_link_origin",
    "at_format", "at_ptr_name", "at_bbc_team", "spm", "sr_share", "traffic_source",
    # Sessions.
    "phpsessid", "jsessionid",
})
# fmt: on
"""Query parameters, in lower case, that name a visitor, a campaign or a session and never an article."""

_QUERY_SAFE = "/:,@!*()'~$?"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

_AMP_SUFFIX = re.compile(r"(?:/amp/?$|\.amp(?=(?:\.html?)?$))")
_MARKER_SEGMENT = re.compile(r"/(?:amp|print)(?=/)")
_MARKER_QUERIES = frozenset(
    {"amp=1", "amp=true", "amp=amp", "amp=", "amp", "outputtype=amp", "print=1", "print=", "print"}
)
_LINE_BREAKS = re.compile(r"[\t\r\n]")
_SPACE = "".join(map(chr, range(33)))


@lru_cache(maxsize=512)  # on its way to the store an article's address is read some ten times
def normalise_url(url: str) -> str:
    """The one spelling of an absolute http or https address; normalising it again changes nothing.

    Raises:
        ValueError: one sentence that says why the text is not such an address.
    """
    if len(url) > MAX_INPUT_CHARS:
        raise ValueError(f"The address is longer than {MAX_INPUT_CHARS} characters: {url[:60]!r}…")
    # As browsers read it: no tab or line break anywhere, no control or space around it, "\" is "/" before the query.
    text = _LINE_BREAKS.sub("", url).strip(_SPACE)
    text = _SURROGATE.sub("\ufffd", text)  # it has no UTF-8 form that a server could know
    head, mark, tail = _cut(text, "?#")
    text = head.replace("\\", "/") + mark + tail
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"The address cannot be read ({error}): {url[:200]!r}") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f"Only http and https addresses are fetched, not {url[:200]!r}")
    host = _host(parts.netloc.rpartition("@")[2], url)
    place = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    path = _SESSION_IN_PATH.sub("", parts.path)
    result: str = canonicalize_url(f"{parts.scheme}://{place}{path}")
    query = _query(parts.query)
    result = f"{result}?{query}" if query else result
    if len(result) > MAX_URL_CHARS:
        raise ValueError(f"The address is longer than {MAX_URL_CHARS} characters: {url[:60]!r}…")
    return result


def url_key(url: str, canonical: str | None = None) -> str:
    """What names a page whichever way it was reached: the normalised address without its scheme.

    `canonical` is the address the page itself declares. Only where it is the same address but for
    ``www.`` and the marks of AMP and print variants, it is the key, without ``www.``: then all variants
    that declare it have one key. Any other canonical is ignored, so that no page can take another's key.

    Raises:
        ValueError: `url` is not an http or https address.
    """
    address = normalise_url(url)
    if canonical is not None:
        try:
            declared = normalise_url(canonical)
        except ValueError:
            return _without_scheme(address)
        if _plain(declared) == _plain(address) and same_site(declared, address):
            return _without_scheme(declared).removeprefix("www.")
    return _without_scheme(address)


def article_id(key: str) -> str:
    """The id of the article with this URL key: ``nc_`` and 26 characters (130 bits) of its SHA-256."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return "nc_" + base64.b32encode(digest).decode("ascii").lower()[:26]


def site_of(url: str) -> str:
    """The registrable domain of an address or a host; IP addresses and hosts without one are their own site.

    Needs no network: the suffix list that tldextract ships. Suffixes that companies rent out (``github.io``)
    count as suffixes, because their tenants are different publishers.
    """
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return _site_of_host(host.rstrip("."))


def same_site(a: str, b: str) -> bool:
    """Do both addresses belong to one registrable domain?"""
    site = site_of(a)
    return site != "" and site == site_of(b)


def _cut(text: str, marks: str) -> tuple[str, str, str]:
    """Split at the first of these characters: before, the character, after."""
    places = [place for mark in marks if (place := text.find(mark)) >= 0]
    if not places:
        return text, "", ""
    place = min(places)
    return text[:place], text[place], text[place + 1 :]


def _host(netloc: str, url: str) -> str:
    """The host of a netloc without user info: lower case, ASCII, numbers as dotted IPv4, IPv6 compressed.

    Raises:
        ValueError: no host, or one that no server can have.
    """
    if netloc.startswith("["):
        try:
            # Without the scope that Python would take: it names a device of one machine.
            return f"[{IPv6Address(netloc[1:].partition(']')[0].replace('%', ' ')).compressed}]"
        except AddressValueError as error:
            raise ValueError(f"The host is not an IPv6 address ({error}): {url[:200]!r}") from None
    host = unquote(netloc.partition(":")[0])
    if not host.isascii():
        host = _ascii_host(host, url)
    host = host.lower().removesuffix(".")
    if not host:
        raise ValueError(f"The address has no host: {url[:200]!r}")
    if len(host) > 253 or not _HOST.match(host) or any(len(label) > 63 for label in host.split(".")):
        raise ValueError(f"The host is not a valid name: {url[:200]!r}")
    return _dotted(host, url) if _NUMBER.match(host.rpartition(".")[2]) else host


def _ascii_host(host: str, url: str) -> str:
    """The IDNA form (UTS 46, as browsers do it) of a host with letters outside ASCII."""
    import idna

    try:
        return idna.encode(unicodedata.normalize("NFKC", host).removesuffix("."), uts46=True).decode("ascii")
    except (UnicodeError, ValueError):
        pass
    try:  # emoji and the like: older rules, which registries and browsers still honour
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"The host has no ASCII form ({error}): {url[:200]!r}") from None


def _dotted(host: str, url: str) -> str:
    """The dotted form of an IPv4 address in any spelling that browsers and resolvers take.

    ``0177.0.0.1``, ``0x7f.1`` and ``2130706433`` are all 127.0.0.1.
    """
    try:
        numbers = [_number(part) for part in host.split(".")]
    except ValueError:
        numbers = []
    *leading, last = numbers or [-1]
    if not 0 <= len(leading) <= 3 or any(part > 255 for part in leading) or not 0 <= last < 256 ** (4 - len(leading)):
        raise ValueError(f"The host is not an IPv4 address: {url[:200]!r}")
    return str(IPv4Address(sum(part << (8 * (3 - place)) for place, part in enumerate(leading)) + last))


def _number(text: str) -> int:
    """One part of an IPv4 address: decimal, octal with a leading 0, hexadecimal with a leading 0x."""
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") else int(text[:12], 10)


def _query(query: str) -> str:
    """The query without tracking parameters, sorted, percent escapes in one spelling."""
    kept = []
    for piece in query.split("&"):
        name, equals, value = piece.partition("=")
        name = _requote(name)
        if piece and not _is_tracking(unquote(name).lower()):
            kept.append((name, equals + _requote(value)))
    return "&".join(name + value for name, value in sorted(kept))


def _requote(text: str) -> str:
    raw = unquote_to_bytes(text.replace("+", " "))
    return quote_plus(raw, safe=_QUERY_SAFE)


def _is_tracking(name: str) -> bool:
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _without_scheme(url: str) -> str:
    return url.partition("://")[2]


def _plain(url: str) -> str:
    """A normalised address without scheme, ``www.`` and the marks of AMP and print variants."""
    place, _, query = _without_scheme(url).partition("?")
    host, slash, path = place.partition("/")
    host = host.removeprefix("www.").removeprefix("amp.").removeprefix("www.")
    path = _AMP_SUFFIX.sub("", _MARKER_SEGMENT.sub("", slash + path))
    kept = [piece for piece in query.split("&") if piece.lower() not in _MARKER_QUERIES]
    return f"{host}{path.rstrip('/')}?{'&'.join(kept)}"


@lru_cache(maxsize=8192)
def _site_of_host(host: str) -> str:
    if ":" in host or host.rpartition(".")[2].isdecimal():
        return host
    domain, suffix = _split(host)
    # A top-level domain that the list does not have is a suffix all the same.
    return domain or (host if suffix else ".".join(host.split(".")[-2:]))


def _split(host: str) -> tuple[str, str]:
    """Registrable domain and public suffix of a host name; "" where it has none."""
    parts = _extractor()(host)
    return parts.top_domain_under_public_suffix, parts.suffix


@lru_cache(maxsize=1)
def _extractor() -> TLDExtract:
    # Imported here: the suffix list takes longer to load than `--help` should take.
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
