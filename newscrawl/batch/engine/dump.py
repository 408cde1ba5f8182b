"""The end of a batch: lines become files, one for each shard, stream and day, and the files a dump."""

from __future__ import annotations

import json
import shutil
import uuid
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from newscrawl.batch.engine.copies import LINKED, LINKS
from newscrawl.batch.engine.exchange import new_file, read_part
from newscrawl.batch.engine.job import output, read_job
from newscrawl.batch.engine.rows import frames
from newscrawl.batch.engine.sites import COUNTS, DECIDED, NEWEST, SETTLED
from newscrawl.dump.current import CURRENT, joined
from newscrawl.dump.elsewhere import publish_to
from newscrawl.dump.files import NewFile, make_directory, sync_directory
from newscrawl.dump.manifest import digest_of
from newscrawl.dump.place import dump_of
from newscrawl.dump.publish import MAX_FILE_BYTES, current_file, write_heads
from newscrawl.dump.schema import LINK_FIELDS
from newscrawl.state.outbox import CurrentSpan, DumpFile
from newscrawl.state.pending import crawl_day
from newscrawl.state.store import private_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newscrawl.batch.engine.job import Job
    from newscrawl.dump.place import Place

READY, READY_LINKS, VIEW, FACTS = (
    "ready",  # what is told of the files of a shard; written last
    "ready-links",  # likewise of the links of a part
    "view",  # a range of the current view; written last
    "facts",  # what the digest and the manifest need of a range
)
_FILES = "files"
_PIECE = 1 << 20
_Line = tuple[str, bytes, str, str | None]
"""When it was crawled, the line, its source, and when its article was published."""


def write_shard(work: Path, shard: int) -> None:
    """Write the files of one shard, beside the dump."""
    lines: dict[tuple[str, str], list[_Line]] = defaultdict(list)
    for piece in read_part(work / SETTLED, shard):
        for about, line in frames(piece):
            stream, day, source, crawled, published = json.loads(about)
            lines[stream, day].append((crawled, line, source, published))
    _write(work, READY, shard, {f"{stream}/crawl_day={day}": found for (stream, day), found in lines.items()})


def write_links(work: Path, part: int) -> None:
    """Write the links of a part of the clusters, beside the dump."""
    job = read_job(work)
    found: list[_Line] = []
    for about, line in frames(output(work, LINKS, part).read_bytes()):
        source, published = json.loads(about)
        found.append((job.started, line, source, published))
    _write(work, READY_LINKS, part, {f"links/crawl_day={crawl_day(job.started)}": found})


def write_view(work: Path, part: int) -> None:
    """Write one range of ids of the current view, and what must be known of it."""
    links = {key: json.loads(data) for piece in read_part(work / LINKED, part) for key, data in frames(piece)}
    none = dict.fromkeys(LINK_FIELDS)
    keys, lines = [], []
    with new_file(output(work, VIEW, part)) as view:
        for article_id, line in sorted(row for piece in read_part(work / NEWEST, part) for row in frames(piece)):
            values = json.loads(line)
            view.write(joined(line, links.get(article_id, none)))
            keys.append([values[name] for name in ("id", "revision", "text_sha256", "status")])
            lines.append((values["date_crawled"], b"", values["source"], values["date_published"]))
        with new_file(output(work, FACTS, part)) as file:
            file.write(json.dumps({"keys": keys, "span": _span(lines)}).encode())


def counted(work: Path) -> dict[str, int]:
    """What the articles and the rest came to, in the form that the manifest keeps."""
    job = read_job(work)
    counts: Counter[str] = Counter()
    for part in range(job.parts):
        counts.update(json.loads(output(work, COUNTS, part).read_bytes()))
    bugs = counts.pop("bugs", 0)
    outcomes = {f"outcome_{name}": count for name, count in sorted(counts.items())}
    return {**outcomes, "unread": sum(1 for _ in unread(work)), "bugs": bugs}


def unread(work: Path) -> Iterator[str]:
    """What could not be read, in words."""
    for piece in read_part(work / DECIDED, read_job(work).parts):
        for _, words in frames(piece):
            yield words.decode("utf-8", "replace")


def publish(work: Path, data: Path, files: str) -> int:
    """Make the dump of what is written: its files first, then the current view, the manifest last.

    Broken off at any moment and begun again, it makes the same dump.

    Returns:
        How many articles the current view holds.
    """
    job, dump = read_job(work), dump_of(data)
    noted = [json.loads(output(work, READY, number).read_bytes()) for number in range(len(job.ends))]
    noted += [json.loads(output(work, READY_LINKS, part).read_bytes()) for part in range(job.parts)]
    entries: list[DumpFile] = []
    for each in noted:
        for values in each["files"]:
            _move(work / _FILES / each["folder"], dump, values["path"])
            entries.append(DumpFile(**{**values, "sources": tuple(values["sources"])}))
    entries.append(_write_current(work, dump, job, (each["span"] for each in _facts(work, job))))
    digest, articles = digest_of((*key,) for each in _facts(work, job) for key in each["keys"])
    counts = counted(work)
    with TemporaryDirectory(prefix="newscrawl-") as folder, private_store(Path(folder)) as store:
        # It is there for the head of the manifest alone.
        store.begin_run(
            why="newscrawl clean",
            arguments={"files": files},
            versions=job.software,
            run_id=job.run_id,
            started=job.started,
        )
        store.end_run(job.run_id, exit_code=int(bool(counts["unread"] or counts["bugs"])), counts=counts)
        store.outbox.published(entries, 0)
        write_heads(store.outbox, dump, digest, articles, None)
    return articles


