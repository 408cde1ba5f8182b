"""Pages for a browser, and what they try."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

sys.path.append(str(Path(__file__).parents[1] / "crawl"))  # for the servers of the crawl tests

from browser_needed import needs_chromium
from loopback import Answer, Site, redirect
from processes import descendants

__all__ = ["Answer", "Canary", "Site", "descendants", "needs_chromium", "page", "redirect", "script"]


def page(code: str, *, before: str = "", attributes: str = "") -> Answer:
    """A page that is empty until its script has run."""
    html = f"""<!doctype html><html><head><title>News</title>{before}</head><body{attributes}><div id="root"></div>
<noscript>Please enable JavaScript.</noscript><script>{code}</script></body></html>"""
    return Answer(body=html.encode())


def script(code: str) -> Answer:
    return Answer(body=code.encode(), headers={"Content-Type": "text/javascript"})


class Canary:
    """Something private that must not be touched: it listens for connections and datagrams on one port."""

    def __init__(self, host: str = "127.0.0.2") -> None:
        self.touched: list[str] = []
        self._tcp = socket.create_server((host, 0))
        self.port = int(self._tcp.getsockname()[1])
        self.netloc = f"{host}:{self.port}"
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((host, self.port))
        Thread(target=self._accept, daemon=True).start()
        Thread(target=self._receive, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._tcp.accept()
                with connection:
                    connection.settimeout(1)
                    head = b""
                    with suppress(OSError):
                        head = connection.recv(1000)
                    self.touched.append(f"connection: {head[:80]!r}")

    def _receive(self) -> None:
        with suppress(OSError):
            while True:
                self.touched.append(f"datagram: {self._udp.recv(1000)[:80]!r}")

    def close(self) -> None:
        # A shutdown wakes the thread that waits; closing alone does not.
        for each in (self._tcp, self._udp):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
