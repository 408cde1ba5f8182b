"""Settings to typed options: a mapping in, a frozen dataclass out.

A field's metadata may narrow its value: ``minimum`` (0 when not given; None: no bound), ``maximum``,
``choices``.
"""

from __future__ import annotations

import math
import types
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

SETTING_PREFIX = "NEWSCRAWL_"
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_NOTHING = frozenset({"", "none", "null"})


def setting_names(cls: type, prefix: str) -> tuple[str, ...]:
    """The names of the settings that `read_options` looks up, in the order of the fields."""
    return tuple(_setting(field, prefix) for field in fields(cls))


def read_options(cls: type[T], settings: Mapping[str, Any], prefix: str) -> T:
    """Make `cls` of the settings: field ``min_text_chars``, prefix ``EXTRACT_``: ``NEWSCRAWL_EXTRACT_MIN_TEXT_CHARS``.

    Texts, as ``-s`` on a command line gives them, become the type of the field. A setting that is missing,
    or None where the field cannot be None, leaves the default.

    Raises:
        ConfigError: names the setting and its value.
    """
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in fields(cls):  # type: ignore[arg-type]
        name = _setting(field, prefix)
        raw = settings.get(name)
        if raw is None and (name not in settings or not _takes_none(hints[field.name])):
            if field.default is MISSING and field.default_factory is MISSING:
                raise ConfigError(f"The setting {name} is missing and has no default.")
            continue
        try:
            values[field.name] = _within(field, _convert(hints[field.name], raw))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"The setting {name} is {raw!r}: {error}.") from None
    return cls(**values)


def check_known(settings_names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse settings of ours that nothing reads: a misspelt one would silently do nothing.

    Raises:
        ConfigError: names the first unknown ``NEWSCRAWL_`` setting and the known one nearest to it.
    """
    names = sorted(set(known))
    for name in sorted(set(settings_names) - set(names)):
        if name.startswith(SETTING_PREFIX):
            near = get_close_matches(name, names, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ConfigError(f"There is no setting {name}.{hint}")


def _setting(field: Field[Any], prefix: str) -> str:
    return f"{SETTING_PREFIX}{prefix}{field.name}".upper()


def _takes_none(hint: Any) -> bool:
    return get_origin(hint) in {Union, types.UnionType} and type(None) in get_args(hint)


def _convert(hint: Any, raw: Any) -> Any:
    """`raw` as the type of the field.

    Raises:
        ValueError: what the value must be, as the end of a sentence.
    """
    if _takes_none(hint):
        if raw is None or (isinstance(raw, str) and raw.strip().lower() in _NOTHING):
            return None
        (hint,) = (arg for arg in get_args(hint) if arg is not type(None))
    if get_origin(hint) is tuple:
        return _texts(raw)
    if hint is bool:
        return _truth(raw)
    if hint in {int, float}:
        return _number(hint, raw)
    if hint is str:
        if not isinstance(raw, str):
            raise ValueError("it must be a text")
        return raw
    raise TypeError(f"no setting can be of type {hint}")


def _texts(raw: Any) -> tuple[str, ...]:
    pieces = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(pieces, (list, tuple, set, frozenset)) or not all(isinstance(piece, str) for piece in pieces):
        raise ValueError("it must be a list of texts or a text with commas")
    ordered = sorted(pieces) if isinstance(pieces, (set, frozenset)) else pieces
    return tuple(stripped for piece in ordered if (stripped := piece.strip()))


def _truth(raw: Any) -> bool:
    word = str(raw).strip().lower()
    if not isinstance(raw, (bool, int, str)) or word not in _TRUE | _FALSE:
        raise ValueError("it must be true or false")
    return word in _TRUE


def _number(kind: type[int] | type[float], raw: Any) -> int | float:
    wanted = "a whole number" if kind is int else "a number"
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)) or (kind is int and isinstance(raw, float)):
        raise ValueError(f"it must be {wanted}")
    try:
        number = kind(raw)
    except (ValueError, OverflowError):
        raise ValueError(f"it must be {wanted}") from None
    if not math.isfinite(number):
        raise ValueError("it must be finite")
    return number


def _within(field: Field[Any], value: Any) -> Any:
    """The value, if the metadata of its field allows it."""
    choices = field.metadata.get("choices")
    if choices is not None and value is not None:
        wrong = [piece for piece in (value if isinstance(value, tuple) else (value,)) if piece not in choices]
        if wrong:
            raise ValueError(f"it must be one of {', '.join(map(str, choices))}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        minimum = field.metadata.get("minimum", 0)
        maximum = field.metadata.get("maximum")
        if minimum is not None and value < minimum:
            raise ValueError(f"it must be at least {minimum}")
        if maximum is not None and value > maximum:
            raise ValueError(f"it must be at most {maximum}")
    return value