def _facts(work: Path, job: Job) -> Iterator[dict[str, Any]]:
    """What is told of each range of the current view, one in memory at a time."""
    return (json.loads(output(work, FACTS, part).read_bytes()) for part in range(job.parts))


def _write(work: Path, stage: str, number: int, found: dict[str, list[_Line]]) -> None:
    """Write the files of some folders, and a note of them last."""
    job = read_job(work)
    # Of a task that two workers do at once, each writes in a folder of its own.
    folder = uuid.uuid4().hex
    files = [
        asdict(entry)
        for name, lines in sorted(found.items())
        for entry in _write_folder(work / _FILES / folder, name, job, number, sorted(lines))
    ]
    with new_file(output(work, stage, number)) as file:
        file.write(json.dumps({"folder": folder, "files": files}).encode())


def _write_folder(root: Path, folder: str, job: Job, number: int, lines: Sequence[_Line]) -> Iterator[DumpFile]:
    """Files of at most `MAX_FILE_BYTES`."""
    make_directory(root / folder)
    for count, some in enumerate(_cut(lines)):
        name = f"{folder}/{job.run_id}-{number:05d}{f'.{count}' if count else ''}{job.ending}"
        with NewFile(root / name) as file:
            for _, line, _, _ in some:
                file.write(line)
            written = file.finish()
        stream, _, day = folder.partition("/crawl_day=")
        span = _span(some)
        yield DumpFile(
            path=name,
            stream=stream,
            crawl_day=day,
            run_id=job.run_id,
            lines=written.lines,
            bytes=written.bytes,
            sha256=written.sha256,
            **span,
        )


def _cut(lines: Sequence[_Line]) -> Iterator[Sequence[_Line]]:
    begin = size = 0
    for number, (_, line, _, _) in enumerate(lines):
        if size and size + len(line) > MAX_FILE_BYTES:
            yield lines[begin:number]
            begin, size = number, 0
        size += len(line)
    if lines[begin:]:
        yield lines[begin:]


def _span(lines: Iterable[_Line]) -> dict[str, Any]:
    """First and last days, and the sources."""
    listed = list(lines)
    crawled = [each[0] for each in listed]
    published = [each[3] for each in listed if each[3] is not None]
    return {
        "first_crawled": min(crawled, default=None),
        "last_crawled": max(crawled, default=None),
        "first_published": min(published, default=None),
        "last_published": max(published, default=None),
        "sources": tuple(sorted({each[2] for each in listed})),
    }


def _spanned(spans: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The span of all of them."""
    listed = list(spans)

    def of(name: str) -> list[str]:
        return [each[name] for each in listed if each[name] is not None]

    return {
        "first_crawled": min(of("first_crawled"), default=None),
        "last_crawled": max(of("last_crawled"), default=None),
        "first_published": min(of("first_published"), default=None),
        "last_published": max(of("last_published"), default=None),
        "sources": tuple(sorted({source for each in listed for source in each["sources"]})),
    }


def choose_place(data: Path, elsewhere: str) -> None:
    """Have the dump of a data directory at an address; when none is named, where it was told before.

    Raises:
        ConfigError: no dump can be there.
        StoreError: the address cannot be reached, or holds another dump.
    """
    with TemporaryDirectory(prefix="newscrawl-") as folder, private_store(Path(folder)) as store:
        publish_to(store.outbox, data, elsewhere)


def _move(written: Path, dump: Place, path: str) -> None:
    """Give a file its name in the dump, unless an earlier attempt did."""
    make_directory((dump / path).parent)
    if not (written / path).exists():
        return
    if isinstance(dump, Path):
        (written / path).replace(dump / path)
        sync_directory((dump / path).parent)
    else:
        with (written / path).open("rb") as file:
            (dump / path).put(file, (written / path).stat().st_size)


def _write_current(work: Path, dump: Place, job: Job, spans: Iterable[dict[str, Any]]) -> DumpFile:
    make_directory((dump / CURRENT).parent)
    with NewFile(dump / CURRENT) as view:
        for part in range(job.parts):
            with output(work, VIEW, part).open("rb") as file:
                while piece := file.read(_PIECE):
                    view.write(piece)
        written = view.finish()
    return current_file(written, CurrentSpan(**_spanned(spans)))


def clear(work: Path) -> None:
    """Everything of the work but what the job was."""
    for each in work.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        elif each.name != "job.json":
            each.unlink()
