"""`newscrawl browse`: what the pages show, and to whom."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from html import unescape
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from shelf import DAY_2, SITE, article, begin, gone, put

from newscrawl.article import Removed
from newscrawl.browse.library import Library
from newscrawl.browse.server import BrowseServer
from newscrawl.cli.main import main
from newscrawl.dump.publish import publish
from newscrawl.errors import ExitCode
from newscrawl.state.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVIL = '<script>alert("1")</script>\u202e</title><img src=x onerror=alert(2)>'
EVIL_URL = "javascript:alert(1)"
EVIL_ID = article("evil").id
FADED = Removed(place=1, text=f"Share this {EVIL}", rule="share_buttons", why=EVIL)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("browse") / "data"
    with open_store(data) as store:
        run = begin(store, 1)
        hostile = {"title": EVIL, "description": EVIL, "section": EVIL, "tags": (EVIL,), "language": '"><b>'}
        put(store, article("evil", f"Before.\n\n{EVIL}", removed=(FADED,), source='"><i>', **hostile), run)
        for number in range(30):
            put(store, article(f"n{number}", f"The number is {number}."), run)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
        run = begin(store, 2)
        put(store, article("n1", "The number was one of many.", title="Revised", date_crawled=DAY_2), run)
        gone(store, f"{SITE}/n2", run, 410, DAY_2)
        store.end_run(run, exit_code=0, counts={})
        publish(store, data)
    return data


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[BrowseServer]:
    with Library(data) as library, BrowseServer(library, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: BrowseServer, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        connection.request(method, path, headers={"Host": host} if host else {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def page(server: BrowseServer, path: str) -> str:
    status, _, text = ask(server, path)
    assert status == 200, text
    return text


def seen(text: str) -> str:
    """What a reader sees of a page, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text)).split())


def test_a_list_has_its_count_its_pages_and_what_was_asked(server: BrowseServer) -> None:
    first = page(server, "/?text=number")
    assert "30 articles, page 1 of 2" in seen(first)
    assert 'value="number"' in first
    assert first.count("<li>\n<h2") == 25
    (following,) = re.findall(r'rel="next" href="([^"]*)"', first)
    assert page(server, unescape(following)).count("<li>\n<h2") == 5
    assert "<mark>number</mark>" in first
    assert "1 article · clear" in seen(page(server, "/?show=withdrawn"))


def test_an_article_has_its_revisions_and_what_became_of_its_address(server: BrowseServer) -> None:
    text = page(server, f"/article/{article('n1').id}")
    assert "The number was one of many." in seen(text)
    assert "2 changed by the publisher" in seen(text)
    (diff,) = re.findall(r'href="(/diff/[^"]*)"', text)
    changed = page(server, unescape(diff))
    assert "<del>" in changed
    assert "<ins>" in changed
    assert "Title of n1" in seen(changed)
    assert seen(text).count("200, by feed") == 2
    before = page(server, f"/article/{article('n1').id}?revision=1")
    assert "The number is 1." in seen(before)


def test_what_was_withdrawn_shows_its_last_words_and_says_so(server: BrowseServer) -> None:
    text = seen(page(server, f"/article/{article('n2').id}"))
    assert "withdrawn by the publisher" in text
    assert "The number is 2." in text
    assert "410" in text


def test_removed_lines_stand_beside_the_text_with_rule_and_reason(server: BrowseServer) -> None:
    text = page(server, f"/article/{EVIL_ID}")
    assert text.index("Before.") < text.index("share_buttons")
    assert re.search(r"<del>Share this", text)


@pytest.mark.parametrize("path", ["/", f"/article/{EVIL_ID}", "/?text=%3Cscript%3E%22%27&source=%22%3E%3Ci%3E"])
def test_what_strangers_wrote_stays_text(server: BrowseServer, path: str) -> None:
    text = page(server, path)
    assert "<script" not in text
    assert "<img" not in text
    assert '<b>"' not in text
    assert '"><i>' not in text
    assert "\u202e" not in text


def test_an_address_that_is_no_web_address_is_no_link(server: BrowseServer) -> None:
    from newscrawl.browse.pages import _environment

    macro = _environment().get_template("_pieces.html").module.web
    assert "<a" not in str(macro(EVIL_URL))
    assert 'rel="noreferrer noopener"' in str(macro(SITE))


def test_nothing_comes_from_elsewhere_and_no_script_may_run(server: BrowseServer) -> None:
    for path in ("/", f"/article/{EVIL_ID}", "/style.css", "/nothing"):
        _, headers, text = ask(server, path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Access-Control-Allow-Origin"] is None
        assert not re.search(r'(?:src|srcset|action)="https?:|url\(|@import', text)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example", "localhost:1"]
)
def test_another_name_is_refused(server: BrowseServer, host: str) -> None:
    status, _, text = ask(server, "/", host=host)
    assert status == 421
    assert "number" not in text


def test_it_answers_as_localhost_too(server: BrowseServer) -> None:
    assert ask(server, "/", host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_method_that_could_change_anything_is_answered(server: BrowseServer, method: str) -> None:
    status, headers, _ = ask(server, "/", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_head_is_get_without_the_page(server: BrowseServer) -> None:
    status, headers, text = ask(server, "/", "HEAD")
    assert (status, text) == (200, "")
    assert int(headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/article/nc_aaaaaaaaaaaaaaaaaaaaaaaaaa", 404),
        ("/article/../../etc/passwd", 404),
        (f"/article/{EVIL_ID}?revision=99999999999999999999", 200),
        (f"/diff/{EVIL_ID}", 404),
        (f"/diff/{EVIL_ID}?before=1&after=7", 404),
        ("/?since=yesterday", 400),
        ("/?show=x", 400),
        ("/?sort=moment;drop", 400),
        ("/?text=" + "x" * 501, 400),
        ("/?page=-1", 200),
        ("/?page=99999999", 200),
        ("/?text=%00%ff%22", 200),
        ("/?source=%27%20OR%201=1--", 200),
    ],
)
def test_what_is_not_there_is_said(server: BrowseServer, path: str, status: int) -> None:
    assert ask(server, path)[0] == status


def test_it_listens_on_this_machine_only(server: BrowseServer) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_in_use_is_said(server: BrowseServer, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with no_signals():
        code = main(["browse", "--data", str(data), "--port", str(server.server_port)])
    assert code == ExitCode.USAGE
    assert f"port {server.server_port} of 127.0.0.1 is in use" in capsys.readouterr().err


@contextmanager
def no_signals() -> Iterator[None]:
    """The handlers of this process afterwards are those of before."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def test_where_there_is_no_dump_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with no_signals():
        assert main(["browse", "--data", str(tmp_path)]) == ExitCode.USAGE
    assert "there is no dump" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_opens_a_browser_and_a_signal_ends_it_well(data: Path, tmp_path: Path, number: signal.Signals) -> None:
    os.mkfifo(tmp_path / "opened")
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho $1 > {tmp_path}/opened\n")
    browser.chmod(0o700)
    command = [sys.executable, "-m", "newscrawl", "browse", "--data", str(data), "--port", "0", "--open"]
    environment = os.environ | {"BROWSER": str(browser)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        (url,) = re.findall(r"http://127.0.0.1:\d+/", process.stdout.readline())
        assert (tmp_path / "opened").read_text() == f"{url}\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (ExitCode.DONE, "")
