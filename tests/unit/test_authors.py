"""Who wrote it, from the places where pages say so, and who did not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from newscrawl.extract.authors import read_authors
from newscrawl.extract.head import read_head
from newscrawl.extract.jsonld import read_jsonld
from newscrawl.extract.layout import read_layout
from newscrawl.extract.names import site_names
from newscrawl.extract.people import split_names
from newscrawl.extract.stated import Stated

if TYPE_CHECKING:
    from newscrawl.article import Author

URL = "https://www.news.example/local/harbour-reopens"
TITLE = "The harbour reopens at last"
P = "The harbour of Oldtown reopened on Tuesday after two days of repairs to the gate, the port of Northgate said. "


def read(above: str = "", ld: object = None, meta: str = "", below: str = "", url: str = URL) -> list[Author]:
    stated = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **ld})}</script>' if ld else ""  # type: ignore[dict-item]
    root = fromstring(
        f'<html><head><meta property="og:site_name" content="Harbour Times">{meta}{stated}</head><body><article>'
        f'<h1>{TITLE}</h1>{above}<div class="body"><p>{P * 2}</p><p>{P * 2}</p>{below}</div></article></body></html>'
    )
    said = Stated(url=url, head=read_head(root), jsonld=read_jsonld(root, (url,)), hint=None)
    layout = read_layout(root, (TITLE,), ())
    return list(read_authors(said, layout.bylines, site_names(said), root, layout))


def names(*args: object, **kwargs: object) -> list[str]:
    return [author.name for author in read(*args, **kwargs)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('<p class="meta">von <a href="/autoren/max-kolter">Dr. Max Kolter</a></p>', ["Dr. Max Kolter"]),
        ("<ul><li>3 min</li><li>Von: <span><a>Ruth AMBERLY</a>, </span><span>Dan OKORO</span></li></ul>",
         ["Ruth AMBERLY", "Dan OKORO"]),
        ("<div>Do 25.04.24 | 14:07 Uhr | Von <span>Eva Kirchner-Rätsch</span></div>", ["Eva Kirchner-Rätsch"]),
        ("<div>By Ruth van der Amberly and Dan Okoro</div>", ["Ruth van der Amberly", "Dan Okoro"]),
        ("<p>By Tuesday the harbour was open.</p>", []),
        ("<p>Von Oldtown nach Newtown</p>", []),
        ("<p>By Sea</p>", []),
    ],
)  # fmt: skip
def test_a_line_above_the_text_that_begins_with_by_names_authors(line: str, expected: list[str]) -> None:
    assert names(line) == expected


def test_lines_of_a_byline_are_told_apart() -> None:
    byline = '<div class="authors"><span>capital</span> <ul><li><span>von</span> <b>Jemima Kelly</b></li></ul></div>'
    assert names(byline) == ["Jemima Kelly"]


def test_an_agency_beside_a_person_is_an_author_and_the_site_is_none() -> None:
    author = [
        {"@type": "Organization", "name": "dpa"},
        {"@type": "Person", "name": "Ruth Amberly"},
        {"@type": "Organization", "name": "Harbour Times"},
    ]
    assert names(ld={"author": author}) == ["dpa", "Ruth Amberly"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<div><span>Ruth Amberly |</span> <span>05.04.2026 - Updated: 06.04.2026</span></div>", ["Ruth Amberly"]),
        ("<div><span>Ruth Amberly</span> <span>Oldtown</span></div>", []),
        ("<div><span>harbour news |</span> <span>05.04.2026</span></div>", []),
        ("<ul><li><div>AFP, MANILA</div></li></ul>", ["AFP"]),
        ("<p>(Reuters)</p><p>AP, Oldtown</p>", ["Reuters"]),
        ("<p>AFP, which first reported on the gate</p>", []),
        ('<div class="byline"><p>Ruth Amberly</p><p>writes from Oldtown</p></div>', ["Ruth Amberly"]),
        ('<p class="byline"><a rel="author" href="/u/jroe">jroe</a></p>', []),
        ("<p>Analysis by Ruth Amberly</p>", ["Ruth Amberly"]),
        ('<p class="byline">By Ruth Amberly, Northgate</p>', ["Ruth Amberly"]),
        ('<p class="byline">By Ruth Amberly, Dan Okoro</p>', ["Ruth Amberly", "Dan Okoro"]),
    ],
)
def test_a_line_above_the_text_names_a_person_beside_a_date_or_an_agency(line: str, expected: list[str]) -> None:
    assert names(line) == expected


def test_a_byline_that_names_all_the_stated_people_and_more_is_the_fuller_one() -> None:
    stated = {"author": {"@type": "Person", "name": "Ruth Amberly", "url": "https://www.news.example/ruth"}}
    joined = '<p class="byline">By RUTH AMBERLY, DAN OKORO and LEA VOSS, Associated Press</p>'
    assert names(joined, ld=stated) == ["Ruth Amberly", "DAN OKORO", "LEA VOSS"]
    assert read(joined, ld=stated)[0].url == "https://www.news.example/ruth"
    boxes = '<div><p class="byline">Dan Okoro</p><p class="byline">Ruth Amberly</p></div>'
    assert names(boxes, ld=stated) == ["Dan Okoro", "Ruth Amberly"]


@pytest.mark.parametrize(
    "line",
    [
        '<p class="byline">By Dan Okoro and Lea Voss</p>',
        '<p class="byline">By Ruth Amberly and Photos by Dan Okoro</p>',
        '<p class="byline">By Ruth Amberly, Dan Okoro</p>',
        '<p class="byline">Ruth Amberly</p><div><p class="byline">Dan Okoro</p></div>',
    ],
)
def test_a_byline_that_may_name_others_changes_nothing(line: str) -> None:
    assert names(line, ld={"author": "Ruth Amberly"}) == ["Ruth Amberly"]


def test_a_desk_and_the_editor_give_way_to_a_person_in_the_byline() -> None:
    line = '<p class="byline">Por <a href="/author/ruth/">Ruth Amberly</a></p>'
    assert names(line, meta='<meta name="author" content="Redacción">') == ["Ruth Amberly"]
    assert names(meta='<meta name="author" content="Redacción">') == ["Redacción"]
    editor = {"author": {"@type": "Person", "name": "Dan Okoro"}}
    label = "<p>Editor : <a>Dan Okoro</a></p>"
    assert names('<p class="byline">Ruth Amberly</p>', ld=editor, below=label) == ["Ruth Amberly"]
    assert names('<p class="byline">Ruth Amberly</p>', ld=editor) == ["Dan Okoro"]
    assert names('<p class="byline">Dan Okoro Jr.</p>', ld=editor, below=label) == ["Dan Okoro"]


def test_what_is_said_of_a_person_is_no_author() -> None:
    assert names(ld={"author": "Ruth Amberly, Health Correspondent"}) == ["Ruth Amberly"]
    assert names(ld={"author": ["By Ruth Amberly", "Norland Garden-based Learning Network on the Web"]}) == [
        "Ruth Amberly"
    ]


def test_a_department_of_the_site_beside_a_name_is_no_author() -> None:
    assert names(ld={"author": "Ruth Amberly, Harbour Times Oldtown"}) == ["Ruth Amberly"]


def test_the_address_of_the_site_is_no_author() -> None:
    assert names(meta='<meta name="author" content="Harbour Times, Oldtown, Norland">') == []


@pytest.mark.parametrize(
    "line",
    [
        '<div class="quoteAuthor">Pavel Odin</div>',
        '<button class="author-follow">Pavel Odin</button>',
        '<div class="author">Photo: Pavel Odin</div>',
    ],
)
def test_a_quoted_person_a_button_and_a_photographer_are_no_authors(line: str) -> None:
    assert names(line) == []


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ('<p style="text-align:right;"><strong>Lê Phương</strong></p>', ["Lê Phương"]),
        ("<p><em>Ruth Amberly</em></p>", ["Ruth Amberly"]),
        ("<p><em>What comes next</em></p>", []),
        ("<p>Ruth Amberly</p>", []),
        ("<p><b>Ruth Amberly</b> reported.</p>", []),
    ],
)
def test_a_signature_below_the_text_names_the_author(below: str, expected: list[str]) -> None:
    assert names(below=below) == expected


def test_a_weblog_is_written_by_the_one_it_is_called_after() -> None:
    person = {"@type": "Person", "name": "Ruth Amberly", "url": "https://people.example/@ruth"}
    publisher = {"@type": "Organization", "name": "Ruth Amberly"}
    assert names(ld={"author": person, "publisher": publisher}) == ["Ruth Amberly"]
    own = {**person, "url": "https://www.news.example/author/ruth"}
    assert names(ld={"author": own, "publisher": publisher}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("신현주 기자", ("신현주",)),
        ("山田太郎 記者", ("山田太郎",)),
        ("Ruth Amberly, Staff Writer", ("Ruth Amberly",)),
        ("Par Ruth Amberly | Par Dan Okoro", ("Ruth Amberly", "Dan Okoro")),
        ("Paula Editor", ("Paula Editor",)),
        ("Ruth E Amberly, Dan Okoro", ("Ruth E Amberly", "Dan Okoro")),
        ("Wati Sari dan Budi Hart", ("Wati Sari", "Budi Hart")),
        ("RUTH AMBERLY AND DAN OKORO", ("RUTH AMBERLY", "DAN OKORO")),
    ],
)
def test_roles_and_by_are_no_part_of_a_name(text: str, expected: tuple[str, ...]) -> None:
    assert split_names(text) == expected


@given(st.text(max_size=200))
def test_names_are_short_and_have_letters_whatever_the_byline(text: str) -> None:
    assert all(any(c.isalpha() for c in name) and len(name) <= 80 for name in split_names(text))
