from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Crawl, crawl
from loopback import Answer, Site, plain

from newscrawl.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAST = "unavailable_after: Wed, 25 Jun 2025 15:00:00 GMT"
TDMREP = [
    {"location": "/reserved/*", "tdm-reservation": 1, "tdm-policy": "https://policies.example/tdm"},
    {"location": "/", "tdm-reservation": 0},
]
ROBOTS = """\
User-agent: *
Disallow: /drafts/
Crawl-delay: 0.05
Content-Usage: /essays/ train-ai=n
Content-Usage: search=y
License: https://licences.example/rsl.xml
"""


def article(place: str, head: str = "", **headers: str) -> Answer:
    body = f"""<!doctype html><html lang="en"><head><title>The {place} opens again</title>{head}</head><body><article>
        <h1>The {place} opens again</h1><p>By Ada Berg</p>
        <p>The {place} of the town opened again on Tuesday after two years of repairs, and a queue stood outside.</p>
        <p>Nobody at the {place} had expected so many visitors on a morning of rain, said the caretaker.</p>
        <p>The council paid for the roof of the {place}, and a club of pensioners painted every door of it in green.</p>
        </article></body></html>"""
    return Answer(
        body=body.encode(),
        headers={"Content-Type": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


ARTICLES = {
    "/news/honest-harbour-story": article("harbour"),
    "/news/page-noindex-library-story": article("library", '<meta name="robots" content="noindex, follow">'),
    "/news/ours-by-name-orchard-story": article("orchard", '<meta name="newscrawl" content="noindex">'),
    "/news/other-robot-station-story": article("station", X_Robots_Tag="otherbot: noindex, noarchive"),
    "/news/over-lighthouse-story": article(
        "lighthouse", X_Robots_Tag="unavailable_after: Wed, 25 Jun 2025 15:00:00 GMT"
    ),
    "/news/pictures-museum-story": article("museum", X_Robots_Tag="noimageai"),
    "/reserved/theatre-story-of-the-town": article("theatre"),
    "/news/nearer-castle-story": article("castle", '<meta name="tdm-reservation" content="1">'),
    "/essays/bakery-story-of-the-town": article("bakery"),
    "/news/free-observatory-story": article("observatory", TDM_Reservation="0", Content_Usage="search=y, train-ai=y"),
    "/drafts/secret-story-of-the-town": article("cellar"),
    "/a/b/a/b/a/b/loop-story-of-the-town": article("mirror"),
    "/calendar/2031/05/06/story-of-the-town": article("clock"),
}


def newsroom() -> Site:
    site = Site()
    feed = "".join(f"<item><title>{path}</title><link>{site.url}{path}</link></item>" for path in ARTICLES)
    rss = f'<rss version="2.0"><channel><title>Town</title><link>{site.url}</link>{feed}</channel></rss>'
    site.answers |= ARTICLES | {
        "/robots.txt": plain(ROBOTS),
        "/feed.xml": Answer(body=rss.encode(), headers={"Content-Type": "application/rss+xml"}),
        "/": Answer(body=b'<link rel="alternate" type="application/rss+xml" href="/feed.xml"><p>Town</p>'),
        "/.well-known/tdmrep.json": Answer(
            body=json.dumps(TDMREP).encode(), headers={"Content-Type": "application/json"}
        ),
    }
    return site


@dataclass(frozen=True, kw_only=True)
class Scene:
    site: Site
    crawled: Crawl

    def outcome(self, path: str) -> dict[str, Any]:
        return next(line for line in self.crawled.lines("outcomes") if line["url"].endswith(path))

    def article(self, path: str) -> dict[str, Any]:
        return next(line for line in self.crawled.lines("current") if line["url"].endswith(path))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    site = newsroom()
    data = tmp_path_factory.mktemp("wishes")
    try:
        settings = (f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}",)
        yield Scene(site=site, crawled=crawl(data, "-a", f"url={site.url}", settings=settings))
    finally:
        site.close()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/news/page-noindex-library-story", "meta robots: noindex"),
        ("/news/ours-by-name-orchard-story", "meta robots: noindex"),
        ("/news/over-lighthouse-story", f"X-Robots-Tag: {PAST}"),
        ("/reserved/theatre-story-of-the-town", "tdm-reservation: 1"),
        ("/news/nearer-castle-story", "tdm-reservation: 1"),
        ("/essays/bakery-story-of-the-town", "Content-Usage: train-ai=n"),
    ],
)
def test_what_a_publisher_reserves_is_not_kept_and_the_signal_is_named(scene: Scene, path: str, reason: str) -> None:
    outcome = scene.outcome(path)
    assert (outcome["outcome"], outcome["reason"]) == ("opted_out", reason)


def test_signals_for_others_or_for_pictures_keep_no_text_out_and_are_recorded(scene: Scene) -> None:
    kept = {line["url"].rsplit("/", 1)[1] for line in scene.crawled.lines("current")}
    assert kept == {
        "honest-harbour-story",
        "other-robot-station-story",
        "pictures-museum-story",
        "free-observatory-story",
    }
    assert scene.article("/other-robot-station-story")["optout"]["x_robots_tag"] == "otherbot: noindex, noarchive"
    assert scene.article("/pictures-museum-story")["optout"]["x_robots_tag"] == "noimageai"


