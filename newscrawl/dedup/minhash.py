"""Signatures of texts: what is left of a text when only its likeness to other texts is asked for.

MinHash after Broder ("On the resemblance and containment of documents", 1997), of which one byte of each value is kept
(Li and König, "b-Bit Minwise Hashing", 2010), and its buckets after Gionis, Indyk and Motwani ("Similarity search in
high dimensions via hashing", 1999).
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from rensa import RMinHash

from newscrawl.text.scripts import SPACELESS

SHINGLE_WORDS = 5
PERMUTATIONS = 128
BANDS, ROWS = 20, 3
"""Of texts that share 40 % of their shingles 73 % meet in a bucket, of those that share 50 % 93 %, 60 % 99 %."""
MAX_CHARS = 100_000
"""Of longer texts the beginning is signed."""
MIN_SHINGLES = 20
"""A shorter text is like too many others to say anything."""
MAX_NUMBERS = 32

_SEED = 20_260_101
_WORDS = re.compile(r"\w+")
_SPACELESS = re.compile(SPACELESS)
_WORDS_AND_LETTERS = re.compile(rf"{SPACELESS}|\w+")
_COUNTS = struct.Struct(">I")
_ONE_BYTE = 1 / 256
"""How often the last bytes of two different values are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What is kept of one text: 132 bytes, and 4 for each number in it."""

    values: bytes
    """The last byte of each of `PERMUTATIONS` values."""
    shingles: int
    """How many different runs of `SHINGLE_WORDS` words the text has."""
    numbers: frozenset[int]
    """32-bit hashes of the numbers printed in it; the `MAX_NUMBERS` smallest."""

    def pack(self) -> bytes:
        """The signature as bytes."""
        return _COUNTS.pack(self.shingles) + self.values + b"".join(map(_COUNTS.pack, sorted(self.numbers)))

    @classmethod
    def unpack(cls, data: bytes) -> Signature:
        """The signature that `pack` made these bytes of.

        Raises:
            ValueError: they are something else.
        """
        numbers = data[_COUNTS.size + PERMUTATIONS :]
        if len(data) < _COUNTS.size + PERMUTATIONS or len(numbers) % _COUNTS.size:
            raise ValueError(f"{len(data)} bytes are no signature")
        return cls(
            shingles=_COUNTS.unpack_from(data)[0],
            values=data[_COUNTS.size : _COUNTS.size + PERMUTATIONS],
            numbers=frozenset(number for (number,) in _COUNTS.iter_unpack(numbers)),
        )


def sign(text: str) -> Signature | None:
    """Sign a text; None for one that is too short. Case, punctuation and the breaks of paragraphs do not count."""
    words = _words(text)
    shingles = set(map(" ".join, zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False)))
    if len(shingles) < MIN_SHINGLES:
        return None
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    minhash.update(list(shingles))
    return Signature(
        values=bytes(value & 0xFF for value in minhash.digest()),
        shingles=len(shingles),
        numbers=_numbers(words),
    )


def buckets(signature: Signature) -> tuple[int, ...]:
    """`BANDS` numbers below 2**29, the buckets to look for its like in: alike texts share one, others hardly ever."""
    values = signature.values
    return tuple(band << 8 * ROWS | int.from_bytes(values[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS))


def similarity(a: Signature, b: Signature) -> float:
    """The share of all their shingles that two texts have in common (Jaccard), estimated: ± 0.04."""
    same = sum(map(int.__eq__, a.values, b.values)) / PERMUTATIONS
    return max(0.0, (same - _ONE_BYTE) / (1 - _ONE_BYTE))


def number_containment(a: Signature, b: Signature) -> float:
    """The share of the numbers of one text, of that with fewer, that the other has too; 1 when it has none."""
    # Of a text with many only the smallest are kept: what is beyond them is not compared.
    ends = [max(each.numbers) for each in (a, b) if len(each.numbers) == MAX_NUMBERS]
    end = min(ends, default=1 << 32)
    fewer, more = sorted(({number for number in each.numbers if number <= end} for each in (a, b)), key=len)
    return len(fewer & more) / len(fewer) if fewer else 1.0


def _words(text: str) -> list[str]:
    # Not `fold`, which takes five times as long: lower case and word characters tell copies as well.
    pattern = _WORDS_AND_LETTERS if _SPACELESS.search(text) else _WORDS
    return pattern.findall(text.lower()[:MAX_CHARS])


def _numbers(words: list[str]) -> frozenset[int]:
    hashes = {zlib.crc32(word.encode()) for word in set(words) if word[0].isdecimal()}
    return frozenset(sorted(hashes)[:MAX_NUMBERS])
