from __future__ import annotations

import pytest

from newscrawl.errors import ConfigError
from newscrawl.rendering.options import RenderOptions, check_rendering, find_browser
from newscrawl.sources import Source


def source(*, javascript: bool) -> Source:
    return Source(id="harbour-times", name="The Harbour Times", url="https://h.example/", javascript=javascript)


def test_a_source_that_asks_for_a_browser_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    expected = "source 'harbour-times' has javascript = true: no Chromium is on PATH: install it"
    with pytest.raises(ConfigError, match=expected):
        check_rendering([source(javascript=False), source(javascript=True)], RenderOptions())


def test_without_such_a_source_no_browser_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    check_rendering([source(javascript=False)], RenderOptions(browser="/no/chromium"))


def test_the_browser_of_the_setting_comes_before_those_on_path() -> None:
    assert find_browser(RenderOptions(browser="/bin/sh")) == "/bin/sh"
    with pytest.raises(ConfigError, match="NEWSCRAWL_RENDER_BROWSER is 'nothing', which is no program"):
        find_browser(RenderOptions(browser="nothing"))
