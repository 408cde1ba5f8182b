"""Taking what tells of purged articles out of the archives in raw/.

That is more than their own pages: feeds and section pages hold titles and teasers, and so do boxes on the pages of
others. What was fetched to find pages goes altogether, it has served its purpose; another page goes when it names an
address of a purged article. Its article stays, but cannot be made anew.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from newscrawl.dump.files import NewFile
from newscrawl.dump.raw import RAW, adopt, archives, entry_of
from newscrawl.dump.raw_context import PAGE_ROLES, context_in
from newscrawl.errors import StoreError
from newscrawl.text.http_response import MAX_BODY_BYTES, MAX_HEAD_BYTES, TooLargeError, UndecodableError, read_response
from newscrawl.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from newscrawl.dump.place import Place
    from newscrawl.dump.raw_context import PageContext
    from newscrawl.state.outbox import DumpFile, Outbox
    from newscrawl.state.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A record and its place."""

    offset: int
    length: int
    id: str | None
    belongs_to: str | None
    """Id of the record it was captured with."""
    goes: bool


def purge_raw(outbox: Outbox, data: Path, keys: frozenset[str]) -> None:
    """Replace archives that tell of these addresses by ones that do not.

    Args:
        keys: url keys of the addresses.

    Raises:
        StoreError: an archive cannot be read; names it.
    """
    _take_out(outbox, list(archives(data)), keys, _names(keys))


def take_in(store: Store, data: Path) -> None:
    """`adopt` what a killed run left, but for pages that turned out to be opted out."""
    if adopted := adopt(store.outbox, data):
        take_out_opted_out(store, data, adopted)


def take_out_opted_out(store: Store, data: Path, paths: Iterable[str]) -> None:
    """Replace archives that hold pages whose publishers do not want them kept; that is known once they are read.

    Raises:
        StoreError: an archive cannot be read or written.
    """
    if keys := store.opted_out():
        _take_out(store.outbox, [data / each for each in paths], keys, None)


def _take_out(outbox: Outbox, paths: Iterable[Place], keys: frozenset[str], names: re.Pattern[bytes] | None) -> None:
    listed = {each.path: each for each in outbox.files() if each.stream == RAW}
    for path in paths:
        spans = _spans(path, keys, names)
        kept = [(each.offset, each.length) for each in spans if not each.goes]
        if len(kept) < len(spans):
            old = f"{RAW}/{path.name}"
            _replace(outbox, path, kept if _hold_pages(spans) else [], listed.get(old))


def _hold_pages(spans: list[_Span]) -> bool:
    """Whether anything but the record that a file begins with stays."""
    return any(not each.goes and each.offset for each in spans)


def _replace(outbox: Outbox, path: Place, kept: list[tuple[int, int]], entry: DumpFile | None) -> None:
    old = f"{RAW}/{path.name}"
    if not kept:
        outbox.replace_files([old], None)
        return
    change = hashlib.sha256(repr((path.name, kept)).encode()).hexdigest()[:10]
    stem, _, suffix = path.name.partition(".warc")
    name = f"{RAW}/{stem.split('-purged_')[0]}-purged_{change}.warc{suffix}"
    outbox.note_leftovers([name])
    target = path.parent.parent / name
    with path.open("rb") as source, NewFile(target) as file:
        for offset, length in kept:
            _copy(source, file, offset, length)
        file.finish()
    if entry is None:
        outbox.replace_files([old], None, unlisted=name)
    else:
        # First day and sources of what was there: a file must not become younger or older by a purge.
        new = entry_of(target)
        outbox.replace_files([old], replace(entry, path=name, lines=new.lines, bytes=new.bytes, sha256=new.sha256))


def _spans(path: Place, keys: frozenset[str], names: re.Pattern[bytes] | None) -> list[_Span]:
    """Every record; those captured together go together. Without `names`, only answers of the addresses go."""
    from warcio.exceptions import ArchiveLoadFailed

    try:
        spans = list(_records(path, keys, names))
    except (ArchiveLoadFailed, EOFError) as error:
        raise StoreError(f"{path} cannot be purged, it is no whole WARC file: {str(error).strip()[:200]}") from error
    captures = {each.belongs_to or each.id for each in spans if each.goes}
    captures |= {each.id for each in spans if each.goes}
    captures -= {None}
    return [replace(each, goes=each.goes or not captures.isdisjoint({each.id, each.belongs_to})) for each in spans]


def _records(path: Place, keys: frozenset[str], names: re.Pattern[bytes] | None) -> Iterator[_Span]:
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as file:
        records = ArchiveIterator(file, no_record_parse=True)
        for record in records:
            head = record.rec_headers
            url = head.get_header("WARC-Target-URI") if head else None
            block = record.raw_stream.read(MAX_BODY_BYTES + MAX_HEAD_BYTES)
            context = context_in(block) if record.rec_type == "metadata" else None
            # The address asked for, too: it may have redirected to this one.
            urls = [url.strip("<>") if url else "", context.hint.url if context and context.hint else ""]
            goes = any(_key(each) in keys for each in urls if each)
            if names is not None and url is not None:
                goes = goes or _finds_pages(context) or _tells(record.rec_type, block, names)
            yield _Span(
                offset=records.get_record_offset(),
                length=records.get_record_length(),
                id=head.get_header("WARC-Record-ID") if head else None,
                belongs_to=head.get_header("WARC-Concurrent-To") if head else None,
                goes=goes,
            )


def _tells(kind: str, block: bytes, names: re.Pattern[bytes]) -> bool:
    """Whether a record says anything of the addresses."""
    if kind != "response":
        return names.search(_plain(block)) is not None
    try:
        response = read_response(block)
    except (TooLargeError, UndecodableError):
        return True  # what cannot be read cannot be cleared
    except ValueError:
        return names.search(_plain(block)) is not None
    said = b"\n".join(value.encode("utf-8", "replace") for _, value in response.headers)
    return names.search(_plain(response.body)) is not None or names.search(b"\n" + said) is not None


def _finds_pages(context: PageContext | None) -> bool:
    """Whether a page was fetched to find others."""
    return context is not None and context.role not in PAGE_ROLES | {"robots"}


def _names(keys: frozenset[str]) -> re.Pattern[bytes]:
    """Finds these addresses in a page, absolute or relative to their host."""
    places = {key.partition("/")[0] for key in keys}
    paths = sorted({path.rstrip("/") for key in keys if (path := key.partition("/")[2]).strip("/")})
    hosts = b"|".join(re.escape(host.encode()) for host in sorted(places))
    ways = b"|".join(re.escape(path.encode()) for path in paths) or b"(?!)"
    return re.compile(rb"(?:(?:" + hosts + rb")/|[\"'=\s(>]/)(?:" + ways + rb")(?![\w%-])")


def _plain(body: bytes) -> bytes:
    """Addresses as they are written in HTML and in scripts, without escapes."""
    return body.replace(b"&amp;", b"&").replace(b"\\/", b"/")


def _copy(source: BinaryIO, file: NewFile, offset: int, length: int) -> None:
    source.seek(offset)
    left = length
    while left > 0 and (chunk := source.read(min(left, 1 << 20))):
        file.write(chunk)
        left -= len(chunk)
    if file.path.name.endswith(".warc"):
        file.write(b"\r\n\r\n")  # the blank lines between plain records belong to no span


def _key(url: str) -> str:
    try:
        return url_key(url)
    except ValueError:
        return url
