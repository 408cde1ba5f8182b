"""Which records may be used for what: the publishers' opt-outs, as read when the page was fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newscrawl.article import OptOut
from newscrawl.optout import DEFAULT_HONOUR, opted_out, read_honour

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOW = ("train-ai",)
"""Uses that an export can be made for."""

AI_AGENTS = frozenset(
    {
        *("ai2bot", "amazonbot", "anthropic-ai", "applebot-extended", "bytespider", "ccbot", "claudebot"),
        *("cohere-ai", "diffbot", "google-extended", "gptbot", "meta-externalagent", "newscrawl", "omgili"),
    }
)
"""Crawlers that gather texts for training: what a page says to one of them alone, it says of this use."""


def forbids_training(record: Mapping[str, Any], *, at: str) -> str | None:
    """The signal, as printed, that forbids to train AI with an article; None: none was read.

    Each signal that keeps an article out of a crawl by default keeps it out here, however the crawl was set:
    noindex, noarchive and noai (meta robots and X-Robots-Tag, to all or to one of `AI_AGENTS`), unavailable_after
    when it has passed, ``tdm-reservation: 1`` (TDMRep), and Content-Usage that refuses bots, TDM or AI training
    (IETF AIPREF). That nothing was read is no consent: archives and plain texts often come without headers.

    Args:
        at: the moment, UTC ``YYYY-MM-DDTHH:MM:SSZ``.
    """
    raw = OptOut(**{name: record["optout"].get(name) for name in OptOut.__slots__})
    return opted_out(raw, read_honour(DEFAULT_HONOUR), agents=AI_AGENTS, at=at)
