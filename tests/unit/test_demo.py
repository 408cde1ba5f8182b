"""The built-in newsroom: what it serves, what it says a crawl should find, and that nothing of it stays behind."""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import tomllib
import unicodedata
from http.client import HTTPConnection, HTTPResponse
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.etree
import lxml.html
import pytest

from newscrawl.cli import demo
from newscrawl.demo.content import OUTLETS, load_outlets
from newscrawl.demo.gold import Gold, gold
from newscrawl.demo.server import DemoServer
from newscrawl.demo.site import build_sites
from newscrawl.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOSTS = {outlet.id: outlet.host for outlet in load_outlets()}


@pytest.fixture(scope="module")
def newsroom() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


class Answer:
    """One response, read whole."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def tree(self) -> lxml.html.HtmlElement:
        return lxml.html.fromstring(self.body)


def get(server: DemoServer, url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    """Ask the newsroom as a proxy is asked."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, url, headers={"Connection": "close", **(headers or {})})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def flagged(flag: str, edition: int = 1) -> Gold:
    return next(story for story in gold(edition) if flag in story.flags)


def shingles(text: str) -> set[str]:
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return {letters[start : start + 12] for start in range(len(letters) - 11)}


def outlet_url(outlet: str, kind: str, **values: object) -> str:
    found = next(one for one in load_outlets() if one.id == outlet)
    return found.url(found.path(kind, **values))


# --- the stories


def test_five_outlets_publish_twelve_stories_each_and_an_agency_three() -> None:
    counts = {outlet.id: len(outlet.stories) for outlet in load_outlets()}
    assert counts == {"longshore": 3} | {outlet: 12 for outlet in OUTLETS if outlet != "longshore"}
    assert {story.language for story in gold()} == {"en", "ru", "ar", "zh", "kk"}
    assert len({story.template for story in gold()}) == 4


def test_every_story_is_readable_prose_of_several_paragraphs() -> None:
    for story in gold():
        assert story.text is not None
        words = len(story.text) / 2 if story.language == "zh" else len(story.text.split())
        assert words >= 70, story.url
        assert story.text == unicodedata.normalize("NFC", story.text).strip()
        assert len(story.text.split("\n\n")) >= 4 or story.access == "paywalled", story.url


def test_no_noise_stands_in_a_clean_text() -> None:
    for edition in (1, 2):
        for story in gold(edition):
            assert len(story.noise) >= 16
            assert all(noise not in (story.text or "") for noise in story.noise), story.url


def test_two_pairs_share_their_text_and_no_other_two_stories_do() -> None:
    texts = {story.url: shingles(story.text or "") for story in gold()}
    alike = {
        frozenset(pair): len(texts[pair[0]] & texts[pair[1]]) / len(texts[pair[0]] | texts[pair[1]])
        for pair in itertools.combinations(texts, 2)
        if texts[pair[0]] & texts[pair[1]]
    }
    exact = frozenset({flagged("wire_original").url, flagged("wire_copy").url})
    near = frozenset({flagged("wire_update").url, flagged("wire_edited").url})
    assert flagged("wire_original").text == flagged("wire_copy").text
    assert alike.pop(exact) == 1
    assert 0.7 < alike.pop(near) < 1
    assert all(similarity < 0.05 for similarity in alike.values()), alike


def test_addresses_and_numbers_are_used_once() -> None:
    for edition in (1, 2):
        urls = [story.url for story in gold(edition)]
        assert len(set(urls)) == len(urls)


def test_gold_dates_are_utc_and_do_not_depend_on_the_clock() -> None:
    for story in gold():
        if "undated" in story.flags:
            assert story.date_published is None
        else:
            assert story.date_published is not None
            assert "2026-09-01" < story.date_published < "2026-11-09"
    assert flagged("live_blog").date_published == "2026-10-31T08:05:00Z"
    assert flagged("date_printed_only").date_published == "2026-10-12T03:05:00Z"


def test_every_flag_of_the_list_is_on_some_story() -> None:
    listed = (
        "wire_copy wire_original wire_edited wire_update standfirst_printed standfirst_not_printed "
        "broken_jsonld undated date_printed_only paywalled live_blog canonical_offsite tracking_link mojibake "
        "mixed_script two_pages revised withdrawn moved"
    )
    assert {flag for story in gold(2) for flag in story.flags} == set(listed.split())


