"""The gold list of a folder of saved pages: which page stands at which address."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.errors import ConfigError
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """One page of the gold list."""

    id: str
    dataset: str
    key: str
    """Address without its scheme: pages of https sites are served over http."""
    published: str
    """As the gold list has it; orders the feed and is told to nobody. Empty: not known."""
    file: Path
    """gzip'ed HTML."""
    changed: str = ""
    """When it last changed, which feed and sitemap tell; a saved page never did, and of it they tell nothing."""

    @property
    def url(self) -> str:
        """The address it is served at."""
        return f"http://{self.key}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def html(self) -> bytes:
        """The page as saved, read from disk each time."""
        return gzip.decompress(self.file.read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The pages that are served, and the gold ids whose address another page already has."""

    pages: tuple[SavedPage, ...]
    doubles: tuple[str, ...]


def address_key(url: str) -> str:
    """What two spellings of one address have in common: the crawler's normal form without the scheme."""
    return normalise_url(url).partition("://")[2]


def load_bench(folder: Path, datasets: Sequence[str] = (), *, news_only: bool = False) -> Bench:
    """Read ``gold/<dataset>.jsonl``, all datasets by default, in the order of their names.

    Raises:
        ConfigError: names the dataset or the page that is not there.
    """
    names = list(datasets) or sorted(file.stem for file in (folder / "gold").glob("*.jsonl"))
    if not names:
        raise ConfigError(f"{folder}: there is no gold/*.jsonl")
    pages: dict[str, SavedPage] = {}
    doubles: list[str] = []
    for name in names:
        gold = folder / "gold" / f"{name}.jsonl"
        if not gold.is_file():
            raise ConfigError(f"{gold}: there is no such dataset")
        for line in gold.read_bytes().splitlines():  # of bytes: a text may hold U+2028
            row = json.loads(line)
            if news_only and not row["news"]:
                continue
            file = folder / "pages" / name / f"{row['id']}.html.gz"
            if not file.is_file():
                raise ConfigError(f"{file}: the page of the gold list is not there")
            key = address_key(row["url"])
            if key in pages:
                doubles.append(row["id"])
            else:
                pages[key] = SavedPage(
                    id=row["id"], dataset=name, key=key, published=row.get("published") or "", file=file
                )
    return Bench(pages=tuple(pages.values()), doubles=tuple(doubles))
