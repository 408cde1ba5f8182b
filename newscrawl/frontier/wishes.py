"""How long a site asks that its feed be left alone: RSS ``ttl``, ``sy:updatePeriod``, ``Cache-Control``.

These are wishes for a lower bound, and many are defaults of a program that nobody thought about (WordPress says
"hourly" of every feed), so they are heard up to `LONGEST_WISH_S`.
"""

from __future__ import annotations

import re

LONGEST_WISH_S = 3600.0
_HEAD_BYTES = 16 * 1024
_ENTRY = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s{0,20}(\d{1,6})\s{0,20}</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<sy:updatePeriod>\s{0,20}([a-z]{1,10})\s{0,20}</sy:updatePeriod>", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<sy:updateFrequency>\s{0,20}(\d{1,6})\s{0,20}</sy:updateFrequency>", re.IGNORECASE)
_PERIOD_S = {b"hourly": 3600, b"daily": 86_400, b"weekly": 604_800, b"monthly": 2_592_000, b"yearly": 31_536_000}
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s{0,5}=\s{0,5}\"?(\d{1,9})", re.IGNORECASE | re.ASCII)


def wished_s(body: bytes, cache_control: str | None, age: str | None = None) -> float:
    """Seconds, at most `LONGEST_WISH_S`, for which the answer should not be asked for again; 0: no wish.

    Args:
        body: a feed; what is none has no wish.
        cache_control: the header, and `age` the one that says how old the answer was already (RFC 9111, 4.2).
    """
    return min(max(_feed_s(body), _cache_s(cache_control or "", age or "")), LONGEST_WISH_S)


def _feed_s(body: bytes) -> float:
    head = body[:_HEAD_BYTES]
    if first := _ENTRY.search(head):
        head = head[: first.start()]
    wishes = [float(ttl[1]) * 60] if (ttl := _TTL.search(head)) else []
    if period := _PERIOD.search(head):
        times = int(frequency[1]) if (frequency := _FREQUENCY.search(head)) else 1
        wishes.append(_PERIOD_S.get(period[1].lower(), 0) / max(times, 1))
    return max(wishes, default=0.0)


def _cache_s(cache_control: str, age: str) -> float:
    match = _MAX_AGE.search(cache_control)
    if match is None:
        return 0.0
    spent = int(age) if age.isascii() and age.isdecimal() and len(age) <= 9 else 0
    return float(max(int(match[1]) - spent, 0))
