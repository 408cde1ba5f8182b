"""How well copies of a story are told from other stories, and what the index costs.

    python -m benchmarks.near_duplicates BENCH_DIR [--sizes 10000,100000]

The labelled set is made from the gold texts of the folder (``gold/*.jsonl``), by a fixed seed: of each text copies as
they occur between outlets, and stories that only look like it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sqlite3
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dedup.minhash import PERMUTATIONS, Signature, buckets, sign
from newscrawl.dedup.near_duplicates import NearDuplicateOptions, copy_similarity
from newscrawl.state import copies
from newscrawl.state.schema import migrate
from newscrawl.state.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MIN_WORDS = 120
BOILERPLATE = (
    "Subscribe to our newsletter and get the most important stories of the day every morning in your mailbox.",
    "Подпишитесь на наш канал, чтобы первыми узнавать о главных событиях дня, и расскажите о нём друзьям.",
    "Abonnieren Sie unseren Newsletter und verpassen Sie keine Nachricht aus Ihrer Region, jeden Morgen neu.",
    "Suscríbase a nuestro boletín y reciba cada mañana en su correo las noticias más importantes del día.",
)
NOTICE = (
    "The price of {thing} closed at {a}.{b} dollars on {day} May, {c} cents {way} than the day before, the exchange "
    "said. Traders sold {d} thousand contracts, compared with {e} thousand on the previous day. The highest price of "
    "the day was {f}.{b} dollars and the lowest {g}.{b} dollars. The exchange publishes its notice on every working "
    "day at six in the evening. Prices are given for delivery in the next month and do not contain taxes or the cost "
    "of transport. A year ago {thing} cost {h}.{b} dollars. Questions are answered by the desk of the exchange."
)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text."""
    return [each for each in re.split(r"\n+", text) if each.strip()]


def added_paragraph(text: str, other: str, dice: random.Random) -> str:
    """The text with a paragraph of its outlet's own."""
    parts = paragraphs(text)
    parts.insert(dice.randint(0, len(parts)), max(paragraphs(other), key=len)[:600])
    return "\n\n".join(parts)


def cut(text: str, _: str, dice: random.Random) -> str:
    """The first 55 to 80 % of the text."""
    words = text.split(" ")
    return " ".join(words[: int(len(words) * dice.uniform(0.55, 0.8))])


