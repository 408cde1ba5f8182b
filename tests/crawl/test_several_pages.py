"""An article on several pages is stored as one, whatever of it is missing and whenever the run is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from threading import Event
from typing import TYPE_CHECKING

import pytest
from conftest import REPOSITORY, Crawl, crawl, crawl_arguments, environment
from loopback import Answer, Site, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = "/2026/harbour-reopens-after-two-days"
HEAD = "Readers send us their pictures of the harbour, and we print the best of them in the Saturday edition."
TEXTS = [
    "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said.",
    "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter.",
    "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay.",
]


def path(number: int) -> str:
    return FIRST if number == 1 else f"{FIRST}/{number}"


def part(number: int, *, pages: int = 3) -> Answer:
    before = f'<link rel="prev" href="{path(number - 1)}">' if number > 1 else ""
    after = f'<link rel="next" href="{path(number + 1)}">' if number < pages else ""
    links = "".join(f'<a href="{path(each)}">{each}</a> ' for each in range(1, pages + 1))
    text = "".join(f"<p>{TEXTS[(number - 1) % 3]} So says part {number}, sentence {each}.</p>" for each in range(3))
    title = "Harbour reopens after two days"
    head = f"<title>{title}</title>{before}{after}"
    body = f"<article><h1>{title}</h1><p>{HEAD}</p>{text}</article><nav>{links}</nav>"
    return Answer(body=f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode())


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"/robots.txt": plain(""), **{path(number): part(number) for number in (1, 2, 3)}})
    yield site
    site.close()


def settings(site: Site) -> tuple[str, ...]:
    return (f"NEWSCRAWL_ALLOW_ADDRESSES={site.netloc}",)


def read(site: Site, data: Path, *numbers: int) -> Crawl:
    addresses = data.parent / "urls.txt"
    addresses.write_text("".join(f"{site.url}{path(number)}\n" for number in numbers), encoding="utf-8")
    return crawl(data, "-a", f"urls={addresses}", settings=settings(site))


def outcomes(done: Crawl) -> dict[str, tuple[str, str | None]]:
    lines = done.lines("outcomes")
    assert len({line["url"] for line in lines}) == len(lines)
    return {line["url"].partition(FIRST)[2]: (line["outcome"], line["reason"]) for line in lines}


def parts_in(done: Crawl) -> list[str]:
    (stored,) = done.lines("current")
    paragraphs = stored["text"].split("\n\n")
    assert paragraphs.count(HEAD) == 1
    return [text[-24:] for text in paragraphs if text != HEAD]


def sentences(*numbers: int) -> list[str]:
    return [f"says part {number}, sentence {each}."[-24:] for number in numbers for each in range(3)]


def test_the_pages_become_one_article_and_the_further_addresses_say_whose_they_are(site: Site, tmp_path: Path) -> None:
    done = read(site, tmp_path / "data", 1)
    assert done.exit_code == 0, done.err
    assert parts_in(done) == sentences(1, 2, 3)
    assert "truncated_page" not in done.lines("current")[0]["flags"]
    begin = f"{site.url}{FIRST}"
    assert outcomes(done) == {
        "": ("article", None),
        "/2": ("same_key", f"page 2 of the article at {begin}"),
        "/3": ("same_key", f"page 3 of the article at {begin}"),
    }
    assert site.asked == ["/robots.txt", "/.well-known/tdmrep.json", path(1), path(2), path(3)]


def test_an_address_of_a_later_page_leads_to_the_whole_article(site: Site, tmp_path: Path) -> None:
    done = read(site, tmp_path / "data", 3)
    assert parts_in(done) == sentences(1, 2, 3)
    assert outcomes(done)["/3"][0] == "same_key"


def test_a_missing_page_ends_the_article_and_the_record_says_so(site: Site, tmp_path: Path) -> None:
    site.answers[path(2)] = Answer(status=404, body=b"<h1>Not found</h1>")
    done = read(site, tmp_path / "data", 1)
    assert parts_in(done) == sentences(1)
    assert "truncated_page" in done.lines("current")[0]["flags"]
    assert outcomes(done)["/2"][0] == "gone"


def test_robots_txt_holds_for_further_pages_too(site: Site, tmp_path: Path) -> None:
    site.answers["/robots.txt"] = plain(f"User-agent: *\nDisallow: {path(2)}")
    done = read(site, tmp_path / "data", 1)
    assert parts_in(done) == sentences(1)
    assert "truncated_page" in done.lines("current")[0]["flags"]
    assert outcomes(done)["/2"][0] == "robots"
    assert path(2) not in site.asked


def test_an_article_without_an_end_is_read_to_the_limit(site: Site, tmp_path: Path) -> None:
    site.answers |= {path(number): part(number, pages=90) for number in range(1, 90)}
    done = read(site, tmp_path / "data", 1)
    assert parts_in(done) == sentences(*range(1, 21))
    assert "truncated_page" in done.lines("current")[0]["flags"]
    assert path(21) not in site.asked


class Hanging(dict[str, Answer]):
    """Answers of which one is held back until the test lets it go."""

    def __init__(self, answers: dict[str, Answer], held: str) -> None:
        super().__init__(answers)
        self.held = held
        self.asked = Event()
        self.released = Event()

    def get(self, path: str, default: Answer) -> Answer:  # type: ignore[override]
        if path == self.held:
            self.asked.set()
            self.released.wait(60)
        return super().get(path, default)


def test_a_run_killed_between_two_pages_leaves_the_whole_article_to_the_next(site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data"
    addresses = tmp_path / "urls.txt"
    addresses.write_text(f"{site.url}{path(1)}\n", encoding="utf-8")
    site.answers = hanging = Hanging(site.answers, path(2))
    run = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *crawl_arguments(data, "-a", f"urls={addresses}", settings=settings(site))],
        cwd=REPOSITORY,
        env=environment(None),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert hanging.asked.wait(60)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    hanging.released.set()
    addresses.write_text(f"{site.url}/2026/another-story-of-the-day\n", encoding="utf-8")
    done = crawl(data, "-a", f"urls={addresses}", settings=settings(site))
    assert parts_in(done) == sentences(1, 2, 3)
