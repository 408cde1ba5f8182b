"""What measures the peers: real processes that answer, die and are too slow; none of the peers is needed."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import bench
from benchmarks.peers import archives, cleaning, crawling, environments, processes, report
from benchmarks.peers.adapters import serve
from benchmarks.peers.environments import UnavailableError
from benchmarks.peers.processes import Job, PageRunner, Peer, run_job
from benchmarks.replay.pages import SavedPage
from newscrawl.article import Page
from newscrawl.errors import ExitCode
from newscrawl.readers.warc import pages_from_warc

if TYPE_CHECKING:
    from collections.abc import Sequence

ADAPTERS = """
import json, os, sys, time
from pathlib import Path

def echo(html, url):
    print("what a library prints")
    if b"bug" in html:
        raise ValueError(url)
    return {"text": html.decode(), "title": url, "unknown": object()}

def dies(html, url):
    if b"deadly" in html:
        os.kill(os.getpid(), 9)
    return {"text": "alive"}

def writes(job):
    Path(job["out"]).write_text('{"url": "http://site.example/a", "text": "x"}\\\\n')
    sum(range(3_000_000))

def waits(job):
    Path(job["folder"], "pid").write_text(str(os.getpid()))
    writes(job)
    time.sleep(600)

def fails(job):
    sys.exit("no such thing")
"""


@pytest.fixture(autouse=True)
def own_adapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real `serve.py`, beside adapters for these tests."""
    folder = tmp_path / "adapters"
    folder.mkdir()
    (folder / "serve.py").write_text(Path(serve.__file__).read_text("utf-8"), "utf-8")
    (folder / "small.py").write_text(ADAPTERS.replace("\\\\", "\\"), "utf-8")
    monkeypatch.setattr(processes, "ADAPTERS", folder)


def saved(folder: Path, *texts: str) -> list[SavedPage]:
    pages = []
    for number, text in enumerate(texts):
        file = folder / f"{number}.html.gz"
        file.write_bytes(gzip.compress(text.encode()))
        key = f"site.example/{number}"
        pages.append(SavedPage(id=str(number), dataset="set", key=key, published="", file=file))
    return pages


def peer(function: str, environment: str = environments.OWN) -> Peer:
    return Peer(name=function, adapter=f"small.{function}", environment=environment)


def job(folder: Path) -> dict[str, Any]:
    return {"out": str(folder / "out.jsonl"), "folder": str(folder)}


def test_a_page_runner_answers_block_after_block_and_a_failed_page_is_one_without_text(tmp_path: Path) -> None:
    pages = [(page.file, page.url) for page in saved(tmp_path, "one", "a bug", "three")]
    with PageRunner(peer("echo")) as runner:
        first, second = runner.run(pages[:2]), runner.run(pages[2:])
    assert first.pages == [
        {"title": "http://site.example/0", "text": "one"},
        {"text": "", "error": "ValueError: http://site.example/1"},
    ]
    assert [page["text"] for page in second.pages] == ["three"]
    assert first.cpu_s > 0
    assert first.peak_mb > 1


def test_every_peer_gets_every_page_and_one_that_dies_keeps_what_it_had(tmp_path: Path) -> None:
    texts = [f"page {number}" for number in range(2 * cleaning.BLOCK_PAGES)]
    texts[-1] = "a deadly page"
    pages = saved(tmp_path, *texts)
    alive, dead = cleaning.measure(pages, [peer("echo"), peer("dies")])
    assert [output["id"] for output in alive.outputs] == [page.id for page in pages]
    assert alive.outputs[3]["title"] == "https://site.example/3"
    assert not alive.unavailable
    assert len(dead.outputs) == cleaning.BLOCK_PAGES
    assert dead.unavailable == "its process ended at one of 10 pages, from https://site.example/10 on"


def test_a_peer_that_cannot_be_installed_is_said_so_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path / "venvs")
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path)
    (tmp_path / "nothing.txt").write_text("# why\n./no-such-package\n")
    monkeypatch.setattr(environments, "_failed", set())
    tried = "import pathlib; pathlib.Path('tried.txt').open('a').write('x'); raise SystemExit('no')"
    monkeypatch.setattr(environments, "steps", lambda *_: [[sys.executable, "-c", tried]])
    monkeypatch.chdir(tmp_path)
    there, missing = cleaning.measure(saved(tmp_path, "one"), [peer("echo"), peer("echo", "nothing")])
    with pytest.raises(UnavailableError):
        environments.interpreter("nothing")
    assert (tmp_path / "tried.txt").read_text() == "x"
    assert len(there.outputs) == 1
    assert missing.unavailable == "./no-such-package could not be installed"
    assert not missing.outputs


