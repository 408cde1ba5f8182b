from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.article import OptOut
from newscrawl.errors import ConfigError
from newscrawl.optout import DEFAULT_HONOUR, SIGNALS, opted_out, read_honour
from newscrawl.settings import NEWSCRAWL_HONOUR

AT = "2026-11-24T12:00:00Z"
US = frozenset({"newscrawl"})


def reason(optout: OptOut, *honour: str) -> str | None:
    return opted_out(optout, honour or read_honour(DEFAULT_HONOUR), agents=US, at=AT)


@pytest.mark.parametrize(
    "raw",
    [
        "noindex",
        "NOINDEX, follow",
        "none",
        "max-snippet: 20, noindex",
        "newscrawl: noindex",
        "otherbot: nofollow; noindex",
        "noai, noimageai",
        "unavailable_after: 25 Jun 2026 15:00:00 PST",
        "unavailable_after: Wed, 25 Jun 2026 15:00:00 GMT, noimageai",
        "unavailable_after: Thursday, 25-Jun-26 15:00:00 GMT",
        "unavailable_after: 2026-06-25T15:00:00+02:00",
    ],
)
def test_robots_directives_that_keep_an_article_out(raw: str) -> None:
    assert reason(OptOut(meta_robots=raw))
    assert reason(OptOut(x_robots_tag=raw))


@pytest.mark.parametrize(
    "raw",
    [
        "all",
        "index, follow, max-image-preview:large, max-snippet:-1",
        "nofollow",
        "nosnippet",
        "noimageai",
        "otherbot: noindex",
        "otherbot: nofollow, noindex, noarchive",
        "unavailable_after: 25 Jun 2027 15:00:00 PST",
        "unavailable_after: some day, all",
        "unavailable_after: 2027-01-01, max-snippet: 10",
        "unavailable_after:",
        ":, ,;;:noindexed",
        "",
    ],
)
def test_robots_directives_that_do_not(raw: str) -> None:
    assert reason(OptOut(meta_robots=raw, x_robots_tag=raw)) is None


@pytest.mark.parametrize(
    ("optout", "expected"),
    [
        (OptOut(tdm_reservation="1"), "tdm-reservation: 1"),
        (OptOut(tdm_reservation="1, 1"), "tdm-reservation: 1"),
        (OptOut(tdm_reservation="0"), None),
        (OptOut(tdm_reservation="2"), None),
        (OptOut(content_usage="train-ai=n"), "Content-Usage: train-ai=n"),
        (OptOut(content_usage="search=y, Train-AI = n"), "Content-Usage: train-ai = n"),
        (OptOut(content_usage="bots=n"), "Content-Usage: bots=n"),
        (OptOut(content_usage="train-ai=?0"), "Content-Usage: train-ai=?0"),
        (OptOut(content_usage="train-ai=y, search=n"), None),
        (OptOut(content_usage="not-train-ai=n"), None),
        (OptOut(), None),
    ],
)
def test_reservations_of_mining_and_usage(optout: OptOut, expected: str | None) -> None:
    assert reason(optout) == expected


def test_only_what_is_honoured_counts() -> None:
    optout = OptOut(meta_robots="noindex", tdm_reservation="1", content_usage="train-ai=n")
    assert opted_out(optout, frozenset(), agents=US, at=AT) is None
    assert reason(optout, "tdm") == "tdm-reservation: 1"
    assert reason(OptOut(meta_robots="noai, noimageai"), "noimageai") == "meta robots: noimageai"


def test_the_setting_is_read_with_care_and_its_default_stands_once() -> None:
    assert read_honour(" noindex , TDM ") == {"noindex", "tdm"}
    assert read_honour("") == frozenset()
    assert NEWSCRAWL_HONOUR == DEFAULT_HONOUR
    assert read_honour(DEFAULT_HONOUR) == set(SIGNALS) - {"noarchive", "noimageai"}
    with pytest.raises(ConfigError, match="NEWSCRAWL_HONOUR: 'noindexx' is no signal"):
        read_honour("noindexx")


@given(st.text(max_size=200))
def test_raw_signals_never_raise(raw: str) -> None:
    opted_out(
        OptOut(meta_robots=raw, x_robots_tag=raw, tdm_reservation=raw, content_usage=raw), SIGNALS, agents=US, at=AT
    )