def cut_in_half(text: str, _: str, __: random.Random) -> str:
    """The first half of the text."""
    words = text.split(" ")
    return " ".join(words[: len(words) // 2])


def requoted(text: str, _: str, __: random.Random) -> str:
    """Other quotation marks, dashes and spaces; capitals where a house style wants them."""
    marks = {'"': "»", "'": "’", "-": "–", " – ": " — ", "“": "«", "”": "»"}
    for old, new in marks.items():
        text = text.replace(old, new)
    return text.replace("\n", "\n\n").title()


def touched_up(text: str, _: str, dice: random.Random) -> str:
    """Each 40th word is another one."""
    words = text.split(" ")
    for place in range(dice.randrange(40), len(words), 40):
        words[place] = dice.choice(words)
    return " ".join(words)


def with_boilerplate(text: str, _: str, dice: random.Random) -> str:
    """Another outlet's standing sentences around the text, in any language."""
    return "\n\n".join([dice.choice(BOILERPLATE), text, *dice.sample(BOILERPLATE, 2)])


def other_story(_: str, other: str, __: random.Random) -> str:
    """Another story."""
    return other


def same_boilerplate(_: str, other: str, __: random.Random) -> str:
    """Another story, between the same standing sentences."""
    return "\n\n".join([*BOILERPLATE[:2], other, *BOILERPLATE[2:]])


def follow_up(text: str, other: str, _: random.Random) -> str:
    """Another story that ends with a quarter of this one as background."""
    words = text.split(" ")
    return other + "\n\n" + " ".join(words[: len(words) // 4])


def rewritten(text: str, _: str, dice: random.Random) -> str:
    """The same facts told anew: sentences in another order, each fourth word another one."""
    sentences = re.split(r"(?<=[.!?。])\s*", text)
    dice.shuffle(sentences)
    words = " ".join(sentences).split(" ")
    return " ".join(dice.choice(words) if number % 4 == 0 else word for number, word in enumerate(words))


COPIES: dict[str, Callable[[str, str, random.Random], str]] = {
    "added paragraph": added_paragraph,
    "cut to 55–80 %": cut,
    "cut to a half": cut_in_half,
    "requoted": requoted,
    "touched up": touched_up,
    "other boilerplate": with_boilerplate,
}
STORIES: dict[str, Callable[[str, str, random.Random], str]] = {
    "another story": other_story,
    "same boilerplate": same_boilerplate,
    "follow-up": follow_up,
    "rewritten": rewritten,
}


def texts_of(folder: Path) -> list[str]:
    """The gold texts that are long enough, in the order of the files."""
    found = []
    for file in sorted((folder / "gold").glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            text = json.loads(line).get("text") or ""
            if len(text.split()) >= MIN_WORDS or len(text) >= 4 * MIN_WORDS:
                found.append(text)
    return list(dict.fromkeys(found))


def notices(number: int, dice: random.Random) -> list[str]:
    """Notices of one template, none of which is a copy of another."""
    things = ("copper", "wheat", "crude oil", "coffee", "silver", "cotton", "sugar")
    return [
        NOTICE.format(
            thing=dice.choice(things), way=dice.choice(("more", "less")), day=day % 28 + 1,
            **{letter: dice.randint(11, 989) for letter in "abcdefgh"},
        )
        for day in range(number)
    ]  # fmt: skip


def verdict(a: Signature | None, b: Signature | None, options: NearDuplicateOptions) -> bool:
    """Whether the index links two texts: they meet in a bucket, and are found to be alike."""
    if a is None or b is None or not set(buckets(a)) & set(buckets(b)):
        return False
    return copy_similarity(a, b, options) is not None


def quality(texts: Sequence[str], options: NearDuplicateOptions) -> Iterator[tuple[str, bool, int, int]]:
    """(kind, whether it is a copy, pairs, pairs that were linked) for each kind."""
    dice = random.Random(7)
    signed = [sign(text) for text in texts]
    for is_copy, kinds in ((True, COPIES), (False, STORIES)):
        for name, change in kinds.items():
            others = [*texts[1:], texts[0]]
            linked = sum(
                verdict(before, sign(change(text, other, dice)), options)
                for text, other, before in zip(texts, others, signed, strict=True)
            )
            yield name, is_copy, len(texts), linked
    pairs = list(pairwise([sign(each) for each in notices(300, dice)]))
    yield "notices of one template", False, len(pairs), sum(verdict(a, b, options) for a, b in pairs)


def index_cost(size: int, folder: Path, options: NearDuplicateOptions, *, more: int = 500) -> tuple[float, float]:
    """(bytes an article, microseconds that comparing one more takes) of an index of so many random signatures."""
    dice = random.Random(7)
    database = SqliteDatabase(folder / f"{size}.sqlite")
    migrate(database)

    def fill(count: int, *, compared: bool) -> None:
        first = database.number("SELECT coalesce(max(number), 0) FROM signatures") + 1
        rows, places = [], []
        for number in range(first, first + count):
            signature = Signature(
                values=dice.randbytes(PERMUTATIONS),
                shingles=dice.randint(100, 900),
                numbers=frozenset(dice.sample(range(1 << 32), 8)),
            )
            rows.append((number, f"nc_{number:026d}", 730_000 + number % 14, compared, signature.pack()))
            places.extend((bucket, number) for bucket in buckets(signature))
        with database.transaction():
            for row in rows:
                database.execute("INSERT INTO signatures VALUES (?, ?, ?, ?, ?)", row)
            for place in sorted(places) if compared else ():
                database.execute("INSERT INTO buckets VALUES (?, ?)", place)

    fill(size, compared=True)
    pages = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%signatures%' OR name = 'buckets'"
    try:
        used = database.number(pages)
    except sqlite3.OperationalError:  # SQLite was built without dbstat
        used = database.number("PRAGMA page_count") * database.number("PRAGMA page_size")
    fill(more, compared=False)
    began = time.perf_counter()
    with database.transaction():
        copies.compare_next(database, options, limit=more)
    took = time.perf_counter() - began
    database.close()
    return used / size, took / more * 1e6


def main() -> None:
    """Print precision and recall by kind, and the cost of the index."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="10000,100000", help="sizes of the index, comma-separated")
    arguments = parser.parse_args()
    options = NearDuplicateOptions()
    texts = texts_of(arguments.folder)
    print(f"{len(texts)} texts")
    totals: dict[bool, list[int]] = defaultdict(lambda: [0, 0])
    for name, is_copy, pairs, linked in quality(texts, options):
        print(f"{'copy ' if is_copy else 'story'}  {name:<24} {pairs:>6} pairs  {linked:>6} linked")
        totals[is_copy][0] += pairs
        totals[is_copy][1] += linked
    found, wrong = totals[True][1], totals[False][1]
    print(f"recall {found / totals[True][0]:.3f}, precision {found / (found + wrong):.3f}")
    began = time.process_time()
    for text in texts:
        sign(text)
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"signing: {(time.process_time() - began) / len(texts) * 1e6:.0f} µs a text of {words:.0f} words")
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, arguments.sizes.split(",")):
            size_bytes, microseconds = index_cost(size, Path(folder), options)
            print(f"index of {size:,}: {size_bytes:.0f} bytes an article, {microseconds:.0f} µs to compare one more")


if __name__ == "__main__":
    main()
