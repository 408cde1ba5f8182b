"""A dump of several days of five invented newspapers, made by the store itself: the same seed gives the same dump."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from newscrawl.article import Article, Author, Fetch, Image, OutcomeLine, Removed
from newscrawl.dump.publish import publish
from newscrawl.report.politeness import HostTraffic
from newscrawl.state.health import Figures
from newscrawl.state.store import open_store
from newscrawl.text.digest import text_sha256
from newscrawl.urls import article_id, url_key

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.state.store import Store

LAST_DAY = date(2026, 11, 23)
# Source → articles a day, hours at which it publishes, what its articles have.
PAPERS = {
    "harbour-times": (14, range(5, 22), {"authors": 0.95, "description": 0.98, "section": 1.0}),
    "westmere-courier": (9, range(6, 12), {"authors": 0.8, "description": 0.6, "section": 0.9}),
    "la-vega-hoy": (7, range(10, 24), {"authors": 0.4, "description": 0.95, "section": 0.5}),
    "nordfjord-blad": (4, range(4, 9), {"authors": 1.0, "description": 0.2, "section": 1.0}),
    "hill-gazette": (2, range(12, 17), {"authors": 0.1, "description": 0.0, "section": 0.0}),
}
LANGUAGES = {"la-vega-hoy": "es", "nordfjord-blad": "nb"}
PLACES = (
    "Westmere",
    "Harbourside",
    "Northgate",
    "Alderton",
    "Eastwick",
    "Millbrook",
    "Fenwick",
    "Saltmarsh",
    "Ravensby",
)
THINGS = ("The ferry", "The library", "The old bridge", "The school board", "The night bus", "The tram", "A bakery")
DOINGS = (
    "reopens after repairs", "asks for more money", "moves to a new home", "draws a record crowd", "closes for a week",
    "wins a prize", "is late again", "gets a new roof", "is sold to its staff", "counts its losses",
)  # fmt: skip
PEOPLE = ("Ann Lee", "Marta Ruiz", "Ole Berg", "Sam Field", "Iris Vaughan", "Tom Okafor")
REMOVED = (
    ("share_buttons", "Share this story: Facebook, X, WhatsApp", "names 3 networks"),
    ("read_also", "Read also: What the council did not say", "begins with a label that leads elsewhere"),
    ("newsletter", "Sign up for our morning letter and never miss a story.", "asks for an address"),
    ("advertisement", "ADVERTISEMENT", "a label of an advertisement"),
)
MISSED = (
    ("list_page", "12 links and 40 words", 200, "/section/news"),
    ("too_short", "18 words, at least 25 are wanted", 200, "/notice"),
    ("robots", "robots.txt forbids it", None, "/print"),
    ("gone", "the site says 404", 404, "/old"),
    ("timeout", "no answer within 30 s", None, "/slow"),
    ("blocked", "the site says 403", 403, "/members"),
)
QUIET_FROM = 4
"""Days before the last one since when the last paper has brought nothing."""


def build(data: Path, *, days: int, seed: int = 7, hostile: str | None = None, compression: str = "none") -> Path:
    """Publish a dump of so many days, the last one `LAST_DAY`.

    Args:
        hostile: a text that stands in every field that a publisher writes, of one article of each day.
    """
    random = Random(seed)
    with open_store(data) as store:
        for back in range(days - 1, -1, -1):
            day = LAST_DAY - timedelta(days=back)
            _one_day(store, day, random, quiet=back < QUIET_FROM, hostile=hostile)
        for back in range(40):
            day = (LAST_DAY - timedelta(days=back)).isoformat()
            store.health.add(day, {paper: _seen(paper, quiet=back < QUIET_FROM) for paper in PAPERS})
        publish(store, data, compression=compression)
    return data


def values_of(data: Path, stream: str) -> list[dict[str, object]]:
    """All lines of a stream, as a reader of the dump finds them, without any code of ours."""
    return [
        json.loads(line)
        for file in sorted(data.glob(f"{stream}/**/*.jsonl"))
        for line in file.read_text(encoding="utf-8").split("\n")
        if line
    ]


def _one_day(store: Store, day: date, random: Random, *, quiet: bool, hostile: str | None) -> None:
    run_id = f"run_{day:%Y%m%d}t233000z_aaaaaa"
    started = f"{day}T23:30:00Z"
    store.begin_run(why="scrapy crawl news", arguments={}, versions={}, run_id=run_id, started=started)
    shared: list[Article] = []
    for paper, (usual, hours, _) in PAPERS.items():
        count = 0 if quiet and paper == "hill-gazette" else max(1, round(random.gauss(usual, usual / 5)))
        count = count // 3 + 1 if day.weekday() > 4 and count else count
        for number in range(count):
            item = _article(paper, day, number, random.choice(hours), random)
            if shared and random.random() < 0.2:
                item = _copied(item, random.choice(shared))
            elif random.random() < 0.15:
                shared.append(item)
            _put(store, item, run_id)
        for number in range(random.randint(1, 5)):
            outcome, reason, status, path = random.choice(MISSED)
            url = f"https://{paper}.example{path}/{day}-{number}"
            line = _line(url, paper, run_id, outcome, reason, status)
            store.put_outcome(line, fetch=Fetch(requested_url=url, status=status), at=f"{day}T23:40:00Z")
    _changes(store, day, run_id, random)
    if hostile is not None:
        _put(store, _hostile(hostile, day), run_id)
        url = f"https://hill-gazette.example/{day}/{hostile}"
        line = _line(url, "hill-gazette", run_id, "too_short", hostile, 200)
        store.put_outcome(line, fetch=Fetch(requested_url=url, status=200), at=started)
    store.put_traffic(run_id, _traffic(random))
    store.end_run(run_id, exit_code=0, counts={}, ended=f"{day}T23:55:00Z")


def _article(paper: str, day: date, number: int, hour: int, random: Random, *, crawled: date | None = None) -> Article:
    rates = PAPERS[paper][2]
    place = random.choice(PLACES)
    title = f"{random.choice(THINGS)} in {place} {random.choice(DOINGS)}"
    paragraphs = [_paragraph(title, random) for _ in range(random.randint(3, 14))]
    text = "\n\n".join(paragraphs)
    published = datetime(day.year, day.month, day.day, hour, random.randrange(60), tzinfo=UTC)
    lost = paper == "westmere-courier" and (LAST_DAY - day).days < 6  # its pages stopped naming their authors
    removed = [
        Removed(place=random.randint(0, len(paragraphs)), text=what, rule=rule, why=why)
        for rule, what, why in REMOVED
        if random.random() < 0.4
    ]
    flags = {"date_conflict": number % 11 == 0, "list_like": number % 7 == 3, "short": len(paragraphs) < 4}
    url = f"https://{paper}.example/{day}/{number}"
    return Article(
        id=article_id(url_key(url)),
        url=url,
        source=paper,
        site=f"{paper}.example",
        publisher=paper.replace("-", " ").title(),
        title=title,
        description=f"{title}: what we know." if random.random() < rates["description"] else None,
        text=text,
        text_sha256=text_sha256(text),
        word_count=len(text.split()),
        language=LANGUAGES.get(paper, "en"),
        authors=(Author(name=random.choice(PEOPLE)),) if random.random() < rates["authors"] and not lost else (),
        section="News" if random.random() < rates["section"] else None,
        tags=("harbour",) if random.random() < 0.5 else (),
        images=(Image(url=f"{url}.jpg"),) if random.random() < 0.8 else (),
        date_published=f"{published:%Y-%m-%dT%H:%M:%SZ}",
        date_precision="minute",
        date_source="jsonld",
        date_crawled=f"{crawled or day}T23:{30 + number % 20:02d}:00Z",
        flags=tuple(flag for flag, is_so in flags.items() if is_so),
        discovered_via=random.choice(("feed", "feed", "feed", "news_sitemap", "page")),
        removed=tuple(sorted(removed, key=lambda each: each.place)),
    )


def _copied(item: Article, original: Article) -> Article:
    """The same text, some hours later, in another paper."""
    from dataclasses import replace

    when = datetime.fromisoformat(str(original.date_published)) + timedelta(minutes=37 * (1 + len(item.url) % 9))
    return replace(
        item,
        title=original.title,
        text=original.text,
        text_sha256=original.text_sha256,
        word_count=original.word_count,
        date_published=f"{when:%Y-%m-%dT%H:%M:%SZ}",
        removed=(),
    )


def _changes(store: Store, day: date, run_id: str, random: Random) -> None:
    """Of the day before, some articles are revised; every second day, one is withdrawn."""
    old = day - timedelta(days=1)
    for number in range(random.randint(1, 2)):
        _put(store, _article("harbour-times", old, 100 + number, 9, random, crawled=day), run_id)
    if day.day % 2:
        item = _article("harbour-times", old, 102, 9, random)
        gone = _line(item.url, item.source, run_id, "gone", "the site says 410", 410)
        store.put_gone(gone, fetch=Fetch(requested_url=item.url, status=410), at=f"{day}T23:50:00Z")
    for number in range(3):  # those that are revised or withdrawn the day after
        _put(store, _article("harbour-times", day, 100 + number, 9, random), run_id)


def _hostile(text: str, day: date) -> Article:
    url = f"https://hill-gazette.example/{day}/hostile"
    return Article(
        id=article_id(url_key(url)),
        url=url,
        source="hill-gazette",
        site="hill-gazette.example",
        publisher=text,
        title=text,
        description=text,
        text=f"{text}\n\n{text}",
        text_sha256=text_sha256(f"{text}\n\n{text}"),
        word_count=2,
        language=None,
        authors=(Author(name=text),),
        section=text,
        tags=(text,),
        date_crawled=f"{day}T23:45:00Z",
        removed=(Removed(place=1, text=text, rule="share_buttons", why=text),),
    )


def _paragraph(title: str, random: Random) -> str:
    words = ("people", "said", "the", "harbour", "council", "since", "morning", "nobody", "knows", "when", "work",
             "began", "and", "a", "new", "plan", "for", "boats", "is", "late", "again", "with", "little")  # fmt: skip
    sentences = [" ".join(random.choices(words, k=random.randint(6, 14))).capitalize() + "." for _ in range(3)]
    return f"{title}. {' '.join(sentences)}"


def _put(store: Store, item: Article, run_id: str) -> None:
    fetch = Fetch(requested_url=item.url, status=200)
    store.put_article(item, run_id=run_id, outcome=_line(item.url, item.source, run_id, "article"), fetch=fetch)


def _line(
    url: str, source: str, run_id: str, outcome: str, reason: str | None = None, status: int | None = 200
) -> OutcomeLine:
    return OutcomeLine(
        url=url, source=source, outcome=outcome, reason=reason, status=status, bytes=1000, ms=20, via="feed",
        run_id=run_id,
    )  # fmt: skip


def _seen(paper: str, *, quiet: bool) -> Figures:
    count = 0 if quiet and paper == "hill-gazette" else PAPERS[paper][0]
    return Figures(
        looks=9, found=40, articles=count, fresh=count, dated=count, pages=count, outcomes={"article": count}
    )


def _traffic(random: Random) -> list[dict[str, object]]:
    from dataclasses import asdict

    return [
        asdict(
            HostTraffic(
                host=f"{paper}.example",
                requests=usual + 6,
                smallest_gap_s=round(asked * (1 + random.random() / 2), 2),
                sum_of_gaps_s=asked * (usual + 6.0),
                crawl_delay_s=asked if asked > 1 else None,
                allowed=usual,
                forbidden=1,
            )
        )
        for (paper, (usual, _, _)), asked in zip(PAPERS.items(), (1.0, 5.0, 1.0, 2.0, 10.0), strict=True)
    ]
