"""A mistake costs one sentence that names it, the right exit code, and no request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Crawl

    from newscrawl.demo.server import DemoServer


def expect_usage_error(crawl: Crawl, *words: str) -> None:
    assert crawl.exit_code == 2, crawl.err
    assert "Traceback" not in crawl.err
    last = crawl.err.strip().splitlines()[-1]
    assert last.startswith("newscrawl: ")
    for word in words:
        assert word in last
    assert not crawl.data.exists(), "a run that never began leaves nothing behind"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-a", "ulr=https://example.org"), ("ulr", "url")),
        (("-a", "url=ftp://example.org"), ("ftp://example.org",)),
        (("-a", "source=nobody"), ("nobody",)),
        (("-a", "limit=many"), ("limit=many",)),
        (("-a", "since=yesterday"), ("since=yesterday",)),
        (("-a", "lang=english"), ("english",)),
        (("-a", "urls=missing.txt"), ("missing.txt",)),
        (("-a", "url=https://a.example", "-a", "source=x"), ("url", "source")),
        (("-s", "NEWSCRAWL_POOL_WORKERS=-3"), ("NEWSCRAWL_POOL_WORKERS", "-3")),
        (("-s", "NEWSCRAWL_POOL_WORKRS=3"), ("NEWSCRAWL_POOL_WORKRS",)),
        (("-s", "NEWSCRAWL_ALLOW_ADDRESSES=nonsense:x"), ("nonsense:x",)),
        (("-s", "NEWSCRAWL_SOURCES=missing.toml"), ("missing.toml",)),
    ],
    ids=lambda value: "" if isinstance(value[0], tuple) else " ".join(value)[:40],
)
def test_a_wrong_argument_is_named_and_nothing_is_fetched(
    arguments: tuple[str, ...], words: tuple[str, ...], crawl_demo: Callable[..., Crawl], newsroom: DemoServer
) -> None:
    before = len(newsroom.requests)
    expect_usage_error(crawl_demo(*arguments), *words)
    assert len(newsroom.requests) == before


def test_bad_toml_is_named_with_its_line(tmp_path: Path, crawl_demo: Callable[..., Crawl]) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nid = "a"\nurl = \n')
    expect_usage_error(crawl_demo("-s", f"NEWSCRAWL_SOURCES={sources}"), "sources.toml", "line 3")


def test_a_sources_file_with_nothing_enabled_says_what_to_do(tmp_path: Path, crawl_demo: Callable[..., Crawl]) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nid = "a"\nname = "A"\nurl = "https://a.example"\n')
    expect_usage_error(crawl_demo("-s", f"NEWSCRAWL_SOURCES={sources}"), "enabled = true", "-a url=")


def test_an_unwritable_data_directory_ends_the_run_before_the_first_request(
    tmp_path: Path, crawl_demo: Callable[..., Crawl], newsroom: DemoServer
) -> None:
    (tmp_path / "file").write_text("not a directory")
    before = len(newsroom.requests)
    run = crawl_demo(data=tmp_path / "file" / "data")
    assert run.exit_code == 5
    assert "Traceback" not in run.err
    assert str(tmp_path / "file") in run.err.strip().splitlines()[-1]
    assert len(newsroom.requests) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_data_directory_is_named(tmp_path: Path, crawl_demo: Callable[..., Crawl]) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    run = crawl_demo(data=data)
    assert run.exit_code == 5
    assert str(data) in run.err
