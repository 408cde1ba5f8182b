"""Texts that lie: about their encoding, their address, their date, their type, and to whoever prints them."""

from __future__ import annotations

import json

import honest
from fault import FOLDER, expects, holds, page_fault, path_of, site_fault
from faults_pages import around, page
from hostile_server import Answer

RUSSIAN = [
    "Паром вернулся на линию после двух дней ремонта, сообщил начальник порта Андрей Соколов в понедельник утром.",
    "По его словам, двигатель заменили полностью, а пассажиров всё это время возили автобусами через старый мост.",
    "Городской совет обещал рассмотреть жалобы жителей и вернуть деньги тем, кто купил билеты на отменённые рейсы.",
]
CHINESE = [
    "港务局周一宣布,经过两天的维修,渡轮已经恢复通航。负责人表示,发动机已经全部更换,乘客可以放心乘坐。",
    "维修期间,市政府安排了公共汽车,从旧桥运送乘客。已经购买船票的市民可以在本周内到售票处办理退款手续。",
    "市议会承诺将在下个月的会议上讨论居民的意见,并且公布新的冬季时刻表,避免今后再次出现类似的情况。",
]
GERMAN = [
    "Die Fähre fährt nach zwei Tagen wieder, sagte der Hafenmeister Jürgen Größing am Montag in Lübeck.",
    "Der Motor wurde völlig erneuert; für die Fahrgäste gab es während der Störung Busse über die alte Brücke.",
    "Die Bürgerschaft möchte über die Beschwerden der Bewohner sprechen und Fahrkarten später zurückzahlen.",
]


def _raw(title: str, texts: list[str], language: str, meta: str = "") -> str:
    body = "".join(f"<p>{text}</p>" for text in texts)
    return (
        f'<!doctype html><html lang="{language}"><head>{meta}<title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def _charset(
    name: str, why: str, texts: list[str], language: str, encoding: str, *, header: str, meta: str = ""
) -> None:
    body = _raw(texts[0][:24], texts, language, meta).encode(encoding)
    page_fault(name, why, Answer(body=body, type=header), "article", check=expects(text="\n\n".join(texts)))


_charset("charset_lie", "says UTF-8, is windows-1251", RUSSIAN, "ru", "cp1251", header="text/html; charset=utf-8")
_charset("charset_silent", "says nothing, is windows-1251", RUSSIAN, "ru", "cp1251", header="text/html")
_charset(
    "charset_koi8", "says windows-1251, is KOI8-R", RUSSIAN, "ru", "koi8-r", header="text/html; charset=windows-1251"
)
_charset("charset_chinese", "says nothing, is GB 18030", CHINESE, "zh", "gb18030", header="text/html")
_charset("charset_utf16", "UTF-16 with a byte order mark", GERMAN, "de", "utf-16", header="text/html")
_charset(
    "charset_meta_lie",
    "the page says Latin-1, is UTF-8",
    GERMAN,
    "de",
    "utf-8",
    header="text/html",
    meta='<meta charset="iso-8859-1">',
)
_charset(
    "charset_unknown", "a charset that does not exist", GERMAN, "de", "utf-8", header="text/html; charset=x-news-9"
)


