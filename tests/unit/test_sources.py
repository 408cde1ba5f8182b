from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.errors import ConfigError
from newscrawl.sources import Source, load_sources

SHIPPED = Path(__file__).parents[2] / "data" / "sources.toml"
GOOD = 'id = "a-b"\nname = "A"\nfeeds = ["https://a.example/rss?utm_source=rss"]\n'


def load(tmp_path: Path, text: str | bytes) -> tuple[Source, ...]:
    path = tmp_path / "sources.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_sources(path)


def test_the_shipped_file_is_valid_fictional_and_starts_nothing() -> None:
    sources = load_sources(SHIPPED)
    assert len(sources) == 2
    for source in sources:
        assert not source.enabled
        for url in (*source.feeds, *source.news_sitemaps, *source.sitemaps, *source.sections):
            assert ".example/" in url


def test_the_shipped_file_explains_every_key() -> None:
    explained = SHIPPED.read_text(encoding="utf-8").partition("[[source]]\n")[0]
    for name in Source.__dataclass_fields__:
        assert f"#   {name} " in explained


def test_an_entry_is_read_as_written_with_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, f"\ufeff[[source]]\n{GOOD}") == (
        Source(id="a-b", name="A", feeds=("https://a.example/rss?utm_source=rss",)),
    )


def test_languages_come_in_one_spelling(tmp_path: Path) -> None:
    (source,) = load(tmp_path, f'[[source]]\n{GOOD}languages = ["KK", "pt_br"]')
    assert source.languages == ("kk", "pt-BR")


def test_an_empty_file_has_no_sources(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]\n", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        ("sauce = 1", "'sauce'"),
        ("source = 1", "[[source]]"),
        ("source = [1]", "[[source]]"),
        (f"[[source]]\n{GOOD}colour = 1", "'colour'"),
        (f"[[source]]\n{GOOD}[[source]]\n{GOOD}", "source 2 ('a-b')"),
        ('[[source]]\nname = "A"\nurl = "https://a.example"', "'id'"),
        ('[[source]]\nid = "A"\nname = "A"\nurl = "https://a.example"', "'id'"),
        ('[[source]]\nid = 3\nname = "A"\nurl = "https://a.example"', "'id'"),
        ('[[source]]\nid = "a"\nurl = "https://a.example"', "'name'"),
        ('[[source]]\nid = "a"\nname = " "\nurl = "https://a.example"', "'name'"),
        ('[[source]]\nid = "a"\nname = "A"', "feeds"),
        ('[[source]]\nid = "a"\nname = "A"\nfeeds = []', "feeds"),
        ('[[source]]\nid = "a"\nname = "A"\nfeeds = "https://a.example"', "'feeds'"),
        ('[[source]]\nid = "a"\nname = "A"\nfeeds = [1]', "'feeds'"),
        ('[[source]]\nid = "a"\nname = "A"\nurl = "a.example"', "'url'"),
        ('[[source]]\nid = "a"\nname = "A"\nsections = ["ftp://a.example/"]', "'sections'"),
        (f'[[source]]\n{GOOD}languages = ["english"]', "'languages'"),
        (f'[[source]]\n{GOOD}time_zone = "Mars/Base"', "'time_zone'"),
        (f"[[source]]\n{GOOD}time_zone = 3", "'time_zone'"),
        (f'[[source]]\n{GOOD}enabled = "yes"', "'enabled'"),
    ],
)
def test_a_mistake_is_refused_with_file_entry_and_key(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    message = str(refused.value)
    assert "sources.toml" in message
    assert said in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_sources(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_sources(tmp_path)
