"""Source, `load_sources` and `wants`: the publishers of ``sources.toml``, typed and checked."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from newscrawl.dates import parse_moment
from newscrawl.errors import ConfigError
from newscrawl.text.language import declared_language
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES = 50_000_000
MAX_PATTERN_CHARS = 200
MAX_PATTERNS = 100
"""Of each list of a source."""
MAX_DELAY_S = 3600.0
MAX_ID_CHARS = 64
MAX_NAME_CHARS = 200
RESUMED = "resumed"
"""``paused_until = "resumed"``: a pause without a date goes on until somebody ends it."""
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_NOT_OF_AN_ID = re.compile(r"[^a-z0-9]+")
_ENTRY_POINTS = ("url", "feeds", "news_sitemaps", "sitemaps", "sections")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One publisher and where its articles are found."""

    id: str
    """Stable: the key in dumps and state."""
    name: str
    url: str | None = None
    """Front page; what is not listed below is looked for from here."""
    country: str | None = None
    """ISO 3166 code of the country it is published in."""
    languages: tuple[str, ...] = ()
    """BCP 47 tags; empty: not known."""
    feeds: tuple[str, ...] = ()
    news_sitemaps: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    """Shell patterns; only articles whose path is like one of them are wanted. Empty: all."""
    leave: tuple[str, ...] = ()
    """Shell patterns; articles whose path is like one of them are left alone, whatever `take` says."""
    delay_s: float | None = None
    """Seconds between two requests to its host; None: as the settings say."""
    time_zone: str | None = None
    """IANA zone of times that the site prints without an offset."""
    javascript: bool = False
    """Pages of it that only scripts fill are rendered once, in a browser."""
    paused_until: str | None = None
    """UTC ``YYYY-MM-DDTHH:MM:SSZ``, or `RESUMED`; until then it is crawled only when it is named. None: not paused."""
    enabled: bool = False
    """A source that is not enabled is crawled only when it is named."""


def is_paused(source: Source, now: str) -> bool:
    """Whether a pause of the source goes on; `now` is UTC ``YYYY-MM-DDTHH:MM:SSZ``."""
    until = source.paused_until
    return until is not None and (until == RESUMED or now < until)


def wants(source: Source, url: str) -> bool:
    """Whether the path of an article's address is one that the source takes and does not leave.

    The path counts as people read it, without percent-encoding; query and host do not count. In time linear in its
    length: each text between two stars is looked for once, never tried again.
    """
    if not source.take and not source.leave:
        return True
    path = unquote(urlsplit(url).path) or "/"
    if any(fnmatchcase(path, pattern) for pattern in source.leave):
        return False
    return not source.take or any(fnmatchcase(path, pattern) for pattern in source.take)


def source_id(host: str) -> str:
    """The id that a host gives its source: ``www.harbour-times.example`` is ``harbour-times-example``."""
    plain = _NOT_OF_AN_ID.sub("-", host.lower().removeprefix("www.")).strip("-")
    return (plain if plain[:1].isalpha() else f"site-{plain}")[:MAX_ID_CHARS].strip("-")


def new_source(
    url: str,
    *,
    name: str | None = None,
    feeds: tuple[str, ...] = (),
    language: str | None = None,
    enabled: bool = False,
) -> Source:
    """A source of a site's address; a missing scheme means https, a missing name is the host.

    Args:
        name, language: as a stranger wrote them; what is not usable of them is left out.

    Raises:
        ConfigError: the address is none.
    """
    text = url.strip()
    try:
        address = normalise_url(text if "://" in text else f"https://{text}")
    except ValueError as error:
        raise ConfigError(f"{url[:200]}: {error}") from None
    host = urlsplit(address).hostname or ""
    shown = " ".join("".join(char if char.isprintable() else " " for char in name or "").split())[:MAX_NAME_CHARS]
    tag = declared_language(language) if language else None
    return Source(
        id=source_id(host),
        name=shown or host.removeprefix("www."),
        url=address,
        languages=(tag,) if tag else (),
        feeds=feeds,
        enabled=enabled,
    )


