"""The arguments of `scrapy crawl news`, read and checked before the first request."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dates import format_utc, parse_age, parse_moment, utc_now
from newscrawl.errors import ConfigError
from newscrawl.sources import Source, is_paused, load_sources
from newscrawl.urls import normalise_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ARGUMENTS = ("url", "urls", "source", "since", "limit", "lang", "refresh", "wait", "max_time", "continuous")
NOT_CONTINUOUS = ("url", "urls", "source", "limit", "refresh", "max_time")
IGNORED_ARGUMENTS = ("_job", "_version")  # scrapyd adds these to every run
MAX_ADDRESS_FILE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run was asked for."""

    sources: tuple[Source, ...] = ()
    """Sites to look through for articles."""
    addresses: tuple[str, ...] = ()
    """Article addresses to fetch as they are, normalised, in the order given, without repeats."""
    since: str | None = None
    """Articles published before this UTC time are not wanted."""
    limit: int | None = None
    """At most this many articles."""
    languages: tuple[str, ...] = ()
    """Primary subtags of the languages wanted; empty: all."""
    refresh: bool = False
    """Fetch again what is known, whole."""
    wait_s: float | None = None
    """So long the run waits for a data directory that another one owns; None: as the setting says."""
    max_time_s: float | None = None
    """After so long the run ends in order."""
    is_continuous: bool = False
    """Crawl what is due again and again, until a signal comes."""
    is_named: bool = False
    """The operator named what to fetch."""


def read_plan(arguments: Mapping[str, str], sources_file: Path, *, now: datetime | None = None) -> Plan:
    """Read the spider arguments.

    Args:
        now: what ``since=7d`` counts back from; the present by default.

    Raises:
        ConfigError: one sentence that names the argument, file or source at fault.
    """
    _check_names(arguments)
    given = [name for name in ("url", "urls", "source") if name in arguments]
    if len(given) > 1:
        raise ConfigError(f"-a {given[0]} and -a {given[1]} cannot be given together; choose one")
    plan = Plan(
        since=_since(arguments["since"], now or datetime.now(UTC)) if "since" in arguments else None,
        limit=_limit(arguments["limit"]) if "limit" in arguments else None,
        languages=_languages(arguments.get("lang", "")),
        refresh=_yes("refresh", arguments.get("refresh", "false")),
        wait_s=_seconds("wait", arguments["wait"]) if "wait" in arguments else None,
        max_time_s=_seconds("max_time", arguments["max_time"]) if "max_time" in arguments else None,
        is_continuous=_yes("continuous", arguments.get("continuous", "false")),
        is_named=bool(given),
    )
    if plan.is_continuous and (other := next((name for name in NOT_CONTINUOUS if name in arguments), None)):
        raise ConfigError(f"-a continuous=true goes by the schedule, so -a {other} cannot be given with it")
    return _with_targets(plan, arguments, sources_file)


def _with_targets(plan: Plan, arguments: Mapping[str, str], sources_file: Path) -> Plan:
    sources: tuple[Source, ...] = ()
    addresses: tuple[str, ...] = ()
    if "url" in arguments:
        sources = (source_from_url(arguments["url"]),)
    elif "urls" in arguments:
        addresses = read_addresses(Path(arguments["urls"]))
    elif "source" in arguments:
        sources = _chosen(load_sources(sources_file), arguments["source"], sources_file)
    else:
        sources = _enabled(sources_file)
    return replace(plan, sources=sources, addresses=addresses)


def read_again(plan: Plan, sources_file: Path) -> Plan:
    """The plan of a crawl that goes on, with the sources as the file has them now.

    Raises:
        ConfigError: the file cannot be read.
    """
    return replace(plan, sources=_enabled(sources_file))


def _enabled(sources_file: Path) -> tuple[Source, ...]:
    enabled = tuple(source for source in load_sources(sources_file) if source.enabled)
    if not enabled:
        raise ConfigError(
            f"{sources_file} has no source with enabled = true; enable one there, "
            "or name a site with -a url=https://example.org"
        )
    return tuple(source for source in enabled if not is_paused(source, utc_now()))


def source_from_url(url: str) -> Source:
    """A source made from a bare address; a missing scheme means https.

    Raises:
        ConfigError: the address is none.
    """
    text = url.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        address = normalise_url(text)
    except ValueError as error:
        raise ConfigError(f"-a url={url}: {error}") from error
    site = site_of(address)
    return Source(id=site, name=site, url=address, enabled=True)


def read_addresses(path: Path) -> tuple[str, ...]:
    """Article addresses from a file: one a line, blank lines and lines starting with # skipped.

    Raises:
        ConfigError: names the file, or the line that is not an address.
    """
    try:
        if path.stat().st_size > MAX_ADDRESS_FILE_BYTES:
            raise ConfigError(f"-a urls={path}: larger than {MAX_ADDRESS_FILE_BYTES} bytes; split it")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigError(f"-a urls={path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"-a urls={path}: not UTF-8 text (byte {error.start})") from error
    addresses: dict[str, None] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            addresses[normalise_url(text)] = None
        except ValueError as error:
            raise ConfigError(f"{path}, line {number}: {error}") from error
    if not addresses:
        raise ConfigError(f"-a urls={path}: no address in it")
    return tuple(addresses)


def _check_names(arguments: Mapping[str, str]) -> None:
    for name in arguments:
        if name in ARGUMENTS or name in IGNORED_ARGUMENTS:
            continue
        close = difflib.get_close_matches(name, ARGUMENTS, n=1)
        hint = f"; did you mean -a {close[0]}=…?" if close else f"; known are {', '.join(ARGUMENTS)}"
        raise ConfigError(f"unknown argument -a {name}={arguments[name]}{hint}")


def _chosen(sources: Iterable[Source], wanted: str, sources_file: Path) -> tuple[Source, ...]:
    by_id = {source.id: source for source in sources}
    names = dict.fromkeys(name.strip() for name in wanted.split(",") if name.strip())
    if not names:
        raise ConfigError("-a source= names no source")
    for name in names:
        if name not in by_id:
            close = difflib.get_close_matches(name, by_id, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(f"no source {name} in {sources_file}{hint}")
    return tuple(by_id[name] for name in names)


def _since(text: str, now: datetime) -> str:
    """``7d``, ``12h``, ``2w``, or a date."""
    try:
        return format_utc(now - parse_age(text))
    except (ValueError, OverflowError):
        pass
    if moment := parse_moment(text, "UTC"):
        return moment.value
    raise ConfigError(f"-a since={text} is neither an age (7d, 12h, 2w) nor a date (2026-11-01)")


def _seconds(name: str, text: str) -> float:
    """``60``, ``90s``, ``10m``, ``2h``."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return parse_age(text).total_seconds()
    except (ValueError, OverflowError):
        raise ConfigError(f"-a {name}={text} is not a time such as 60, 90s, 10m or 2h") from None


def _yes(name: str, text: str) -> bool:
    if (word := text.strip().lower()) in {"true", "yes", "1", "false", "no", "0"}:
        return word in {"true", "yes", "1"}
    raise ConfigError(f"-a {name}={text} is neither true nor false")


def _limit(text: str) -> int:
    if text.strip().isdecimal() and int(text) > 0:
        return int(text)
    raise ConfigError(f"-a limit={text} is not a whole number above 0")


def _languages(text: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    for language in languages:
        if not (language.isascii() and language.isalpha() and len(language) in {2, 3}):
            raise ConfigError(f"-a lang={text}: {language!r} is not a language code such as en or de")
    return languages
