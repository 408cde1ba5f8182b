"""Two revisions of one article side by side: fields, paragraphs, words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from newscrawl.article import PARAGRAPH_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEFT_OUT = frozenset({"text", "changes", "text_sha256", "schema_version", "id"})
"""Fields that follow from others, or are shown another way."""
MIN_ALIKE = 0.5
"""Share of words that two paragraphs have in common when one is shown as the other, changed."""
MAX_PARAGRAPH_WORDS = 2000
"""Longer paragraphs are compared as wholes."""

_WORDS = re.compile(r"\s*\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field with two values."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row, and whether both revisions have them."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A paragraph before and after, each in pieces; empty where there is none."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        """Whether the two differ."""
        return any(piece.is_changed for piece in (*self.before, *self.after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What became of an article between two revisions."""

    id: str
    url: str
    before: int
    after: int
    cause: str
    """Of the later one."""
    fields: tuple[FieldChange, ...]
    """In the order of the record."""
    text: tuple[Row, ...]
    """Every paragraph, in order."""


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> Diff:
    """Compare two records of one article."""
    return Diff(
        id=after["id"],
        url=after["url"],
        before=before["revision"],
        after=after["revision"],
        cause=after["revision_cause"],
        fields=tuple(
            FieldChange(name=name, before=before.get(name), after=value)
            for name, value in after.items()
            if name not in LEFT_OUT and before.get(name) != value
        ),
        text=tuple(_rows(_paragraphs(before), _paragraphs(after))),
    )


def _paragraphs(record: Mapping[str, Any]) -> list[str]:
    text = record["text"]
    return text.split(PARAGRAPH_BREAK) if text else []


def _rows(before: list[str], after: list[str]) -> Iterator[Row]:
    for tag, left, left_end, right, right_end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            for text in before[left:left_end]:
                same = (Piece(text, is_changed=False),)
                yield Row(before=same, after=same)
        else:
            yield from _changed(before[left:left_end], after[right:right_end])


def _changed(before: list[str], after: list[str]) -> Iterator[Row]:
    """Pair each old paragraph with the next new one that is like it; the others stand alone."""
    following = 0
    for old in before:
        match = next((at for at in range(following, len(after)) if _alike(old, after[at])), None)
        if match is None:
            yield Row(before=(Piece(old, is_changed=True),), after=())
            continue
        for new in after[following:match]:
            yield Row(before=(), after=(Piece(new, is_changed=True),))
        yield _words(old, after[match])
        following = match + 1
    for new in after[following:]:
        yield Row(before=(), after=(Piece(new, is_changed=True),))


def _alike(before: str, after: str) -> bool:
    old, new = set(before.split()), set(after.split())
    return len(old & new) >= MIN_ALIKE * max(len(old), len(new))


def _words(before: str, after: str) -> Row:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MAX_PARAGRAPH_WORDS:
        return Row(before=(Piece(before, is_changed=True),), after=(Piece(after, is_changed=True),))
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, a_end, b, b_end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        left += [Piece("".join(old[a:a_end]), is_changed=tag != "equal")] if a < a_end else []
        right += [Piece("".join(new[b:b_end]), is_changed=tag != "equal")] if b < b_end else []
    return Row(before=tuple(left), after=tuple(right))