def entry_text(source: Source) -> str:
    """The source as an entry of a sources file: what `load_sources` reads as this source."""
    lines = ["[[source]]"]
    for field in fields(Source):
        value = getattr(source, field.name)
        if (value not in {None, ()} and value is not False) or field.name == "enabled":
            # What JSON writes of printable text, numbers, lists of text and booleans is TOML too.
            lines.append(f"{field.name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def load_sources(path: Path) -> tuple[Source, ...]:
    """Read every source of the file, in its order.

    Raises:
        ConfigError: one sentence that names the file, the entry and the key at fault.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise ConfigError(f"{path}: the file is larger than {MAX_FILE_BYTES} bytes.")
    except OSError as error:
        raise ConfigError(f"{path}: the sources file cannot be read: {error.strerror}.") from None
    return _sources(path, data)


@lru_cache(maxsize=1)  # a run reads its file more than once, and 10,000 entries take most of a second
def _sources(path: Path, data: bytes) -> tuple[Source, ...]:
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the file is not UTF-8 (byte {error.start}).") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}.") from None
    if unknown := sorted(set(document) - {"source"}):
        raise ConfigError(f"{path}: unknown key {unknown[0]!r}; every publisher is a [[source]] entry.")
    entries = document.get("source", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f"{path}: 'source' must be written as [[source]] entries.")
    sources: dict[str, Source] = {}
    for number, entry in enumerate(entries, start=1):
        source = _source(entry, f"{path}: source {number} ({entry.get('id', 'no id')!r})")
        if source.id in sources:
            raise ConfigError(f"{path}: source {number} ({source.id!r}): the id is used by an entry before it.")
        sources[source.id] = source
    return tuple(sources.values())


def _source(entry: dict[str, Any], where: str) -> Source:
    if unknown := sorted(set(entry) - {field.name for field in fields(Source)}):
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}.")
    identifier = _text(entry, "id", where)
    if identifier is None or not _ID.match(identifier):
        raise ConfigError(f"{where}: 'id' must be lower-case letters, digits and hyphens, 1 to 64, a letter first.")
    name = _text(entry, "name", where)
    if name is None:
        raise ConfigError(f"{where}: 'name' is missing.")
    if not any(entry.get(key) for key in _ENTRY_POINTS):
        raise ConfigError(f"{where}: one of {', '.join(_ENTRY_POINTS)} is needed.")
    url = _text(entry, "url", where)
    return Source(
        id=identifier,
        name=name,
        url=None if url is None else _address(url, "url", where),
        country=_country(entry, where),
        languages=tuple(_language(tag, where) for tag in _texts(entry, "languages", where)),
        feeds=_addresses(entry, "feeds", where),
        news_sitemaps=_addresses(entry, "news_sitemaps", where),
        sitemaps=_addresses(entry, "sitemaps", where),
        sections=_addresses(entry, "sections", where),
        take=_patterns(entry, "take", where),
        leave=_patterns(entry, "leave", where),
        delay_s=_delay(entry, where),
        time_zone=_time_zone(entry, where),
        javascript=_truth(entry, "javascript", where),
        paused_until=_paused_until(entry, where),
        enabled=_truth(entry, "enabled", where),
    )


def _truth(entry: dict[str, Any], key: str, where: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: {key!r} must be true or false, not {value!r}.")
    return value


def _text(entry: dict[str, Any], key: str, where: str) -> str | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where}: {key!r} must be a text that is not empty, not {value!r}.")
    return value.strip()


def _texts(entry: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ConfigError(f"{where}: {key!r} must be a list of texts, not {values!r}.")
    return tuple(dict.fromkeys(value.strip() for value in values))


def _address(url: str, key: str, where: str) -> str:
    """The address as written: a feed may need the very parameters that normalising takes away."""
    try:
        normalise_url(url)
    except ValueError as error:
        raise ConfigError(f"{where}: {key!r}: {error}.") from None
    return url


def _addresses(entry: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    return tuple(_address(url, key, where) for url in _texts(entry, key, where))


def _patterns(entry: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    patterns = _texts(entry, key, where)
    if len(patterns) > MAX_PATTERNS:
        raise ConfigError(f"{where}: {key!r} has {len(patterns)} patterns; {MAX_PATTERNS} are the most.")
    for pattern in patterns:
        if not pattern.startswith(("/", "*")) or len(pattern) > MAX_PATTERN_CHARS:
            raise ConfigError(
                f"{where}: {key!r}: {pattern[:60]!r} must be the pattern of a path such as /news/*: "
                f"/ or * first, at most {MAX_PATTERN_CHARS} characters."
            )
    return patterns


def _delay(entry: dict[str, Any], where: str) -> float | None:
    seconds = entry.get("delay_s")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_DELAY_S:
        raise ConfigError(f"{where}: 'delay_s' must be seconds from 0 to {MAX_DELAY_S:g}, not {seconds!r}.")
    return float(seconds)


def _country(entry: dict[str, Any], where: str) -> str | None:
    code = _text(entry, "country", where)
    if code is not None and not _COUNTRY.match(code):
        raise ConfigError(f"{where}: 'country' must be two capital letters such as KZ, not {code!r}.")
    return code


def _language(tag: str, where: str) -> str:
    language = declared_language(tag)
    if language is None:
        raise ConfigError(f"{where}: 'languages': {tag!r} is not a language tag such as en or pt-BR.")
    return language


def _time_zone(entry: dict[str, Any], where: str) -> str | None:
    name = _text(entry, "time_zone", where)
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(f"{where}: 'time_zone': there is no time zone {name!r}; Asia/Almaty is one.") from None
    return name


def _paused_until(entry: dict[str, Any], where: str) -> str | None:
    """A text, or one of TOML's own dates and times; without an offset it is UTC."""
    value = entry.get("paused_until")
    if value is None or value == RESUMED:
        return value
    text = value.isoformat() if isinstance(value, date) else value
    moment = parse_moment(text, "UTC") if isinstance(text, str) else None
    if moment is None:
        raise ConfigError(
            f"{where}: 'paused_until' must be a UTC day or time such as 2026-12-01, or {RESUMED!r}, not {str(value)!r}."
        )
    return moment.value
