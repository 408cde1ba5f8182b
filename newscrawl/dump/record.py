"""Dataclass <-> record <-> line: one order of fields, one way to write JSON."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from newscrawl.article import Article

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

# JSON allows these inside a string, but some readers end a line there (str.splitlines, JavaScript before 2019).
_LINE_BREAKERS = (("\u2028", "\\u2028"), ("\u2029", "\\u2029"), ("\x85", "\\u0085"))
_SURROGATES = re.compile("[\ud800-\udfff]")
_PLAIN = frozenset({str, int, float, bool, NoneType})
_WRONG = object()


def record_fields(cls: type[Any]) -> tuple[str, ...]:
    """Names of the fields that go into the record, in the order of the dump."""
    return _record_fields(cls)  # type: ignore[arg-type]  # mypy: classes are hashable


def record(line: Any) -> dict[str, Any]:
    """The JSON-native record of an `Article` or of another line dataclass, in schema order.

    What only travels with an article (``removed``) is left out.
    """
    return {name: _native(getattr(line, name)) for name in record_fields(type(line))}


def to_line(values: Mapping[str, Any]) -> bytes:
    """One line of JSON in UTF-8 with its newline; never fails on text.

    U+2028, U+2029 and U+0085 are escaped, so that every reader agrees on what a line is. A lone surrogate,
    which UTF-8 cannot hold, becomes U+FFFD.

    Raises:
        ValueError: a number is NaN or infinite, which JSON does not know.
    """
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    for breaker, escaped in _LINE_BREAKERS:  # ten times as fast as str.translate
        text = text.replace(breaker, escaped)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode() + b"\n"


def article_from(values: Mapping[str, Any]) -> Article:
    """The article of a record. Keys it does not know are left out; what is missing or of another type is the default.

    Nothing else is checked: `newscrawl.dump.reader.verify` proves records, `newscrawl.refine` checks articles.
    """
    return _build(Article, values)


def _native(value: Any) -> Any:
    if type(value) in _PLAIN:  # nearly all; asking whether a text is a dataclass takes ten times as long
        return value
    if isinstance(value, tuple | list):
        return [_native(each) for each in value]
    if is_dataclass(value):
        return record(value)
    return value


@cache
def _record_fields(cls: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(cls) if each.metadata.get("record", True))


@cache
def _types(cls: type[Any]) -> dict[str, Any]:
    return get_type_hints(cls)


def _build(cls: type[T], values: Mapping[str, Any]) -> T:
    """An instance of a dataclass from a mapping of any quality; KeyError when a field without default is missing."""
    known: dict[str, Any] = {}
    types = _types(cls)  # type: ignore[arg-type]  # as above
    for each in fields(cls):  # type: ignore[arg-type]
        value = _read(types[each.name], values.get(each.name, _WRONG))
        if value is not _WRONG:
            known[each.name] = value
        elif each.default is MISSING and each.default_factory is MISSING:
            raise KeyError(each.name)
    return cls(**known)


def _read(expected: Any, value: Any) -> Any:
    """The value as the annotation wants it, or `_WRONG`."""
    if value is _WRONG:
        return _WRONG
    if get_origin(expected) in {UnionType, Union}:
        if value is None:
            return None if NoneType in get_args(expected) else _WRONG
        expected = next(each for each in get_args(expected) if each is not NoneType)
    if get_origin(expected) is tuple:
        item = get_args(expected)[0]
        if not isinstance(value, list | tuple):
            return _WRONG
        return tuple(read for each in value if (read := _read(item, each)) is not _WRONG)
    if is_dataclass(expected):
        return _nested(expected, value)  # type: ignore[arg-type]
    # bool is an int to Python, not to JSON.
    return value if isinstance(value, expected) and not isinstance(value, bool) else _WRONG


def _nested(cls: type[Any], value: Any) -> Any:
    if isinstance(value, cls):
        return value
    if not isinstance(value, dict):
        return _WRONG
    try:
        return _build(cls, value)
    except KeyError:
        return _WRONG
