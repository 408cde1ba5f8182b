"""Which records of the input are decided: what a killed run had committed is not cleaned again.

Each record has a number in its file. With every group of decisions it is committed how many records of each file were
read, and which of them are not decided yet: those in work, and pages that wait for others of their article. The next
run reads those, and what follows. A file whose records are all decided is passed over, as long as it is the same.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ArchiveError
from newscrawl.readers.files import STDIN, read_input
from newscrawl.state.inputs import InputState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newscrawl.batch.clean import Decision
    from newscrawl.readers import ReaderItem
    from newscrawl.readers.files import Input
    from newscrawl.readers.position import Position
    from newscrawl.state.inputs import Inputs


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the input."""

    name: str
    """Absolute path of its file."""
    number: int
    """From 0, in its file."""


@dataclass(slots=True)
class _Reading:
    """A file that is being read, or that has records which are not decided."""

    before: InputState
    """As an earlier run left it."""
    read: int
    """The number of the next record."""
    start: tuple[int, int]
    """Byte from which the last record can be read again, and the number of the record there."""
    undecided: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Numbers of records that were read, each with its start."""
    faults: int = 0
    is_at_end: bool = False

    def state(self) -> InputState:
        """As it is to be committed now."""
        ahead = (number for number in self.before.undecided if number >= self.read)
        undecided = frozenset([*self.undecided, *ahead])
        offset, record = min([self.start, *self.undecided.values()])
        return replace(
            self.before,
            records=max(self.read, self.before.records),
            undecided=undecided,
            start_offset=offset,
            start_record=record,
            faults=self.before.faults + self.faults,
            is_done=self.is_at_end and not undecided,
        )


class Ledger:
    """What of the input is read and decided.

    Standard input and pipes are read too, but nothing can be said of them the next time.

    Args:
        again: read files that are done, and continue none.
    """

    def __init__(self, inputs: Inputs, *, run_id: str, again: bool = False) -> None:
        self._inputs = inputs
        self._run_id = run_id
        self._again = again
        self._readings: dict[str, _Reading] = {}
        self._changed: set[str] = set()
        self.passed_over = 0
        """Files that an earlier run was done with."""
        self.continued = 0
        """Files that an earlier run had begun with."""
        self.faults_before = 0
        """Faults that earlier runs met in files that are continued or passed over."""

    def items(self, given: Iterable[tuple[Input, Position]]) -> Iterator[tuple[Place | None, ReaderItem]]:
        """The records that no run has decided on, each with its place; None where none can be told the next time."""
        for each, position in given:
            name, version = str(Path(each.name).resolve()), _version(each)
            if version is None:
                yield from ((None, item) for item in read_input(each, position))
            elif name not in self._readings and (before := self._begin(name, version)) is not None:
                position.offset = before.start_offset
                yield from self._records(each, position, before)

    def decided(self, place: Place | None, decision: Decision | ArchiveError) -> None:
        """One more is decided; to be committed by `put`."""
        reading = self._readings.get(place.name) if place is not None else None
        if reading is None or place is None or reading.undecided.pop(place.number, None) is None:
            return
        reading.faults += isinstance(decision, ArchiveError) or decision.is_bug
        self._changed.add(place.name)

    def put(self) -> None:
        """Write down what has changed, within the transaction that commits the decisions."""
        for name in self._changed:
            self._inputs.put(self._readings[name].state())

    def committed(self) -> None:
        """What was put is safe."""
        for name in self._changed:
            if self._readings[name].state().is_done:
                del self._readings[name]
        self._changed.clear()

    def _begin(self, name: str, version: str) -> InputState | None:
        """How far a file was read; None when there is nothing to do."""
        before = self._inputs.find(name)
        if before is None or before.version != version or self._again:
            return InputState(name=name, version=version, first_run=self._run_id)
        self.faults_before += before.faults  # the same input ends the same way, whoever met them
        if before.is_done:
            self.passed_over += 1
            return None
        self.continued += 1
        return before

    def _records(
        self, each: Input, position: Position, before: InputState
    ) -> Iterator[tuple[Place | None, ReaderItem]]:
        name = before.name
        start = before.start_offset, before.start_record
        self._readings[name] = reading = _Reading(before, read=before.start_record, start=start)
        for item in read_input(each, position):
            if position.is_broken_off:  # what cannot be read now may be something else another time
                yield None, item
                return
            number = reading.read
            reading.read += 1
            if position.offset != reading.start[0]:
                reading.start = position.offset, number
            if not before.is_decided(number):
                reading.undecided[number] = reading.start
                yield Place(name, number), item
        reading.is_at_end = True
        self._changed.add(name)


def _version(given: Input) -> str | None:
    """What tells a file from a changed one, with how it is read; None for what cannot be read twice."""
    if given.name == STDIN:
        return None
    try:
        status = Path(given.name).stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    how = (given.format or "auto", given.url or "", given.source or "")
    return " ".join((str(status.st_size), str(status.st_mtime_ns), *how))
