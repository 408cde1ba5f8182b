from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from loopback import Answer, Crawled, Site, crawl, redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

SPELLINGS = (
    "127.0.0.2",
    "2130706434",
    "0x7f.2",
    "0177.0.0.2",
    "127.2",
    "１２７.0.0.2",
    "[::ffff:127.0.0.2]",
    "[::1]",
    "[64:ff9b::7f00:2]",
    "0.0.0.0",
)
REDIRECTS = ("/to-canary", "/to-spelling", "/to-metadata", "/over-two", "/refresh")


@dataclass(frozen=True, kw_only=True)
class Scene:
    site: Site
    canary: Site
    proxy: Site
    crawled: Crawled


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """One crawl: only the site is allowed. The canary has another address and the same port; the proxy is private."""
    site, proxy = Site(), Site()
    canary = Site(host="127.0.0.2", port=site.port)
    site.answers |= {
        "/to-canary": redirect(f"{canary.url}/secret"),
        "/to-spelling": redirect(f"http://2130706434:{canary.port}/secret"),
        "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
        "/over-two": redirect("/to-canary"),
        "/refresh": Answer(body=f'<meta http-equiv="refresh" content="0; url={canary.url}/secret">'.encode()),
        "/to-file": redirect("file:///etc/passwd"),
        "/to-site": redirect("/page"),
    }
    urls = [
        f"{site.url}/page",
        f"{site.url}/to-site",
        *(f"{site.url}{path}" for path in REDIRECTS),
        f"{site.url}/to-file",
        *(f"http://{spelling}:{canary.port}/secret" for spelling in SPELLINGS),
        f"https://127.0.0.2:{canary.port}/secret",
        f"http://127.0.0.2.:{canary.port}/secret",
        f"http://user:word@127.0.0.2:{canary.port}/secret",
        f"http://127.0.0.1:{proxy.port}/direct",
        f"http://flip.example:{site.port}/first",
        f"http://flip.example:{site.port}/second",
    ]
    requests = [{"url": url} for url in urls] + [
        {"url": f"http://far.example/{n}", "meta": {"proxy": proxy.url}} for n in range(2)
    ]
    settings = {
        "ROBOTSTXT_OBEY": False,
        "NEWSCRAWL_ALLOW_ADDRESSES": site.netloc,
        "CONCURRENT_REQUESTS": 1,
        "HTTPERROR_ALLOW_ALL": True,
        "DNSCACHE_ENABLED": False,
        "TWISTED_DNS_RESOLVER": "__main__.FlippingResolver",
    }
    try:
        yield Scene(site=site, canary=canary, proxy=proxy, crawled=crawl(requests, settings))
    finally:
        for server in (site, canary, proxy):
            server.close()


def assert_refused(scene: Scene, url: str, words: str) -> None:
    result = scene.crawled.results[url]
    assert result.get("error") == "RefusedAddress", result
    assert result["outcome"] == "refused_address"
    assert words in result["reason"]
    assert result["retries"] == 0


def test_an_allowed_address_is_crawled(scene: Scene) -> None:
    assert scene.crawled.results[f"{scene.site.url}/page"]["status"] == 200
    assert scene.crawled.results[f"{scene.site.url}/to-site"]["url"] == f"{scene.site.url}/page"


@pytest.mark.parametrize("path", REDIRECTS)
def test_a_redirect_to_a_private_address_is_refused_in_words(scene: Scene, path: str) -> None:
    words = "169.254.169.254 is a link-local address" if path == "/to-metadata" else "a loopback address"
    assert_refused(scene, f"{scene.site.url}{path}", words)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_private_address_is_refused(scene: Scene, spelling: str) -> None:
    assert_refused(scene, f"http://{spelling}:{scene.canary.port}/secret", "address")


def test_tls_a_final_dot_and_user_info_change_nothing(scene: Scene) -> None:
    assert scene.crawled.results[f"http://127.0.0.2.:{scene.canary.port}/secret"]["error"]
    assert_refused(scene, f"https://127.0.0.2:{scene.canary.port}/secret", "127.0.0.2 is a loopback address")
    assert scene.crawled.results[f"http://user:word@127.0.0.2:{scene.canary.port}/secret"]["error"]


def test_the_private_service_was_never_touched(scene: Scene) -> None:
    assert scene.canary.asked == []


def test_a_redirect_to_a_file_is_not_followed(scene: Scene) -> None:
    assert scene.crawled.results[f"{scene.site.url}/to-file"]["status"] == 302


def test_a_name_that_changes_its_address_is_checked_at_each_connection(scene: Scene) -> None:
    first = scene.crawled.results[f"http://flip.example:{scene.site.port}/first"]
    assert first["status"] == 200
    assert first["lookups"] == {"flip.example": 1}
    assert_refused(
        scene, f"http://flip.example:{scene.site.port}/second", "flip.example resolves to 127.0.0.2, a loopback address"
    )


def test_a_proxy_may_be_private_and_its_duty_is_said_once(scene: Scene) -> None:
    for n in range(2):
        assert scene.crawled.results[f"http://far.example/{n}"]["status"] == 200
    assert scene.proxy.asked == ["http://far.example/0", "http://far.example/1"]
    assert scene.crawled.log.count("A proxy makes the connections") == 1
    assert_refused(scene, f"http://127.0.0.1:{scene.proxy.port}/direct", "127.0.0.1 is a loopback address")


def test_a_refusal_leaves_no_traceback(scene: Scene) -> None:
    assert "Traceback" not in scene.crawled.log
