"""One HTML file, as someone saved it, to a page."""

from __future__ import annotations

import html
import re
from hashlib import sha256

from newscrawl.article import Page
from newscrawl.errors import Outcome
from newscrawl.readers import NoPage
from newscrawl.urls import normalise_url

MAX_PAGE_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 512 * 1024
"""Where the page's own address is looked for; heads of real pages end long before."""

# All repeats are bounded and stop at the next "<", so that no page makes this slow.
_TAG = re.compile(r"<(?:link|meta)\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?<![\w:-])([\w:-]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))")


def page_from_html(
    data: bytes, *, date_crawled: str, url: str | None = None, source: str | None = None
) -> Page | NoPage:
    """A saved page.

    Its address is `url`, else what the page names as its canonical address or ``og:url``, else ``urn:sha256:`` and the
    digest of the file: the same file has the same address everywhere, and two files never share one.

    Args:
        data: the file; more than `MAX_PAGE_BYTES` give a NoPage.
        date_crawled: when the bytes arrived, UTC; of a file, its modification time is the best there is.
    """
    address = url or stated_address(data) or f"urn:sha256:{sha256(data).hexdigest()}"
    if len(data) > MAX_PAGE_BYTES:
        return NoPage(
            url=address,
            via="file",
            source=source,
            date_crawled=date_crawled,
            outcome=Outcome.TOO_LARGE,
            reason=f"more than {MAX_PAGE_BYTES} bytes",
        )
    return Page(url=address, html=data, date_crawled=date_crawled, source=source, discovered_via="file")


def stated_address(data: bytes) -> str | None:
    """The absolute address a page gives for itself: ``rel=canonical`` before ``og:url``; None when it gives none."""
    head = data[:HEAD_BYTES].decode("utf-8", errors="replace")
    social = None
    for tag in _TAG.finditer(head):
        attributes = {
            match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "").strip()
            for match in _ATTRIBUTE.finditer(tag[1])
        }
        if "canonical" in attributes.get("rel", "").lower().split() and (found := _absolute(attributes.get("href"))):
            return found
        if attributes.get("property", attributes.get("name", "")).lower() == "og:url":
            social = social or _absolute(attributes.get("content"))
    return social


def _absolute(address: str | None) -> str | None:
    try:
        normalise_url(address or "")
    except ValueError:
        return None
    return address
