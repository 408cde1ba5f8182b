"""``python -m benchmarks.replay BENCH_DIR``: serve it, write its sources file, print how to crawl it."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

from benchmarks.replay.pages import load_bench
from benchmarks.replay.server import ReplayServer, Sites
from newscrawl.errors import ConfigError, ExitCode

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


def sources_toml(hosts: tuple[str, ...]) -> str:
    """A sources file with one enabled entry per host; ids come from the host and are unique."""
    taken: set[str] = set()
    entries: list[str] = []
    for host in hosts:
        plain = _NOT_IN_AN_ID.sub("-", host).strip("-")[:56]
        base = plain if plain[:1].isalpha() else f"s-{plain}"
        number, identifier = 1, base
        while identifier in taken:
            number += 1
            identifier = f"{base}-{number}"
        taken.add(identifier)
        entries.append(
            f'[[source]]\nid = "{identifier}"\nname = "{host}"\nurl = "http://{host}/"\n'
            f'feeds = ["http://{host}/feed"]\nsitemaps = ["http://{host}/sitemap.xml"]\nenabled = true\n'
        )
    return "\n".join(entries)


def command(proxy_url: str, sources: Path) -> str:
    """The crawl of everything that is served: nobody is there to be polite to."""
    quick = "-s DOWNLOAD_DELAY=0 -s AUTOTHROTTLE_ENABLED=False -s CONCURRENT_REQUESTS_PER_DOMAIN=8"
    return (
        f"http_proxy={proxy_url} https_proxy={proxy_url} scrapy crawl news "
        f"-s NEWSCRAWL_SOURCES={sources} -s NEWSCRAWL_DATA=replay-data {quick}"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with pages/ and gold/")
    parser.add_argument("--datasets", default="", help="comma list; all by default")
    parser.add_argument("--news-only", action="store_true", help="only pages whose gold says news")
    parser.add_argument("--port", type=int, default=0, help="of the proxy; 0 takes a free one")
    parser.add_argument("--sources", type=Path, default=Path("replay-sources.toml"), help="the sources file to write")
    parser.add_argument("--max-seconds", type=float, default=None, help="stop by itself after this time")
    args = parser.parse_args(arguments)
    try:
        bench = load_bench(args.bench, [name for name in args.datasets.split(",") if name], news_only=args.news_only)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return ExitCode.USAGE
    sites = Sites(bench.pages)
    args.sources.write_text(sources_toml(sites.hosts), encoding="utf-8")
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with ReplayServer(sites, args.port) as server:
        print(f"{len(bench.pages)} pages of {len(sites.hosts)} sites at {server.proxy_url}")
        print(f"{len(bench.doubles)} pages left out, their address is taken: {', '.join(bench.doubles) or '-'}")
        print(command(server.proxy_url, args.sources), flush=True)
        with suppress(KeyboardInterrupt):
            stop.wait(args.max_seconds)
        print("answers by status:", dict(sorted(server.answered.items())))
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main())
