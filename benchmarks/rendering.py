"""What a rendered page costs beside a plain one: CPU of the crawl and of all that it starts, time, memory, requests.

    python -m benchmarks.rendering [PAGES]

The same articles from two sites on loopback: one prints them, the other has a script that fetches and prints them. Each
is crawled with few pages and with many, in turns; the difference is what a page costs, without start and end.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

FEW, MORE = 4, 20
TIMES_AS_MANY = 15
"""So many more plain pages: what they cost is too little to be seen otherwise."""
ROUNDS = 3
LOOK_EVERY_S = 0.1
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TEXT = [
    f"In paragraph {n} the harbour master says that boats may come and go again, but for number {{0}}."
    for n in range(20)
]
SCRIPT = """
addEventListener("DOMContentLoaded", async () => {
  const said = await (await fetch("/data/" + location.pathname.split("-").pop())).json();
  document.getElementById("root").innerHTML = `<h1>${said.title}</h1>` + said.text.map(one => `<p>${one}</p>`).join("");
});
"""
SHELL = """<!doctype html><html lang="en"><title>The Harbour Times</title><script src="/app.js"></script>
<div id="root"></div><noscript>Please enable JavaScript.</noscript></html>"""


class Cost(NamedTuple):
    """Of one crawl."""

    articles: int
    cpu_s: float
    wall_s: float
    requests: int
    peak_mb: float
    """Of its own, over all processes."""


class Handler(BaseHTTPRequestHandler):
    """``/N/feed`` names N articles; what a number's page is follows from the server's kind."""

    protocol_version = "HTTP/1.1"
    is_scripted = False
    asked = 0

    def do_GET(self) -> None:
        """Answer."""
        type(self).asked += 1
        name = self.path.rsplit("-", 1)[-1].rsplit("/", 1)[-1]
        title, text = f"Harbour {name} reopens", [one.format(name) for one in TEXT]
        kind, body = "text/html", SHELL
        if self.path.endswith("/feed"):
            host, count = self.headers["Host"], int(self.path.split("/")[1])
            items = "".join(f"<item><link>http://{host}/news/harbour-{n}</link></item>" for n in range(count))
            kind, body = "application/rss+xml", f"<rss version='2.0'><channel>{items}</channel></rss>"
        elif self.path == "/app.js":
            kind, body = "text/javascript", SCRIPT
        elif self.path.startswith("/data/"):
            kind, body = "application/json", json.dumps({"title": title, "text": text})
        elif self.path == "/robots.txt":
            kind, body = "text/plain", ""
        elif not self.is_scripted:
            paragraphs = "".join(f"<p>{one}</p>" for one in text)
            body = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{paragraphs}</html>'
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Printed(Handler):
    """Prints its articles."""


class Scripted(Handler):
    """Has a script print them."""

    is_scripted = True


def crawl(handler: type[Handler], pages: int) -> Cost:
    """One crawl in a process of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    netloc = f"127.0.0.1:{server.server_address[1]}"
    asked = handler.asked
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources.toml"
        sources.write_text(
            f'[[source]]\nid = "one"\nname = "one"\nfeeds = ["http://{netloc}/{pages}/feed"]\nenabled = true\n'
            f"javascript = {str(handler.is_scripted).lower()}\n"
        )
        chosen = {
            "NEWSCRAWL_DATA": f"{folder}/data",
            "NEWSCRAWL_SOURCES": sources,
            "NEWSCRAWL_ALLOW_ADDRESSES": netloc,
            "NEWSCRAWL_POOL_WORKERS": 1,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
        }
        command = [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "news",
            *(f"-s{name}={value}" for name, value in chosen.items()),
        ]
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        began = time.perf_counter()
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as run:
            cpu: dict[int, float] = {}
            peak_mb = 0.0
            while run.poll() is None:
                cpu_now, own_mb = usage(run.pid)
                cpu |= cpu_now
                peak_mb = max(peak_mb, own_mb)
                time.sleep(LOOK_EVERY_S)
        wall_s = time.perf_counter() - began
        articles = len((Path(folder) / "data/current/articles.jsonl").read_bytes().splitlines())
    server.shutdown()
    server.server_close()
    return Cost(articles, sum(cpu.values()), wall_s, handler.asked - asked, peak_mb)


def usage(root: int) -> tuple[dict[int, float], float]:
    """CPU seconds of each process under `root` so far, and the memory of all that is their own."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(place.name))
            seconds[int(place.name)] = (int(fields[11]) + int(fields[12])) * _TICK_S
    under, grown, own = {}, [root], 0
    while grown:
        pid = grown.pop()
        grown.extend(children.get(pid, ()))
        under[pid] = seconds.get(pid, 0.0)
        with suppress(OSError):
            resident, shared = (Path(f"/proc/{pid}/statm")).read_text().split()[1:3]
            own += int(resident) - int(shared)
    return under, own * _PAGE_BYTES / 1e6


def main() -> None:
    """Print the table."""
    more = int(sys.argv[1]) if len(sys.argv) > 1 else MORE
    kinds = {"plain": (Printed, TIMES_AS_MANY), "rendered": (Scripted, 1)}
    rounds: dict[str, list[tuple[float, ...]]] = {name: [] for name in kinds}
    peaks: dict[str, float] = dict.fromkeys(kinds, 0.0)
    for _ in range(ROUNDS):
        for name, (handler, times) in kinds.items():
            costs = [crawl(handler, times * pages) for pages in (FEW, more)]
            assert [cost.articles for cost in costs] == [times * FEW, times * more], costs
            pages = times * (more - FEW)
            rounds[name].append(tuple((costs[1][place] - costs[0][place]) / pages for place in (1, 2, 3)))
            peaks[name] = max(peaks[name], costs[1].peak_mb)
    medians = {name: [statistics.median(values) for values in zip(*each, strict=True)] for name, each in rounds.items()}
    print("page      CPU ms  wall ms  requests  peak MB")
    for name, (cpu_s, wall_s, requests) in medians.items():
        print(f"{name:<8}  {1000 * cpu_s:6.0f}  {1000 * wall_s:7.0f}  {requests:8.1f}  {peaks[name]:7.0f}")
    print(f"rendered / plain: {medians['rendered'][0] / medians['plain'][0]:.0f} times the CPU")


if __name__ == "__main__":
    main()
