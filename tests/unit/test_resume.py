"""What of the input was read and decided: whenever a run dies, the next one decides on the rest and on nothing else."""

from __future__ import annotations

import gzip
import json
import random
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.batch.clean import Decision
from newscrawl.batch.resume import Ledger
from newscrawl.errors import ArchiveError, Outcome
from newscrawl.readers.files import Input
from newscrawl.readers.folders import files_in
from newscrawl.readers.position import Position
from newscrawl.state.inputs import TABLES, Inputs
from newscrawl.state.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.batch.resume import Place
    from newscrawl.readers import ReaderItem

PAGE = b"<!doctype html><html><title>Ferry</title><body><p>It sails again.</p></body></html>"
RECORDS = 40


def warc(count: int, *, one_member: bool = False) -> bytes:
    """Answers, with records between them that are none; each compressed by itself, or all as one."""
    file = BytesIO()
    writer = WARCWriter(file, gzip=not one_member)
    for number in range(count):
        url = f"https://a.example/{number}"
        status = "404 Not Found" if number % 5 == 0 else "200 OK"
        http = StatusAndHeaders(status, [("Content-Type", "text/html")], protocol="HTTP/1.1")
        date = {"WARC-Date": "2026-03-05T00:00:00Z"}
        bodies = [("metadata", b"x: y", None)] * (number % 3 == 0) + [("response", PAGE, http)]
        for kind, body, head in bodies:
            record = writer.create_warc_record(
                url, kind, BytesIO(body), length=len(body), http_headers=head, warc_headers_dict=date
            )
            writer.write_record(record)
    return gzip.compress(file.getvalue()) if one_member else file.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each kind."""
    made = tmp_path_factory.mktemp("input")
    (made / "a.warc.gz").write_bytes(warc(RECORDS))
    (made / "b.warc").write_bytes(gzip.decompress(warc(10)) + b"WARC/1.0\r\nContent-Length: 99\r\n\r\ntorn")
    (made / "c.warc.gz").write_bytes(warc(10, one_member=True))
    lines = [json.dumps({"url": f"https://b.example/{number}", "text": "Words."}) for number in range(10)]
    (made / "d.jsonl").write_text("\n\n".join([*lines, "{torn"]), encoding="utf-8")
    (made / "e.html").write_bytes(PAGE)
    return made


@pytest.fixture
def inputs(tmp_path: Path) -> Iterator[Inputs]:
    with SqliteDatabase(tmp_path / "store.sqlite") as database:
        for statement in TABLES:
            database.define(statement, is_new=True)
        yield Inputs(database)


def read(ledger: Ledger, folder: Path) -> Iterator[tuple[Place | None, ReaderItem]]:
    return ledger.items((Input(name=str(each)), Position()) for each in files_in(folder))


def decision(item: ReaderItem) -> Decision | ArchiveError:
    if isinstance(item, ArchiveError):
        return item
    return Decision(url=item.url, source="a", via="warc", outcome=Outcome.TOO_SHORT)


def name_of(item: ReaderItem) -> str:
    return str(item) if isinstance(item, ArchiveError) else item.url


def lives(inputs: Inputs, folder: Path, deaths: list[int], chance: random.Random) -> list[str]:
    """What each of several runs committed; each dies after so many records, the last one does not."""
    committed: list[str] = []
    for death in (*deaths, None):
        ledger = Ledger(inputs, run_id="run_1")
        work: list[tuple[Place | None, ReaderItem]] = []
        group: list[str] = []
        for count, each in enumerate(read(ledger, folder)):
            if count == death:
                break
            work.append(each)
            while len(work) > chance.randrange(1, 30):  # in any order: parts of an article wait for each other
                place, item = work.pop(chance.randrange(len(work)))
                ledger.decided(place, decision(item))
                group.append(name_of(item))
            if chance.random() < 0.3:
                ledger.put()
                ledger.committed()
                committed += group
                group = []
        else:
            for place, item in work:
                ledger.decided(place, decision(item))
                group.append(name_of(item))
            ledger.put()
            ledger.committed()
            committed += group
    return committed


@settings(max_examples=12, deadline=None)
@given(deaths=st.lists(st.integers(0, 80), max_size=4), seed=st.integers(0, 999))
def test_every_record_is_decided_exactly_once(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, deaths: list[int], seed: int
) -> None:
    with SqliteDatabase(tmp_path_factory.mktemp("state") / "store.sqlite") as database:
        for statement in TABLES:
            database.define(statement, is_new=True)
        inputs = Inputs(database)
        everything = sorted(name_of(item) for _, item in read(Ledger(inputs, run_id="run_0"), folder))
        assert sorted(lives(inputs, folder, deaths, random.Random(seed))) == everything
        ledger = Ledger(inputs, run_id="run_2")
        assert list(read(ledger, folder)) == []
        assert (ledger.passed_over, ledger.continued) == (5, 0)


def test_reading_goes_on_in_the_middle_of_an_archive(inputs: Inputs, folder: Path) -> None:
    archive = Input(name=str(folder / "a.warc.gz"))
    first = Ledger(inputs, run_id="run_1")
    for place, item in islice(first.items([(archive, Position())]), 20):
        first.decided(place, decision(item))
    first.put()
    state = inputs.find(archive.name)
    assert state is not None
    assert state.records == 20
    assert state.start_record == 19
    assert 0 < state.start_offset < archive.size()
    position = Position()
    (_, item), *rest = Ledger(inputs, run_id="run_2").items([(archive, position)])
    assert (name_of(item), len(rest)) == ("https://a.example/20", RECORDS - 21)
    assert position.offset > state.start_offset


def everything(inputs: Inputs, folder: Path) -> int:
    return len(lives(inputs, folder, [], random.Random(1)))


def test_a_file_that_changed_is_read_again_and_the_others_are_not(inputs: Inputs, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_bytes(PAGE)
    assert everything(inputs, tmp_path) == 2
    (tmp_path / "b.html").write_bytes(PAGE + b" ")
    assert everything(inputs, tmp_path) == 1
    assert everything(inputs, tmp_path) == 0
    again = Ledger(inputs, run_id="run_2", again=True)
    assert len(list(read(again, tmp_path))) == 2


def test_another_way_to_read_a_file_is_another_file(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    assert everything(inputs, tmp_path) == 1
    as_source = Input(name=str(tmp_path / "a.html"), source="harbour-times")
    assert len(list(Ledger(inputs, run_id="run_2").items([(as_source, Position())]))) == 1


def test_a_file_that_could_not_be_read_to_its_end_is_not_done(inputs: Inputs, tmp_path: Path) -> None:
    ledger = Ledger(inputs, run_id="run_1")
    [(place, item)] = ledger.items([(Input(name=str(tmp_path / "no such file")), Position())])
    assert place is None
    assert isinstance(item, ArchiveError)


def test_faults_of_a_run_that_was_killed_are_not_forgotten(inputs: Inputs, folder: Path) -> None:
    first = Ledger(inputs, run_id="run_1")
    for place, item in read(first, folder):
        first.decided(place, decision(item))
        first.put()
        first.committed()
        if isinstance(item, ArchiveError):  # it is the last of its file, whose end is not seen any more
            break
    second = Ledger(inputs, run_id="run_2")
    assert list(read(second, folder))
    assert (second.continued, second.faults_before) == (1, 1)


def test_what_no_run_has_learned_from_is_known_until_one_has(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    assert inputs.unsettled_since() is None
    everything(inputs, tmp_path)
    assert inputs.unsettled_since() == "run_1"
    inputs.settled()
    assert inputs.unsettled_since() is None


def test_a_folder_gives_what_may_hold_articles_in_order(tmp_path: Path) -> None:
    for name in ("b.html", "a/c.WARC.GZ", "a/.hidden.html", "a/b.js", "page_files/x.css", "z.txt.gz", "y.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert [str(each.relative_to(tmp_path)) for each in files_in(tmp_path)] == ["a/c.WARC.GZ", "b.html", "z.txt.gz"]
