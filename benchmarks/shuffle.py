"""Which way of shuffling signatures stands when they are more than fits in memory.

    python -m benchmarks.shuffle make BENCH_DIR WORK --texts 1000000
    python -m benchmarks.shuffle run files|p2p|spark WORK --memory-mb 1000 [--python PYTHON_WITH_PYSPARK]

The signatures are of real texts (``gold/*.jsonl`` of the folder) and of edited copies of them. They are multiplied by
xor with random bytes, one pattern for each multiple: likenesses within a multiple stay what they are, and two
multiples have nothing in common. So the copies are known: the pairs of the first multiple, found by comparing every
text with every other in a shared bucket. All engines compare with the same function; what differs is how rows
that share a bucket are brought together. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from newscrawl.dedup import bands
from newscrawl.dedup.minhash import BANDS, sign
from newscrawl.dedup.near_duplicates import NearDuplicateOptions

FILE_ROWS = 50_000
PIECE_ROWS = 10_000
"""Of a file of signatures, what one frame or batch of the other ways holds: 12 megabytes in four bands."""
DAYS = 8
COPIES_OF_A_TEXT = (0, 0, 0, 1, 1, 2, 4, 8)
OPTIONS = NearDuplicateOptions()
LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)


def make(bench: Path, work: Path, texts: int) -> None:
    """Write files of signatures, and how many pairs are copies."""
    from benchmarks.near_duplicates import COPIES, STORIES, texts_of

    dice = random.Random(1)
    base = base_rows(texts_of(bench), {**COPIES, **STORIES}, dice)
    pairs = np.concatenate([bands.copies_among(bands.in_buckets(base, band), OPTIONS) for band in range(BANDS)])
    pairs = bands.most_similar(pairs, 1 << 30)
    (work / "signed").mkdir(parents=True)
    generator = np.random.default_rng(2)
    written, waiting = 0, []
    while written < texts:
        rows = base.copy()
        if written:
            rows["values"] ^= generator.integers(0, 256, rows["values"].shape[1], np.uint8)
            mask = generator.integers(0, 1 << 31, dtype=np.uint32)
            valid = np.arange(rows["numbers"].shape[1]) < rows["count"][:, None]
            rows["numbers"] = np.sort(np.where(valid, rows["numbers"] ^ mask, bands._NOTHING), axis=1)
            rows["day"] += written // 1_000_000
            rows["id"] = ids(len(rows), generator)
        waiting.append(rows)
        written += len(rows)
        if sum(map(len, waiting)) >= FILE_ROWS or written >= texts:
            rows = np.concatenate(waiting)
            np.save(work / "signed" / f"{written:010d}.npy", rows[generator.permutation(len(rows))])
            waiting = []
    facts = {"texts": written, "signed": len(base), "pairs": len(pairs) * (written // len(base))}
    (work / "facts.json").write_text(json.dumps(facts))
    print(facts)


def base_rows(texts: list[str], edits: dict[str, Any], dice: random.Random) -> Any:
    """Signatures of real texts, of copies with one or two edits, and of stories that only look like copies."""
    names = sorted(edits)
    found = []
    for text in texts:
        made = [text]
        for _ in range(dice.choice(COPIES_OF_A_TEXT)):
            copy = edits[dice.choice(names)](text, dice.choice(texts), dice)
            made.append(edits[dice.choice(names)](copy, text, dice) if dice.random() < 0.5 else copy)
        signed = (sign(each) for each in made)
        found += [("nc_", 740_000 + dice.randrange(DAYS), each) for each in signed if each is not None]
    rows = bands.signed_rows(found)
    rows["id"] = ids(len(rows), np.random.default_rng(3))
    return rows


def ids(count: int, generator: np.random.Generator) -> Any:
    """Random ids of articles."""
    letters = np.empty((count, 29), np.uint8)
    letters[:, :3] = np.frombuffer(b"nc_", np.uint8)
    letters[:, 3:] = LETTERS[generator.integers(0, 32, (count, 26))]
    return letters.view(bands.ID).ravel()


# -- the three ways --


def spread_band(source: str, folder: str, first: int, count: int, parts: int) -> None:
    """Files: the rows of one file of signatures, sorted into parts by bucket, for some bands."""
    from newscrawl.batch.engine.exchange import writing

    signed = np.load(source)
    with writing(Path(folder) / Path(source).stem) as out:
        for band in range(first, first + count):
            rows = bands.in_buckets(signed, band)
            to = rows["bucket"] % parts
            rows = rows[np.argsort(to, kind="stable")]
            edges = np.searchsorted(np.sort(to), np.arange(parts + 1))
            for part in range(parts):
                if edges[part] < edges[part + 1]:
                    out.add(part, rows[edges[part] : edges[part + 1]].tobytes())


def match_part(folder: str, part: int, to: str) -> int:
    """Files: compare what shares a bucket in one part; how many rows that were."""
    from newscrawl.batch.engine.exchange import read_part

    rows = np.frombuffer(b"".join(read_part(Path(folder), part)), bands.IN_BUCKET)
    np.save(to, bands.copies_among(rows, OPTIONS))
    return len(rows)


def run_files(work: Path, memory_mb: int, parts: int, rounds: int) -> list[Path]:
    """Tasks on Dask, rows through files."""
    from distributed import Client, LocalCluster, as_completed

    each = BANDS // rounds
    found = []
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=f"{memory_mb // 2}MB",
        ) as cluster,
        Client(cluster) as client,
    ):
        sources = sorted((work / "signed").glob("*.npy"))
        for number in range(rounds):
            folder = work / f"round-{number}"
            names = [str(source) for source in sources]
            tasks = client.map(
                spread_band, names, folder=str(folder), first=number * each, count=each, parts=parts, pure=False
            )
            for future in as_completed(tasks):
                future.result()
            outs = [str(work / f"pairs-{number}-{part}.npy") for part in range(parts)]
            tasks = client.map(lambda part, to, f=str(folder): match_part(f, part, to), range(parts), outs, pure=False)
            for future in as_completed(tasks):
                future.result()
            shutil.rmtree(folder)
            found += map(Path, outs)
    return found


def run_p2p(work: Path, memory_mb: int, parts: int, rounds: int) -> list[Path]:
    """Dask's own shuffle of data frames, peer to peer."""
    import dask
    import dask.dataframe as dd
    import pandas as pd
    import pyarrow as pa
    from distributed import Client, LocalCluster

    size = bands.IN_BUCKET.itemsize
    dtype = pd.ArrowDtype(pa.binary())
    meta = pd.DataFrame({"part": pd.Series([], dtype="int64"), "row": pd.Series([], dtype=dtype)})

    def spread(piece: tuple[str, int], first: int, count: int) -> Any:
        signed = np.load(piece[0])[piece[1] : piece[1] + PIECE_ROWS]
        rows = np.concatenate([bands.in_buckets(signed, band) for band in range(first, first + count)])
        column = pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(rows), [None, pa.py_buffer(rows.tobytes())])
        row = pd.array(column.cast(pa.binary()), dtype=dtype)
        return pd.DataFrame({"part": (rows["bucket"] % parts).astype("int64"), "row": row})

    def match(frame: Any, to: str, partition_info: Any = None) -> Any:
        column = pa.array(frame["row"]) if len(frame) else None
        data = b"".join(column.to_pylist()) if column is not None else b""
        pairs = bands.copies_among(np.frombuffer(data, bands.IN_BUCKET), OPTIONS)
        np.save(f"{to}-{partition_info['number'] if partition_info else 0}.npy", pairs)
        return pd.DataFrame({"n": [len(pairs)]})

    found = []
    each = BANDS // rounds
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=f"{memory_mb // 2}MB",
        ) as cluster,
        Client(cluster),
        dask.config.set({"dataframe.shuffle.method": "p2p", "dataframe.convert-string": False}),
    ):
        sources = [
            (str(source), start)
            for source in sorted((work / "signed").glob("*.npy"))
            for start in range(0, len(np.load(source, mmap_mode="r")), PIECE_ROWS)
        ]
        for number in range(rounds):
            frame = dd.from_map(spread, sources, first=number * each, count=each, meta=meta)
            frame = frame.shuffle(on="part", npartitions=parts)
            to = str(work / f"pairs-{number}")
            frame.map_partitions(match, to, meta=pd.DataFrame({"n": pd.Series([], dtype="int64")})).compute()
            found += sorted(work.glob(f"pairs-{number}-*.npy"))
    return found