def test_a_job_counts_from_its_first_page_on(tmp_path: Path) -> None:
    looked = iter([False, False])
    done = run_job(peer("writes"), job(tmp_path), begun=lambda: next(looked, True), deadline_s=60)
    assert done.finished
    assert done.seconds <= done.whole_s
    assert done.peak_mb > 1
    assert (tmp_path / "out.jsonl").is_file()


def test_a_job_is_stopped_at_its_deadline_and_what_it_wrote_counts(tmp_path: Path) -> None:
    listed = tmp_path / "addresses.txt"
    listed.write_text("http://site.example/a\nhttp://site.example/b\n")

    def begun() -> bool:
        return (tmp_path / "out.jsonl").exists()

    done = run_job(peer("waits"), job(tmp_path), begun=begun, deadline_s=0.3)
    assert not done.finished
    assert crawling.articles_in(tmp_path / "out.jsonl", listed) == 1


def test_a_job_ends_with_who_waits_for_it(tmp_path: Path) -> None:
    def begun() -> bool:
        if (tmp_path / "out.jsonl").exists():
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        run_job(peer("waits"), job(tmp_path), begun=begun, deadline_s=60)
    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()


def test_a_job_that_fails_says_how(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="it ended with 1: no such thing"):
        run_job(peer("fails"), job(tmp_path), begun=lambda: True, deadline_s=60)


def test_rounds_begin_with_another_peer_each_and_one_that_failed_is_not_tried_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def run(each: Peer, place: Path) -> tuple[Job, int]:
        assert place.is_dir()
        asked.append(each.name)
        if each.name == "fails":
            raise UnavailableError("why")
        return Job(seconds=2, cpu_s=1, peak_mb=1, whole_s=2, finished=True), 3

    results = crawling.in_rounds([peer("writes"), peer("fails"), peer("waits")], 2, tmp_path, run)
    assert asked == ["writes", "fails", "waits", "waits", "writes"]
    assert [len(result.jobs) for result in results] == [2, 0, 2]


def test_only_addresses_of_the_list_with_a_text_are_articles_and_a_torn_line_is_none(tmp_path: Path) -> None:
    out, listed = tmp_path / "out.jsonl", tmp_path / "addresses.txt"
    urls = [f"http://site.example/{name}" for name in "abcd"]
    listed.write_text("\n".join(urls))
    lines = [(urls[0], "text"), (urls[1], " "), (urls[2], None), ("http://other.example/", "text"), (urls[0], "more")]
    told = "".join(f"{json.dumps({'url': url, 'text': text})}\n" for url, text in lines)
    out.write_text(told + json.dumps({"url": urls[3], "text": "text"})[:-2])
    assert crawling.articles_in(out, listed) == 1
    assert crawling.articles_in(tmp_path / "nothing", listed) == 0


def test_the_archive_holds_every_page(tmp_path: Path) -> None:
    html = "<html><title>Ferry</title><p>It sails.</html>"
    archives.write_archive(saved(tmp_path, html, html), tmp_path / "pages.warc.gz")
    with (tmp_path / "pages.warc.gz").open("rb") as file:
        read = list(pages_from_warc(file, "pages.warc.gz"))
    assert [(each.url, each.html.decode()) for each in read if isinstance(each, Page)] == [
        ("http://site.example/0", html),
        ("http://site.example/1", html),
    ]


