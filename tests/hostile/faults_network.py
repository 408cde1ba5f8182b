"""Faults of the network and of HTTP: cut, slow, endless and inflated bodies, odd headers, redirects into the inside."""

from __future__ import annotations

import gzip
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING

import brotli
import honest
from backports import zstd
from fault import NOTHING, page_fault, path_of
from hostile_server import CANARY, HTML, Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from hostile_server import Asked

BOMB_MB = 512
LONG = honest.page("Half a story", honest.prose("cut", 40))


def article(name: str) -> bytes:
    """A good page."""
    return honest.page(f"The page of {name}", honest.prose(name, 6))


def redirect(to: str, **more: int) -> Callable[[Asked], Answer]:
    """302; ``{port}`` in the address is the site's port."""
    return lambda asked: Answer(status=302, headers=(("Location", _at(to, asked)),), **more)


def refresh(to: str) -> Callable[[Asked], Answer]:
    """A page that sends its reader on by a meta element."""

    def page(asked: Asked) -> Answer:
        meta = f'<meta http-equiv="refresh" content="0; url={_at(to, asked)}">'
        return Answer(body=f"<!doctype html><html><head>{meta}<title>One moment</title></head></html>".encode())

    return page


def _at(address: str, asked: Asked) -> str:
    return address.replace("{port}", asked.host.partition(":")[2])


page_fault(
    "reset_mid_body", "RST after half of the body", Answer(body=LONG[:3000], length=len(LONG), reset=True), "error"
)
page_fault("short_body", "a clean end before the stated length", Answer(body=LONG[:5000], length=len(LONG)), "error")
page_fault(
    "broken_chunk",
    "a chunk whose size is no number",
    Answer(body=b"800\r\n" + LONG[:0x800] + b"\r\nzz\r\n", length=-1, headers=(("Transfer-Encoding", "chunked"),)),
    "error",
)
page_fault("slow_body", "one byte a second", Answer(body=LONG, drip_s=1.0), "timeout")
page_fault("silent", "a request that is never answered", Answer(silent=True), "timeout")
page_fault(
    "endless_body",
    "a chunked body without end",
    lambda _: Answer(chunks=lambda: b"<p>never ending news " * 3000),
    "too_large",
)


@cache
def _gzip_bomb(levels: int) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    one, size = b" " * (1 << 20), BOMB_MB << 20
    begin = squeeze.compress(one) + squeeze.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers to what was before: the same bytes mean the same blanks again.
    again = squeeze.compress(one) + squeeze.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(BOMB_MB):
        check = zlib.crc32(one, check)
    bomb = begin + again * (BOMB_MB - 1) + b"\x03\0" + struct.pack("<II", check, size % (1 << 32))
    for _ in range(levels - 1):
        bomb = gzip.compress(bomb, mtime=0)
    return bomb


def _deflate_bomb() -> bytes:
    return _gzip_bomb(1)[10:-8]  # what is left of gzip without its header and its check


@cache
def _brotli_bomb() -> bytes:
    squeeze = brotli.Compressor(quality=1)
    return b"".join(squeeze.process(b" " * (1 << 20)) for _ in range(BOMB_MB)) + squeeze.finish()


@cache
def _zstd_bomb() -> bytes:
    squeeze = zstd.ZstdCompressor(level=1)
    return b"".join(squeeze.compress(b" " * (1 << 20)) for _ in range(BOMB_MB)) + squeeze.flush()


def _bomb(encoding: str, body: Callable[[], bytes]) -> Callable[[Asked], Answer]:
    return lambda _: Answer(body=body(), headers=(("Content-Encoding", encoding),))


page_fault("gzip_bomb", f"{BOMB_MB} MB in half a MB of gzip", _bomb("gzip", lambda: _gzip_bomb(1)), "too_large")
page_fault(
    "triple_gzip",
    f"{BOMB_MB} MB, compressed three times",
    _bomb("gzip, gzip, gzip", lambda: _gzip_bomb(3)),
    "too_large",
)
page_fault("zstd_bomb", f"{BOMB_MB} MB in a little zstd", _bomb("zstd", _zstd_bomb), "too_large")
page_fault("deflate_bomb", f"{BOMB_MB} MB in half a MB of deflate", _bomb("deflate", _deflate_bomb), "too_large")
page_fault("brotli_bomb", f"{BOMB_MB} MB in a few hundred bytes of brotli", _bomb("br", _brotli_bomb), "too_large")

