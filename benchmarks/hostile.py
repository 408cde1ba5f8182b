"""Plain Scrapy with trafilatura and newscrawl on the same hostile sites, in one sitting.

``python -m benchmarks.hostile [FAULT...]`` crawls an honest site alone, then the honest site with all faults (those
named, if any) at once, with newscrawl; then the honest site with each fault alone, with `plain_spider`, which is killed
after ``--seconds``.
It writes a Markdown table. The faults are those of `tests/hostile`; it needs a clone of the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "hostile"))

import hostile_crawl  # noqa: E402 - from the tests, which are no package
from faults import FAULTS, NUMBER  # noqa: E402
from hostile_server import HostileWeb  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hostile_crawl import Hostile

SHOWN = (
    "redirect_inside refresh_inside sitemap_inside robots_500 robots_52mb gzip_bomb brotli_bomb triple_gzip "
    "endless_body gzip_cut slow_body silent redirect_chain long_line nested_5000 nested_100000 attributes "
    "links_200000 links_1000000 jsonld_7mb jsonld_deep jsonld_types charset_lie mojibake_twice controls "
    "canonical_offsite date_future date_ambiguous soft_404 needs_javascript paywall noise one_canonical "
    "template_notices sitemap_loop sitemap_tree sitemap_million feed_laughs feed_xxe calendar session_ids "
    "growing_path"
)
"""Names of faults, each a row."""


def plain(name: str, folder: Path, seconds: float) -> str:
    """Crawl with `plain_spider`; what came of it, in words."""
    site = FAULTS[name].site(NUMBER[name])
    out = folder / "out.jsonl"
    with HostileWeb([hostile_crawl.honest_site(), site]) as web:
        addresses = (hostile_crawl.HONEST, site.address)
        spider = str(Path(__file__).with_name("plain_spider.py"))
        done = hostile_crawl.measure([spider, str(out), *map(web.url, addresses)], folder / "usage.json", seconds)
    stored = [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    pages = {one["page"]: one for one in stored}
    kept = sum(web.url(hostile_crawl.HONEST) + one.path in pages for one in hostile_crawl.HONEST_ARTICLES)
    said = []
    for path in FAULTS[name].listed[:1]:
        page = pages.get(web.url(site.address) + path)
        said.append(_stored(name, page, page["date"], page["url"]) if page else "nothing stored")
    if name == "robots_500" and len(stored) > kept:
        said.append("crawled all the same")
    return _row(done, web, kept, site.address, said)


def ours(name: str, done: Hostile, web: HostileWeb) -> str:
    """What came of a fault in the crawl of all of them, in words."""
    fault = FAULTS[name]
    site = fault.site(NUMBER[name]).address
    said = []
    for path in fault.listed[:1]:
        outcomes = [line["outcome"] for line in done.outcomes(web.url(site) + path)]
        article = done.articles.get(web.url(site) + path)
        said.append(_stored(name, article, article["date_published"]) if article else ", ".join(outcomes))
    return f"{'; '.join(said) or 'harmless'} ({web.requests(site)} requests)"


def _stored(name: str, record: dict[str, Any], date: str | None, url: str = "") -> str:
    """An article in words: how long it is, and what the fault is about."""
    words = f"stored, {len(record['text']):,} characters"
    if name.startswith("date"):
        words += f", dated {date}"
    if name.startswith(("charset", "mojibake")):
        words += f", begins {record['text'][:12]!r}"
    return words + (f", under {url}" if "victim" in url else "")


def _row(usage: dict[str, float], web: HostileWeb, kept: int, site: str, said: list[str]) -> str:
    of = len(hostile_crawl.HONEST_ARTICLES)
    words = [*filter(None, said)]
    if web.canary:
        words.append("**reached the inside**")
    if kept < of:
        words.append(f"**{kept} of {of} honest articles**")
    end = f"{usage['seconds']:.0f} s" if usage["exit"] >= 0 else f"**not done after {usage['seconds']:.0f} s**"
    large = "**" if usage["mb"] > hostile_crawl.MAX_MB else ""
    return (
        f"{'; '.join(words) or 'harmless'} ({end}, {large}{usage['mb']:.0f} MB{large}, {web.requests(site)} requests)"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT")
    parser.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as alone, tempfile.TemporaryDirectory() as together:
        _say("the honest site alone", *newscrawl((), Path(alone)))
        done, web = newscrawl(args.faults or FAULTS, Path(together))
        _say(f"with {len(args.faults or FAULTS)} faults at once", done, web)
        print("\n| fault | plain Scrapy and trafilatura | newscrawl |\n| --- | --- | --- |", flush=True)
        for name in args.faults or SHOWN.split():
            with tempfile.TemporaryDirectory() as folder:
                cell = plain(name, Path(folder), args.seconds)
            print(f"| {FAULTS[name].why} | {cell} | {ours(name, done, web)} |", flush=True)


def newscrawl(names: Iterable[str], folder: Path) -> tuple[Hostile, HostileWeb]:
    """Crawl the honest site and these faults."""
    sites = [(NUMBER[name], FAULTS[name]) for name in names]
    # Long enough that only what is slow on purpose is slow, on a machine that is busy too.
    return hostile_crawl.crawl(sites, folder / "run" / "data", "DOWNLOAD_TIMEOUT=10", timeout_s=600)


def _say(what: str, done: Hostile, web: HostileWeb) -> None:
    kept = sum(web.url(hostile_crawl.HONEST) + one.path in done.articles for one in hostile_crawl.HONEST_ARTICLES)
    print(
        f"{what}: exit {done.exit_code}, {done.seconds:.1f} s, {done.mb:.0f} MB at most, {kept} honest articles, "
        f"the last one fetched after {done.honest_s:.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