def cells(table: Sequence[str], name: str) -> list[str]:
    (row,) = (line for line in table if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_costs_are_told_beside_those_of_newscrawl() -> None:
    def cleaned(name: str, cpu_s: list[float], title: str | None) -> cleaning.Cleaned:
        outputs = [{"id": str(number), "text": "x", "title": title} for number in range(20)]
        return cleaning.Cleaned(peer=Peer(name=name, adapter=""), cpu_s=cpu_s, peak_mb=50, outputs=outputs)

    ours, theirs = cleaned("newscrawl", [0.1, 0.1], "T"), cleaned("other", [0.2, 0.2], None)
    gone = cleaning.Cleaned(peer=Peer(name="gone", adapter=""), unavailable="a | b")
    scores = {
        name: {"set": {"pages": 20, "f1": 0.5, "accuracy": 0.25, "title": 0.0}} for name in ("newscrawl", "other")
    }
    table = list(report.cleaning([ours, theirs, gone], scores))
    assert cells(table, "newscrawl") == ["10.0", "100.0", "1", "50", "0.500", "0.250"]
    assert cells(table, "other") == ["20.0", "50.0", "2.00 (2.00 to 2.00)", "50", "0.500", "0.250"]
    assert "could not be run: a \\| b" in "\n".join(table)
    detailed = list(report.of_each_set([ours, theirs, gone], scores))
    title = report.METRICS.index("title")
    assert [cells(detailed, name)[title] for name in ("newscrawl", "other")] == ["0.000", "-"]


def measured(name: str, *rounds: tuple[float, int, bool]) -> crawling.Measured:
    """Seconds, articles, and whether it came to its end, of each round."""
    jobs = [Job(seconds=took, cpu_s=2, peak_mb=50, whole_s=took, finished=whole) for took, _, whole in rounds]
    peer = Peer(name=name, adapter="", note="alone")
    return crawling.Measured(peer=peer, jobs=jobs, articles=[articles for _, articles, _ in rounds])


def test_a_stopped_job_is_credited_with_its_articles_a_finished_one_with_all_pages() -> None:
    ours, slow = measured("newscrawl", (5, 90, True)), measured("slow", (10, 20, False))
    gone = crawling.Measured(peer=Peer(name="gone", adapter=""), unavailable="why")
    table = list(report.jobs([ours, slow, gone], 100))
    assert cells(table, "newscrawl") == ["90 of 100", "20.0", "1.00", "20.0", "50", "alone"]
    assert cells(table, "slow") == ["20 of 100", "2.0", "10.00", "100.0", "50", "alone; stopped after 10 s"]
    assert cells(table, "gone")[0] == "could not be run: why"


def test_rounds_are_compared_each_with_its_own() -> None:
    ours, theirs = (
        measured("newscrawl", (5, 100, True), (10, 100, True)),
        measured("other", (10, 100, True), (40, 100, True)),
    )
    assert cells(list(report.jobs([ours, theirs], 100)), "other")[2] == "3.00 (2.00, 4.00)"


def test_every_peer_has_an_adapter_that_python_reads_and_pinned_requirements() -> None:
    folder = Path(serve.__file__).parent
    for each in (*cleaning.PEERS, *crawling.PEERS, *archives.PEERS):
        module, _, function = each.adapter.partition(".")
        assert f"def {function}(" in (folder / f"{module}.py").read_text("utf-8") or module == "clean_newscrawl"
        if each.environment != environments.OWN:
            wanted = environments.pins((environments.REQUIREMENTS / f"{each.environment}.txt").read_text("utf-8"))
            assert all("==" in pin for pin in wanted), each.name


def test_a_folder_without_a_scorer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([str(tmp_path)]) == ExitCode.USAGE
    assert capsys.readouterr().err == f"{tmp_path / 'score.py'}: there is no such file\n"


def test_peers_are_chosen_by_a_part_of_their_names_and_newscrawl_always_is() -> None:
    chosen = bench.those_named(cleaning.PEERS, ["trafilatura"])
    assert [each.name for each in chosen] == ["newscrawl", "trafilatura, with metadata", "trafilatura, text only"]
    assert bench.those_named(crawling.PEERS, None) == list(crawling.PEERS)
    used = {each.environment for peers in bench.PARTS.values() for each in peers}
    assert set(bench.VERSIONS) == used


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("größer".encode(), "größer"),
        ("\ufeffgrößer".encode(), "größer"),
        ('<meta charset="cp1251">привет'.encode("cp1251"), '<meta charset="cp1251">привет'),
        ('<meta charset="no-such">größer'.encode("cp1252"), '<meta charset="no-such">größer'),
    ],
)
def test_peers_that_want_text_get_it_decoded_as_a_browser_would(html: bytes, text: str) -> None:
    assert serve.decoded(html) == text


def test_the_surroundings_of_a_peer_hold_no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSCRAWL_DATA", "elsewhere")
    around = environments.surroundings(http_proxy="http://127.0.0.1:1")
    assert "NEWSCRAWL_DATA" not in around
    assert around["http_proxy"] == "http://127.0.0.1:1"
    assert environments.interpreter(environments.OWN) == Path(sys.executable)
