"""What runs an adapter in the environment of its peer; the standard library and nothing else.

``python serve.py pages ADAPTER FUNCTION``: each line of standard input is a JSON array of ``[file, address]``, a
block of gzipped pages; each is answered by one line: ``{"cpu_s", "peak_mb", "pages"}``. The function takes the bytes
of a page and its address and gives ``title``, ``authors``, ``published``, ``text``, ``standfirst``, what it knows.

``python serve.py job ADAPTER FUNCTION``: standard input is one JSON object, which the function gets; what it wrote to
``job["out"]``, a JSON line for each article with ``url`` and ``text``, is the result.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = ("title", "authors", "published", "standfirst", "text")
_DECLARED = re.compile(rb'<meta[^>]{0,200}charset\s*=\s*["\']?\s*([\w-]+)', re.IGNORECASE)


def decoded(html: bytes) -> str:
    """The page as text, for peers that want that: as UTF-8, else as it declares itself, else as Windows-1252."""
    declared = _DECLARED.search(html, 0, 20_000)
    for encoding in ("utf-8-sig", declared[1].decode() if declared else "cp1252", "cp1252"):
        try:
            return html.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return html.decode("utf-8", "replace")


def answer_pages(function: Callable[[bytes, str], dict[str, Any]]) -> None:
    """Answer blocks until there are none."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        pages = [(gzip.decompress(Path(file).read_bytes()), url) for file, url in json.loads(line)]
        began = _cpu_s()
        results = [_one(function, html, url) for html, url in pages]
        answer = {"cpu_s": _cpu_s() - began, "peak_mb": _peak_mb(), "pages": results}
        answers.write(json.dumps(answer, default=_plain) + "\n")
        answers.flush()


def write_article(out: Any, url: str, text: str | None) -> None:
    """One line of a job's result."""
    out.write(json.dumps({"url": url, "text": text or ""}) + "\n")


def _one(function: Callable[[bytes, str], dict[str, Any]], html: bytes, url: str) -> dict[str, Any]:
    try:
        found = function(html, url) or {}
    except Exception as error:  # whatever it is: the peer made nothing of the page
        return {"text": "", "error": f"{type(error).__name__}: {error}"[:200]}
    return {field: found[field] for field in (*FIELDS, "error") if field in found}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6  # not ru_maxrss, which a process inherits


if __name__ == "__main__":
    _, kind, adapter, name = sys.argv
    logging.disable(logging.CRITICAL)
    chosen = getattr(import_module(adapter), name)
    if kind == "pages":
        answer_pages(chosen)
    else:
        chosen(json.load(sys.stdin))
