from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.errors import ConfigError
from newscrawl.sources import Source, load_sources, source_id, wants
from newscrawl.urls import normalise_url

SHIPPED = Path(__file__).parents[2] / "data" / "sources.toml"
GOOD = 'id = "a-b"\nname = "A"\nfeeds = ["https://a.example/rss?utm_source=rss"]\n'


def load(tmp_path: Path, text: str | bytes) -> tuple[Source, ...]:
    path = tmp_path / "sources.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_sources(path)


def test_the_shipped_file_names_real_outlets_of_the_world_and_starts_nothing() -> None:
    sources = load_sources(SHIPPED)
    assert len(sources) >= 60
    assert len({source.country for source in sources}) >= 30
    assert len({language for source in sources for language in source.languages}) >= 20
    assert not any(source.enabled for source in sources)
    for source in sources:
        assert source.url is not None
        assert None not in {source.country, source.time_zone}
        assert source.languages
        assert source.id == source_id(urlsplit(source.url).hostname or "")


def test_no_two_sources_of_the_shipped_file_are_one_site() -> None:
    addresses = [source.url for source in load_sources(SHIPPED)]
    assert len({normalise_url(address or "") for address in addresses}) == len(addresses)


def test_the_example_in_the_shipped_file_is_a_valid_entry_with_every_key(tmp_path: Path) -> None:
    header = SHIPPED.read_text(encoding="utf-8").partition("\n[[source]]")[0]
    example = header[header.index("#   [[source]]") :]
    text = "\n".join(line.removeprefix("#   ") for line in example.splitlines())
    load(tmp_path, text)
    named = {line.partition(" = ")[0] for line in text.splitlines()[1:]}
    assert named == set(Source.__dataclass_fields__) - {"sitemaps", "sections"}


def test_the_shipped_file_explains_every_key() -> None:
    explained = SHIPPED.read_text(encoding="utf-8").partition("\n[[source]]")[0]
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
        (f'[[source]]\n{GOOD}country = "Kazakhstan"', "'country'"),
        (f'[[source]]\n{GOOD}country = "kz"', "'country'"),
        (f'[[source]]\n{GOOD}delay_s = "2"', "'delay_s'"),
        (f"[[source]]\n{GOOD}delay_s = true", "'delay_s'"),
        (f"[[source]]\n{GOOD}delay_s = -1", "'delay_s'"),
        (f"[[source]]\n{GOOD}delay_s = nan", "'delay_s'"),
        (f"[[source]]\n{GOOD}delay_s = inf", "'delay_s'"),
        (f'[[source]]\n{GOOD}take = "/news/*"', "'take'"),
        (f'[[source]]\n{GOOD}take = ["news/*"]', "'take'"),
        (f'[[source]]\n{GOOD}leave = [""]', "'leave'"),
        (f'[[source]]\n{GOOD}leave = ["/{"a" * 500}"]', "'leave'"),
        (f"[[source]]\n{GOOD}leave = {[f'/{number}' for number in range(101)]}", "'leave'"),
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


def source(take: tuple[str, ...] = (), leave: tuple[str, ...] = ()) -> Source:
    return Source(id="a", name="A", take=take, leave=leave)


@pytest.mark.parametrize(
    ("take", "leave", "path", "wanted"),
    [
        ((), (), "/sport/a", True),
        (("/news/*",), (), "/news/2026/a.html", True),
        (("/news/*",), (), "/sport/news/a", False),
        (("/news/*", "/sport/*"), (), "/sport/a", True),
        ((), ("*/live/*",), "/news/live/a", False),
        ((), ("*/live/*",), "/news/alive/a", True),
        (("/news/*",), ("/news/live/*",), "/news/live/a", False),
        (("/20??/*",), (), "/2026/a", True),
        (("/20??/*",), (), "/206/a", False),
        (("/",), (), "", True),
        (("/News/*",), (), "/news/a", False),
        (("/новости/*",), (), "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/a", True),
        (("/news/*",), (), "/a?page=/news/a", False),
    ],
)
def test_a_source_takes_and_leaves_articles_by_their_path(
    take: tuple[str, ...], leave: tuple[str, ...], path: str, wanted: bool
) -> None:
    assert wants(source(take, leave), f"https://a.example{path}") is wanted


@given(st.text(max_size=50), st.text(max_size=50))
@settings(max_examples=60)
def test_no_pattern_and_no_path_is_too_odd(pattern: str, path: str) -> None:
    address = f"https://a.example/{quote(path, errors='replace')}"
    assert wants(source(leave=("*",), take=(f"*{pattern}",)), address) is False
    assert isinstance(wants(source(take=(f"/{pattern}",)), address), bool)


def test_a_path_made_to_be_slow_is_matched_at_once() -> None:
    # A matcher that tries every way to share the path out among the stars would not live to see the end of this.
    assert not wants(source(take=("*a" * 99 + "b",)), f"https://a.example/{'a' * 2000}")


@pytest.mark.parametrize(
    ("host", "identifier"),
    [
        ("www.harbour-times.example", "harbour-times-example"),
        ("24.kg", "site-24-kg"),
        ("xn--e1afmkfd.example", "xn-e1afmkfd-example"),
        ("www.example", "example"),
        ("[::1]", "site-1"),
        ("a" * 63 + ".example", "a" * 63),
    ],
)
def test_a_host_gives_its_source_an_id(host: str, identifier: str, tmp_path: Path) -> None:
    assert source_id(host) == identifier
    assert load(tmp_path, f"[[source]]\n{GOOD.replace('a-b', identifier)}")[0].id == identifier
