"""`newscrawl clean` in processes of its own: real files in, records and exit codes out."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.article import Article
from newscrawl.dump.record import record_fields
from newscrawl.state.store import open_store

PARAGRAPHS = (
    (
        "The small ferry that links the two halves of the old harbour sailed again on Tuesday, nine weeks after a "
        "storm had torn its landing stage from the quay and left commuters with an hour's detour by bus."
    ),
    (
        "Its skipper, who has steered the crossing for twenty years, said the new stage stands on deeper piles and "
        "should outlast the next storm; the town paid for it out of the fund that it keeps for its roads."
    ),
    (
        "On the first morning some two hundred people waited in the rain, among them a brass band and a class of "
        "pupils who had drawn the ferry for a competition. The first crossing took four minutes and was free."
    ),
)


def page(number: int = 0, *, address: bool = True) -> bytes:
    """A plain news page of our own writing."""
    url = f"https://harbour-times.example/news/{number}"
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    canonical = f'<link rel="canonical" href="{url}">' if address else ""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ferry {number} sails again</title>
{canonical}<meta property="article:published_time" content="2026-03-04T05:06:07Z"></head>
<body><header><a href="/">Home</a></header><main><article><h1>Ferry {number} sails again</h1>{text}
<p>Report number {number} of the harbour desk, with figures from the town's own statistics office.</p>
</article></main></body></html>""".encode()