def test_what_the_site_declares_outside_the_page_is_recorded_where_the_page_says_nothing(scene: Scene) -> None:
    honest, free = scene.article("/honest-harbour-story"), scene.article("/free-observatory-story")
    assert honest["optout"]["tdm_reservation"] == "0"
    assert honest["optout"]["content_usage"] == "search=y"
    assert honest["license"] == "https://licences.example/rsl.xml"
    assert free["optout"]["content_usage"] == "search=y, train-ai=y"
    assert scene.site.asked.count("/.well-known/tdmrep.json") == 1


def test_traps_get_an_outcome_and_no_request(scene: Scene) -> None:
    for path, words in (("/a/b/a/b/a/b/loop", "repeats itself"), ("/calendar/2031/05/06/story", "a calendar")):
        outcome = next(line for line in scene.crawled.lines("outcomes") if path in line["url"])
        assert outcome["outcome"] == "trap"
        assert words in outcome["reason"]
        assert not [asked for asked in scene.site.asked if asked.startswith(path)]


def test_the_proof_of_politeness_is_what_the_server_saw(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["politeness", "--data", str(scene.crawled.data), "--json"]) == 0
    (host,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    gaps = [later - earlier for earlier, later in pairwise(scene.site.times)]
    assert host["host"] == scene.site.netloc
    assert host["requests"] == len(scene.site.asked)
    assert host["robots_first"] is (scene.site.asked[0] == "/robots.txt") is True
    assert host["smallest_gap_s"] == pytest.approx(min(gaps), abs=0.2)
    assert host["mean_gap_s"] == pytest.approx(sum(gaps) / len(gaps), abs=0.1)
    assert host["crawl_delay_s"] == 0.05
    assert host["keeps_delay"]
    assert host["forbidden"] == 1
    assert not [path for path in scene.site.asked if path.startswith("/drafts")]


def test_the_proof_is_a_table_too_and_an_unknown_run_is_named(
    scene: Scene, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["politeness", "--data", str(scene.crawled.data)]) == 0
    assert scene.site.netloc in capsys.readouterr().out
    assert main(["politeness", "run_x", "--data", str(scene.crawled.data)]) == 2
    assert "holds nothing of run_x" in capsys.readouterr().err
    assert main(["politeness", "--data", str(tmp_path)]) == 2


@pytest.mark.proof
def test_a_site_over_its_budget_goes_on_in_the_next_run(tmp_path: Path) -> None:
    site = newsroom()
    try:
        allowed = f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}"
        first = crawl(tmp_path, "-a", f"url={site.url}", settings=(allowed, "NEWSCRAWL_MAX_REQUESTS_PER_SITE=8"))
        assert len(site.asked) == 8
        assert first.outcomes["over_budget"] == 1
        assert first.err.count("is over its budget (8 requests: NEWSCRAWL_MAX_REQUESTS_PER_SITE)") == 1
        assert "over budget: not fetched" in first.err
        second = crawl(tmp_path, "-a", f"url={site.url}", settings=(allowed,))
        assert len(second.lines("current")) == 4
    finally:
        site.close()


class MortalSite(Site):
    """Refuses connections after so many requests."""

    def __init__(self, lives: int, port: int = 0) -> None:
        super().__init__(port=port)
        self._lives = lives

    def answer(self, path: str) -> Answer:
        if len(self.asked) == self._lives:
            Thread(target=self.close, daemon=True).start()
        return super().answer(path)


def town_of(site: Site, pages: int) -> None:
    """A site with a feed of so many articles."""
    paths = [f"/news/story-of-house-{n}-in-town" for n in range(pages)]
    feed = "".join(f"<item><title>{path}</title><link>{site.url}{path}</link></item>" for path in paths)
    rss = f'<rss version="2.0"><channel><title>Town</title>{feed}</channel></rss>'
    site.answers |= {path: article(f"house {n}") for n, path in enumerate(paths)} | {
        "/robots.txt": plain(""),
        "/": Answer(body=b'<link rel="alternate" type="application/rss+xml" href="/feed.xml"><p>Town</p>'),
        "/feed.xml": Answer(body=rss.encode(), headers={"Content-Type": "application/rss+xml"}),
    }


@pytest.mark.proof
def test_a_host_that_goes_down_has_a_few_lines_and_the_next_run_fetches_what_is_left(tmp_path: Path) -> None:
    pages = 40
    site = MortalSite(lives=14)
    town_of(site, pages)
    allowed = f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}"
    first = crawl(tmp_path, "-a", f"url={site.url}", settings=(allowed, "CONCURRENT_REQUESTS_PER_DOMAIN=2"))
    assert first.err.count("is left alone (") == 1
    assert "host down: not fetched" in first.err
    assert first.outcomes["error"] <= 8
    again = Site(port=site.port)
    town_of(again, pages)
    try:
        second = crawl(tmp_path, "-a", f"url={again.url}", settings=(allowed,))
    finally:
        again.close()
    assert len(second.lines("current")) == pages
