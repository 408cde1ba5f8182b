"""What a publisher reserves, read from the raw signals of the record, and which of it a run honours.

Each signal and where it stands: ``noindex``, ``noarchive``, ``noai``, ``noimageai`` and ``unavailable_after`` in meta
robots and X-Robots-Tag; ``tdm`` as TDMRep has it (W3C Community Group, 2024: header, meta element or well-known file);
``usage`` and ``train_ai`` in Content-Usage (IETF AIPREF drafts: header or robots.txt).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.dates import parse_moment
from newscrawl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from newscrawl.article import OptOut

SIGNALS = ("noindex", "noarchive", "noai", "noimageai", "unavailable_after", "tdm", "usage", "train_ai")
DEFAULT_HONOUR = "noindex,noai,unavailable_after,tdm,usage,train_ai"
"""What speaks of reading the text, or of the page being there. ``noarchive`` asks search engines to show no copy, and
every third outlet prints it on all of its pages; ``noimageai`` speaks of pictures, which are not fetched."""

_DIRECTIVES = {
    "noindex": frozenset({"noindex", "none"}),
    "noarchive": frozenset({"noarchive", "nocache"}),
    "noai": frozenset({"noai"}),
    "noimageai": frozenset({"noimageai"}),
}
_USES = {
    "usage": frozenset({"bots", "all", "tdm"}),
    "train_ai": frozenset({"train-ai", "train-genai", "ai-train", "ai", "genai"}),
}
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_AGENT = re.compile(r"[a-z][a-z0-9_.-]*")
_USE = re.compile(r"([a-z*][a-z0-9_.*-]*)\s*=\s*(\?[01]|[a-z]+)")


def read_honour(text: str, name: str = "NEWSCRAWL_HONOUR") -> frozenset[str]:
    """The signals a setting names, comma-separated; an empty text: none.

    Raises:
        ConfigError: one of them is none.
    """
    named = frozenset(word.strip().lower() for word in text.split(",") if word.strip())
    if unknown := sorted(named - frozenset(SIGNALS)):
        raise ConfigError(f"{name}: {unknown[0]!r} is no signal; there are {', '.join(SIGNALS)}")
    return named


def opted_out(optout: OptOut, honour: Collection[str], *, agents: Collection[str], at: str) -> str | None:
    """The signal, as printed, that keeps an article out; None when none does.

    Args:
        honour: of `SIGNALS`.
        agents: our names in lower case, for directives that speak to one crawler.
        at: the moment, UTC ``YYYY-MM-DDTHH:MM:SSZ``.
    """
    for place, raw in (("meta robots", optout.meta_robots), ("X-Robots-Tag", optout.x_robots_tag)):
        for directive, value in _directives(raw or "", agents):
            if directive == "unavailable_after":
                moment = parse_moment(value, "UTC") if directive in honour else None
                past = moment is not None and moment.value < at
            else:
                past = any(directive in _DIRECTIVES.get(signal, ()) for signal in honour)
            if past:
                return f"{place}: {directive}{f': {value}' if value else ''}"
    if "tdm" in honour and optout.tdm_reservation is not None and optout.tdm_reservation.split(",")[0].strip() == "1":
        return "tdm-reservation: 1"
    for match in _USE.finditer((optout.content_usage or "").lower()):
        if match[2] in {"n", "no", "?0", "disallow"} and any(match[1] in _USES.get(signal, ()) for signal in honour):
            return f"Content-Usage: {match[0]}"
    return None


def _directives(raw: str, agents: Collection[str]) -> Iterator[tuple[str, str]]:
    """Directives that speak to us, with their values: those of no agent, and those of ours.

    ``googlebot: noindex, nofollow; noarchive``: an agent's name holds until the end of its line, and `; ` stands
    between lines. A date may have commas of its own.
    """
    for printed in raw.split(";"):
        is_ours = True
        pieces = printed.split(",")
        while pieces:
            piece = pieces.pop(0).strip()
            name, colon, value = (part.strip() for part in piece.partition(":"))
            name = name.lower()
            if colon and name not in _WITH_VALUE and _AGENT.fullmatch(name):
                is_ours = name in agents or name in {"*", "robots"}
                pieces.insert(0, value)
                continue
            if name == "unavailable_after":
                while pieces and not any(char.isdigit() for char in value):  # "Wed, 25 Jun 2026"
                    value = f"{value},{pieces.pop(0)}"
            if name and is_ours:
                yield name, value
