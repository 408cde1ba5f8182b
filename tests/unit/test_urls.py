from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newscrawl.urls import MAX_URL_CHARS, article_id, normalise_url, same_site, site_of, url_key


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """Addresses with hostile parts; most of them are valid."""
    scheme = draw(st.sampled_from(["http", "https", "HTTP", "hTTps"]))
    slashes = draw(st.sampled_from(["//", "\\\\", "/\\"]))
    user = draw(st.sampled_from(["", "user@", "user:pa:ss@", "a@b@", "%40:x@"]))
    host = draw(
        st.sampled_from(
            ["news.example", "NEWS.Example.", "xn--80ak6aa92e.com", "straße.de", "новости.рф", "ｎews.example", "127.1",
             "0x7f.1", "[::1]", "[::FFFF:127.0.0.1]", "a_b.example", "ex%61mple.com", "news。example", "☃.example"]
        )
    )  # fmt: skip
    port = draw(st.sampled_from(["", ":", ":80", ":443", ":8080", ":0080"]))
    path = draw(st.text(st.sampled_from("ab/.;%~ü+ 7Ee2F3C5\\\ud800\x00:@&=語"), max_size=20))
    query = draw(st.text(st.sampled_from("ab=&;%+ ü2B36utm_?/#\udfff"), max_size=25))
    return f"{scheme}:{slashes}{user}{host}{port}/{path}?{query}"


@given(addresses())
@settings(max_examples=300)
def test_normalising_twice_changes_nothing(url: str) -> None:
    once = normalise_url(url)
    assert normalise_url(once) == once


@given(st.text(max_size=80).map(lambda tail: f"http://{tail}"))
@example("http://a/%")
@example("http://a/?%&%zz=%")
@settings(max_examples=300)
def test_any_text_is_normalised_once_and_for_all_or_refused(url: str) -> None:
    try:
        once = normalise_url(url)
    except ValueError:
        return
    assert normalise_url(once) == once
    assert once.isascii()


@given(addresses())
def test_user_info_fragment_and_default_port_never_stay(url: str) -> None:
    parts = urlsplit(normalise_url(url))
    assert "@" not in parts.netloc
    assert parts.fragment == ""
    assert parts.port not in {80, 443} or parts.port != {"http": 80, "https": 443}[parts.scheme]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://User:pw@Ex%61mple.COM.:80/a/../b/%7ex//y?b=2&a=1#top", "http://example.com/b/~x//y?a=1&b=2"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example?", "https://news.example/"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("https://news.example:8443/a", "https://news.example:8443/a"),
        ("http:\\\\news.example\\a\\b", "http://news.example/a/b"),
        (" \n https://news.ex\nample/a\t ", "https://news.example/a"),
        ("https://straße.example/ü?q=ü", "https://xn--strae-oqa.example/%C3%BC?q=%C3%BC"),
        ("https://ＮＥＷＳ.example/１", "https://news.example/%EF%BC%91"),
        ("https://news.example/%d0%bF", "https://news.example/%D0%BF"),
        ("https://news.example/a%2Fb%3Fc", "https://news.example/a%2Fb%3Fc"),
        ("https://news.example/a?x=a%26b&y=%2B", "https://news.example/a?x=a%26b&y=%2B"),
        ("https://news.example/?12345", "https://news.example/?12345"),
        ("https://news.example/?a=&a", "https://news.example/?a&a="),
        ("https://news.example//a//b", "https://news.example//a//b"),
        ("https://news.example/a;jsessionid=9F?x=1", "https://news.example/a?x=1"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://[0:0::1]:80/", "http://[::1]/"),
    ],
)
def test_one_page_has_one_spelling(url: str, expected: str) -> None:
    assert normalise_url(url) == expected


@pytest.mark.parametrize(
    "parameter",
    ["utm_source=x", "UTM_Medium=x", "fbclid=1", "gclid=1", "gclsrc=1", "dclid=1", "msclkid=1", "yclid=1", "mc_cid=1",
     "mc_eid=1", "igshid=1", "_ga=1", "ref_src=x", "cmpid=x",
     "CMP=x", "ito=1", "ns_mchannel=x", "utm%5Fid=1", "PHPSESSID=1"],
)  # fmt: skip
def test_what_names_the_visitor_goes(parameter: str) -> None:
    assert normalise_url(f"https://news.example/a?{parameter}&id=7") == "https://news.example/a?id=7"


