"""Names of people as bylines write them: told apart, bare, and told from other words."""

from __future__ import annotations

import re
from functools import cache

from newscrawl.extract.wording import words
from newscrawl.text.fold import fold

MAX_NAME_CHARS = 80
MAX_NAME_WORDS = 7
MAX_PRINTED_WORDS = 4
GIVEN = frozenset({"dan"})
DIGIT = re.compile(r"\d")
BRACKETED = re.compile(r"\s*[(\[][^()\[\]]{0,80}(?:[)\]]|$)")
NOT_A_NAME = re.compile(r"https?:|www\.|[@#<>{}=]|\d{3}|\.(?:com|net|org|html?|php)\b", re.IGNORECASE)
SEPARATOR = re.compile(r"\s*[;|&•·\n]\s*|\s+/\s+|,\s+|\s*、\s*|\s+[-–—]\s+")
CREDENTIAL = re.compile(r"^(?:ph\.?\s?d|m\.?d|mba|m\.?sc?|jr|sr|i{2,3}|esq|cfp|cpa|rn|rd|dds|mph)\.?$", re.IGNORECASE)


def split_names(text: str) -> tuple[str, ...]:
    """The names in a byline, without "by" and without credentials."""
    chunks = [after_by().sub("", chunk.strip(), count=1) for chunk in SEPARATOR.split(text)]
    parts = [part for chunk in chunks for part in between().split(chunk)]
    names = [_role().sub("", BRACKETED.sub("", part)).strip(" ,.;:-–—()[]\"'*") for part in parts]
    return tuple(name for name in names if is_name(name))


def is_name(text: str) -> bool:
    """Whether this may be the name of a person or an agency: short, no address, no sentence."""
    if not 2 <= len(text) <= MAX_NAME_CHARS or NOT_A_NAME.search(text) or CREDENTIAL.match(text):
        return False
    return len(text.split()) <= MAX_NAME_WORDS and any(c.isalpha() for c in text)


def is_full_name(name: str) -> bool:
    """Two to four words that begin with capitals, particles apart: a name where a single word may be anything."""
    parts = [word for word in name.split() if word not in words("byline", "particles")]
    return 2 <= len(parts) <= MAX_PRINTED_WORDS and not DIGIT.search(name) and all(word[0].isupper() for word in parts)


def is_note(name: str) -> bool:
    """Whether, beside a full name, this is what is said of it: "writes from Oldtown", "Health Correspondent"."""
    parts = name.split()
    has_small = any(word[0].islower() for word in parts if word not in words("byline", "particles"))
    return (
        len(parts) > 1 and (has_small and (parts[0][0].islower() or len(parts) > MAX_PRINTED_WORDS))
    ) or ends_with_role(name)


def is_person(name: str) -> bool:
    """Whether this is a full name and no role."""
    return is_full_name(name) and not ends_with_role(name)


def ends_with_role(name: str) -> bool:
    """Whether the last of several words is a role."""
    *first, last = name.split()
    return bool(first) and fold(last) in _roles()


@cache
def _roles() -> frozenset[str]:
    return frozenset(fold(word) for word in words("byline", "roles"))


@cache
def after_by() -> re.Pattern[str]:
    """Matches "by" and its like at the beginning of a line that goes on."""
    choices = "|".join(re.escape(word) for word in words("byline", "before"))
    return re.compile(rf"^(?:{choices})(?:\s*[:：・]\s*|\s+)(?=\S)", re.IGNORECASE)


@cache
def between() -> re.Pattern[str]:
    """Matches "and" and its like between two names; with capitals only where that is no initial ("E") and no name."""
    small = words("byline", "between")
    large = [
        form for word in small if len(word) > 2 and word not in GIVEN for form in (word.capitalize(), word.upper())
    ]
    choices = "|".join(re.escape(word) for word in (*small, *large))
    return re.compile(rf"\s+(?:{choices})\s+")


@cache
def _role() -> re.Pattern[str]:
    """What follows a name in one breath, or stands for a whole name."""
    suffixes = "|".join(re.escape(word) for word in words("byline", "suffixes"))
    roles = "|".join(re.escape(word) for word in words("byline", "roles"))
    return re.compile(rf"\s+(?:{suffixes})\s*$|^(?:{roles})$", re.IGNORECASE)
