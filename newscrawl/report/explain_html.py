"""An `Explanation` as one HTML file: the page on the left, the fields on the right, one below the other on a phone.

Self-contained and inert: no script, no request to anywhere, and everything a page said is escaped.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from newscrawl.dump.files import NewFile, storage_error
from newscrawl.errors import Outcome
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newscrawl.extract.candidates import Candidate, FieldEvidence
    from newscrawl.report.explain import Explanation
    from newscrawl.report.explain_lines import Line

NAMES = {
    "kept": "kept",
    "removed": "removed by cleaning",
    "field": "in another field",
    "left_out": "not taken by extraction",
    "refused": "would have been the text",
}
STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5c6470; --paper: #fff; --shade: #f4f5f7; --edge: #d9dde3;
  --kept: #1a7f4b; --removed: #b3261e; --field: #1f5fbf; --left_out: #8a929e; --refused: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #a0a8b4; --paper: #15181c; --shade: #1e2227;
  --edge: #343a42; --kept: #5fd394; --removed: #ff8a80; --field: #82b1ff; --left_out: #858d98; --refused: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1.25rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
h3 { font-size: .9rem; margin: 0; }
.address, .facts, small, .why { color: var(--soft); }
.address { margin: 0; font-size: .875rem; }
.outcome { display: inline-block; margin: .5rem 0; padding: .1rem .6rem; border-radius: .25rem; border: 1px solid;
  color: var(--refused); font-weight: 600; }
.outcome.article { color: var(--kept); }
.facts { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: 0 0 1.25rem; font-size: .875rem; }
.facts div { display: flex; gap: .35rem; }
.facts dd { margin: 0; color: var(--ink); }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2rem; align-items: start; }
@media (max-width: 60rem) { main { grid-template-columns: minmax(0, 1fr); } body { padding: .75rem; } }
.line { margin: 0 0 .4rem; padding: .2rem .6rem; border-inline-start: .25rem solid var(--left_out); }
.line p { margin: 0; }
.line.kept { border-color: var(--kept); }
.line.removed { border-color: var(--removed); background: var(--shade); }
.line.removed p { text-decoration: line-through; text-decoration-color: var(--removed); }
.line.field { border-color: var(--field); }
.line.refused { border-color: var(--refused); }
.line.left_out, .line.field { font-size: .85rem; }
.line.left_out p { color: var(--soft); }
.why { font-size: .8rem; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0 0 .75rem; padding: 0; list-style: none;
  font-size: .8rem; }
.key li { padding-inline-start: .4rem; border-inline-start: .25rem solid; }
.key .kept { border-color: var(--kept); } .key .removed { border-color: var(--removed); }
.key .field { border-color: var(--field); } .key .left_out { border-color: var(--left_out); }
.key .refused { border-color: var(--refused); }
section.one { margin: 0 0 .75rem; padding: .6rem .75rem; border: 1px solid var(--edge); border-radius: .4rem; }
section.one > p { margin: .1rem 0 .3rem; }
.one ul { margin: 0; padding: 0; list-style: none; font-size: .85rem; }
.one li { padding: .25rem 0 .25rem .6rem; border-inline-start: .2rem solid transparent; color: var(--soft); }
.one li.winner { border-color: var(--kept); color: var(--ink); }
.one code { font-size: .8rem; color: var(--field); }
"""
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"


def write_html(explanation: Explanation, path: Path) -> None:
    """Write the file; it appears complete or not at all.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        with NewFile(path) as file:
            for piece in _document(explanation):
                file.write(piece.encode())
            file.finish()
    except OSError as error:
        raise storage_error(path, error) from error


def _document(explanation: Explanation) -> Iterator[str]:
    title = next((field.value for field in explanation.fields if field.name == "title" and field.value), None)
    name = _text(title or explanation.url)
    is_article = explanation.outcome == Outcome.ARTICLE
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{name} – newscrawl explain</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n"
        f'<h1 dir="auto">{name}</h1>\n<p class="address">{_address(explanation.url)}</p>\n'
    )
    reason = "" if explanation.reason is None else f": {_text(explanation.reason)}"
    yield f'<p class="outcome{" article" if is_article else ""}">{_text(explanation.outcome)}{reason}</p>\n'
    facts = "".join(f"<div><dt>{_text(fact.name)}</dt><dd>{_text(fact.value)}</dd></div>" for fact in explanation.facts)
    yield f'<dl class="facts">{facts}</dl>\n</header>\n<main>\n<div>\n<h2>The page, from top to bottom</h2>\n'
    kinds = [kind for kind in NAMES if any(line.kind == kind for line in explanation.lines)]
    yield '<ul class="key">' + "".join(f'<li class="{kind}">{NAMES[kind]}</li>' for kind in kinds) + "</ul>\n"
    for line in explanation.lines:
        yield _line(line)
    yield "</div>\n<div>\n<h2>The fields, and where they were read</h2>\n"
    for field in explanation.fields:
        yield _field(field)
    yield "</div>\n</main>\n</body>\n</html>\n"


def _line(line: Line) -> str:
    many = f"<small>{line.count} short lines:</small>" if line.count > 1 else ""
    why = ": ".join(filter(None, (line.rule, line.why)))
    said = f'<span class="why">{_text(why)}</span>' if why else ""
    return f'<div class="line {line.kind}">{many}<p dir="auto">{_text(line.text)}</p>{said}</div>\n'


def _field(field: FieldEvidence) -> str:
    candidates = "".join(map(_candidate, field.candidates))
    value = _text(field.value) if field.value else "<small>none</small>"
    return (
        f'<section class="one"><h3>{_text(field.name)}</h3><p dir="auto">{value}</p>'
        + (f"<ul>{candidates}</ul>" if candidates else "")
        + "</section>\n"
    )


def _candidate(candidate: Candidate) -> str:
    # Each in its own direction: a Latin date after an Arabic one would be turned round.
    read = "" if candidate.value in {None, candidate.raw} else f" → <bdi>{_text(candidate.value or '')}</bdi>"
    return (
        f"<li{' class=winner' if candidate.is_winner else ''}><code>{_text(candidate.place)}</code> "
        f"<bdi>{_text(candidate.raw)}</bdi>{read} "
        f'<span class="why">({_text(candidate.why)})</span></li>'
    )


def _address(url: str) -> str:
    shown = _text(url)
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if url.startswith(("http://", "https://")) else shown


def _text(text: str) -> str:
    return escape(plain(text))