@pytest.mark.parametrize(
    "parameter", ["id=7", "p=7", "a=1", "article=9", "story_id=3", "cid=4", "ref=5", "sid=6", "nid=8"]
)
def test_what_may_name_the_article_stays(parameter: str) -> None:
    assert normalise_url(f"https://news.example/a?{parameter}").endswith(parameter)


@pytest.mark.parametrize(
    "url",
    ["", "news.example/a", "/a", "ftp://news.example/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x",
     "http://", "http:///a", "http:/news.example", "http://user@/", "http://news.example:99999/", "http://[::1/",
     "http://a b.example/", "http://news..example/", "http://256.1.1.1/", "http://1.2.3.4.5/", "http://08.0.0.1/",
     "http://news%2Fexample/", "http://news%00.example/", "http://[fe80::1%25eth0]/",
     "http://" + "a" * 64 + ".example/",
     "http://news.example/" + "a" * MAX_URL_CHARS, "http://news.example/" + "a" * 20_000, "http://\ud800.example/"],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(The|Only) .{10}"):
        normalise_url(url)


@pytest.mark.parametrize(
    ("url", "canonical", "key"),
    [
        ("https://www.news.example/a", None, "www.news.example/a"),
        ("https://www.news.example/a", "https://www.news.example/a", "news.example/a"),
        ("http://news.example/a", "https://www.news.example/a", "news.example/a"),
        ("https://amp.news.example/a", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/a/amp", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/a/amp/", "https://www.news.example/a/", "news.example/a/"),
        ("https://www.news.example/amp/a", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/a.amp", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/a.amp.html", "https://www.news.example/a.html", "news.example/a.html"),
        ("https://www.news.example/a?amp=1&id=3", "https://www.news.example/a?id=3", "news.example/a?id=3"),
        ("https://www.news.example/a?outputType=amp", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/a?print", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/print/a", "https://www.news.example/a", "news.example/a"),
        ("https://www.news.example/print/a", "https://www.news.example/print/a", "news.example/print/a"),
        ("https://www.news.example/a", "https://www.news.example/b", "www.news.example/a"),
        ("https://www.news.example/a/amp", "https://www.news.example/", "www.news.example/a/amp"),
        ("https://www.news.example/a", "https://victim.example/a", "www.news.example/a"),
        ("https://www.news.example/a?id=1", "https://www.news.example/a", "www.news.example/a?id=1"),
        ("https://www.news.example/amplifier", "https://www.news.example/lifier", "www.news.example/amplifier"),
        ("https://www.news.example/a", "javascript:void(0)", "www.news.example/a"),
        ("https://www.news.example/a", "", "www.news.example/a"),
    ],
)
def test_variants_share_a_key_only_where_the_canonical_shows_it(url: str, canonical: str | None, key: str) -> None:
    assert url_key(url, canonical) == key


def test_an_id_is_stable_and_has_the_form_of_the_schema() -> None:
    assert article_id("news.example/a") == article_id("news.example/a")
    assert article_id("news.example/a") != article_id("news.example/b")
    assert re.fullmatch(r"nc_[a-z2-7]{26}", article_id("news.example/\ud800"))


def test_an_id_never_changes_between_versions() -> None:
    assert article_id("harbour-times.example/2026/03/04/harbour-reopens") == "nc_ct7tuwvf6ip4q7n7lath5mvjk2"


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://a.b.news.example/x", "news.example"),
        ("https://tenant.github.io/x", "tenant.github.io"),
        ("https://github.io/", "github.io"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("http://[::1]/x", "::1"),
        ("http://localhost/x", "localhost"),
        ("https://WWW.News.Example./", "news.example"),
        ("www.news.example", "news.example"),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_a_site_is_the_registrable_domain_or_the_host(url: str, site: str) -> None:
    assert site_of(url) == site


def test_tenants_of_one_platform_are_different_sites() -> None:
    assert not same_site("https://a.github.io/", "https://b.github.io/")
    assert same_site("https://a.news.example/", "http://b.news.example:81/x")
    assert not same_site("", "")