def run_spark(work: Path, memory_mb: int, parts: int, rounds: int) -> list[Path]:
    """Spark's sort shuffle, two cores in one JVM, Python workers beside it."""
    import pyarrow as pa
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    size = bands.IN_BUCKET.itemsize
    jvm = max(memory_mb - 400, 400)  # the Python workers take the rest
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", f"{jvm}m")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.local.dir", str(work / "spark"))
        .config("spark.sql.shuffle.partitions", parts)
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "20000")
        .getOrCreate()
    )
    sources = [(str(source),) for source in sorted((work / "signed").glob("*.npy"))]
    found = []
    each = BANDS // rounds
    for number in range(rounds):
        first = number * each
        to = str(work / f"pairs-{number}")

        def spread(batches: Any, first: int = first) -> Any:
            for batch in batches:
                for source in batch.column(0).to_pylist():
                    signed = np.load(source)
                    pieces = [signed[start : start + PIECE_ROWS] for start in range(0, len(signed), PIECE_ROWS)]
                    for band, piece in ((band, piece) for band in range(first, first + each) for piece in pieces):
                        rows = bands.in_buckets(piece, band)
                        data = pa.py_buffer(rows.tobytes())
                        column = pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(rows), [None, data])
                        part = pa.array((rows["bucket"] % parts).astype("int32"))
                        yield pa.RecordBatch.from_arrays([part, column.cast(pa.binary())], ["part", "row"])

        def match(batches: Any, to: str = to) -> Any:
            pieces = [b"".join(batch.column(1).to_pylist()) for batch in batches]
            pairs = bands.copies_among(np.frombuffer(b"".join(pieces), bands.IN_BUCKET), OPTIONS)
            if len(pairs):
                np.save(f"{to}-{os.getpid()}-{time.monotonic_ns()}.npy", pairs)
            yield pa.RecordBatch.from_arrays([pa.array([len(pairs)])], ["n"])

        frame = spark.createDataFrame(sources, "name string").repartition(max(2, len(sources)))
        rows = frame.mapInArrow(spread, "part int, row binary").repartition(parts, "part")
        rows.mapInArrow(match, "n long").agg({"n": "sum"}).collect()
        found += sorted(work.glob(f"pairs-{number}-*.npy"))
    spark.stop()
    return found


