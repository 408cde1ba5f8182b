"""What a person sees of a crawl that is going on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newscrawl.report.progress import CrawlProgress, Pace, SourceProgress, progress_line, progress_lines
from newscrawl.text.terminal import columns_of

HARBOUR = SourceProgress(name="harbour-times", found=40, articles=9, others=1, per_minute=60)
COAST = SourceProgress(name="coast-news", found=20, articles=4, others=1, per_minute=10)
NORTH = SourceProgress(name="north-star", found=0, is_looking=True)


def run_of(*sources: SourceProgress, limit: int | None = None) -> CrawlProgress:
    return CrawlProgress(sources=sources, elapsed_s=75, limit=limit)


def shown(progress: CrawlProgress, columns: int = 80, rows: int = 20) -> list[str]:
    return [line.text.rstrip() for line in progress_lines(progress, columns=columns, rows=rows)]


def test_each_source_stands_there_with_its_numbers_and_all_of_them_together() -> None:
    *table, bar = shown(run_of(HARBOUR, COAST))
    assert [row.split() for row in table] == [
        ["source", "pages", "articles", "others", "a", "minute", "left"],
        ["harbour-times", "10/40", "9", "1", "60", "30", "s"],
        ["coast-news", "5/20", "4", "1", "10", "90", "s"],
        ["all", "sources", "15/60", "13", "2", "70", "90", "s"],
    ]
    assert bar.endswith(" 75 s")
    assert bar.count("━") == (bar.count("━") + bar.count("─")) * 15 // 60


def test_one_source_needs_no_sum() -> None:
    assert [row.split()[0] for row in shown(run_of(HARBOUR))[:-1]] == ["source", "harbour-times"]


def test_while_a_source_is_looked_through_nobody_promises_an_end() -> None:
    text = shown(run_of(HARBOUR, NORTH))
    assert text[2].split() == ["north-star", "looking", "0", "0"]
    assert text[3].split() == ["all", "sources", "10/40+", "9", "1", "60"]
    assert run_of(HARBOUR, NORTH).left_s is None


def test_the_slowest_source_decides_when_the_run_ends_and_a_limit_ends_it_sooner() -> None:
    assert run_of(HARBOUR, COAST).left_s == 90
    assert run_of(HARBOUR, NORTH, limit=18).left_s == 10
    assert run_of(HARBOUR, limit=1000).left_s == 30


def test_a_source_that_stands_still_has_no_known_end() -> None:
    assert run_of(HARBOUR, SourceProgress(name="still", found=3, articles=1)).left_s is None


def test_of_many_sources_the_busiest_fit_and_the_rest_is_one_line() -> None:
    many = [
        SourceProgress(name=f"source-{at:03}", found=9, articles=at % 3, per_minute=1.0 + at % 50) for at in range(200)
    ]
    rows = shown(run_of(*many), rows=10)
    assert len(rows) == 10
    assert [row.split()[0] for row in rows[1:7]] == [f"source-{at:03}" for at in (48, 49, 99, 149, 198, 199)]
    assert rows[7].split()[:3] == ["194", "more", f"{sum(one.pages for one in many) - _pages(rows[1:7])}/1,746"]
    assert rows[8].split()[2] == f"{sum(one.pages for one in many)}/1,800"


def _pages(rows: list[str]) -> int:
    return sum(int(row.split()[1].split("/")[0]) for row in rows)


def test_where_there_is_little_room_the_numbers_that_matter_stay() -> None:
    assert shown(run_of(HARBOUR, COAST), columns=50)[0].split() == ["source", "pages", "articles", "others", "left"]
    assert shown(run_of(HARBOUR, COAST), columns=30)[0].split() == ["source", "pages"]
    assert shown(run_of(HARBOUR, COAST), rows=1)[0].split()[0] == "all"


@given(
    st.lists(st.builds(SourceProgress, name=st.text(max_size=60), found=st.integers(0, 10**6)), max_size=30),
    st.integers(20, 200),
    st.integers(1, 40),
)
def test_nothing_is_wider_or_higher_than_its_room_or_drives_the_terminal(
    sources: list[SourceProgress], columns: int, rows: int
) -> None:
    lines = progress_lines(run_of(*sources), columns=columns, rows=rows)
    assert 1 <= len(lines) <= rows
    assert all(columns_of(line.text) <= columns for line in lines)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for line in lines for char in line.text)


def test_in_a_log_it_is_one_line() -> None:
    assert progress_line(run_of(HARBOUR, COAST)) == (
        "15/60 pages decided, 13 articles, 2 others, 70 a minute, about 90 s left, 2 of 2 sources under way"
    )
    assert progress_line(run_of(NORTH)) == "0/0+ pages decided, 0 articles, 0 others"


def test_the_pace_is_that_of_the_last_minute() -> None:
    pace = Pace()
    for second in range(200):
        pace.note(float(second), {"a": min(second, 100), "b": second * 2})
    assert pace.per_minute("a") == 0
    assert pace.per_minute("b") == 120
    assert pace.per_minute("c") == 0
