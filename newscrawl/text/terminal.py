"""Text of strangers made fit for a terminal or a page of ours: nothing in it drives either."""

from __future__ import annotations

# C0 and C1 controls, line separators, and what turns the direction of everything that follows it.
_SCARY = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")
_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_TABLE = {**_SCARY, **_TURNING, **_SURROGATES}


def plain(text: str, max_chars: int | None = None) -> str:
    """One line without control characters, direction overrides and lone surrogates; cut with "…" where too long."""
    if max_chars is not None and len(text) > max_chars:
        text = f"{text[: max_chars - 1]}…"
    return text.translate(_TABLE)