RUNS = {"files": run_files, "p2p": run_p2p, "spark": run_spark}


# -- one run, watched from outside --


def clusters_of(files: list[Path]) -> tuple[int, int, str]:
    """How many pairs and clusters were found, and a digest of the clusters."""
    pairs = bands.most_similar(np.concatenate([np.load(each) for each in files]), 1 << 30)
    names, numbers = np.unique(np.concatenate([pairs["id"], pairs["other"]]), return_inverse=True)
    root = bands.components(numbers[: len(pairs)], numbers[len(pairs) :], len(names))
    digest = hashlib.sha256(names.tobytes() + names[root].tobytes()).hexdigest()[:16]
    return len(pairs), len(np.unique(root)), digest


def watched(command: list[str], work: Path) -> dict[str, Any]:
    """Run it niced; seconds, CPU seconds, and the peak of the memory of the whole process tree and of its disk."""
    import psutil

    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=(work / "stderr").open("wb"))
    peak, disk, done = 0, 0, threading.Event()
    cpu: dict[int, float] = {}
    begun = time.monotonic()

    def watch() -> None:
        nonlocal peak, disk
        while not done.wait(0.5):
            total = 0
            try:
                for each in (process, *process.children(recursive=True)):
                    memory = each.memory_full_info().uss
                    total += memory
                    times = each.cpu_times()
                    cpu[each.pid] = times.user + times.system
            except psutil.Error:
                continue
            peak = max(peak, total)
            used = subprocess.run(["du", "-sk", str(work)], capture_output=True, check=False).stdout.split()
            disk = max(disk, int(used[0])) if used else disk

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    done.set()
    watcher.join()
    return {
        "status": status,
        "wall_s": round(time.monotonic() - begun),
        "cpu_s": round(sum(cpu.values())),
        "peak_mb": peak // 1_000_000,
        "disk_mb": disk // 1000,
    }


def main() -> None:
    """Make signatures, or shuffle them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("bench", type=Path)
    making.add_argument("work", type=Path)
    making.add_argument("--texts", type=int, default=1_000_000)
    for name in ("run", "inner"):
        running = commands.add_parser(name)
        running.add_argument("way", choices=sorted(RUNS))
        running.add_argument("work", type=Path)
        running.add_argument("--memory-mb", type=int, default=1000)
        running.add_argument("--parts", type=int, default=128)
        running.add_argument("--rounds", type=int, default=5)
        running.add_argument("--python", default=sys.executable)
    args = parser.parse_args()
    if args.command == "make":
        make(args.bench, args.work, args.texts)
    elif args.command == "inner":
        files = RUNS[args.way](args.work, args.memory_mb, args.parts, args.rounds)
        (args.work / "found.json").write_text(json.dumps([str(each) for each in files]))
    else:
        for each in args.work.glob("pairs-*"):
            each.unlink()
        (args.work / "found.json").unlink(missing_ok=True)
        options = ["--memory-mb", str(args.memory_mb), "--parts", str(args.parts), "--rounds", str(args.rounds)]
        command = [args.python, "-m", "benchmarks.shuffle", "inner", args.way, str(args.work), *options]
        result = {"way": args.way, **json.loads((args.work / "facts.json").read_text()), "memory_mb": args.memory_mb}
        result |= watched(command, args.work)
        if (args.work / "found.json").exists():
            files = [Path(each) for each in json.loads((args.work / "found.json").read_text())]
            found, clusters, digest = clusters_of(files)
            result |= {"found": found, "clusters": clusters, "digest": digest}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