def test_the_mixed_script_word_is_in_the_text_as_printed() -> None:
    def scripts(word: str) -> set[str]:
        return {unicodedata.name(character).split()[0] for character in word if character.isalpha()}

    mixed = {
        story.url: [word for word in (story.text or "").split() if {"LATIN", "CYRILLIC"} <= scripts(word)]
        for story in gold()
    }
    assert [url for url, words in mixed.items() if words] == [flagged("mixed_script").url]


# --- the pages


def test_every_story_is_served_with_its_text_title_and_noise(newsroom: DemoServer) -> None:
    for story in newsroom.gold():
        answer = get(newsroom, story.url)
        assert answer.status == 200
        charset = "windows-1251" if story.template == "table" else "utf-8"
        page = answer.body.decode(charset)
        if "two_pages" in story.flags:
            page += get(newsroom, f"{story.url}2/").body.decode(charset)
        for paragraph in (story.text or "").split("\n\n"):
            if "mojibake" not in story.flags or paragraph.isascii():
                shown = paragraph.removeprefix("- ").replace("&", "&amp;")
                assert shown in page, (story.url, paragraph)
        text = " ".join(lxml.html.fromstring(page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")).itertext())
        missing = [noise for noise in story.noise if noise not in text and noise != story.description]
        assert missing == [], story.url


def test_only_a_meta_element_names_the_charset_of_the_oldest_site(newsroom: DemoServer) -> None:
    answer = get(newsroom, f"http://{HOSTS['verkhneluzhsk']}/")
    assert answer.headers["Content-Type"] == "text/html"
    assert b"charset=windows-1251" in answer.body
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("utf-8")


def test_the_mojibake_is_utf_8_read_as_windows_1252(newsroom: DemoServer) -> None:
    page = get(newsroom, flagged("mojibake").url).body.decode()
    assert "GrÃ¶ÃŸing" in page
    assert "Größing" in (flagged("mojibake").text or "")


def json_blocks(answer: Answer) -> list[str]:
    return [element.text or "" for element in answer.tree.xpath("//script[@type='application/ld+json']")]


def test_a_broken_json_ld_block_stands_beside_a_good_one(newsroom: DemoServer) -> None:
    broken, *good = json_blocks(get(newsroom, flagged("broken_jsonld").url))
    with pytest.raises(ValueError, match="line 2"):
        json.loads(broken)
    assert [json.loads(block)["@type"] for block in good] == ["NewsArticle", "BreadcrumbList"]


def test_pages_declare_what_is_special_about_them(newsroom: DemoServer) -> None:
    live = json.loads(json_blocks(get(newsroom, flagged("live_blog").url))[0])
    assert live["@type"] == "LiveBlogPosting"
    assert len(live["liveBlogUpdate"]) == 4
    graph = json.loads(json_blocks(get(newsroom, flagged("paywalled").url))[0])["@graph"]
    assert graph[0]["isAccessibleForFree"] is False
    canonical = get(newsroom, flagged("canonical_offsite").url).tree.xpath("//link[@rel='canonical']/@href")
    assert canonical[0].startswith("http://www.dala-ainasy.example/")
    undated = get(newsroom, flagged("undated").url)
    assert b"2026-" not in undated.body
    assert b"published" not in undated.body.lower()


def test_no_link_inside_the_newsroom_is_dead(newsroom: DemoServer) -> None:
    hosts = set(newsroom.hosts)
    dead = []
    for host, site in build_sites(1).items():
        pages = [path for path, answer in site.items() if answer.status == 200 and "html" in answer.content_type]
        links: set[str] = set()
        for path in pages:
            tree = lxml.html.fromstring(get(newsroom, f"http://{host}{path}").body)
            tree.make_links_absolute(f"http://{host}{path}")
            links |= {str(link) for link in tree.xpath("//a/@href")}
        dead += [
            link
            for link in sorted({link.partition("#")[0] for link in links})
            if link.startswith(tuple(f"http://{host}/" for host in hosts)) and get(newsroom, link).status != 200
        ]
    assert dead == []


def test_every_story_is_reached_from_the_section_pages(newsroom: DemoServer) -> None:
    for outlet in load_outlets():
        reached: set[str] = set()
        for section in outlet.sections:
            todo = [outlet.url(outlet.path("section", section=section.slug))]
            seen: set[str] = set()
            while todo:
                url = todo.pop()
                seen.add(url)
                tree = get(newsroom, url).tree
                tree.make_links_absolute(url)
                links = {str(link) for link in tree.xpath("//a/@href")}
                reached |= links
                more = {link for link in links if "page" in link or "&p=" in link}
                todo += sorted(link for link in more if section.slug in link and link not in seen | set(todo))
        assert {outlet.url(outlet.story_path(story)) for story in outlet.stories} <= reached, outlet.id


# --- feeds and sitemaps


def test_feeds_and_sitemaps_are_where_each_outlet_hides_them(newsroom: DemoServer) -> None:
    def alternates(outlet: str) -> list[str]:
        return get(newsroom, f"http://{HOSTS[outlet]}/").tree.xpath("//link[@rel='alternate']/@type")

    def sitemap_lines(outlet: str) -> list[str]:
        robots = get(newsroom, f"http://{HOSTS[outlet]}/robots.txt").body.decode()
        return [line.split()[1] for line in robots.splitlines() if line.startswith("Sitemap:")]

    assert {outlet: alternates(outlet) for outlet in OUTLETS} == {
        "saltmarsh": ["application/rss+xml"],
        "verkhneluzhsk": [],
        "marfa": ["application/atom+xml"],
        "yundu": ["application/feed+json"],
        "aqzhailau": [],
        "longshore": [],
    }
    assert [outlet for outlet in OUTLETS if sitemap_lines(outlet)] == ["saltmarsh", "yundu"]
    for path in ("/sitemap.xml", "/feed/"):
        assert get(newsroom, f"http://{HOSTS['aqzhailau']}{path}").status == 200
        assert get(newsroom, f"http://{HOSTS['verkhneluzhsk']}{path}").status == 404


def test_the_feed_of_the_courier_holds_one_address_with_campaign_parameters(newsroom: DemoServer) -> None:
    feed = lxml.etree.fromstring(get(newsroom, outlet_url("saltmarsh", "feed")).body)
    links = [str(link) for link in feed.xpath("//item/link/text()")]
    assert len(links) == 8
    (tracked,) = [link for link in links if "utm_" in link]
    assert tracked.partition("?")[0] == flagged("tracking_link").url
    assert get(newsroom, tracked).status == 200
    assert flagged("undated").url not in links


def test_the_sitemap_index_has_a_gzipped_child_and_together_they_list_everything(newsroom: DemoServer) -> None:
    index = lxml.etree.fromstring(get(newsroom, f"http://{HOSTS['saltmarsh']}/sitemap_index.xml").body)
    children = [str(text) for text in index.xpath("//*[local-name()='loc']/text()")]
    assert [child.endswith(".gz") for child in children] == [False, True]
    bodies = [get(newsroom, child).body for child in children]
    listed = {
        str(text)
        for body in (bodies[0], gzip.decompress(bodies[1]))
        for text in lxml.etree.fromstring(body).xpath("//*[local-name()='loc']/text()")
    }
    assert listed == {story.url for story in gold() if story.source == "saltmarsh"}


def test_the_news_sitemap_says_what_is_for_subscribers(newsroom: DemoServer) -> None:
    tree = lxml.etree.fromstring(get(newsroom, f"http://{HOSTS['yundu']}/sitemap-news.xml").body)
    urls = tree.xpath("//*[local-name()='url'][.//*[local-name()='access']]/*[local-name()='loc']/text()")
    assert urls == [flagged("paywalled").url]
    assert len(tree.xpath("//*[local-name()='publication_date']")) == 12


def test_atom_and_json_feeds_parse(newsroom: DemoServer) -> None:
    atom = lxml.etree.fromstring(get(newsroom, outlet_url("marfa", "feed")).body)
    assert len(atom.xpath("//*[local-name()='entry']")) == 12
    feed = json.loads(get(newsroom, outlet_url("yundu", "feed")).body)
    assert feed["version"].endswith("1.1")
    assert len(feed["items"]) == 8


def test_the_sources_file_names_exactly_the_outlets() -> None:
    path = Path(str(files("newscrawl.demo") / "sources.toml"))
    sources = load_sources(path)
    assert {source.id: source.name for source in sources} == {outlet.id: outlet.name for outlet in load_outlets()}
    assert all(source.enabled and source.url == f"http://{HOSTS[source.id]}/" for source in sources)
    assert [source.id for source in sources if source.feeds] == ["longshore"]
    tomllib.loads(path.read_text(encoding="utf-8"))


# --- the server


@pytest.mark.parametrize("kind", ["login", "search", "gallery", "about", "stale", "preview"])
def test_other_pages_answer_with_status_200(newsroom: DemoServer, kind: str) -> None:
    for outlet in OUTLETS:
        assert get(newsroom, outlet_url(outlet, kind)).status == 200


def test_files_have_their_types(newsroom: DemoServer) -> None:
    assert get(newsroom, outlet_url("saltmarsh", "document")).headers["Content-Type"] == "application/pdf"
    picture = get(newsroom, f"http://{HOSTS['saltmarsh']}/img/5101.jpg")
    assert (picture.headers["Content-Type"], picture.body[:2]) == ("image/jpeg", b"\xff\xd8")


def test_robots_txt_keeps_crawlers_out_of_drafts_search_and_login(newsroom: DemoServer) -> None:
    for outlet in OUTLETS:
        robots = get(newsroom, f"http://{HOSTS[outlet]}/robots.txt").body.decode()
        refused = [line.split()[1] for line in robots.splitlines() if line.startswith("Disallow:")]
        for kind in ("preview", "search", "login"):
            path = outlet_url(outlet, kind).removeprefix(f"http://{HOSTS[outlet]}")
            assert any(path.startswith(prefix) for prefix in refused), (outlet, kind)


def test_a_page_that_is_not_there_is_404_and_a_strange_host_502(newsroom: DemoServer) -> None:
    assert get(newsroom, f"http://{HOSTS['marfa']}/nothing").status == 404
    assert get(newsroom, "http://elsewhere.example/").status == 502


def test_origin_form_requests_are_answered_by_their_host_header(newsroom: DemoServer) -> None:
    by_host = get(newsroom, "/news.php?id=1587", {"Host": HOSTS["verkhneluzhsk"]})
    assert by_host.body == get(newsroom, f"http://{HOSTS['verkhneluzhsk']}/news.php?id=1587").body


def test_the_order_of_the_query_does_not_matter(newsroom: DemoServer) -> None:
    one, other = (f"http://{HOSTS['verkhneluzhsk']}/list.php?{query}" for query in ("rub=gorod&p=2", "p=2&rub=gorod"))
    assert get(newsroom, one).status == 200
    assert get(newsroom, one).body == get(newsroom, other).body


@pytest.mark.parametrize("path", ["/", "/news/", "/latest/courier.rss", "/news/library-keeps-its-evening-hours/"])
def test_conditional_requests_are_answered_304_without_a_body(newsroom: DemoServer, path: str) -> None:
    url = f"http://{HOSTS['saltmarsh']}{path}"
    first = get(newsroom, url)
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = get(newsroom, url, headers)
        assert (again.status, again.body) == (304, b"")
    changed = get(newsroom, url, {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]})
    assert changed.status == 200


def test_head_gives_the_headers_alone(newsroom: DemoServer) -> None:
    answer = get(newsroom, f"http://{HOSTS['saltmarsh']}/", method="HEAD")
    assert answer.body == b""
    assert int(answer.headers["Content-Length"]) > 1000


def test_requests_are_logged_in_order() -> None:
    with DemoServer() as server:
        get(server, f"http://{HOSTS['marfa']}/robots.txt")
        get(server, f"http://{HOSTS['marfa']}/nothing?a=1")
        assert [request[:3] for request in server.requests] == [
            (HOSTS["marfa"], "/robots.txt", 200),
            (HOSTS["marfa"], "/nothing?a=1", 404),
        ]
        assert server.requests[0].time <= server.requests[1].time


def test_two_newsrooms_serve_the_same_bytes(newsroom: DemoServer) -> None:
    with DemoServer() as other:
        for story in newsroom.gold()[::9]:
            assert get(other, story.url).headers["ETag"] == get(newsroom, story.url).headers["ETag"]


def test_nothing_is_left_of_a_newsroom_even_with_an_idle_connection_open() -> None:
    before = set(threading.enumerate())
    with DemoServer() as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", f"http://{HOSTS['yundu']}/")
        connection.getresponse().read()
        port = server.port
    connection.close()
    assert set(threading.enumerate()) == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


# --- the second edition


def test_edition_2_revises_withdraws_and_moves_one_story_each() -> None:
    first = {story.url: story for story in gold(1)}
    second = {story.url: story for story in gold(2)}
    revised, withdrawn, moved = flagged("revised", 2), flagged("withdrawn", 2), flagged("moved", 2)
    assert moved.moved_from is not None
    changed = {url for url in first if first[url].text != (second[url].text if url in second else None)}
    assert changed == {revised.url, withdrawn.url, moved.moved_from}
    assert (withdrawn.status, withdrawn.text) == ("gone", None)
    assert first[moved.moved_from].text == moved.text
    for story in (revised, withdrawn, moved):
        assert (story.date_modified or "") > (first[story.moved_from or story.url].date_published or "")


def test_the_server_goes_to_edition_2_while_it_runs() -> None:
    revised, withdrawn, moved = flagged("revised", 2), flagged("withdrawn", 2), flagged("moved", 2)
    assert moved.moved_from is not None
    with DemoServer() as server:
        etag = get(server, revised.url).headers["ETag"]
        assert get(server, withdrawn.url).status == 200
        assert get(server, moved.moved_from).status == 200
        assert b"edition 2" in get(server, f"{server.proxy_url}/tick").body
        assert get(server, revised.url, {"If-None-Match": etag}).status == 200
        assert get(server, withdrawn.url).status == 410
        redirect = get(server, moved.moved_from)
        assert (redirect.status, redirect.headers["Location"]) == (301, moved.url)
        assert get(server, moved.url).status == 200
        assert server.gold() == gold(2)
        assert server.tick() == 2


def test_sitemaps_of_edition_2_still_list_what_is_gone_with_a_newer_date() -> None:
    def lastmods(edition: int, url: str) -> dict[str, str]:
        with DemoServer(edition=edition) as server:
            tree = lxml.etree.fromstring(get(server, url).body)
        return {entry[0].text: entry[1].text for entry in tree if len(entry) > 1}

    for url, story in (
        (f"http://{HOSTS['aqzhailau']}/sitemap.xml", flagged("withdrawn", 2)),
        (f"http://{HOSTS['saltmarsh']}/sitemaps/recent.xml", flagged("revised", 2)),
        (f"http://{HOSTS['saltmarsh']}/sitemaps/recent.xml", flagged("moved", 2)),
    ):
        address = story.moved_from or story.url
        assert lastmods(1, url)[address] < lastmods(2, url)[address]


# --- as a command


def test_the_module_prints_its_address_serves_and_stops_in_time() -> None:
    command = [sys.executable, "-m", "newscrawl.demo.server", "--edition", "2", "--max-seconds", "0.2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.startswith("http://127.0.0.1:")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def arguments(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    parser.set_defaults(verbose=0, quiet=False)
    return parser.parse_args(given)


def test_the_crawl_of_the_demo_uses_the_newsroom_alone_as_its_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    environment = demo.crawl_environment("http://127.0.0.1:9")
    assert {name: value for name, value in environment.items() if "proxy" in name.lower()} == {
        "http_proxy": "http://127.0.0.1:9"
    }
    command = demo.crawl_command(arguments("--data", "elsewhere"))
    assert "NEWSCRAWL_DATA=elsewhere" in command


def test_next_steps_are_shorter_the_second_time() -> None:
    first, again = (demo.next_steps(Path("data/demo"), edition=1, known=known) for known in (False, True))
    assert "newscrawl.read(" in first
    assert "-a url=" in first
    assert "--edition 2" in first
    assert "--edition 2" in again
    assert len(again) < len(first) / 2
    assert "include_gone" in demo.next_steps(Path("data/demo"), edition=2, known=True)


def test_next_steps_can_be_pasted_into_a_shell_whatever_the_directory_is_called() -> None:
    for name in ("data/demo", 'my data/it\'s "here"', "$HOME/`x`"):
        for edition in (1, 2):
            lines = demo.next_steps(Path(name), edition=edition, known=False).splitlines()
            (look,) = [line for line in lines if " -c " in line or "python -c" in line]
            code = shlex.split(look)[-1]
            compile(code, "pasted", "exec")
            assert repr(name) in code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_demo_reaches_its_crawl_once_and_nothing_is_left_running(
    tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "signals"
    # Stands where the crawl stands: says that it is there, notes what it is sent, and takes a moment to end.
    child = f"""
import os, pathlib, signal, time
caught = []
for one in (signal.SIGINT, signal.SIGTERM):
    signal.signal(one, lambda n, f: caught.append(n))
print(os.getpid(), flush=True)
while not caught:
    time.sleep(0.01)
time.sleep(0.1)
pathlib.Path({str(log)!r}).write_text(" ".join(map(str, caught)))
raise SystemExit(130)
"""
    parent = f"""
import os, sys
from newscrawl.cli.demo import _crawl
sys.exit(_crawl([sys.executable, "-c", {child!r}], dict(os.environ)))
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(timeout=30) == 130
    assert log.read_text() == str(int(number))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
