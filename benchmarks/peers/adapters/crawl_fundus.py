"""fundus' own crawler over a list of addresses, shared out over publishers, each of which has a thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fundus import Crawler
from fundus_publisher import Listed, publisher
from serve import write_article

if TYPE_CHECKING:
    from collections.abc import Iterable

PUBLISHERS = 32


def crawl(job: dict[str, Any]) -> None:
    """Fetch and parse, without a delay."""
    addresses = Path(job["list"]).read_text(encoding="utf-8").split()
    shares: Iterable[list[str]] = (addresses[at::PUBLISHERS] for at in range(PUBLISHERS))
    publishers = [publisher(f"publisher-{at}", share[0], Listed(share)) for at, share in enumerate(shares) if share]
    with Path(job["out"]).open("w", encoding="utf-8", buffering=1) as out:
        for article in Crawler(*publishers, delay=0.0).crawl(only_complete=False):
            write_article(out, article.html.requested_url, article.plaintext)
