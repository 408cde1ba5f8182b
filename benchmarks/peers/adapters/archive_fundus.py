"""fundus' reader of CC-NEWS on an archive of our own, which it takes over HTTP, in one process: it shares out files."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from fundus import CCNewsCrawler
from fundus_publisher import Listed, publisher
from serve import write_article


class Quiet(SimpleHTTPRequestHandler):
    """Files, without a log."""

    def log_message(self, *args: Any) -> None:
        pass


def read(job: dict[str, Any]) -> None:
    """Every record of a site that has a publisher; here all have."""
    archive = Path(job["archive"])
    sites = {"/".join(url.split("/")[:3]): url for url in Path(job["list"]).read_text(encoding="utf-8").split()}
    publishers = [publisher(site, url, Listed([url])) for site, url in sites.items()]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(archive.parent))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        crawler = CCNewsCrawler(*publishers, processes=0, disable_tqdm=True)
        # Which archives there are it asks Common Crawl.
        crawler._get_warc_paths = lambda: [f"http://127.0.0.1:{server.server_address[1]}/{archive.name}"]
        with Path(job["out"]).open("w", encoding="utf-8", buffering=1) as out:
            for article in crawler.crawl(only_complete=False):
                write_article(out, article.html.requested_url, article.plaintext)
        server.shutdown()
