"""The finder, driven against sites that are a mapping of addresses to bodies: `newscrawl.discover.site`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.discover.site import PROBED_FEEDS, PROBED_SITEMAPS, Ask, DiscoverOptions, SiteFinder
from newscrawl.discover.sitemap_queue import period_of
from newscrawl.options import read_options

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = "https://harbour.example"
MAX_ASKS = 500


@dataclass
class Walk:
    """What a finder asked for and found."""

    asked: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    titles: list[str | None] = field(default_factory=list)


def walk(
    finder: SiteFinder, site: Mapping[str, str | bytes], *, newest_ask_first: bool = False, error: str = "HTTP 404"
) -> Walk:
    """Answer every ask from the mapping, whose keys are addresses or paths of SITE; a value "-> x" is a redirect."""
    seen = Walk()
    waiting: list[Ask] = []
    found = finder.start()
    while True:
        waiting += found.asks
        seen.asked += [ask.url for ask in found.asks]
        seen.hints += [hint.url for hint in found.hints]
        seen.titles += [hint.title for hint in found.hints]
        assert len(seen.asked) < MAX_ASKS, "the finder does not end"
        if not waiting:
            break
        assert not finder.done
        ask = waiting.pop(-1 if newest_ask_first else 0)
        url = ask.url
        body = site.get(url, site.get(url.removeprefix(SITE) or "/"))
        while isinstance(body, str) and body.startswith("-> "):
            url = body[3:]
            body = site.get(url, site.get(url.removeprefix(SITE) or "/"))
        if body is None:
            found = finder.fail(ask, error)
        else:
            found = finder.answer(ask, body.encode() if isinstance(body, str) else body, url, None)
    assert finder.done
    assert len(seen.asked) == len(set(seen.asked))
    assert len(seen.hints) == len(set(seen.hints)) == finder.hints_found
    return seen


def rss(*paths: str, day: int = 20) -> str:
    items = "".join(
        f"<item><title>Title of {path}</title><link>{path}</link><pubDate>2026-11-{day}T08:00:00Z</pubDate></item>"
        for path in paths
    )
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


def urlset(*paths: str, day: int = 20) -> str:
    return (
        "<urlset>"
        + "".join(f"<url><loc>{path}</loc><lastmod>2026-11-{day}</lastmod></url>" for path in paths)
        + "</urlset>"
    )


def index(*paths: str) -> str:
    return "<sitemapindex>" + "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths) + "</sitemapindex>"


def home(*hrefs: str, head: str = "") -> str:
    links = "".join(f"<a href={href!r}>A link of the page</a>" for href in hrefs)
    return f"<html><head>{head}</head><body><nav>{links}</nav></body></html>"


FEED_LINK = '<link rel="alternate" type="application/rss+xml" href="/rss/all">'
STORY = "/2026/11/20/story"


def test_robots_and_home_page_come_first_then_what_they_name() -> None:
    site = {
        "/robots.txt": "User-agent: *\nsitemap: /maps/index.xml\nSITEMAP: https://harbour.example/maps/google-news.xml",
        "/": home("/politics", head=FEED_LINK),
        "/rss/all": rss(f"{STORY}-1"),
        "/maps/google-news.xml": urlset(f"{SITE}{STORY}-2"),
        "/maps/index.xml": index(f"{SITE}/maps/a.xml"),
        "/maps/a.xml": urlset(f"{SITE}{STORY}-3", f"{SITE}{STORY}-1", SITE + "/", SITE + "/tag/sea"),
    }
    finder = SiteFinder(url=SITE + "/")
    seen = walk(finder, site)
    assert set(seen.asked[:2]) == {SITE + "/robots.txt", SITE + "/"}
    assert set(seen.asked[2:4]) == {SITE + "/maps/google-news.xml", SITE + "/rss/all"}
    assert seen.asked[4:] == [SITE + "/maps/index.xml", SITE + "/maps/a.xml"]
    assert sorted(seen.hints) == [f"{SITE}{STORY}-{n}" for n in (1, 2, 3)]
    assert (finder.failed, finder.answered) == (0, 6)


def test_the_order_of_answers_does_not_change_what_is_found() -> None:
    site = {
        "/robots.txt": f"Sitemap: {SITE}/maps/index.xml",
        "/": home(head=FEED_LINK),
        "/rss/all": rss(f"{STORY}-1"),
        "/maps/index.xml": index(*(f"{SITE}/maps/{n}.xml" for n in range(6))),
        **{f"/maps/{n}.xml": urlset(f"{SITE}{STORY}-{n}") for n in range(6)},
    }
    one = walk(SiteFinder(url=SITE), site)
    other = walk(SiteFinder(url=SITE), site, newest_ask_first=True)
    assert sorted(one.hints) == sorted(other.hints)
    assert sorted(one.asked) == sorted(other.asked)


def test_well_known_addresses_are_tried_one_at_a_time_until_one_is_of_use() -> None:
    soft_404 = "<html><body>We could not find the page you were looking for</body></html>"
    site = {
        "/": home("/politics"),
        "/feed": soft_404,
        "/rss": "<rss><channel/></rss>",
        "/rss.xml": rss(f"{STORY}-1"),
        "/sitemap-news.xml": soft_404,
        "/news-sitemap.xml": "<urlset/>",
        "/sitemap.xml": index(f"{SITE}/maps/a.xml"),
        "/maps/a.xml": urlset(f"{SITE}{STORY}-2"),
    }
    finder = SiteFinder(url=SITE)
    seen = walk(finder, site)
    assert [url for url in seen.asked if url.removeprefix(SITE) in PROBED_FEEDS] == [
        SITE + path for path in PROBED_FEEDS[:3]
    ]
    assert [url for url in seen.asked if url.removeprefix(SITE) in PROBED_SITEMAPS] == [
        SITE + path for path in PROBED_SITEMAPS[:4]
    ]
    assert sorted(seen.hints) == [f"{SITE}{STORY}-1", f"{SITE}{STORY}-2"]
    assert finder.failures == ()


def test_never_more_than_one_guess_of_a_kind_is_out() -> None:
    finder = SiteFinder(url=SITE)
    robots, start = finder.start().asks
    assert finder.fail(robots, "HTTP 404").asks == ()
    guesses = finder.answer(start, home("/politics").encode(), SITE, None).asks
    assert sorted(ask.kind for ask in guesses) == ["feed", "sitemap"]
    assert all(ask.probe for ask in guesses)
    assert [ask.kind for ask in finder.fail(guesses[0], "HTTP 404").asks] == [guesses[0].kind]


def test_nothing_is_guessed_where_no_answer_came_at_all() -> None:
    finder = SiteFinder(url=SITE)
    seen = walk(finder, {}, error="timeout: no answer within 30 s")
    assert seen.asked == [SITE + "/robots.txt", SITE]
    assert (finder.answered, finder.hints_found) == (0, 0)
    assert finder.failures == ((SITE, "timeout: no answer within 30 s"),)


def test_when_everything_fails_the_finder_is_done_and_says_why() -> None:
    finder = SiteFinder(url=SITE)
    seen = walk(finder, {}, error="HTTP 503")
    assert seen.hints == []
    assert finder.answered == 0
    assert finder.failures == ((SITE, "HTTP 503"),)


def test_named_feeds_and_sitemaps_need_no_home_page() -> None:
    site = {"/rss/a": rss(f"{STORY}-1"), "/n.xml": urlset(f"{SITE}{STORY}-2"), "/s.xml": urlset(f"{SITE}{STORY}-3")}
    finder = SiteFinder(
        url=SITE, feeds=(SITE + "/rss/a",), news_sitemaps=(SITE + "/n.xml",), sitemaps=(SITE + "/s.xml",)
    )
    seen = walk(finder, site)
    assert seen.asked == [SITE + path for path in site]
    assert seen.hints == [f"{SITE}{STORY}-{n}" for n in (1, 2, 3)]


def test_when_the_named_feeds_are_dead_the_home_page_is_asked() -> None:
    finder = SiteFinder(url=SITE, feeds=(SITE + "/old.rss",))
    seen = walk(finder, {"/": home(head=FEED_LINK), "/rss/all": rss(f"{STORY}-1")})
    assert seen.asked[0] == SITE + "/old.rss"
    assert seen.hints == [f"{SITE}{STORY}-1"]
    assert (SITE + "/old.rss", "HTTP 404") in finder.failures


def test_a_quiet_named_feed_is_not_dead() -> None:
    finder = SiteFinder(url=SITE, feeds=(SITE + "/rss/a",), since="2026-11-23T00:00:00Z")
    seen = walk(finder, {"/rss/a": rss(f"{STORY}-1"), "/": home("/2026/11/24/other")})
    assert seen.asked == [SITE + "/rss/a"]
    assert seen.hints == []
    assert finder.older_hints == 1


def test_sections_are_read_only_when_feeds_and_sitemaps_give_nothing() -> None:
    site = {
        "/": home("/politics", "/sport", f"{STORY}-1"),
        "/politics": home(f"{STORY}-2", "/politics?page=2", "/politics/cities"),
        "/politics?page=2": home(f"{STORY}-3", "/politics?page=3"),
        "/politics?page=3": home(f"{STORY}-3", "/politics?page=4"),
        "/politics?page=4": home(f"{STORY}-9"),
        "/politics/cities": home(f"{STORY}-4", "/politics/cities/north"),
        "/sport": home(f"{STORY}-5"),
    }
    seen = walk(SiteFinder(url=SITE), site)
    assert seen.hints[0] == f"{SITE}{STORY}-1"
    assert sorted(seen.hints) == [f"{SITE}{STORY}-{n}" for n in range(1, 6)]
    assert SITE + "/politics?page=4" not in seen.asked, "a page with nothing new ends the list"
    with_feed = walk(SiteFinder(url=SITE), {**site, "/rss": rss(f"{STORY}-8")})
    assert with_feed.hints == [f"{SITE}{STORY}-8"]
    assert SITE + "/politics" not in with_feed.asked


def test_named_sections_are_read_beside_feeds() -> None:
    site = {
        "/rss/a": rss(f"{STORY}-1"),
        "/local": home(f"{STORY}-2", "/local?page=2"),
        "/local?page=2": home(f"{STORY}-3"),
    }
    both = walk(SiteFinder(url=SITE, feeds=(SITE + "/rss/a",), sections=(SITE + "/local",)), site)
    assert both.hints == [f"{SITE}{STORY}-1", f"{SITE}{STORY}-2"]
    alone = walk(SiteFinder(url=None, sections=(SITE + "/local",)), site)
    assert alone.hints == [f"{SITE}{STORY}-2", f"{SITE}{STORY}-3"]


def test_a_start_address_below_the_root_asks_the_root_for_feeds_only_when_it_names_none() -> None:
    site = {
        "/local": home(f"{STORY}-1", "/local/north"),
        "/": home(f"{STORY}-2", "/sport", head=FEED_LINK),
        "/rss/all": "<rss><channel/></rss>",
        "/local/north": home(f"{STORY}-3"),
    }
    seen = walk(SiteFinder(url=SITE + "/local"), site)
    assert seen.asked[:3] == [SITE + "/robots.txt", SITE + "/local", SITE + "/"]
    assert seen.hints == [f"{SITE}{STORY}-1", f"{SITE}{STORY}-3"]
    own_feed = walk(
        SiteFinder(url=SITE + "/local"), {**site, "/local": home(head=FEED_LINK), "/rss/all": rss(f"{STORY}-4")}
    )
    assert SITE + "/" not in own_feed.asked
    assert own_feed.hints == [f"{SITE}{STORY}-4"]


@pytest.mark.parametrize("body", [rss(f"{STORY}-1"), urlset(f"{SITE}{STORY}-1")], ids=["feed", "sitemap"])
def test_a_feed_or_sitemap_given_as_the_site_is_read_as_what_it_is(body: str) -> None:
    site = {"/robots.txt": f"Sitemap: {SITE}/all.xml", "/x.xml": body, "/all.xml": urlset(f"{SITE}{STORY}-2")}
    for newest_ask_first in (False, True):
        finder = SiteFinder(url=SITE + "/x.xml")
        seen = walk(finder, site, newest_ask_first=newest_ask_first)
        assert seen.hints == [f"{SITE}{STORY}-1"]
        assert seen.asked == [SITE + "/robots.txt", SITE + "/x.xml"]


def test_a_page_that_lists_feeds_stands_in_for_a_feed() -> None:
    site = {
        "/": home("/rss"),
        "/rss": home("/rss/top.rss", "/rss/sea.rss"),
        "/rss/top.rss": rss(f"{STORY}-1"),
        "/rss/sea.rss": rss(f"{STORY}-2"),
    }
    assert sorted(walk(SiteFinder(url=SITE), site).hints) == [f"{SITE}{STORY}-1", f"{SITE}{STORY}-2"]


def test_a_site_that_moved_is_followed_to_its_new_address() -> None:
    new = "https://new-harbour.example"
    site = {
        "/": f"-> {new}/",
        f"{new}/": home(head=FEED_LINK),
        f"{new}/rss/all": rss(f"{new}{STORY}-1", f"https://other.example{STORY}"),
    }
    finder = SiteFinder(url=SITE)
    assert walk(finder, site).hints == [f"{new}{STORY}-1"]
    assert finder.offsite_hints == 1


def test_sitemap_loops_end() -> None:
    site = {
        "/robots.txt": f"Sitemap: {SITE}/a.xml",
        "/a.xml": index(f"{SITE}/b.xml", f"{SITE}/a.xml"),
        "/b.xml": index(f"{SITE}/a.xml", f"{SITE}/b.xml"),
    }
    seen = walk(SiteFinder(url=SITE), site)
    assert sorted(url for url in seen.asked if url.endswith(("/a.xml", "/b.xml"))) == [f"{SITE}/a.xml", f"{SITE}/b.xml"]


class EndlessTree(dict[str, str]):
    """Every address is an index of ten more."""

    def get(self, key: str, _default: object = None) -> str:
        return index(*(f"{key.rstrip('/')}/{n}.xml" for n in range(10)))


def test_an_endless_tree_of_sitemaps_is_left_at_the_bounds() -> None:
    files = DiscoverOptions(max_sitemap_files=7)
    seen = walk(SiteFinder(url=None, sitemaps=(SITE + "/s",), options=files), EndlessTree())
    assert len(seen.asked) == 7
    depth = DiscoverOptions(max_sitemap_depth=1, max_sitemap_files=400)
    seen = walk(SiteFinder(url=None, sitemaps=(SITE + "/s",), options=depth), EndlessTree())
    assert len(seen.asked) == 11


def test_child_sitemaps_of_another_site_are_read_only_on_hosts_that_robots_txt_names() -> None:
    site = {
        "/robots.txt": "Sitemap: https://maps.cdn.example/harbour/index.xml\nSitemap: /own.xml",
        "/own.xml": index(
            "https://evil.example/s.xml", "http://harbour.example:8081/s.xml", "http://169.254.169.254/s.xml"
        ),
        "https://maps.cdn.example/harbour/index.xml": index(
            "https://maps.cdn.example/harbour/1.xml", "https://evil.example/s.xml"
        ),
        "https://maps.cdn.example/harbour/1.xml": urlset(f"{SITE}{STORY}-1", f"https://maps.cdn.example{STORY}-2"),
    }
    finder = SiteFinder(url=SITE)
    seen = walk(finder, site)
    assert not [url for url in seen.asked if "evil" in url or "8081" in url or "169" in url]
    assert seen.hints == [f"{SITE}{STORY}-1"]
    assert finder.offsite_hints == 1


def test_a_feed_named_without_a_site_is_of_the_site_most_of_its_entries_are_of() -> None:
    feed = "https://feeds.example/harbour"
    finder = SiteFinder(url=None, feeds=(feed,))
    seen = walk(finder, {feed: rss(f"{SITE}{STORY}-1", f"{SITE}{STORY}-2", "https://ads.example/2026/11/20/buy")})
    assert seen.hints == [f"{SITE}{STORY}-1", f"{SITE}{STORY}-2"]
    assert finder.offsite_hints == 1


def test_what_is_older_than_since_is_neither_asked_for_nor_given() -> None:
    site = {
        "/robots.txt": f"Sitemap: {SITE}/index.xml",
        "/": home(head=FEED_LINK),
        "/rss/all": rss(f"{STORY}-1", day=10),
        "/index.xml": f"<sitemapindex><sitemap><loc>{SITE}/old.xml</loc><lastmod>2026-10-01</lastmod></sitemap>"
        f"<sitemap><loc>{SITE}/posts-2026-09.xml</loc><lastmod>2026-11-24</lastmod></sitemap>"
        f"<sitemap><loc>{SITE}/posts-2026-11.xml</loc><lastmod>2026-11-24</lastmod></sitemap></sitemapindex>",
        "/posts-2026-11.xml": urlset(f"{SITE}{STORY}-2", day=19).replace("</urlset>", "")
        + urlset(f"{SITE}{STORY}-3", day=18)[8:],
    }
    finder = SiteFinder(url=SITE, since="2026-11-19T12:00:00Z")
    seen = walk(finder, site)
    assert f"{SITE}/old.xml" not in seen.asked
    assert f"{SITE}/posts-2026-09.xml" not in seen.asked
    assert seen.hints == [f"{SITE}{STORY}-2"], "a day that since lies in is not older"
    assert finder.older_hints == 2


def test_sitemaps_are_read_newest_first_and_lists_of_tags_last() -> None:
    names = ("tag-sitemap.xml", "posts-2025-01.xml", "posts-2026-11.xml", "map-news.xml", "posts-2026-02.xml")
    site = {"/robots.txt": f"Sitemap: {SITE}/index.xml", "/index.xml": index(*(f"{SITE}/{name}" for name in names))}
    seen = walk(SiteFinder(url=SITE), site)
    children = [url.rpartition("/")[2] for url in seen.asked if url.rpartition("/")[2] in names]
    assert children == [
        "map-news.xml",
        "posts-2026-11.xml",
        "posts-2026-02.xml",
        "posts-2025-01.xml",
        "tag-sitemap.xml",
    ]


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("/sitemap-2026-03.xml", "2026-03"),
        ("/sitemap.xml?yyyy=2026&mm=3", "2026-03"),
        ("/2026/03/sitemap.xml", "2026-03"),
        ("/sitemap_2026.xml.gz", "2026"),
        ("/sitemap-20260301.xml", "2026-03"),
        ("/sitemap-120260.xml", None),
        ("/post-sitemap17.xml", None),
    ],
)
def test_a_sitemap_s_name_may_tell_its_month(name: str, period: str | None) -> None:
    assert period_of(SITE + name) == period


def test_feeds_sections_and_hints_are_bounded() -> None:
    feeds = "".join(f'<link rel="alternate" type="application/rss+xml" href="/f{n}">' for n in range(50))
    seen = walk(SiteFinder(url=SITE, options=DiscoverOptions(max_feeds=3)), {"/": home(head=feeds)})
    assert len([url for url in seen.asked if url.startswith(SITE + "/f") and url[-1].isdigit()]) == 3
    pages = {f"/s{n}": home(f"{STORY}-{n}") for n in range(50)}
    seen = walk(SiteFinder(url=SITE, options=DiscoverOptions(max_section_pages=4)), {"/": home(*pages), **pages})
    assert len(seen.hints) == 4
    many = {"/f": rss(*(f"{STORY}-{n}" for n in range(50)))}
    seen = walk(SiteFinder(url=SITE, feeds=(SITE + "/f",), options=DiscoverOptions(max_hints=5)), many)
    assert len(seen.hints) == 5


def test_an_ask_is_answered_once() -> None:
    finder = SiteFinder(url=None, feeds=(SITE + "/f",))
    (ask,) = finder.start().asks
    assert len(finder.answer(ask, rss(f"{STORY}-1", f"{STORY}-2").encode(), ask.url, "text/xml").hints) == 2
    assert finder.answer(ask, rss(f"{STORY}-3").encode(), ask.url, "text/xml").hints == ()
    assert finder.fail(ask, "HTTP 500").asks == ()
    assert (finder.done, finder.answered, finder.failed) == (True, 1, 0)


def test_addresses_that_are_none_are_not_asked_for() -> None:
    finder = SiteFinder(
        url=None, feeds=("ftp://harbour.example/", "http://[bad"), sitemaps=("http://[bad",), sections=("x",)
    )
    assert walk(finder, {}).asked == []


def test_options_are_settings() -> None:
    options = read_options(DiscoverOptions, {"NEWSCRAWL_DISCOVER_MAX_FEEDS": "3"}, "DISCOVER_")
    assert options == DiscoverOptions(max_feeds=3)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["/robots.txt", "/", "/feed", "/rss/all", "/sitemap.xml", "/a.xml", "/politics", "/sitemap-news.xml"]
        ),
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from(
                [
                    rss(f"{STORY}-1", "http://[bad", "/x"),
                    urlset(f"{SITE}{STORY}-2", "//", "http://[bad"),
                    index(f"{SITE}/a.xml", "/sitemap.xml", "http://[bad"),
                    home("/politics", "/rss/all", f"{STORY}-3", "http://[bad", head=FEED_LINK),
                    "Sitemap: /a.xml\nSitemap: http://[bad",
                    "-> https://elsewhere.example/",
                ]
            ),
        ),
    )
)
def test_whatever_a_site_answers_the_finder_ends(site: dict[str, str | bytes]) -> None:
    walk(SiteFinder(url=SITE), site)