page_fault(
    "mojibake",
    "UTF-8 that was read as windows-1252 and written again",
    Answer(body=_raw("Die F\xc3\xa4hre", [text.encode().decode("latin-1") for text in GERMAN], "de").encode()),
    "article",
    check=expects(text="\n\n".join(GERMAN), flags=holds(("encoding_repaired",))),
)
page_fault(
    "mojibake_twice",
    "the same done twice",
    Answer(
        body=_raw(
            "Fahrplan", [text.encode().decode("latin-1").encode().decode("latin-1") for text in GERMAN], "de"
        ).encode()
    ),
    "article",
    check=expects(text="\n\n".join(GERMAN)),
)
page_fault(
    "invalid_utf8",
    "bytes that are no UTF-8, here and there",
    Answer(body=honest.page("The page of invalid", honest.prose("invalid", 6)).replace(b" was ", b" w\xff\xfes ")),
    "article",
)
_CONTROLS = "\0\x07\x1b[31m\x85\u202e\u2066\u200b\ufeff\u2028"
page_fault(
    "controls",
    "NUL, C0 and C1 controls, zero-width and bidi characters in title and text",
    Answer(
        body=honest.page(
            f"The page{_CONTROLS} of controls",
            [f"{text[:40]}{_CONTROLS}{text[40:]}" for text in honest.prose("controls", 6)],
        )
    ),
    "article",
    check=expects(
        **dict.fromkeys(
            ("title", "text"),
            holds((), but_not=("\0", "\x07", "\x1b", "\x85", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028")),
        )
    ),
)
_ESCAPE = "\x1b]0;owned\x07\x1b[2J\r\nERROR: forged line"
page_fault(
    "terminal_escape",
    "title, author and address with terminal escapes and forged log lines",
    Answer(
        body=honest.page(
            f"Escape {_ESCAPE}", honest.prose("escape", 6), head=f'<meta name="author" content="Eve {_ESCAPE}">'
        )
    ),
    "article",
    listed=(path_of("terminal_escape"), f"{FOLDER}a-story-with-%1b%5b2J%0d%0aERROR-forged-line"),
    otherwise=lambda asked: (
        Answer(body=page("forged").body, headers=(("X-A", "\x1b[2J"),)) if "forged" in asked.path else None
    ),
)
page_fault(
    "spreadsheet_formula",
    "title and author that are formulas",
    Answer(
        body=honest.page(
            '=HYPERLINK("http://evil.example";"news")',
            honest.prose("formula", 6),
            head='<meta name="author" content="@SUM(1+1)*cmd|calc">',
        )
    ),
    "article",
)
page_fault(
    "markup_as_text",
    "title and text with scripts as text",
    Answer(
        body=honest.page(
            '</title><script>alert(1)</script>"onload="x',
            [f"{text} <img src=x onerror=alert(1)>" for text in honest.prose("markup", 6)],
        )
    ),
    "article",
)
around(
    "surrogates",
    "lone surrogates in JSON-LD and as character references",
    head='<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Eve \\ud800 Ash"}}</script>'
    '<meta name="description" content="A note &#xD800; of &#xDFFF; halves and a thing or two">',
)
page_fault(
    "homoglyphs",
    "Latin letters in Russian words",
    Answer(
        body=_raw(
            "Паром вернулся",
            [text.replace("о", "o", 3).replace("а", "a", 2) for text in RUSSIAN],
            "ru",
            '<meta charset="utf-8">',
        ).encode()
    ),
    "article",
    check=expects(flags=holds(("mixed_script",)), text=holds(("o",))),
)
page_fault(
    "decomposed",
    "letters and their marks apart",
    Answer(
        body=_raw(
            "Die Fa\u0308hre fa\u0308hrt",
            [text.replace("ä", "a\u0308").replace("ü", "u\u0308").replace("ö", "o\u0308") for text in GERMAN],
            "de",
            '<meta charset="utf-8">',
        ).encode()
    ),
    "article",
    check=expects(text="\n\n".join(GERMAN)),
)

_VICTIM = "https://victim.example/2026/11/01/the-real-story"
page_fault(
    "canonical_offsite",
    "canonical, og:url and JSON-LD that claim another site's article",
    page(
        "canonical_offsite",
        head=f'<link rel="canonical" href="{_VICTIM}"><meta property="og:url" content="{_VICTIM}">'
        f'<script type="application/ld+json">{{"@type":"NewsArticle","@id":"{_VICTIM}","url":"{_VICTIM}"}}</script>',
    ),
    "article",
    check=expects(url_canonical=None, flags=holds(("canonical_offsite",)), url=holds((), but_not=("victim",))),
)
page_fault(
    "canonical_broken",
    "canonicals that are no addresses",
    page(
        "canonical_broken", head='<link rel="canonical" href="http://[::1"><link rel="canonical" href="javascript:a">'
    ),
    "article",
    check=expects(url_canonical=None),
)

_DATES = {
    "date_future": "2199-01-01T00:00:00Z",
    "date_epoch": "1970-01-01T00:00:00Z",
    "date_year_9999": "9999-12-31T23:59:59Z",
    "date_minus": "-0001-11-30T00:00:00+00:00",
    "date_zero": "0000-00-00 00:00:00",
    "date_nonsense": "yesterday, or the day before",
    "date_ambiguous": "03/04/2026",
    "date_long": "2" * 100_000,
}
for _name, _date in _DATES.items():
    around_date = page(
        _name,
        head=f'<meta property="article:published_time" content="{_date}">'
        f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "datePublished": _date})}</script>',
        after="<aside>Most read: 18 October 1996, 23 October 2009</aside>",
    )
    page_fault(
        _name,
        f"an article dated {_date[:40]}",
        around_date,
        "article",
        # The feed of the site says 20 November; nothing else may be believed.
        check=expects(date_published=lambda date: date in {None, "2026-11-20T08:30:00Z"}),
    )
