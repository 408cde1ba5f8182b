"""``newscrawl clean --engine …``: the same cleaning, shared by the workers of an engine."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from newscrawl.cli.answer import print_json
from newscrawl.cli.arguments import compression, dump
from newscrawl.cli.clean_said import shows_progress
from newscrawl.errors import ConfigError, ExitCode
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    import argparse

    from newscrawl.batch.engine.job import Job
    from newscrawl.batch.engine.run import Done, Engine

ENGINES = ("dask", "local")
NEEDS_ONE_PROCESS = ("url", "again", "page_by_page")
SHOWN_UNREAD = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the engine."""
    group = parser.add_argument_group(
        "many archives", "into a new --data directory; FILE may be an address (s3://…) or a listing (warc.paths.gz)"
    )
    group.add_argument(
        "--engine",
        choices=ENGINES,
        help="share the work among Dask's workers, or do it here",
    )
    group.add_argument("--scheduler", metavar="ADDRESS", help="of Dask: tcp://host:8786 (default: one here)")
    group.add_argument("--prefix", metavar="PLACE", help="goes before each line of a listing")


def run(args: argparse.Namespace) -> int:
    """Clean the files into a new dump."""
    from newscrawl.batch.engine.run import run_batch

    job = _job(args)
    shows = shows_progress(quiet=args.quiet)

    def say(stage: str, done: int, count: int) -> None:
        if shows:
            print(f"\r\x1b[K{stage}: {done:,} of {count:,}", end="", file=sys.stderr, flush=True)

    with ExitStack() as stack:
        engine = _engine(args, job, stack)
        done = run_batch(job, args.data, engine, files=" ".join(args.files), elsewhere=dump(), say=say)
    if shows:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    _sum_up(args, done)
    return ExitCode.ERROR if done.counts["unread"] or done.counts["bugs"] else ExitCode.DONE


def _job(args: argparse.Namespace) -> Job:
    from newscrawl.batch.engine.inputs import inputs_of, parts_for, shards_of
    from newscrawl.batch.engine.job import Job
    from newscrawl.batch.engine.run import software
    from newscrawl.dedup.near_duplicates import NearDuplicateOptions
    from newscrawl.dump.packing import packing
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.extract.pool import PoolOptions
    from newscrawl.options import read_options
    from newscrawl.readers.detect import Format
    from newscrawl.refine import RefineOptions

    if args.data is None:
        raise ConfigError("--engine needs --data DIR, a directory that every worker sees under this name")
    for name in NEEDS_ONE_PROCESS:
        if getattr(args, name):
            raise ConfigError(f"--{name.replace('_', '-')} and --engine do not go together")
    if args.scheduler is not None and args.engine != "dask":
        raise ConfigError("--scheduler belongs to --engine dask")
    form = None if args.format == "auto" else Format(args.format)
    inputs, versions, sizes = inputs_of(args.files, prefix=args.prefix, form=form, source=args.source)
    pool = read_options(PoolOptions, os.environ, "POOL_")
    return Job(
        inputs=inputs,
        versions=versions,
        ends=shards_of(sizes),
        parts=parts_for(sum(sizes)),
        extract=read_options(ExtractOptions, os.environ, "EXTRACT_"),
        refining=read_options(RefineOptions, os.environ, "REFINE_"),
        pool=pool if args.workers is None else replace(pool, workers=args.workers),
        near_duplicates=read_options(NearDuplicateOptions, os.environ, "DEDUP_"),
        ending=packing(compression()),
        software=software(),
    )


def _engine(args: argparse.Namespace, job: Job, stack: ExitStack) -> Engine:
    if args.engine == "local":
        from newscrawl.batch.engine.run import Here

        return Here(job.pool.workers)
    from newscrawl.batch.engine.dask import DaskEngine

    return stack.enter_context(DaskEngine(scheduler=args.scheduler, workers=job.pool.workers))


def _sum_up(args: argparse.Namespace, done: Done) -> None:
    if args.json:
        print_json({**done.counts, "articles": done.articles, "run_id": done.run_id, "is_new": done.is_new})
    if args.quiet or sys.stderr is None:
        return
    for words in done.unread[:SHOWN_UNREAD]:
        print(plain(f"newscrawl: {words}"), file=sys.stderr)
    outcomes = {name: count for name, count in done.counts.items() if count and name != "outcome_article"}
    rest = "".join(f"; {count:,} {name.removeprefix('outcome_')}" for name, count in outcomes.items())
    before = "" if done.is_new else "done by an earlier run: "
    print(
        f"{before}{sum(done.counts.values()) - done.counts['bugs']:,} pages or texts: "
        f"{done.counts.get('outcome_article', 0):,} articles{rest}; "
        f"{args.data}/current/articles.jsonl has {done.articles:,}",
        file=sys.stderr,
    )
