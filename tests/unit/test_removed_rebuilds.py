"""Nothing that extraction found is lost: a record and its removed lines give back the extracted text."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.article import PARAGRAPH_BREAK, Article, Page, Removed
from newscrawl.clean import clean
from newscrawl.clean.cut import uncut
from newscrawl.dump.record import article_from, record, to_line
from newscrawl.errors import ArticleRejected
from newscrawl.extract.article import extract_article
from newscrawl.refine import refine
from newscrawl.text.characters import normalise_text

PROSE = (
    "Ships returned to the harbour on Monday after two days of repairs to the gate, the port said in a statement.",
    "The port will be open at night too, its director said, and the ferries to the islands will leave on time again.",
    "Корабли вернулись в порт в понедельник после двух дней ремонта, сообщила журналистам пресс-служба города.",
    "Кемелер екі күндік жөндеуден кейін дүйсенбіде айлаққа оралды, деп хабарлады порт әкімшілігі таңертең.",
    "港口在周一重新开放，维修工作持续了两天，码头工人们对此表示欢迎，市政府随后发布了新的航班时刻表。",
    "Correction: An earlier version of this article gave the wrong day for the reopening of the northern gate.",
)
FURNITURE = (
    "Listen to this article", "5 min read", "0:00 / 3:12", "Share", "Facebook", "Twitter", "Advertisement",
    "View this post on Instagram", "pic.twitter.com/AbC123xyz", "— The Harbour (@harbour) March 4, 2026",
    "In this article", "What comes next", "Newest first", "Show more updates", "Read also:", "Storm closes the harbour",
    "Open in app", "This article is for subscribers only.", "Sign up for our newsletter", "12 comments",
    "Tags: harbour", "© 2026 The Harbour Times", "Читайте также:", "Поделиться", "关联新闻", "広告",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PROSE), st.sampled_from(FURNITURE)), min_size=1, max_size=20)


def page_of(paragraphs: list[str]) -> Page:
    body = "".join(f"<p>{text}</p>" for text in (*PROSE[:3], *paragraphs))
    html = f"<html lang=en><head><title>Harbour reopens</title></head><body><article><h1>Harbour reopens</h1>{body}"
    return Page(
        url="https://news.example/2026/03/04/harbour-reopens-at-last",
        html=f"{html}</article></body></html>".encode(),
        date_crawled="2026-03-05T00:00:00Z",
    )


@given(texts)
@settings(max_examples=60, deadline=None)
def test_a_record_and_its_removed_lines_give_back_the_extracted_text(paragraphs: list[str]) -> None:
    try:
        extracted = extract_article(page_of(paragraphs))
        refined = refine(extracted)
    except ArticleRejected:
        return
    # As a reader of the dump has them: one record, and its removed lines, both from JSON.
    kept = article_from(json.loads(to_line(record(refined))))
    removed = tuple(
        Removed(**each)
        for each in json.loads(
            json.dumps([{"place": r.place, "text": r.text, "rule": r.rule, "why": r.why} for r in refined.removed])
        )
    )
    assert extracted.text is not None
    before, _ = normalise_text(extracted.text)
    rebuilt = uncut(Article(text=kept.text, removed=removed))
    assert PARAGRAPH_BREAK.join(rebuilt) == before


@given(st.lists(st.one_of(st.sampled_from(PROSE), st.sampled_from(FURNITURE), st.text(max_size=40)), max_size=30))
@settings(max_examples=200, deadline=None)
def test_kept_and_removed_lines_are_each_line_once_and_in_order(lines: list[str]) -> None:
    text = PARAGRAPH_BREAK.join(joined for line in lines if (joined := " ".join(line.split())))
    article = Article(title="Harbour reopens", text=text or None)
    cleaned = clean(article)
    assert uncut(cleaned) == article.paragraphs
    assert len(cleaned.paragraphs) + len(cleaned.removed) == len(article.paragraphs)
