"""An HTTP proxy on loopback that is every site of a bench at once.

Each host has its pages at their own addresses, ``/robots.txt``, ``/sitemap.xml``, an RSS feed at ``/feed`` and a home
page. Feed and sitemap give addresses only: a title or a date in them would be the gold list's, and would be scored.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

from benchmarks.replay.pages import SavedPage, address_key

if TYPE_CHECKING:
    from collections.abc import Iterable

LONG_AGO = "2026-01-01T00:00:00Z"
HTML = "text/html"  # without a charset: saved pages have lost what the server said, and readers must find it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a site answers."""

    status: int
    content_type: str
    body: bytes


class Sites:
    """What every site of a bench answers; pure, but for reading the pages from disk."""

    def __init__(self, pages: Iterable[SavedPage]) -> None:
        self._pages = {page.key: page for page in pages}
        self._hosts: dict[str, list[SavedPage]] = {}
        for page in self._pages.values():
            self._hosts.setdefault(page.host, []).append(page)
        for host_pages in self._hosts.values():
            host_pages.sort(key=lambda page: page.published, reverse=True)

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self._hosts)

    def reply(self, url: str) -> Reply:
        """Answer a request for an absolute URL; a saved page wins over what is made for its address."""
        try:
            key = address_key(url)
        except ValueError:
            return Reply(status=400, content_type="text/plain", body=b"not a web address\n")
        if (page := self._pages.get(key)) is not None:
            return Reply(status=200, content_type=HTML, body=page.html())
        host, _, path = key.partition("/")
        if (pages := self._hosts.get(host)) is not None and (made := _made(host, path, pages)) is not None:
            return made
        return Reply(status=404, content_type="text/plain", body=b"no such page was saved\n")


def _made(host: str, path: str, pages: list[SavedPage]) -> Reply | None:
    """The parts of a site that were not saved."""
    match path:
        case "robots.txt":
            text = f"User-agent: *\nAllow: /\n\nSitemap: http://{host}/sitemap.xml\n"
            return Reply(status=200, content_type="text/plain", body=text.encode())
        case "sitemap.xml":
            places = "".join(f"<url><loc>{escape(page.url)}</loc>{_lastmod(page)}</url>" for page in pages)
            text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
            return Reply(status=200, content_type="application/xml", body=text.encode())
        case "feed":
            items = "".join(f"<item><link>{escape(page.url)}</link>{_dates(page)}</item>" for page in pages)
            space = 'xmlns:atom="http://www.w3.org/2005/Atom"'
            text = f'<rss version="2.0" {space}><channel><title>{host}</title>{items}</channel></rss>'
            return Reply(status=200, content_type="application/rss+xml", body=text.encode())
        case "":
            text = (
                f'<!doctype html><title>{host}</title><link rel="alternate" type="application/rss+xml" href="/feed">'
                f"<h1>{host}</h1>"
            )
            return Reply(status=200, content_type=HTML, body=text.encode())
    return None


def _lastmod(page: SavedPage) -> str:
    return f"<lastmod>{page.changed}</lastmod>" if page.changed else ""


def _dates(page: SavedPage) -> str:
    if not page.changed:
        return ""
    return f"<pubDate>{LONG_AGO}</pubDate><atom:updated>{page.changed}</atom:updated>"


class ReplayServer:
    """The proxy; a context manager. Port 0 takes a free one."""

    def __init__(self, sites: Sites, port: int = 0) -> None:
        self.sites = sites
        """What is served; others may take their place at any time."""
        self.answered: Counter[int] = Counter()
        """Status → answers, so far."""
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                reply = replay.sites.reply(self.path)
                replay.answered[reply.status] += 1
                with suppress(ConnectionError):
                    self.send_response(reply.status)
                    self.send_header("Content-Type", reply.content_type)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(reply.body)

            do_HEAD = do_GET  # noqa: N815 - the name http.server calls

            def do_CONNECT(self) -> None:
                # A link to an https page: there is nothing behind it, and nobody must go and look on the internet.
                replay.answered[403] += 1
                self.send_error(403, "only http is replayed")

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.proxy_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ReplayServer:
        Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
