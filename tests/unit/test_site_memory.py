"""What a site repeats goes, what a story repeats stays; in Hungarian, of which no wording of ours knows a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import Article
from newscrawl.clean.cut import uncut
from newscrawl.clean.site_memory import (
    HEAD,
    RULE,
    TAIL,
    Pattern,
    Sighting,
    judge,
    story_of,
    traces,
    without_furniture,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

SITE = "tavak-hirmondoja.example"
FOLLOW = "Kövesse oldalunkat, és ossza meg barátaival"
LABEL = "Olvasta már:"
TOPICS = (
    "Elkészült a kikötő új mólója",
    "Bezár a régi könyvtár",
    "Új igazgatót kap a múzeum",
    "Megdrágult a kenyér",
    "Rekordtermés a szőlőhegyen",
    "Vihar tépte le a tetőket",
    "Fesztivál lesz a parton",
    "Emelkednek a lakbérek",
    "Győzött a vízilabdacsapat",
    "Átadták a kerékpárutat",
    "Halpusztulás a csatornában",
    "Koncert a főtéren",
)
SECTIONS = ("helyi", "kultura", "gazdasag", "sport")


def page(number: int, *extra: str, title: str | None = None, day: int | None = None) -> Article:
    """One article of four paragraphs of its own, with the lines of its site around them."""
    title = title or TOPICS[number % len(TOPICS)]
    own = [
        f"{title} {part}, mondta {number + 3} embernek a {number}. szónok a téren."
        for part in ("ma", "is", "még", "épp")
    ]
    text = (
        f"Írta Szabó {number}-né a Tavak Hírmondójának",
        *own,
        *extra,
        f"{LABEL} {TOPICS[(number + 5) % 12]}",
        FOLLOW,
    )
    return Article(
        id=f"nc_{number:026d}",
        url=f"https://{SITE}/{SECTIONS[number % 4]}/cikk-{number}",
        site=SITE,
        section=SECTIONS[number % 4],
        title=title,
        text="\n\n".join(text),
        date_published=f"2026-11-{(number if day is None else day) % 9 + 10}T08:00:00Z",
        date_crawled="2026-11-24T06:00:00Z",
    )


def learned(articles: Sequence[Article]) -> dict[int, Pattern]:
    """The furniture of a site, from these of its articles."""
    stories = {story.article: story for story in map(story_of, articles)}
    seen: dict[tuple[int, str], list[Sighting]] = {}
    for article in articles:
        for trace in traces(article):
            sighting = Sighting(story_of(article), trace.place, trace.is_sentence, trace.repeats)
            seen.setdefault((trace.key, trace.kind), []).append(sighting)
    judged = (judge(Pattern(key=key, kind=kind), sightings, stories) for (key, kind), sightings in seen.items())
    return {pattern.key: pattern for pattern in judged if pattern is not None}


def test_lines_that_a_site_repeats_go_and_nothing_else() -> None:
    articles = [page(number) for number in range(12)]
    patterns = learned(articles)
    for article in articles:
        cleaned = without_furniture(article, patterns)
        assert cleaned.paragraphs == article.paragraphs[1:5]
        assert [each.text for each in cleaned.removed] == [article.paragraphs[0], *article.paragraphs[5:]]
        assert {each.rule for each in cleaned.removed} == {RULE}
        assert uncut(cleaned) == article.paragraphs


def test_a_line_says_where_and_how_often_the_site_prints_it() -> None:
    patterns = learned([page(number) for number in range(12)])
    follow = next(pattern for pattern in patterns.values() if pattern.kind == "line" and pattern.place == TAIL)
    assert follow.why() == "the site prints this line at the end of 12 different articles of 9 days and 4 sections"


def test_a_standing_paragraph_of_a_running_story_stays() -> None:
    standing = "A tavat 2024 nyarán zárták le, miután három strandon is mérgező algát találtak."
    stories = [page(number, standing, title=f"Algák a tóban: {TOPICS[number]}") for number in range(5)]
    others = [page(number) for number in range(5, 12)]
    patterns = learned([*stories, *others])
    for article in stories:
        assert standing in without_furniture(article, patterns).paragraphs


def test_subheadings_that_come_back_in_some_articles_stay() -> None:
    def with_heading(number: int) -> Article:
        article = page(number)
        own = article.paragraphs
        return article.with_paragraphs((*own[:3], "Előzmények", *own[3:5], *own[3:5], *own[5:]))

    articles = [with_heading(number) if number % 3 == 0 else page(number) for number in range(12)]
    patterns = learned(articles)
    assert all("Előzmények" in without_furniture(each, patterns).paragraphs for each in articles[::3])


def test_what_stands_in_the_articles_of_one_day_and_section_is_no_furniture_yet() -> None:
    articles = [replace(page(number, day=1), section="helyi") for number in range(12)]
    assert learned(articles) == {}


def test_speakers_of_interviews_stay() -> None:
    def interview(number: int) -> Article:
        article = page(number)
        questions = [f"Hírmondó: {TOPICS[number]} a {step}. évben?" for step in (number, number + 9, number + 99)]
        return article.with_paragraphs((article.paragraphs[1], *questions, article.paragraphs[2]))

    articles = [interview(number) for number in range(8)]
    patterns = learned(articles)
    assert all(without_furniture(each, patterns) is each for each in articles)


def test_an_article_is_never_emptied() -> None:
    patterns = learned([page(number) for number in range(12)])
    bare = page(3).with_paragraphs((FOLLOW,))
    assert without_furniture(bare, patterns) is bare


def test_cleaning_twice_changes_nothing_and_is_remembered_as_the_same() -> None:
    articles = [page(number) for number in range(12)]
    patterns = learned(articles)
    cleaned = [without_furniture(each, patterns) for each in articles]
    assert all(without_furniture(each, patterns) is each for each in cleaned)
    assert learned(cleaned) == patterns


def test_scripts_without_spaces_are_learned_alike() -> None:
    def chinese(number: int) -> Article:
        own = [f"第{number}号议案在第{step}次会议上获得通过，委员们表示满意。" for step in range(4)]
        titles = (
            "港口新建码头",
            "图书馆关闭",
            "面包涨价",
            "葡萄丰收",
            "暴雨来袭",
            "海滩音乐节",
            "房租上涨",
            "球队获胜",
        )
        text = (*own, f"延展内容：{titles[(number + 3) % 8]}", "扫码关注本报公众号")
        return replace(page(number), title=titles[number], text="\n\n".join(text))

    articles = [chinese(number) for number in range(8)]
    patterns = learned(articles)
    assert [len(without_furniture(each, patterns).paragraphs) for each in articles] == [4] * 8


@pytest.mark.parametrize("place", [HEAD, TAIL])
def test_a_short_line_with_text_between_it_and_the_end_stays(place: int) -> None:
    articles = [page(number) for number in range(12)]
    pattern = next(
        trace
        for trace in traces(articles[0].with_paragraphs(("Háttér", *articles[0].paragraphs)))
        if trace.example == "Háttér"
    )
    known = {pattern.key: Pattern(key=pattern.key, kind="line", place=place, articles=5, days=4, sections=3)}
    inside = articles[0].with_paragraphs((*articles[0].paragraphs[1:3], "Háttér", *articles[0].paragraphs[3:5]))
    assert without_furniture(inside, known) is inside
    ends = ("Háttér", *inside.paragraphs) if place == HEAD else (*inside.paragraphs, "Háttér")
    assert len(without_furniture(inside.with_paragraphs(ends), known).paragraphs) == len(inside.paragraphs)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_pages_does_not_count(order: random.Random) -> None:
    articles = [page(number) for number in range(12)]
    shuffled = order.sample(articles, len(articles))
    assert learned(shuffled) == learned(articles)
