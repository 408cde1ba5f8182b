"""Near-duplicates among many signatures at once: the comparison of `near_duplicates`, over columns.

Rows that share a bucket are brought together by whoever shuffles; here they are sorted and compared. Within a bucket
each text is compared with the `max_bucket` texts before it, by day of the crawl and then by id, so the order in which
rows come makes no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from newscrawl.dedup.minhash import MAX_NUMBERS, PERMUTATIONS, ROWS, Signature, similarity
from newscrawl.dedup.near_duplicates import BARELY_UNEQUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.dedup.near_duplicates import NearDuplicateOptions

    Rows = np.ndarray[Any, np.dtype[np.void]]
    Numbers = np.ndarray[Any, np.dtype[Any]]

ID = "S29"
SIGNED = np.dtype(
    [
        ("id", ID),
        ("day", "<i4"),  # of the crawl, counted as Python does
        ("shingles", "<u4"),
        ("values", "u1", (PERMUTATIONS,)),
        ("count", "u1"),  # of the numbers
        ("numbers", "<u4", (MAX_NUMBERS,)),  # sorted, then `_NOTHING`
    ]
)
"""One signed text: 294 bytes."""
IN_BUCKET = np.dtype([("bucket", "<u4"), ("signed", SIGNED)])
"""A signed text in one of its buckets."""
PAIR = np.dtype([("id", ID), ("other", ID), ("similarity", "<f8")])
"""Two texts one of which is a copy of the other; `id` is the greater one."""

_NOTHING = 0xFFFFFFFF
_PAIRS_AT_A_TIME = 50_000
"""Some 13 megabytes of signatures."""


def signed_rows(signed: Iterable[tuple[str, int, Signature]]) -> Rows:
    """(id, day of the crawl, signature) as rows of `SIGNED`."""
    listed = list(signed)
    rows = np.zeros(len(listed), SIGNED)
    rows["numbers"] = _NOTHING
    for row, (article_id, day, signature) in zip(rows, listed, strict=True):
        numbers = sorted(signature.numbers)
        row["id"], row["day"], row["shingles"] = article_id.encode(), day, signature.shingles
        row["values"] = np.frombuffer(signature.values, np.uint8)
        row["count"] = len(numbers)
        row["numbers"][: len(numbers)] = numbers
    return rows


def buckets_of(signed: Rows, band: int) -> Numbers:
    """The bucket of every row in one of the `BANDS`, as `minhash.buckets` numbers them."""
    values = signed["values"][:, band * ROWS : (band + 1) * ROWS].astype(np.uint32)
    bucket = np.full(len(signed), band, np.uint32)
    for row in range(ROWS):
        bucket = bucket << np.uint32(8) | values[:, row]
    return bucket


def in_buckets(signed: Rows, band: int) -> Rows:
    """The rows with their bucket of one band."""
    rows = np.empty(len(signed), IN_BUCKET)
    rows["bucket"], rows["signed"] = buckets_of(signed, band), signed
    return rows


def copies_among(rows: Rows, options: NearDuplicateOptions) -> Rows:
    """The pairs of copies that share a bucket, as rows of `PAIR`; a pair comes once for each bucket it shares."""
    # Eight letters of an id are enough to tell two of a day and bucket apart.
    rows = rows[np.lexsort((letters_of(rows["signed"]["id"]), rows["signed"]["day"], rows["bucket"]))]
    bucket, signed = np.ascontiguousarray(rows["bucket"]), rows["signed"]
    day = np.ascontiguousarray(signed["day"])
    values = np.ascontiguousarray(signed["values"])
    found = [np.empty(0, PAIR)]
    place = np.arange(len(rows))
    for apart in range(1, options.max_bucket + 1):
        # Rows of a bucket stand together and by day: what is too far apart now is so from here on.
        place = place[place < len(rows) - apart]
        place = place[bucket[place] == bucket[place + apart]]
        place = place[day[place + apart] - day[place] <= options.window_days]
        if not len(place):
            break
        for start in range(0, len(place), _PAIRS_AT_A_TIME):
            one = place[start : start + _PAIRS_AT_A_TIME]
            same = (values[one] == values[one + apart]).sum(axis=1)
            likely = same >= _LIKENESS.searchsorted(options.min_similarity)
            one, same = one[likely], same[likely]
            found.append(_pairs(signed[one], signed[one + apart], same, options))
    return np.concatenate(found)


def letters_of(ids: Numbers) -> Numbers:
    """The first eight letters of ids, which are hashes, as numbers that sort as they do."""
    letters = np.ascontiguousarray(ids).view(np.uint8).reshape(len(ids), ids.dtype.itemsize)[:, 3:11]
    return np.ascontiguousarray(letters).view(">u8").ravel().astype(np.uint64)


def most_similar(pairs: Rows, limit: int) -> Rows:
    """Each pair once, and of each text only the `limit` most similar among those with a smaller id, by (id, other)."""
    # Sorting numbers takes a fraction of what sorting texts does.
    pairs = pairs[np.lexsort((*_sort_keys(pairs["other"]), -pairs["similarity"], *_sort_keys(pairs["id"])))]
    is_new = np.ones(len(pairs), bool)
    is_new[1:] = (pairs["id"][1:] != pairs["id"][:-1]) | (pairs["other"][1:] != pairs["other"][:-1])
    pairs = pairs[is_new]  # one pair has one similarity, so equal ones stand together
    first = np.searchsorted(pairs["id"], pairs["id"], side="left")
    kept: Rows = pairs[np.arange(len(pairs)) - first < limit]
    return kept


def components(one: Numbers, other: Numbers, count: int) -> Numbers:
    """The smallest member of the connected component of each of `count` nodes, given edges between their numbers."""
    parent = np.arange(count)
    while len(one):
        one, other = parent[one], parent[other]
        apart = one != other
        one, other = one[apart], other[apart]
        np.minimum.at(parent, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(parent, grand := parent[parent]):
            parent = grand
    return parent


def _sort_keys(ids: Numbers) -> Iterator[Numbers]:
    """Ids as numbers to sort by, the least significant first."""
    padded = np.ascontiguousarray(ids).astype("S32").view(">u8").reshape(len(ids), 4)
    for column in reversed(range(4)):
        yield padded[:, column].astype(np.uint64)


def _pairs(a: Rows, b: Rows, same: Numbers, options: NearDuplicateOptions) -> Rows:
    """Those of the pairs that `copy_similarity` calls copies; `same`: how many of their values are equal."""
    jaccard = _JACCARD[same]
    shingles = a["shingles"].astype(np.float64), b["shingles"].astype(np.float64)
    shared = jaccard * (shingles[0] + shingles[1]) / (1 + jaccard)
    is_copy = (jaccard >= options.min_similarity) & (shared >= options.min_containment * np.minimum(*shingles))
    a, b, same = a[is_copy], b[is_copy], same[is_copy]
    is_copy = _number_containment(a, b) >= options.min_numbers
    a, b, same = a[is_copy], b[is_copy], same[is_copy]
    swapped = a["id"] < b["id"]
    pairs = np.empty(len(a), PAIR)
    pairs["id"], pairs["other"] = np.where(swapped, b["id"], a["id"]), np.where(swapped, a["id"], b["id"])
    pairs["similarity"] = _ROUNDED[same]
    kept: Rows = pairs[pairs["id"] != pairs["other"]]
    return kept


def _number_containment(a: Rows, b: Rows) -> Numbers:
    """As `minhash.number_containment`."""
    ends = [np.where(each["count"] == MAX_NUMBERS, each["numbers"][:, -1].astype(np.int64), 1 << 32) for each in (a, b)]
    end = np.minimum(*ends)[:, None]
    kept = [
        (each["numbers"] <= end) & (np.arange(MAX_NUMBERS) < each["count"].astype(np.int64)[:, None]) for each in (a, b)
    ]
    equal = a["numbers"][:, :, None] == b["numbers"][:, None, :]
    equal &= kept[0][:, :, None] & kept[1][:, None, :]
    fewer = np.minimum(kept[0].sum(axis=1), kept[1].sum(axis=1))
    common = equal.any(axis=2).sum(axis=1)
    return np.where(fewer == 0, 1.0, common / np.maximum(fewer, 1))


def _likeness(same: int) -> float:
    a = Signature(values=bytes(PERMUTATIONS), shingles=0, numbers=frozenset())
    b = Signature(values=bytes(same) + b"\1" * (PERMUTATIONS - same), shingles=0, numbers=frozenset())
    return similarity(a, b)


_LIKENESS = np.array([_likeness(same) for same in range(PERMUTATIONS + 1)])
"""Similarity by the count of equal values."""
_JACCARD = np.minimum(_LIKENESS, BARELY_UNEQUAL)
_ROUNDED = np.array([round(float(each), 2) for each in _JACCARD])
