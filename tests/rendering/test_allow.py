from __future__ import annotations

import pytest

from newscrawl.rendering.allow import Asked, why_not

PAGE = "https://www.harbour-times.example/news/1"


def asked(url: str, kind: str = "Fetch", method: str = "GET", accept: str = "*/*") -> str | None:
    return why_not(
        Asked(url=url, kind=kind, method=method, accept=accept),
        PAGE,
        lambda address: "Disallow: /api" if "/api" in address else None,
    )


@pytest.mark.parametrize("kind", ["Script", "XHR", "Fetch"])
@pytest.mark.parametrize("host", ["www.harbour-times.example", "static.harbour-times.example", "code.example"])
def test_code_and_data_may_come_from_anywhere(kind: str, host: str) -> None:
    assert asked(f"https://{host}/x", kind) is None


@pytest.mark.parametrize(
    "kind", ["Image", "Media", "Font", "Ping", "Manifest", "TextTrack", "Other", "CSPViolationReport"]
)
def test_what_brings_no_text_is_refused(kind: str) -> None:
    assert asked(PAGE, kind) == f"{kind.lower()}: no text comes of it"


def test_documents_come_from_the_site_alone() -> None:
    assert asked("https://m.harbour-times.example/news/1", "Document") is None
    assert asked("https://ads.example/frame", "Document") == "a document of another site"


def test_only_the_site_itself_is_written_to() -> None:
    assert asked("https://data.harbour-times.example/graphql", method="POST") is None
    assert asked("https://counts.example/seen", method="POST") == "POST to another site"
    assert asked("https://counts.example/seen", "Preflight", "OPTIONS") is None


def test_robots_txt_holds_for_what_scripts_ask_for_too() -> None:
    assert asked("https://www.harbour-times.example/api/1") == "robots.txt forbids it: Disallow: /api"


def test_a_stream_without_an_end_is_refused() -> None:
    assert asked(PAGE, "XHR", accept="text/event-stream") == "an event stream: it has no end"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h.example/x", "chrome://version", "ws://h.example/"])
def test_other_schemes_are_refused(url: str) -> None:
    assert asked(url) == "neither http nor https"
