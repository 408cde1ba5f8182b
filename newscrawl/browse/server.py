"""A server for one reader on this machine: it answers GET and HEAD, under its own name only, and changes nothing.

Who can reach it: programs of this machine. A page of the web that a browser shows cannot read what it answers: another
origin is not given it, and one that points its own name here (DNS rebinding) is refused by the name it asks for.
"""

from __future__ import annotations

import errno
import logging
import re
import sqlite3
import sys
from dataclasses import fields, replace
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from newscrawl.browse import pages
from newscrawl.browse.find import SHOWN, SORTS, Wish, find, languages, one, sources, span
from newscrawl.errors import ConfigError, NewscrawlError
from newscrawl.report.diff import diff

if TYPE_CHECKING:
    from newscrawl.browse.library import Library

HOST = "127.0.0.1"
TIMEOUT_S = 30.0
"""A connection that says nothing for so long is closed."""
MAX_PAGE = 100_000
MAX_QUERY_CHARS = 500
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

logger = logging.getLogger(__name__)

_ARTICLE = re.compile(r"/(article|diff)/(nc_[a-z2-7]{26})\Z", re.ASCII)


class BrowseServer(ThreadingHTTPServer):
    """The pages of a library, on 127.0.0.1.

    Raises:
        ConfigError: the port is in use or may not be had.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, library: Library, port: int) -> None:
        self.library = library
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror or error}"
            raise ConfigError(f"port {port} of {HOST} {why}; --port names another one, 0 any that is free") from error

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the standard library's
        """A reader who leaves early is no error; a bug is told with its traceback."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            logger.exception("a page could not be made")


class _NotThereError(Exception):
    """There is no such page."""


class _Handler(BaseHTTPRequestHandler):
    server: BrowseServer
    timeout = TIMEOUT_S
    protocol_version = "HTTP/1.1"
    server_version = "newscrawl"
    sys_version = ""

    def do_GET(self) -> None:
        port = self.server.server_port
        if self.headers.get("Host") not in {f"{HOST}:{port}", f"localhost:{port}"}:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, f"This is {self.server.url} and answers under no other name.")
            return
        target = urlsplit(self.path)
        try:
            if target.path == "/style.css":
                self._answer(HTTPStatus.OK, pages.style(), "text/css")
            else:
                self._answer(HTTPStatus.OK, self._page(target.path, dict(parse_qsl(target.query))))
        except _NotThereError:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page, or no such article in this dump any more.")
        except ConfigError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except (NewscrawlError, OSError, sqlite3.Error) as error:
            if isinstance(error, ConnectionError | TimeoutError):
                raise  # the reader left
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"This could not be read, please load it again: {error}")

    do_HEAD = do_GET  # noqa: N815 - likewise

    def _not_allowed(self) -> None:
        self.close_connection = True  # whatever follows is not read
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Here is nothing to change: GET and HEAD only.")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_CONNECT = do_TRACE = _not_allowed  # noqa: N815

    def _page(self, path: str, asked: dict[str, str]) -> str:
        if path == "/":
            return self._list(_wish(asked))
        match = _ARTICLE.match(path)
        if match is None:
            raise _NotThereError
        kind, article_id = match.groups()
        return self._article(article_id, asked) if kind == "article" else self._diff(article_id, asked)

    def _list(self, wish: Wish) -> str:
        library = self.server.library
        with library.reading() as database:
            articles, first, last = span(database)
            shelf = pages.Shelf(
                data=str(library.data),
                articles=articles,
                first=first,
                last=last,
                sources=sources(database),
                languages=languages(database),
            )
            found = find(database, wish)
        return pages.list_page(shelf, wish, found)

    def _article(self, article_id: str, asked: dict[str, str]) -> str:
        with self.server.library.reading() as database:
            whole = one(database, article_id, _number(asked.get("revision")))
        if whole is None:
            raise _NotThereError
        return pages.article_page(whole, _wish({"text": asked.get("text", "")}))

    def _diff(self, article_id: str, asked: dict[str, str]) -> str:
        with self.server.library.reading() as database:
            whole = one(database, article_id)
        revisions = {each["revision"]: each for each in whole.revisions} if whole else {}
        before, after = _number(asked.get("before")), _number(asked.get("after"))
        if whole is None or before not in revisions or after not in revisions:
            raise _NotThereError
        return pages.diff_page(diff(revisions[before], revisions[after]), whole)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._answer(status, pages.error_page(status.phrase, sentence))

    def _answer(self, status: HTTPStatus, text: str, kind: str = "text/html") -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        logger.debug(format, *args)


def _wish(asked: dict[str, str]) -> Wish:
    """What the query of an address asks for.

    Raises:
        ConfigError: a value is none of those that there are.
    """
    known: dict[str, Any] = {
        each.name: asked[each.name].strip() for each in fields(Wish) if asked.get(each.name, "").strip()
    }
    page = _number(known.pop("page", "1"))
    for name in ("since", "until"):
        if name in known:
            try:
                known[name] = date.fromisoformat(known[name]).isoformat()
            except ValueError:
                raise ConfigError(f"{name}: {known[name]!r} is not a day such as 2026-11-23") from None
    if known.get("show", SHOWN[0]) not in SHOWN or known.get("sort", SORTS[0]) not in SORTS:
        raise ConfigError(f"show is one of {', '.join(SHOWN)}, sort one of {', '.join(SORTS)}")
    if len(known.get("text", "")) > MAX_QUERY_CHARS:
        raise ConfigError(f"what is searched is longer than {MAX_QUERY_CHARS} characters")
    return replace(Wish(**known), page=min(page or 1, MAX_PAGE))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