def warc(*pages: tuple[str, str, bytes]) -> bytes:
    """An archive of (url, status, body)."""
    file = BytesIO()
    writer = WARCWriter(file, gzip=True)
    for url, status, body in pages:
        http = StatusAndHeaders(status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        headers = {"WARC-Date": "2026-03-05T00:00:00Z"}
        record = writer.create_warc_record(
            url, "response", BytesIO(body), length=len(body), http_headers=http, warc_headers_dict=headers
        )
        writer.write_record(record)
    return file.getvalue()


def clean(*arguments: object, stdin: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "newscrawl", "clean", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120, **options)


def records(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_page_becomes_one_whole_record(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(1))
    done = clean(tmp_path / "a.html", "--source", "harbour-times")
    assert done.returncode == 0, done.stderr
    [article] = records(done)
    assert tuple(article) == record_fields(Article)
    assert article["url"] == "https://harbour-times.example/news/1"
    assert article["title"] == "Ferry 1 sails again"
    assert article["text"].startswith(PARAGRAPHS[0])
    assert (article["source"], article["discovered_via"]) == ("harbour-times", "file")
    assert article["run_id"].startswith("run_2")
    assert b"1 page or text: 1 article in " in done.stderr


def test_a_page_without_address_is_a_record_too(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(1, address=False))
    first, second = clean(tmp_path / "a.html"), clean("-", stdin=page(1, address=False))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert [each["id"] for each in records(first)] == [each["id"] for each in records(second)]
    [article] = records(first)
    assert (article["url"][:11], article["site"], article["url_canonical"]) == ("urn:sha256:", "", None)
    [article] = records(clean(tmp_path / "a.html", "--url", "https://b.example/x"))
    assert article["url"] == "https://b.example/x"


def test_an_archive_keeps_its_order_and_every_response_ends_in_a_record_or_a_reason(tmp_path: Path) -> None:
    responses = [(f"https://harbour-times.example/news/{number}", "200 OK", page(number)) for number in range(12)]
    responses.insert(5, ("https://harbour-times.example/gone", "404 Not Found", b"<p>gone"))
    responses.insert(9, ("https://harbour-times.example/empty", "200 OK", b"<html><body></body></html>"))
    (tmp_path / "a.warc.gz").write_bytes(warc(*responses))
    done = clean(tmp_path / "a.warc.gz", "-v", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert [each["title"] for each in records(done)] == [f"Ferry {number} sails again" for number in range(12)]
    assert {each["date_crawled"] for each in records(done)} == {"2026-03-05T00:00:00Z"}
    said = done.stderr.decode()
    assert "gone: HTTP 404: https://harbour-times.example/gone" in said
    assert "https://harbour-times.example/empty" in said
    assert "14 pages or texts: 12 articles in " in said


def test_a_torn_archive_gives_what_is_whole_and_exits_with_1(tmp_path: Path) -> None:
    whole = warc(*((f"https://harbour-times.example/news/{number}", "200 OK", page(number)) for number in range(3)))
    (tmp_path / "torn.warc.gz").write_bytes(whole[:-100])
    (tmp_path / "z.html").write_bytes(page(9))
    done = clean(tmp_path / "torn.warc.gz", tmp_path / "z.html", "-q")
    assert done.returncode == 1
    assert [each["title"][:7] for each in records(done)] == ["Ferry 0", "Ferry 1", "Ferry 9"]
    [error] = done.stderr.decode().splitlines()
    assert "torn.warc.gz: the record at byte" in error


@pytest.mark.parametrize("packed", [False, True])
def test_dirty_texts_come_through_a_pipe(packed: bool) -> None:
    lines = [json.dumps({"text": "\n\n".join((*PARAGRAPHS, f"Text number {number}."))}) for number in range(3)]
    data = "\n".join([*lines[:2], "{torn", lines[2]]).encode()
    done = clean("-", stdin=gzip.compress(data) if packed else data)
    assert done.returncode == 1, done.stderr
    assert len(records(done)) == 3
    assert b"Traceback" not in done.stderr


def test_a_plain_text_is_an_article(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n\n".join(PARAGRAPHS))
    done = clean(tmp_path / "a.txt")
    assert done.returncode == 0, done.stderr
    [article] = records(done)
    assert article["discovered_via"] == "text"
    assert article["text"].split("\n\n") == list(PARAGRAPHS)


def test_the_first_of_an_id_is_written_and_the_others_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(1))
    (tmp_path / "b.html").write_bytes(page(1).replace(b"harbour desk", b"city desk"))
    done = clean(tmp_path / "a.html", tmp_path / "b.html", tmp_path / "a.html", "-v")
    assert done.returncode == 0
    [article] = records(done)
    assert "harbour desk" in article["text"]
    assert done.stderr.count(b"same_key: ") == 2
    assert b"another text" in done.stderr


def test_quiet_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"<html><body><p>Too short.</p></body></html>")
    done = clean(tmp_path / "a.html", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_with_data_all_is_stored_and_published_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    responses = [(f"https://harbour-times.example/news/{number}", "200 OK", page(number)) for number in range(3)]
    (tmp_path / "a.warc.gz").write_bytes(warc(*responses, ("https://harbour-times.example/x", "410 Gone", b"")))
    data = tmp_path / "data"
    done = clean(tmp_path / "a.warc.gz", "--data", data)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    current = (data / "current" / "articles.jsonl").read_bytes()
    assert len(current.splitlines()) == 3
    outcomes = [json.loads(line) for file in data.glob("outcomes/*/*.jsonl") for line in file.read_bytes().splitlines()]
    assert sorted(each["outcome"] for each in outcomes) == ["article", "article", "article", "gone"]
    again = clean(tmp_path / "a.warc.gz", "--data", data, "--again")
    assert again.returncode == 0, again.stderr
    assert b"unchanged" in again.stderr
    assert (data / "current" / "articles.jsonl").read_bytes() == current
    verified = subprocess.run(
        [sys.executable, "-m", "newscrawl", "verify", data], capture_output=True, text=True, check=False, timeout=60
    )
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.startswith("ok sha256:")
    assert "3 articles" in verified.stdout


def test_a_data_directory_in_use_exits_with_4_and_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(1))
    with open_store(tmp_path / "data"):
        done = clean(tmp_path / "a.html", "--data", tmp_path / "data")
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "data" / "manifest.json").exists()


def test_a_damaged_dump_fails_verification_with_the_file_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(1))
    clean(tmp_path / "a.html", "--data", tmp_path / "data")
    [file] = (tmp_path / "data").glob("articles/*/*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"ferry", b"fairy"))
    verified = subprocess.run(
        [sys.executable, "-m", "newscrawl", "verify", tmp_path / "data"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert verified.returncode == 1
    assert file.name in verified.stdout


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    responses = [(f"https://harbour-times.example/news/{number}", "200 OK", page(number)) for number in range(40)]
    (tmp_path / "a.warc.gz").write_bytes(warc(*responses))
    command = [sys.executable, "-m", "newscrawl", "clean", str(tmp_path / "a.warc.gz"), "-q", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(60), said) == (0, b"")
    assert json.loads(first)["title"] == "Ferry 0 sails again"


def test_a_full_disk_exits_with_5_and_one_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "a.html").write_bytes(page(1))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "newscrawl", "clean", tmp_path / "a.html"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 5
    assert len(done.stderr.splitlines()) == 1
    assert b"No space left" in done.stderr


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_and_publishes_what_it_stored(tmp_path: Path, sent: signal.Signals) -> None:
    pipe = tmp_path / "texts"
    os.mkfifo(pipe)
    data = tmp_path / "data"
    command = [sys.executable, "-m", "newscrawl", "clean", str(pipe), "--data", str(data), "-v", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        with pipe.open("w") as feed:
            for number in range(30):
                text = "\n\n".join((*PARAGRAPHS, f"Text number {number}.")) if number else "short"
                feed.write(json.dumps({"text": text, "url": f"https://a.example/{number}"}) + "\n")
            feed.flush()
            assert "no_text" in process.stderr.readline()  # it is under way, and its pipe stays open
            process.send_signal(sent)
            said = process.stderr.read()
            assert process.wait(60) == 130, said
    assert "Traceback" not in said
    manifest = json.loads((data / "manifest.json").read_text())
    assert [run["exit_code"] for run in manifest["runs"]] == [130]