_GZIP = (("Content-Encoding", "gzip"),)
_SQUEEZED = gzip.compress(LONG, mtime=0)
page_fault(
    "gzip_cut",
    "gzip that ends in the middle, with the right Content-Length",
    Answer(body=_SQUEEZED[: len(_SQUEEZED) // 2], headers=_GZIP),
    "error",
)
page_fault(
    "gzip_on_plain", "says gzip, is plain", Answer(body=article("gzip_on_plain"), headers=_GZIP), "article", "error"
)
page_fault(
    "long_body",
    "more bytes than the stated length",
    Answer(body=article("long_body") + b"<p>smuggled" * 99, length=len(article("long_body"))),
    "article",
    check=lambda article: _assert("smuggled" not in article["text"], article),
)
page_fault(
    "many_headers",
    "20,000 headers",
    Answer(body=article("many_headers"), headers=tuple((f"X-{n}", "news") for n in range(20_000))),
    "too_large",
)
page_fault(
    "large_cookies",
    "500 cookies of 4 KB",
    Answer(body=article("large_cookies"), headers=tuple(("Set-Cookie", f"c{n}={'x' * 4000}") for n in range(500))),
    "too_large",
)
page_fault("unasked_304", "304 to a request without validators", Answer(status=304, type=None, length=-1), "error")
page_fault(
    "busy_429",
    "429 with Retry-After: 1, then an article",
    lambda asked: (
        Answer(status=429, headers=(("Retry-After", "1"),)) if asked.count == 1 else Answer(body=article("busy_429"))
    ),
    "article",
    "blocked",
)
page_fault(
    "busy_for_ever",
    "503 with a Retry-After of a thousand years",
    Answer(status=503, headers=(("Retry-After", "31536000000"),)),
    "error",
    "blocked",
)

_LOOP = path_of("redirect_loop")
page_fault("redirect_loop", "302 to itself for ever", redirect(_LOOP), "error")
page_fault(
    "redirect_escapes",
    "a redirect to an address of terminal escapes, which is not there",
    Answer(status=302, headers=(("Location", "/\x1b]0;owned\x07\x1b[2J\x9b31m\tnews"),)),
    "error",
    "gone",
)
page_fault(
    "redirect_chain",
    "thirty redirects, then an article",
    redirect("/hop/1"),
    "error",
    pages={
        **{f"/hop/{n}": redirect(f"/hop/{n + 1}") for n in range(1, 30)},
        "/hop/30": Answer(body=article("redirect_chain")),
    },
)
page_fault(
    "refresh_loop", "a meta refresh to itself", refresh(path_of("refresh_loop")), "error", "no_text", "too_short"
)
page_fault(
    "cookie_wall",
    "redirects until a cookie comes back",
    lambda asked: (
        Answer(body=article("cookie_wall"))
        if "cookie" in asked.headers
        else Answer(status=302, headers=(("Location", asked.path), ("Set-Cookie", "seen=1")))
    ),
    "error",
)

_INSIDE = {
    "redirect_inside": (redirect(f"http://{CANARY}:{{port}}/secret"), "a redirect to a service inside"),
    "redirect_spelled": (redirect("http://0x7f.3:{port}/secret"), "the same, its address spelled in hexadecimal"),
    "redirect_number": (redirect("http://2130706435:{port}/secret"), "the same, its address as one number"),
    "redirect_mapped": (redirect(f"http://[::ffff:{CANARY}]:{{port}}/secret"), "the same, as an IPv6 address"),
    "redirect_tls": (redirect(f"https://{CANARY}:{{port}}/secret"), "the same, by TLS"),
    "redirect_userinfo": (redirect(f"http://news@{CANARY}:{{port}}/secret"), "the same, with user info"),
    "redirect_metadata": (redirect("http://169.254.169.254/latest/meta-data/"), "a redirect to a cloud's metadata"),
    "refresh_inside": (refresh(f"http://{CANARY}:{{port}}/secret"), "a meta refresh to a service inside"),
    "redirect_file": (redirect("file:///etc/passwd"), "a redirect to a file"),
    "redirect_data": (redirect("data:text/html,<p>news"), "a redirect to data:"),
    "redirect_ftp": (redirect(f"ftp://{CANARY}/news"), "a redirect to FTP"),
}
for _name, (_page, _why) in _INSIDE.items():
    page_fault(_name, _why, _page, "refused_address", "error")
page_fault(
    "feed_names_inside",
    "a feed that lists a service inside",
    Answer(body=article("feed_names_inside"), type=HTML),
    NOTHING,
    "refused_address",
    "offsite",
    listed=(f"http://{CANARY}:{{port}}/2026/11/19/secret-story-of-the-house",),
)
page_fault(
    "links_inside",
    "an article whose links, pictures and frames are of a service inside",
    lambda asked: Answer(
        body=honest.page(
            "The page of links_inside",
            honest.prose("links_inside", 6),
            after=_at(
                f'<a href="http://{CANARY}:{{port}}/a">more</a><img src="http://{CANARY}:{{port}}/i.png">'
                f'<iframe src="http://{CANARY}:{{port}}/f"></iframe><a rel="next" href="http://{CANARY}:{{port}}/2">2</a>',
                asked,
            ),
        )
    ),
    "article",
)


def _assert(is_right: bool, article: dict[str, object]) -> None:
    assert is_right, article
