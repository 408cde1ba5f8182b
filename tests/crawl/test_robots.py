from __future__ import annotations

import gzip
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from loopback import Answer, Crawled, Site, crawl, plain, redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = "User-agent: *\nDisallow: /login\nDisallow: /\nAllow: /news\nSitemap: /news.xml\nCrawl-delay: 0.05\n"
LATE_RULE = "User-agent: *\nDisallow: /login\n" + "# nothing to see\n" * 130_000 + "Disallow: /\n"
ROBOTS = {
    "rules": plain(RULES),
    "other_agent": plain("User-agent: other\nDisallow: /\n"),
    "none": Answer(status=404),
    "forbidden_file": Answer(status=403),
    "broken": Answer(status=500),
    "too_many": Answer(status=429),
    "html": Answer(),
    "long": plain(LATE_RULE),
    "bomb": Answer(body=gzip.compress(b"#" * 20_000_000), headers={"Content-Encoding": "gzip"}),
    "loop": redirect("/robots.txt?again"),
    "away": redirect("http://127.0.0.2/robots.txt"),
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    sites: dict[str, Site]
    silent: str
    closed: str
    crawled: Crawled

    def result(self, name: str, path: str) -> dict[str, object]:
        return self.crawled.results[f"{self.sites[name].url}{path}"]


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """One crawl of one site per kind of robots.txt, one that never answers and one that is not there."""
    sites = {name: Site({"/robots.txt": answer}) for name, answer in ROBOTS.items()}
    sites["loop"].answers["/robots.txt?again"] = redirect("/robots.txt")
    sites["rules"].answers["/news/to-login"] = redirect("/login")
    sites["moved"] = Site({"/robots.txt": redirect(f"{sites['rules'].url}/robots.txt")})
    silent = socket.create_server(("127.0.0.1", 0))
    with socket.create_server(("127.0.0.1", 0)) as gone:
        closed = f"http://127.0.0.1:{gone.getsockname()[1]}"
    urls = [f"{site.url}{path}" for site in sites.values() for path in ("/news/1", "/login", "/news/2")]
    urls += [f"{sites['rules'].url}/news/to-login", f"{sites['rules'].url}/robots.txt"]
    silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    urls += [f"{silent_url}/news/1", f"{closed}/news/1", f"{closed}/news/2", "http://127.0.0.2/news/1"]
    requests = [{"url": url} for url in urls]
    settings = {
        "ROBOTSTXT_OBEY": True,
        "NEWSCRAWL_ALLOW_ADDRESSES": "127.0.0.1:*",
        "DOWNLOAD_TIMEOUT": 1,
        "RETRY_TIMES": 0,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOADER_MIDDLEWARES": {
            # One host name for all sites would be one slot, with the longest delay of all of them.
            "__main__.SlotPerSite": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "newscrawl.middlewares.robots.RobotsMiddleware": 100,
        },
    }
    try:
        yield Scene(sites=sites, silent=silent_url, closed=closed, crawled=crawl(requests, settings))
    finally:
        silent.close()
        for site in sites.values():
            site.close()


@pytest.mark.parametrize("name", ["none", "forbidden_file", "other_agent", "html", "loop"])
def test_without_a_robots_txt_that_speaks_of_it_a_site_is_crawled(scene: Scene, name: str) -> None:
    for path in ("/news/1", "/login", "/news/2"):
        assert scene.result(name, path)["status"] == 200
        assert scene.result(name, path)["rule"] is None


@pytest.mark.parametrize("name", ["broken", "too_many", "away", "bomb"])
def test_of_a_site_whose_robots_txt_cannot_be_had_nothing_else_is_fetched(scene: Scene, name: str) -> None:
    for path in ("/news/1", "/login", "/news/2"):
        result = scene.result(name, path)
        assert result["error"] == "RobotsUnreachable"
        assert result["outcome"] == "robots"
        assert result["retries"] == 0
    assert scene.sites[name].asked == ["/robots.txt"]
    assert scene.crawled.log.count(f"{scene.sites[name].url}/robots.txt cannot be read") == 1


def test_a_site_that_does_not_answer_is_left_alone(scene: Scene) -> None:
    for url in (f"{scene.silent}/news/1", f"{scene.closed}/news/1", f"{scene.closed}/news/2"):
        assert scene.crawled.results[url]["error"] == "RobotsUnreachable"
    assert scene.crawled.log.count(f"{scene.closed}/robots.txt cannot be read") == 1


def test_a_host_with_a_private_address_is_refused_as_that(scene: Scene) -> None:
    result = scene.crawled.results["http://127.0.0.2/news/1"]
    assert result["error"] == "RefusedAddress"
    assert result["reason"] == "127.0.0.2 is a loopback address"


def test_a_forbidden_path_is_not_fetched_and_the_rule_is_named(scene: Scene) -> None:
    result = scene.result("rules", "/login")
    assert result["error"] == "RobotsForbidden"
    assert result["reason"] == "robots.txt forbids it: User-agent: *; Disallow: /login"
    assert scene.result("rules", "/news/to-login")["error"] == "RobotsForbidden"
    assert "/login" not in scene.sites["rules"].asked


def test_an_allowed_path_is_fetched_and_the_rule_is_known(scene: Scene) -> None:
    result = scene.result("rules", "/news/1")
    assert result["status"] == 200
    assert result["rule"] == "User-agent: *; Allow: /news"
    assert scene.result("rules", "/robots.txt")["status"] == 200


def test_a_robots_txt_that_moved_is_followed(scene: Scene) -> None:
    assert scene.result("moved", "/login")["error"] == "RobotsForbidden"
    assert scene.result("moved", "/news/1")["status"] == 200


def test_a_robots_txt_is_fetched_once_however_many_pages_wait_for_it(scene: Scene) -> None:
    assert scene.sites["none"].asked.count("/robots.txt") == 1


def test_what_comes_after_500_kib_is_not_read(scene: Scene) -> None:
    assert scene.result("long", "/news/1")["status"] == 200
    assert scene.result("long", "/login")["error"] == "RobotsForbidden"
    assert scene.crawled.peak_mb < 200


def test_html_for_a_robots_txt_is_said_once(scene: Scene) -> None:
    assert scene.crawled.log.count("/robots.txt is a page of HTML") == 1


def test_a_crawl_delay_is_the_least_delay_whatever_the_speed_of_the_site(scene: Scene) -> None:
    assert scene.result("rules", "/news/2")["delay"] == 0.05
    assert scene.result("none", "/news/2")["delay"] < 0.05


def test_a_site_that_is_down_leaves_no_traceback(scene: Scene) -> None:
    assert "Traceback" not in scene.crawled.log