page_fault(
    "date_milliseconds",
    "an article dated in milliseconds since 1970",
    page(
        "date_milliseconds",
        head='<script type="application/ld+json">{"@type":"NewsArticle","datePublished":1795168800000}</script>',
    ),
    "article",
    check=expects(date_published=lambda date: date is None or date.startswith("2026-11-20")),
)
_WRONG: dict[str, object] = {
    "@type": ["NewsArticle", 7, None],
    "headline": {"a": []},
    "author": [[["x"]], 5, {"name": {"name": 3}}, None],
    "datePublished": [True],
    "image": {"url": [{"url": 9}]},
    "keywords": {"x": [1, 2]},
    "isAccessibleForFree": [{}],
    "publisher": 12,
    "mainEntityOfPage": [[[]]],
    "inLanguage": {"@id": 4},
    "articleBody": {"text": 1},
    "url": 1e308,
    "liveBlogUpdate": "x",
    "isPartOf": [1, "x", None],
    "articleSection": 7,
}
around(
    "jsonld_types",
    "JSON-LD with the wrong type everywhere, NaN and Infinity among them",
    head='<script type="application/ld+json">'
    + json.dumps({**_WRONG, "wordCount": float("nan"), "x": float("inf")})
    + "</script>"
    '<script type="application/ld+json">{"@type": NaN}</script><script type="application/ld+json">[[[null]]]</script>'
    '<script type="application/ld+json">"NewsArticle"</script><script type="application/ld+json">{</script>',
)

_STORIES = tuple(f"{FOLDER}one-of-twenty-stories-{n:02d}" for n in range(20))
site_fault(
    "one_canonical",
    "twenty stories that name one canonical address",
    {
        path: Answer(
            body=honest.page(
                f"Story {n:02d}", honest.prose(path, 5), head=f'<link rel="canonical" href="{_STORIES[0]}">'
            )
        )
        for n, path in enumerate(_STORIES)
    },
    "article",
    listed=_STORIES,
)
_NOTICES = tuple(f"{FOLDER}price-notice-number-{n:03d}" for n in range(40))
site_fault(
    "template_notices",
    "forty notices of one template, each with its own figures",
    {
        path: Answer(
            body=honest.page(
                f"Price notice {n:03d}",
                [
                    f"The co-operative announced on Friday that lot {n * 37 + 11} was sold for {n * 113 + 905} crowns.",
                    "Buyers may collect their goods at the north quay from Monday morning, against a receipt.",
                    f"The next sale begins at hall {n % 7 + 1}, where {n * 3 + 12} further lots are shown.",
                ],
            )
        )
        for n, path in enumerate(_NOTICES)
    },
    "article",
    check=expects(duplicate_of=None),
    listed=_NOTICES,
    max_requests=120,
)
site_fault(
    "one_text",
    "sixty addresses of one text: all of them articles, none swallowed",
    {f"{FOLDER}copy-number-{n:02d}-of-a-story": page("one_text") for n in range(60)},
    "article",
    listed=tuple(f"{FOLDER}copy-number-{n:02d}-of-a-story" for n in range(60)),
    max_requests=120,
)
