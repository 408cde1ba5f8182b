"""What a batch is to do, written down before it begins: every worker reads it, and a second run goes on with it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newscrawl.batch.engine.exchange import new_file
from newscrawl.dedup.near_duplicates import NearDuplicateOptions
from newscrawl.errors import StoreError
from newscrawl.extract.options import ExtractOptions
from newscrawl.extract.pool import PoolOptions
from newscrawl.readers.detect import Format
from newscrawl.readers.files import Input
from newscrawl.refine import RefineOptions

if TYPE_CHECKING:
    from pathlib import Path

JOB = "job.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A batch: its inputs and how they are worked on. Two jobs with the same inputs and options make the same dump."""

    inputs: tuple[Input, ...]
    """Sorted by name."""
    versions: tuple[str, ...]
    """Of each input, what tells it from a changed one."""
    ends: tuple[int, ...]
    """The inputs up to here, from the end before, are a shard: one task, one output. An archive is one of its own."""
    parts: int
    """Parts that the articles are divided into, by site, by id, by text; the dump does not depend on it."""
    extract: ExtractOptions = field(default_factory=ExtractOptions)
    refining: RefineOptions = field(default_factory=RefineOptions)
    pool: PoolOptions = field(default_factory=PoolOptions)
    """But for the workers, which are the engine's business."""
    near_duplicates: NearDuplicateOptions = field(default_factory=NearDuplicateOptions)
    ending: str = ".jsonl"
    """Of the names of the dump's files, see `newscrawl.dump.packing`."""
    software: dict[str, str] = field(default_factory=dict)
    """Names and versions of what makes the texts."""
    run_id: str = ""
    started: str = ""

    def inputs_of(self, shard: int) -> tuple[Input, ...]:
        """The inputs of a shard."""
        return self.inputs[self.ends[shard - 1] if shard else 0 : self.ends[shard]]

    def identity(self) -> str:
        """The same for the same work, whichever run does it."""
        values = asdict(replace(self, parts=0, run_id="", started="", pool=replace(self.pool, workers=1)))
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def write_job(work: Path, job: Job) -> None:
    """Write a job down, in the folder of its work."""
    with new_file(work / JOB) as file:
        file.write(json.dumps(asdict(job), indent=1).encode())


@lru_cache(maxsize=2)
def read_job(work: Path) -> Job:
    """The job of a folder; read once by each worker, for it does not change.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    try:
        values: dict[str, Any] = json.loads((work / JOB).read_bytes())
        inputs = (
            Input(**{**each, "format": Format(each["format"]) if each["format"] else None}) for each in values["inputs"]
        )
        return Job(
            **{
                **values,
                "inputs": tuple(inputs),
                "versions": tuple(values["versions"]),
                "ends": tuple(values["ends"]),
                "extract": ExtractOptions(**values["extract"]),
                "refining": RefineOptions(**values["refining"]),
                "pool": PoolOptions(**values["pool"]),
                "near_duplicates": NearDuplicateOptions(**values["near_duplicates"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{work / JOB} cannot be read: {error}") from error


def part_of(text: str, parts: int) -> int:
    """The part that a name belongs to, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) % parts


def output(work: Path, stage: str, number: int) -> Path:
    """The file that one task of a stage leaves; it is there when the task is done."""
    return work / stage / f"{number:05d}"
