from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from loopback import Answer, Crawled, RawSite, Site, crawl, redirect

from newscrawl import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = b"<!doctype html><title>Harbour reopens</title>" + b"<p>The ferry came back after two days. " * 400
WHOLE = gzip.compress(TEXT)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BAD_ADDRESSES = (
    "http://[bad",
    "http://127.0.0.1:99999/",
    "http://",
    "http://127.0.0.1:x/",
    "http://a..b/",
    "//",
    "http://x y/",
)
SECRET = {"X-Api-Key": "k123", "Authorization": "Basic dXNlcjp3b3Jk", "Cookie": "session=1"}


def coded(body: bytes, coding: str = "gzip") -> Answer:
    return Answer(body=body, headers={"Content-Type": "text/html", "Content-Encoding": coding})


def refresh(url: str) -> Answer:
    return Answer(body=f'<meta http-equiv="refresh" content="0; url={url}">'.encode())


@dataclass(frozen=True, kw_only=True)
class Scene:
    site: Site
    other: Site
    raw: RawSite
    crawled: Crawled

    def of(self, path: str) -> dict[str, object]:
        return self.crawled.results[f"{self.raw.url if path.startswith('/raw') else self.site.url}{path}"]


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """One crawl with the project's own middlewares, one request a time of a server that misbehaves."""
    other = Site()
    site = Site(
        {
            "/whole": coded(WHOLE),
            "/cut": coded(WHOLE[: len(WHOLE) // 2]),
            "/cut-once": [coded(WHOLE[: len(WHOLE) // 2]), coded(WHOLE)],
            "/no-checksum": coded(WHOLE[:-8]),
            "/plain": coded(TEXT),
            "/bomb": coded(gzip.compress(b"a" * 20_000_000)),
            "/deflate": coded(zlib.compress(TEXT), "deflate"),
            "/long-line": Answer(headers={"Content-Type": "text/html", "X-Long": "a" * 20_000}),
            "/far": redirect(f"http://user:word@{other.netloc}/landed"),
            "/near": redirect("/landed"),
            "/long-way": redirect("/" + "a" * 3_000),
            "/to-data": redirect("data:text/html,hello"),
            "/layers": coded(TEXT, ", ".join(["gzip"] * 50)),
            **{f"/bad{n}": redirect(url) for n, url in enumerate(BAD_ADDRESSES)},
            "/304": [Answer(status=304, body=b""), Answer()],
            "/304-always": Answer(status=304, body=b""),
            **{f"/hop{n}": (refresh if n % 2 else redirect)(f"/hop{n + 1}") for n in range(6)},
        }
    )
    raw = RawSite(
        {
            "/raw-many": OK + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
            "/raw-cookies": OK + (b"Set-Cookie: a=" + b"b" * 4_000 + b"\r\n") * 500 + b"\r\n",
            "/raw-interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 10_000,
            "/raw-silent": b"",
            "/raw-half-a-head": OK,
        }
    )
    requests = [
        *({"url": f"{site.url}{path}"} for path in site.answers if not path.startswith(("/far", "/near"))),
        *({"url": f"{site.url}{path}", "headers": SECRET} for path in ("/far", "/near")),
        *({"url": f"{raw.url}{path}"} for path in raw._answers),
        {"url": f"http://user:word@{site.netloc}/userinfo"},
    ]
    chosen = {
        "DOWNLOADER_MIDDLEWARES": settings.DOWNLOADER_MIDDLEWARES,
        "SCHEDULER_PRIORITY_QUEUE": settings.SCHEDULER_PRIORITY_QUEUE,
        "DOWNLOAD_MAXSIZE": settings.DOWNLOAD_MAXSIZE,
        "ROBOTSTXT_OBEY": False,
        "COOKIES_ENABLED": False,
        "REFERRER_POLICY": settings.REFERRER_POLICY,
        "NEWSCRAWL_ALLOW_ADDRESSES": "127.0.0.1:*",
        "NEWSCRAWL_FIRST_BYTE_S": 2.0,  # far more than an answer takes on a busy machine
        "NEWSCRAWL_HOST_MAX_UNANSWERED": 1000,
        "HTTPERROR_ALLOW_ALL": True,
        "LOG_LEVEL": "DEBUG",
    }
    try:
        yield Scene(site=site, other=other, raw=raw, crawled=crawl(requests, chosen))
    finally:
        for server in (site, other, raw):
            server.close()


@pytest.mark.parametrize("path", ["/whole", "/no-checksum", "/plain", "/deflate"])
def test_a_whole_body_is_read_whatever_its_coding_says(scene: Scene, path: str) -> None:
    assert scene.of(path) | {"status": 200, "bytes": len(TEXT), "retries": 0} == scene.of(path)


def test_a_compressed_body_that_was_cut_is_asked_for_again_and_never_given_on(scene: Scene) -> None:
    assert scene.of("/cut-once")["bytes"] == len(TEXT)
    assert scene.of("/cut-once")["retries"] == 1
    assert scene.of("/cut")["error"] == "ResponseDataLossError"
    assert scene.site.asked.count("/cut") == 2


def test_a_pile_of_codings_is_not_undone(scene: Scene) -> None:
    assert scene.of("/layers")["outcome"] == "too_large"


def test_a_bomb_is_too_large_and_not_asked_for_again(scene: Scene) -> None:
    assert scene.of("/bomb")["outcome"] == "too_large"
    assert scene.site.asked.count("/bomb") == 1
    assert scene.crawled.log.count(f"{scene.site.url}/bomb: ") == 1
    assert "bytes are more than 8,388,608 when decompressed" in str(scene.of("/bomb")["reason"])
    assert scene.crawled.peak_mb < 250


@pytest.mark.parametrize("path", ["/raw-many", "/raw-cookies", "/raw-interim", "/long-line"])
def test_headers_over_a_bound_are_refused_once(scene: Scene, path: str) -> None:
    assert scene.of(path)["outcome"] == "too_large"
    assert "header" in str(scene.of(path)["reason"])
    assert (scene.raw if path.startswith("/raw") else scene.site).asked.count(path) == 1


@pytest.mark.parametrize("path", ["/raw-silent", "/raw-half-a-head"])
def test_a_server_that_does_not_begin_to_answer_is_given_up(scene: Scene, path: str) -> None:
    assert scene.of(path)["error"] == "DownloadTimeoutError"


def test_redirects_and_refreshes_share_five_hops(scene: Scene) -> None:
    assert scene.of("/hop0")["reason"] == "max redirections reached"
    assert scene.of("/hop1")["url"] == f"{scene.site.url}/hop6"


def test_a_redirect_leads_to_a_web_address_of_bounded_length(scene: Scene) -> None:
    assert scene.of("/long-way")["reason"] == "redirected to an address of more than 2,083 characters"
    assert scene.of("/to-data")["status"] == 302


@pytest.mark.parametrize("number", range(len(BAD_ADDRESSES)))
def test_a_redirect_to_what_is_no_address_is_an_error_and_no_more(scene: Scene, number: int) -> None:
    assert scene.of(f"/bad{number}").get("error")


def test_what_one_site_was_given_does_not_go_to_another(scene: Scene) -> None:
    near, far = scene.site.headers["/landed"], scene.other.headers["/landed"]
    assert {"x-api-key", "authorization"} <= near.keys()
    assert far.keys() <= {"host", "accept", "accept-encoding", "accept-language", "user-agent", "connection"}


def test_user_info_is_neither_used_nor_logged(scene: Scene) -> None:
    assert scene.of("/far")["url"] == f"{scene.other.url}/landed"
    result = scene.crawled.results[f"http://user:word@{scene.site.netloc}/userinfo"]
    assert result["url"] == f"{scene.site.url}/userinfo"
    assert "user:word" not in scene.crawled.log


def test_a_304_that_nobody_asked_for_is_asked_for_once_more(scene: Scene) -> None:
    assert scene.of("/304")["status"] == 200
    assert scene.of("/304-always")["status"] == 304
    assert scene.site.asked.count("/304-always") == 2


def test_nothing_of_it_leaves_a_traceback(scene: Scene) -> None:
    assert "Traceback" not in scene.crawled.log
