"""One form for every text field: NFC, no invisible characters, no mojibake, no escaped signs, plain white space.

NFC, never NFKC: "x²" stays "x²". Quotation marks, dashes, ligatures and wide letters stay as printed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_ROUNDS = 5
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_TAG_FLAG = "\U0001f3f4"

# Invisible and never part of a word: controls, soft hyphen, grapheme joiner, Arabic letter mark, zero-width space,
# directional marks, embeddings and isolates, word joiner and invisible operators, BOM, annotations, noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]+"
)
_BLANKS = re.compile("[\u2800\u3164\uffa0]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = re.compile(f"[{_ZWNJ}{_ZWJ}\u180e]+")
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_PLAIN_SPACES = ("\n", "\xa0", "\u202f", "\u2009", "\u3000")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_LONGEST_SIGN = 8  # characters
_INVISIBLE_LETTERS = ("\u034f", "\u2800", "\u3164", "\uffa0")  # letters, marks and symbols to Unicode
_JOINING_SCRIPTS = re.compile(
    # Arabic, Syriac, Thaana, N'Ko; Indic scripts; Tibetan, Burmese, Khmer, Mongolian; Balinese to Lepcha; later blocks.
    "[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1a20-\u1c4f\ua800-\ua8ff"
    "\ua980-\uaaff\uabc0-\uabff\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
# Escaped once too often: "&amp;quot;" in a page prints "&quot;". Signs of text alone; "&lt;p&gt;" is said of markup.
_AMP = "(?:amp|#0{0,6}38|#[xX]0{0,6}26);"
_ESCAPED = re.compile(
    rf"&(?:{_AMP})*(?:{_AMP}|(?:quot|apos|nbsp|shy|[lr][sd]quo|[bs]dquo|sbquo|[lr]aquo|[nm]dash|hellip|bull|euro|pound);"
    "|#[0-9]{2,7};|#[xX][0-9a-fA-F]{2,6};)"
)
_NEW_LINES = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
# An en dash before a paragraph begins direct speech in half of Europe: it stays as it is printed.
_BULLET = re.compile(r"\A[•\-*·▪‣] (?=\S)")
_LINE_OF_ITS_OWN = re.compile(r"\A[•\-–*·▪‣] (?=\S)")


def normalise_line(text: str) -> str:
    """The text as one line: no white space around it, single spaces inside. Running it again changes nothing."""
    return _line(text)[0]


def normalise_text(text: str) -> tuple[str, bool]:
    """The text as paragraphs one blank line apart, and whether its encoding was repaired.

    A blank line ends a paragraph; other line breaks become spaces, except that a line with a list bullet
    is a paragraph of its own, written "- …".
    """
    repaired = False
    paragraphs: list[str] = []
    line = _spaced if _is_plain(text) else _line
    for block in _BLANK_LINES.split(_NEW_LINES.sub("\n", text)):
        for lines, fixed in _items(block, line):
            # Once more when joined: a mojibake letter may have been broken over two lines.
            paragraph, joined_fixed = line(" ".join(lines)) if len(lines) > 1 else ("".join(lines), False)
            repaired = repaired or fixed or joined_fixed
            if paragraph:
                paragraphs.append(_BULLET.sub("- ", paragraph, count=1))
    return "\n\n".join(paragraphs), repaired


def _items(block: str, normalise: Callable[[str], tuple[str, bool]]) -> Iterator[tuple[list[str], bool]]:
    """The normalised lines of each paragraph of a block, and whether one was repaired."""
    lines: list[str] = []
    repaired = False
    for raw in block.split("\n"):
        line, fixed = normalise(raw)
        if lines and _LINE_OF_ITS_OWN.match(line):
            yield lines, repaired
            lines, repaired = [], False
        repaired = repaired or fixed
        if line:
            lines.append(line)
    yield lines, repaired


def _line(text: str) -> tuple[str, bool]:
    """The normalised line, and whether mojibake was repaired."""
    if _is_plain(text):
        return _spaced(text)
    repaired = False
    if not text.isascii() and _SURROGATE.search(text):
        # Halves of one character become that character again; a half alone is nothing.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    for _ in range(_MAX_ROUNDS):
        before = text
        text = _ESCAPED.sub(_unescaped, text)
        if not text.isascii():
            # Before anything is removed: in mojibake a soft hyphen or a control is half a letter.
            text, escaped = _repair(text), text
            repaired = repaired or text != escaped
        text = _plain(text)
        if text == before or (text.isascii() and "&" not in text):
            break
    return text, repaired


def _is_plain(text: str) -> bool:
    """Whether nothing but white space can need work: said once of a whole text, it spares the work on each line."""
    if "&" in text and _ESCAPED.search(text):
        return False
    visible = text
    for space in _PLAIN_SPACES:
        visible = visible.replace(space, "")
    # Controls, joiners, tags, surrogates and whatever else has no shape are not printable, says Unicode.
    if not visible.isprintable() or any(letter in visible for letter in _INVISIBLE_LETTERS):
        return False
    return text.isascii() or (unicodedata.is_normalized("NFC", text) and not _ftfy()[1](_around_beyond_ascii(text)))


def _around_beyond_ascii(text: str) -> str:
    """What a sign of mojibake can be part of: no sign is all ASCII, and none reaches further than this."""
    pieces, end = [], 0
    for match in _BEYOND_ASCII.finditer(text):
        start = max(end, match.start() - _LONGEST_SIGN)
        end = match.end() + _LONGEST_SIGN
        pieces.append(text[start:end])
    return "".join(pieces)


def _unescaped(match: re.Match[str]) -> str:
    """The sign that an entity stands for, escaped however often; what could be part of another one stays as it is."""
    sign = html.unescape(f"&{match[0].rpartition('&')[2].removesuffix(';').rpartition(';')[2]};")
    if sign == "\ufffd":
        return ""
    return match[0] if sign.isascii() and (sign.isalnum() or sign in "#;<>") else sign


def _spaced(text: str) -> tuple[str, bool]:
    return " ".join(text.split()), False


def _repair(text: str) -> str:
    fix, is_bad = _ftfy()
    return fix(text) if is_bad(text) else text


@lru_cache(maxsize=1)
def _ftfy() -> tuple[Callable[[str], str], Callable[[str], bool]]:
    # Imported here, so that the start of a command does not wait for it.
    import ftfy
    from ftfy.badness import is_bad

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    return lambda text: ftfy.fix_encoding(text, config), is_bad


def _plain(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    if not text.isascii():
        text = _BLANKS.sub(" ", text)
        text = _TAGS.sub(_tags_kept, text)
        text = unicodedata.normalize("NFC", _JOINERS.sub(_joiner_kept, text))
    return " ".join(text.split())


def _joiner_kept(match: re.Match[str]) -> str:
    """The first of these joiners where the script or an emoji needs it, else nothing."""
    text, start, end = match.string, match.start(), match.end()
    if start == 0:
        return ""
    before, after, joiner = text[start - 1], text[end : end + 1], match[0][0]
    if _JOINING_SCRIPTS.match(before) and _is_letter_or_mark(before):
        # A joiner after a virama shapes the letter before it, also at the end of a word.
        inside = bool(_JOINING_SCRIPTS.match(after)) and _is_letter_or_mark(after)
        return joiner if inside or (joiner == _ZWJ and unicodedata.combining(before) == 9) else ""
    emoji = _is_emoji(before) and bool(after) and _is_emoji(after)
    return joiner if joiner == _ZWJ and emoji else ""


def _is_letter_or_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


def _is_emoji(char: str) -> bool:
    return char == "\ufe0f" or unicodedata.category(char) == "So" or "\U0001f3fb" <= char <= "\U0001f3ff"


def _tags_kept(match: re.Match[str]) -> str:
    """Tag characters spell a flag after a black flag; anywhere else they hide text."""
    start = match.start()
    return match[0] if start and match.string[start - 1] == _TAG_FLAG and len(match[0]) <= 7 else ""
