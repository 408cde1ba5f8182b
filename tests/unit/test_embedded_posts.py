"""A post that stands in the page is one paragraph of the text: its words, and whose they are."""

from __future__ import annotations

import pytest

from newscrawl.article import Page
from newscrawl.refine import article_from_page

BEFORE = (
    "The harbour of the old town reopened on Tuesday after two days of repairs to the northern gate, the port said."
)
AFTER = "Ferries to the islands left on time, and the fish market opened an hour later than it usually does in winter."
END = "A second gate will be replaced next year, when the new crane has arrived from the yard in the south of the bay."

X = """<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The gate is open, and the first ferry has sailed!
<a href="https://t.co/x">pic.twitter.com/AbC123</a></p>&mdash; Port of Saltmarsh (@saltmarshport)
<a href="https://twitter.com/saltmarshport/status/1">March 4, 2026</a></blockquote>"""
INSTAGRAM = """<blockquote class="instagram-media"><div><a href="https://www.instagram.com/p/x/">
<div>View this post on Instagram</div></a></div><p><a href="https://www.instagram.com/p/x/">The first boat of the day,
seen from the new gate.</a></p><p>A post shared by <a href="https://www.instagram.com/ruth/">Ruth</a> (@ruth.amberly) on
<time datetime="2026-03-04T10:00:00+00:00">Mar 4, 2026 at 2:00am PST</time></p></blockquote>"""
EMPTY = """<blockquote class="instagram-media"><div><a href="https://www.instagram.com/p/x/"><div>Bu gönderiyi
Instagram'da gör</div></a><p><a href="https://www.instagram.com/p/x/">Ruth (@ruth.amberly)'in
paylaştığı bir gönderi</a></p></div></blockquote>"""
FACEBOOK = """<div class="fb-post" data-href="https://www.facebook.com/port/posts/1"><blockquote
cite="https://www.facebook.com/port/posts/1" class="fb-xfbml-parse-ignore"><p>We thank everybody who helped to lift the
chain.</p>Gepostet von <a href="https://www.facebook.com/port">Port of Saltmarsh</a> am
<a href="https://www.facebook.com/port/posts/1">Mittwoch, 4. März 2026</a></blockquote></div>"""
TELEGRAM = """<div class="tgme_widget_message"><div class="tgme_widget_message_author"><a href="https://t.me/port">Порт
Солтмарш</a></div><div class="tgme_widget_message_text">Северные ворота открыты для судов с сегодняшнего вечера.</div>
<div class="tgme_widget_message_footer"><span>12.3K views</span><a href="https://t.me/port/1"><time
datetime="2026-03-04T10:00:00+00:00">10:00</time></a></div></div>"""
MASTODON = """<blockquote class="mastodon-embed" data-embed-url="https://mastodon.example/@ruth/1/embed">
<a href="https://mastodon.example/@ruth/1"><svg></svg><div>Post by @ruth@mastodon.example</div><div>View on
Mastodon</div></a></blockquote>"""
MASTODON_WORDS = """<blockquote class="mastodon-embed"><p>The crane is on its way.</p>&mdash; Ruth Amberly
(@ruth) <a href="https://mastodon.example/@ruth/1">4 March 2026</a></blockquote>"""
BLUESKY = """<blockquote class="bluesky-embed"><p lang="ja">門は開いています。クレーンは南から来る途中です。<br><br><a
href="https://bsky.app/x">[image or embed]</a></p>&mdash; 港 (<a href="https://bsky.app/profile/x">@port.example</a>)
<a href="https://bsky.app/profile/x/post/1">Mar 4, 2026 at 10:00</a></blockquote>"""
TIKTOK = """<blockquote class="tiktok-embed"><section><a title="@port" href="https://www.tiktok.com/@port">@port</a>
<p>Watch the gate go up, slowly.</p><a title="sound" href="https://www.tiktok.com/music/x">♬ original sound - Port</a>
</section></blockquote>"""


def paragraphs(embed: str) -> tuple[str, ...]:
    html = f"""<!doctype html><html lang="en"><title>Harbour reopens</title><article><h1>Harbour reopens</h1>
<div class="body"><p>{BEFORE}</p>{embed}<p>{AFTER}</p><p>{END}</p></div></article></html>"""
    page = Page(url="https://paper.example/harbour-reopens-1", html=html.encode(), date_crawled="2026-03-06T00:00:00Z")
    return article_from_page(page).paragraphs


@pytest.mark.parametrize(
    ("embed", "expected"),
    [
        (X, "The gate is open, and the first ferry has sailed! — Port of Saltmarsh (@saltmarshport)"),
        (
            f'<figure class="wp-block-embed"><div>{X}</div></figure>',
            "The gate is open, and the first ferry has sailed! — ",
        ),
        (INSTAGRAM, "The first boat of the day, seen from the new gate. — @ruth.amberly"),
        (FACEBOOK, "We thank everybody who helped to lift the chain. — Port of Saltmarsh"),
        (TELEGRAM, "Северные ворота открыты для судов с сегодняшнего вечера. — Порт Солтмарш"),
        (MASTODON_WORDS, "The crane is on its way. — Ruth Amberly (@ruth)"),
        (BLUESKY, "門は開いています。クレーンは南から来る途中です。 — 港 (@port.example)"),
        (TIKTOK, "Watch the gate go up, slowly. — @port"),
    ],
)
def test_a_post_is_one_paragraph_with_its_author(embed: str, expected: str) -> None:
    before, post, *after = paragraphs(embed)
    assert [before, *after] == [BEFORE, AFTER, END]
    assert post.startswith(expected)


@pytest.mark.parametrize(
    "embed", [EMPTY, MASTODON, '<blockquote class="twitter-tweet"><a href="/x">x</a></blockquote>']
)
def test_a_post_without_words_leaves_nothing(embed: str) -> None:
    assert paragraphs(embed) == (BEFORE, AFTER, END)


def test_a_quotation_that_is_no_post_is_left_as_it_is() -> None:
    quote = "<blockquote><p>We never thought that it would open.</p><p>Not in winter (@ruth).</p></blockquote>"
    assert paragraphs(quote)[1:3] == ("We never thought that it would open.", "Not in winter (@ruth).")
