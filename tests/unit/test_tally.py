"""The summary of a run: in words, within 80 columns, fit for a terminal."""

from __future__ import annotations

from newscrawl.article import Removed
from newscrawl.errors import Outcome
from newscrawl.report.tally import COLUMNS, MAX_SOURCES, Tally, summary_lines
from newscrawl.text.terminal import columns_of


def lines_of(tally: Tally, pages: int = 3) -> list[str]:
    return summary_lines(tally, pages=pages, requests=9, seconds=61.2, data="data", rows=7, ending="done")


def test_a_run_is_summed_up_in_words() -> None:
    tally = Tally()
    tally.count(Outcome.ARTICLE, None, url="https://a.example/1", source="a")
    tally.count(Outcome.LIST_PAGE, "14 links", url="https://b.example/", source="b")
    tally.count_removed([Removed(place=0, text="Share", rule="share_buttons", why="a button")])
    tally.skipped["known_already"] += 5
    assert lines_of(tally) == [
        "done after 1 min 1 s: 1 article stored",
        "3 pages fetched, 9 requests in all",
        "  source  articles  others",
        "  a              1       0",
        "  b              0       1",
        "no article came of:",
        "       1  list_page         e.g. 14 links: https://b.example/",
        "       5  known already: not fetched",
        "lines removed from the texts: 1",
        "       1  share_buttons",
        "dump: data (7 articles in current/articles.jsonl)",
    ]


def test_a_run_that_found_nothing_says_so() -> None:
    assert "nothing new" in lines_of(Tally(), pages=0)


def test_the_words_of_strangers_reach_the_terminal_without_control_characters_and_within_its_width() -> None:
    tally = Tally()
    tally.count(Outcome.ERROR, "\x1b[31mred\nnew line" + "x" * 500, url="https://a.example/\x07", source="a" * 90)
    tally.count(Outcome.ERROR, "again", url="https://b.example/", source="b")
    text = lines_of(tally)
    assert all(len(line) <= COLUMNS for line in text)
    assert all(line.isprintable() for line in text)


def test_many_sources_become_one_line() -> None:
    tally = Tally()
    for number in range(MAX_SOURCES + 5):
        tally.count(Outcome.ARTICLE, None, url=f"https://{number}.example/", source=f"s{number}")
    assert "  5 more sources         5       0" in lines_of(tally)


def test_wide_letters_fit_the_width_of_the_terminal_too() -> None:
    tally = Tally()
    tally.count(Outcome.ERROR, "港口重新开放" * 20, url="https://a.example/", source="新" * 30)
    tally.count(Outcome.ERROR, "again", url="https://b.example/", source="b")
    lines = lines_of(tally)
    assert all(columns_of(line) <= COLUMNS for line in lines)
    assert [columns_of(line) for line in lines[3:5]] == [columns_of(lines[2])] * 2
