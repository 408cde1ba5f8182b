"""``/.well-known/tdmrep.json``: what a site reserves for text and data mining (TDMRep, W3C Community Group, 2024).

A list of rules, each for the addresses that its ``location`` matches, with the wildcards of robots.txt. The first rule
that matches counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from newscrawl.robots import Rule, path_of, path_rule

MAX_BYTES = 256 * 1024
MAX_RULES = 1_000
MAX_VALUE_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TdmRule:
    """What is declared for some addresses; values raw."""

    location: Rule
    reservation: str
    policy: str | None


def read_tdmrep(body: bytes) -> tuple[TdmRule, ...]:
    """The rules of a file, in its order; what is no rule is left out, and of what is no such file nothing is read."""
    try:
        entries = json.loads(body[:MAX_BYTES])
    except (ValueError, RecursionError):
        return ()
    rules = []
    for entry in entries[:MAX_RULES] if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        location, policy = entry.get("location"), entry.get("tdm-policy")
        reservation = entry.get("tdm-reservation")
        if isinstance(location, str) and location and str(reservation) in {"0", "1"}:
            rules.append(
                TdmRule(
                    location=path_rule("", location[:MAX_VALUE_CHARS]),
                    reservation=str(reservation),
                    policy=policy[:MAX_VALUE_CHARS] if isinstance(policy, str) and policy.isprintable() else None,
                )
            )
    return tuple(rules)


def tdm_rule(rules: tuple[TdmRule, ...], url: str) -> TdmRule | None:
    """The rule that speaks of an address."""
    path = path_of(url)
    return next((rule for rule in rules if rule.location.matches(path)), None)
