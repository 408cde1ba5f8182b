from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from newscrawl.errors import ConfigError
from newscrawl.options import check_known, read_options, setting_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    min_text_chars: int = 250
    max_share: float = field(default=0.5, metadata={"maximum": 1})
    obey: bool = True
    name: str = "n"
    languages: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = field(default=0, metadata={"minimum": None})
    mode: str = field(default="fast", metadata={"choices": ("fast", "good")})


def read(**settings: Any) -> Options:
    return read_options(
        Options, {f"NEWSCRAWL_EXTRACT_{key.upper()}": value for key, value in settings.items()}, "EXTRACT_"
    )


def test_without_settings_the_defaults_stand() -> None:
    assert read() == Options()
    assert read(min_text_chars=None) == Options()


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("min_text_chars", "300", 300),
        ("min_text_chars", 300, 300),
        ("max_share", "0.25", 0.25),
        ("max_share", 1, 1.0),
        ("obey", "False", False),
        ("obey", "0", False),
        ("obey", "no", False),
        ("obey", "YES", True),
        ("obey", 1, True),
        ("obey", False, False),
        ("name", "x", "x"),
        ("languages", "en, kk,", ("en", "kk")),
        ("languages", ["en", "kk"], ("en", "kk")),
        ("languages", "", ()),
        ("limit", "7", 7),
        ("limit", "", None),
        ("limit", "None", None),
        ("limit", None, None),
        ("offset", "-3", -3),
        ("mode", "good", "good"),
    ],
)
def test_a_text_becomes_the_type_of_its_field(key: str, raw: Any, value: Any) -> None:
    result = getattr(read(**{key: raw}), key)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("min_text_chars", "many"),
        ("min_text_chars", "2.5"),
        ("min_text_chars", 2.5),
        ("min_text_chars", True),
        ("min_text_chars", "-1"),
        ("min_text_chars", "9" * 5000),
        ("max_share", "nan"),
        ("max_share", "inf"),
        ("max_share", "1.5"),
        ("max_share", [1]),
        ("obey", "maybe"),
        ("obey", 2),
        ("obey", 1.0),
        ("name", 3),
        ("languages", 3),
        ("languages", [1]),
        ("limit", "x"),
        ("mode", "slow"),
    ],
)
def test_a_bad_value_is_refused_with_its_setting_and_the_value(key: str, raw: Any) -> None:
    with pytest.raises(ConfigError) as refused:
        read(**{key: raw})
    assert f"NEWSCRAWL_EXTRACT_{key.upper()}" in str(refused.value)
    assert repr(raw)[:20] in str(refused.value)


def test_the_names_of_the_settings_follow_from_the_fields() -> None:
    assert setting_names(Options, "EXTRACT_")[:2] == ("NEWSCRAWL_EXTRACT_MIN_TEXT_CHARS", "NEWSCRAWL_EXTRACT_MAX_SHARE")


def test_a_setting_nothing_reads_is_refused_with_the_nearest_name() -> None:
    known = setting_names(Options, "EXTRACT_")
    check_known([*known, "ROBOTSTXT_OBEY"], known)
    with pytest.raises(ConfigError, match=r"NEWSCRAWL_EXTRACT_MIN_TEXT_CHAR\b.*mean NEWSCRAWL_EXTRACT_MIN_TEXT_CHARS"):
        check_known(["NEWSCRAWL_EXTRACT_MIN_TEXT_CHAR"], known)
    with pytest.raises(ConfigError, match="NEWSCRAWL_ZZZ"):
        check_known(["NEWSCRAWL_ZZZ"], ())
