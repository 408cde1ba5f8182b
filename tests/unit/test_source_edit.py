"""Sources are switched and paused in the file of their operator, who finds every other byte as it was."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.cli.main import main
from newscrawl.cli.source_edit import with_value
from newscrawl.errors import ConfigError
from newscrawl.frontier.plan import read_plan
from newscrawl.sources import Source, is_paused, load_sources

if TYPE_CHECKING:
    from pathlib import Path

FILE = """\
# Ours.

[[source]]
id = "harbour-times"   # the key in the dump
  name = "The Harbour Times"
url = "https://harbour-times.example/"
enabled   =  false     # asked on Monday
feeds = [
  "https://harbour-times.example/rss.xml", # [[source]] is no header here
]

# The next one is small.
[[ source ]] # two
name = "Lone [[source]] Gazette"
id = 'gazette'
url = "https://gazette.example/"
# last words"""


def changed(before: str, after: str) -> list[tuple[str, str]]:
    return [pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if pair[0] != pair[1]]


def test_a_value_is_replaced_and_the_remark_behind_it_stays() -> None:
    after = with_value(FILE, ["harbour-times"], "enabled", True)
    assert changed(FILE, after) == [
        ("enabled   =  false     # asked on Monday", "enabled = true     # asked on Monday")
    ]


def test_a_new_key_stands_below_what_its_entry_says() -> None:
    after = with_value(FILE, ["harbour-times", "gazette"], "paused_until", "2026-12-01T00:00:00Z")
    line = 'paused_until = "2026-12-01T00:00:00Z"\n'
    assert after == FILE.replace("]\n\n#", f"]\n{line}\n#").replace("# last", f"{line}# last")
    assert with_value(after, ["harbour-times", "gazette"], "paused_until", None) == FILE


def test_line_ends_and_the_mark_of_other_systems_stay() -> None:
    theirs = "\ufeff" + FILE.replace("\n", "\r\n")
    after = with_value(theirs, ["gazette"], "enabled", True)
    assert after == theirs.replace("# last", "enabled = true\r\n# last")


@pytest.mark.parametrize(
    "file",
    [
        'source = [{ id = "a", name = "A", url = "https://a.example/" }]\n',
        '[[source]]\nid = "b"\nname = """\n[[source]]\nenabled = true"""\n[[source]]\nid = "a"\nenabled = """x"""\n',
        '[[source]]\n"id" = "a"\n"enabled" = false\n',
    ],
    ids=["inline", "header in a text", "quoted key"],
)
def test_what_lines_do_not_tell_is_left_to_the_operator(file: str) -> None:
    with pytest.raises(ConfigError, match="by hand"):
        with_value(file, ["a"], "enabled", True)


@given(
    st.lists(st.sampled_from(["# [[source]]", "", 'country = "KZ"', 'take = ["/[[source]]/*"]', "delay_s = 2.5"])),
    st.sampled_from([True, False, None]),
)
@settings(max_examples=60)
def test_an_edit_changes_its_key_alone(between: list[str], value: bool | None) -> None:
    lines = list(dict.fromkeys(between))
    file = "\n".join(['[[source]]\nid = "a"', *lines, "enabled = false", '[[source]]\nid = "b"', *lines])
    after = tomllib.loads(with_value(file, ["b"], "enabled", value))["source"]
    before = tomllib.loads(file)["source"]
    assert after == [before[0], before[1] | ({} if value is None else {"enabled": value})]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def sources(file: Path, *arguments: str) -> int:
    return main(["sources", *arguments, "--file", str(file)])


def test_a_paused_source_is_left_out_until_its_time_is_over_and_crawled_when_named(file: Path) -> None:
    assert sources(file, "enable", "harbour-times", "gazette") == 0
    assert sources(file, "pause", "gazette", "--until", "3d") == 0
    assert [source.id for source in read_plan({}, file).sources] == ["harbour-times"]
    assert [source.id for source in read_plan({"source": "gazette"}, file).sources] == ["gazette"]
    gazette = load_sources(file)[1]
    assert is_paused(gazette, "2026-01-01T00:00:00Z")
    assert not is_paused(gazette, "2999-01-01T00:00:00Z")
    assert sources(file, "resume", "gazette") == 0
    assert len(read_plan({}, file).sources) == 2


def test_with_every_source_paused_a_run_has_nothing_to_do_and_is_no_mistake(file: Path) -> None:
    sources(file, "enable", "gazette")
    sources(file, "pause", "gazette")
    assert load_sources(file)[1].paused_until == "resumed"
    assert read_plan({}, file).sources == ()


def test_the_list_says_who_is_paused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources(file, "enable", "gazette")
    sources(file, "pause", "gazette", "--until", "2998-12-01")
    capsys.readouterr()
    assert sources(file, "list") == 0
    assert "yes, paused until 2998-12-01T00:00:00Z" in capsys.readouterr().out
    assert sources(file, "list", "--json") == 0
    assert '"paused_until": "2998-12-01T00:00:00Z"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["enable"], "needs an ID"),
        (["enable", "gazette", "gazzette"], "did you mean gazette?"),
        (["pause", "gazette", "--until", "soon"], "neither a length of time"),
        (["pause", "gazette", "--until", "2020-01-01"], "over already"),
        (["resume", "gazette", "--until", "3d"], "takes no --until"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_changes_nothing(
    file: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sources(file, *arguments) == 2
    assert words in capsys.readouterr().err
    assert file.read_text("utf-8") == FILE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_a_service_that_root_edits_still_belongs_to_the_service(file: Path) -> None:
    os.chown(file, 12345, 12346)
    file.chmod(0o640)
    assert sources(file, "enable", "gazette") == 0
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (12345, 12346, 0o640)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_takes_no_file_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.parent.chmod(0o500)
    assert sources(file, "enable", "gazette") == 2
    assert f"{file} cannot be changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"2026-12-01"', "2026-12-01T00:00:00Z"),
        ("2026-12-01", "2026-12-01T00:00:00Z"),
        ("2026-12-01T06:30:00+05:00", "2026-12-01T01:30:00Z"),
        ("2026-12-01T06:30:00", "2026-12-01T06:30:00Z"),
        ('"resumed"', "resumed"),
        ('"next week"', None),
        ("true", None),
    ],
)
def test_a_day_or_time_may_be_written_as_text_or_as_toml_has_it(tmp_path: Path, written: str, read: str | None) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(f'[[source]]\nid = "a"\nname = "A"\nurl = "https://a.example/"\npaused_until = {written}\n')
    if read is None:
        with pytest.raises(ConfigError, match="paused_until"):
            load_sources(path)
        return
    assert load_sources(path) == (Source(id="a", name="A", url="https://a.example/", paused_until=read),)
