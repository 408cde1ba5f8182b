"""Small articles and lines for the tests of the store and the dump."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newscrawl.article import Article, Fetch, OutcomeLine, Removed
from newscrawl.state.store import Store, Stored, open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from pathlib import Path

SITE = "https://harbour-times.example"
DAY_1 = "2026-11-23T10:00:00Z"
DAY_2 = "2026-11-24T10:00:01Z"
SHARE = Removed(place=0, text="Share this", rule="share_buttons", why="names 3 networks")


def article(name: str = "a", text: str | None = None, **changes: Any) -> Article:
    """An article as it comes out of refine."""
    url = changes.pop("url", f"{SITE}/{name}")
    text = f"What happened to {name}." if text is None else text
    values: dict[str, Any] = {
        "id": article_id(url_key(url)),
        "url": url,
        "source": "harbour-times",
        "site": "harbour-times.example",
        "title": f"Title of {name}",
        "text": text,
        "text_sha256": text_sha256(text),
        "word_count": len(text.split()),
        "date_published": "2026-11-20T08:00:00Z",
        "date_precision": "minute",
        "date_source": "meta",
        "date_crawled": DAY_1,
    }
    return Article(**values | changes)


def line(url: str, run_id: str, outcome: str = "article", status: int | None = 200, **changes: Any) -> OutcomeLine:
    """An outcome line."""
    values: dict[str, Any] = {
        "source": "harbour-times",
        "reason": None if outcome == "article" else "as the test wants it",
        "bytes": 1000,
        "ms": 12,
        "via": "feed",
    }
    return OutcomeLine(url=url, run_id=run_id, outcome=outcome, status=status, **values | changes)


def begin(store: Store, number: int = 1) -> str:
    """A run with a fixed id and time."""
    run_id = f"run_20261124t0600{number:02d}z_aaaaaa"
    return store.begin_run(
        why="test", arguments={"n": str(number)}, versions={"newscrawl": "v0"}, run_id=run_id, started=DAY_2
    )


def put(store: Store, item: Article, run_id: str, *, at: str | None = None, **fetch: Any) -> Stored:
    """Store an article that was asked for under its own address, or under `requested_url`."""
    asked = Fetch(**{"requested_url": at or item.url, "status": 200} | fetch)
    return store.put_article(item, run_id=run_id, outcome=line(item.url, run_id), fetch=asked)


def gone(store: Store, url: str, run_id: str, status: int, at: str) -> Article | None:
    """An address answered 404 or 410."""
    return store.put_gone(line(url, run_id, "gone", status), fetch=Fetch(requested_url=url, status=status), at=at)


def waiting(data: Path) -> list[tuple[str, bytes]]:
    """Stream and line of everything that waits, in the order it was stored."""
    with open_store(data) as store:
        outbox = store.outbox
        last = outbox.last()
        return [(batch.stream, each.line) for batch in outbox.batches(last) for each in outbox.lines(batch, last)]
