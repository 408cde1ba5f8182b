"""Bytes that a reader has not seen: files of the corpus, cut, spliced, repeated and sprinkled with what is special."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

CORPUS = Path(__file__).parent / "corpus"
MAX_BYTES = 20_000

SPECIAL = [
    *(bytes([n]) for n in (0, 9, 10, 13, 27, 34, 38, 39, 47, 58, 60, 62, 91, 92, 93, 123, 125, 127, 128, 192, 255)),
    *("\ufeff", "\u2028", "\u202e", "\u200d", "İ", "ß", "\U0001f468\u200d\U0001f469", "a\u0308", "١٢", "٣"),
    *(b"\xff\xfe", b"\xed\xa0\x80", b"\x1f\x8b\x08", b"%00", b"%0d%0a", b"%u0041", b"&#xD800;", b"&#0;", b"&amp;amp;"),
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"</script>"),
    *(b"NaN", b"1e999", b"-0", b"9" * 30, b"null", b"true", b"[[[[", b'{"@id":', b"\\ud800", b"\\u0000"),
    *(b"http://[::1", b"//", b"@", b"..", b"#", b"?", b"javascript:", b"http://a@b:99999/", b"xn--", b"data:,"),
    *(b"0000-00-00", b"9999-12-31T23:59:60Z", b"2026-02-30", b"+99:99", b"1763971200000", b"-1"),
    *(b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n", b"WARC/1.0\r\n", b"\r\n\r\n", b"Sitemap:", b"*$"),
]
TOKENS = [token.encode() if isinstance(token, str) else token for token in SPECIAL]


def corpus(target: str) -> list[Path]:
    """The files that a target begins with: good ones, hostile ones, and those that once broke it."""
    return sorted((CORPUS / target).iterdir())


def mutated(target: str) -> SearchStrategy[bytes]:
    """Files of a target's corpus, changed in a few places; now and then bytes of no file."""
    seeds = [path.read_bytes()[:MAX_BYTES] for path in corpus(target)]

    @st.composite
    def change(draw: DrawFn) -> bytes:
        data = draw(st.sampled_from(seeds))
        for _ in range(draw(st.integers(1, 4))):
            start, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
            part = data[start : min(end, start + 200)]
            match draw(st.sampled_from(["insert", "replace", "cut", "repeat", "splice", "bits"])):
                case "insert":
                    data = data[:start] + draw(st.sampled_from(TOKENS)) + data[start:]
                case "replace":
                    data = data[:start] + draw(st.sampled_from(TOKENS)) + data[end:]
                case "cut":
                    data = data[:start] + data[end:]
                case "repeat":
                    data = data[:start] + part * draw(st.integers(2, 50)) + data[start:]
                case "splice":
                    data = data[:start] + draw(st.sampled_from(seeds))[start:]
                case _:
                    data = (
                        data[:start]
                        + bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in part[:1])
                        + data[start + 1 :]
                    )
            data = data[:MAX_BYTES]
        return data

    return st.one_of(change(), change(), change(), st.binary(max_size=200), st.text(max_size=200).map(_bytes))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
