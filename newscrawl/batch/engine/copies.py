"""The second half of a batch: which articles are copies of one another, over all sites.

Signatures that share a bucket are brought together and compared, some bands at a time, so that what lies on the disk
for it stays small. The pairs found, and equal texts, make clusters, and each cluster its links: as
`newscrawl.state.copies` and `newscrawl.state.articles` define them for a store.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from newscrawl.article import LinkLine
from newscrawl.batch.engine.exchange import new_file, read_part, writing
from newscrawl.batch.engine.job import output, read_job
from newscrawl.batch.engine.rows import framed, frames
from newscrawl.batch.engine.sites import SIGNED, TEXT, TEXTS, range_of, read_members
from newscrawl.dedup.bands import (
    ID,
    IN_BUCKET,
    PAIR,
    components,
    copies_among,
    in_buckets,
    letters_of,
    most_similar,
)
from newscrawl.dedup.clusters import EXACT, Member, cluster_links
from newscrawl.dedup.minhash import BANDS
from newscrawl.dump.record import record, to_line
from newscrawl.state.copies import MAX_PAIRS

if TYPE_CHECKING:
    from pathlib import Path

    from newscrawl.batch.engine.exchange import Parts
    from newscrawl.dedup.bands import Numbers, Rows

ROUNDS = 5
"""The bands are shuffled in so many rounds: of each text 1,200 bytes lie on the disk at a time, not 6,000."""
SPREAD, PAIRS, KEPT, SAME, CLUSTERED, NEAR, LINKED, LINKS = (
    "spread",  # signatures by bucket; with the round
    "pairs",  # pairs of copies by the greater id; with the round
    "kept",  # the pairs that count, by id
    "same",  # equal texts, as pairs
    "clustered",  # articles that have copies, by cluster; written last
    "near",  # pairs by cluster
    "linked",  # links by id, for the current view
    "links",  # links by cluster; written last
)
CLUSTERS = "clusters.npy"
CLUSTER = np.dtype([("id", ID), ("cluster", ID)])


def spread(work: Path, part: int, turn: int) -> None:
    """Put the signatures of a part into the buckets of one round of bands."""
    job = read_job(work)
    signed = np.load(output(work, SIGNED, part))
    with writing(output(work, f"{SPREAD}-{turn}", part)) as parts:
        each = BANDS // ROUNDS
        for band in range(turn * each, (turn + 1) * each):
            rows = in_buckets(signed, band)
            _add_rows(parts, rows, rows["bucket"] % job.parts)


def match(work: Path, part: int, turn: int) -> None:
    """Compare what shares a bucket."""
    job = read_job(work)
    rows = np.frombuffer(b"".join(read_part(work / f"{SPREAD}-{turn}", part)), IN_BUCKET)
    with writing(output(work, f"{PAIRS}-{turn}", part)) as parts:
        pairs = copies_among(rows, job.near_duplicates) if job.near_duplicates.window_days else np.empty(0, PAIR)
        _add_rows(parts, pairs, _parts_of(pairs["id"], job.parts))


def keep_nearest(work: Path, part: int) -> None:
    """Of the pairs of each article those that count, and the pairs of articles with equal texts."""
    pieces = [piece for turn in range(ROUNDS) for piece in read_part(work / f"{PAIRS}-{turn}", part)]
    pairs = most_similar(np.frombuffer(b"".join(pieces), PAIR), MAX_PAIRS)
    texts = np.sort(np.frombuffer(b"".join(read_part(work / TEXTS, part)), TEXT))
    again = np.flatnonzero(texts["text"][1:] == texts["text"][:-1])
    same = np.empty(len(again), PAIR)
    same["id"], same["other"], same["similarity"] = texts["id"][again + 1], texts["id"][again], EXACT
    with new_file(output(work, SAME, part)) as file:
        np.save(file, same)
    with new_file(output(work, KEPT, part)) as file:
        np.save(file, pairs)


def find_clusters(work: Path) -> None:
    """The cluster of every article that has a copy, named after its smallest id; in memory are ids alone."""
    parts = range(read_job(work).parts)
    edges = [np.load(output(work, stage, part))[["id", "other"]] for stage in (KEPT, SAME) for part in parts]
    one = np.concatenate([each["id"] for each in edges])
    other = np.concatenate([each["other"] for each in edges])
    names, numbers = np.unique(np.concatenate([one, other]), return_inverse=True)
    roots = components(numbers[: len(one)], numbers[len(one) :], len(names))
    clusters = np.empty(len(names), CLUSTER)
    clusters["id"], clusters["cluster"] = names, names[roots]
    with new_file(work / CLUSTERS) as file:
        np.save(file, clusters)


def gather(work: Path, part: int) -> None:
    """Bring the articles of each cluster together, with the pairs among them."""
    job = read_job(work)
    clusters = np.load(work / CLUSTERS, mmap_mode="r")
    with writing(output(work, NEAR, part)) as parts:
        pairs = np.load(output(work, KEPT, part))
        _add_rows(parts, pairs, _parts_of(_clusters_of(clusters, pairs["id"]), job.parts))
    with writing(output(work, CLUSTERED, part)) as parts:
        members = list(read_members(work, part))
        ids = np.array([each for each, _ in members], ID)
        found = _clusters_of(clusters, ids)
        to = _parts_of(found, job.parts)
        for (article_id, about), cluster, number in zip(members, found, to, strict=True):
            if cluster:
                parts.add(int(number), framed(cluster + b" " + article_id, about))


def link(work: Path, part: int) -> None:
    """The links of the clusters of a part."""
    job = read_job(work)
    pairs = np.frombuffer(b"".join(read_part(work / NEAR, part)), PAIR)
    near: dict[str, dict[str, float]] = defaultdict(dict)
    for one, other, similarity in pairs.tolist():
        near[one.decode()][other.decode()] = near[other.decode()][one.decode()] = similarity
    clusters: dict[bytes, dict[str, dict[str, Any]]] = defaultdict(dict)
    for key, data in sorted(row for piece in read_part(work / CLUSTERED, part) for row in frames(piece)):
        cluster, _, member = key.partition(b" ")
        clusters[cluster][member.decode()] = json.loads(data)
    with new_file(output(work, LINKS, part)) as file, writing(output(work, LINKED, part)) as parts:
        for articles in clusters.values():
            members = [Member(id=each, date_published=about["date_published"]) for each, about in articles.items()]
            links = cluster_links(members, partial(_similarity, articles, near))
            for article_id, found in sorted(links.items()):
                line = to_line(record(LinkLine(id=article_id, run_id=job.run_id, **asdict(found))))
                about = articles[article_id]
                file.write(framed(json.dumps([about["source"], about["date_published"]]).encode(), line))
                linked = framed(article_id.encode(), json.dumps(asdict(found)).encode())
                parts.add(range_of(article_id, job.parts), linked)


def forget_round(work: Path, turn: int) -> None:
    """What was spread for a round that is over."""
    shutil.rmtree(work / f"{SPREAD}-{turn}", ignore_errors=True)


def _similarity(articles: dict[str, dict[str, Any]], near: dict[str, dict[str, float]], one: str, other: str) -> float:
    """As `newscrawl.state.copies.text_similarity` has it."""
    if articles[one]["text_sha256"] == articles[other]["text_sha256"]:
        return EXACT
    return near[one].get(other) or max(near[one].values(), default=0.0)


def _clusters_of(clusters: Rows, ids: Numbers) -> Numbers:
    """The cluster of each id; empty where it has no copy."""
    if not len(clusters):
        return np.zeros(len(ids), ID)
    place = np.minimum(np.searchsorted(clusters["id"], ids), len(clusters) - 1)
    return np.where(clusters["id"][place] == ids, clusters["cluster"][place], b"")


def _parts_of(ids: Numbers, parts: int) -> Numbers:
    """The part of each id; they are hashes, but of few letters, which are mixed first."""
    mixed = letters_of(ids) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(32)) % np.uint64(parts)


def _add_rows(parts: Parts, rows: Rows, to: Numbers) -> None:
    order = np.argsort(to, kind="stable")
    rows, to = rows[order], to[order]
    edges = [0, *(np.flatnonzero(to[1:] != to[:-1]) + 1), len(to)]
    for start, end in pairwise(edges):
        if start < end:
            parts.add(int(to[start]), rows[start:end].tobytes())
