"""`--json` is JSON whatever the command and whatever it found, on standard output and nothing else there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from shelf import SITE, article, begin, put

from newscrawl.cli.main import COMMANDS, main
from newscrawl.dump.publish import publish
from newscrawl.errors import ExitCode
from newscrawl.sources import entry_text, new_source
from newscrawl.state.store import open_store

ID, TWIN = article("a").id, article("b").id
TITLE = 'Odd "words" \x9b31m \u202e ёлка \u2028'
OPML = '<opml version="2.0"><body><outline type="rss" xmlUrl="https://other.example/rss"/></body></opml>'
WITHOUT_JSON = {
    "browse": "a server",
    "clean": "its records are JSON",
    "completion": "a script for a shell",
    "demo": "what it does is the crawl's",
    "fetch": "its records are JSON",
    "init": "files",
    "workers": "a store that workers share: its own test asks it",
}
"""Commands that answer nothing a script would read, or always in JSON."""
ASKED = [
    "compact --data {data}",
    "coverage --data {data}",
    "diff {id} --data {data}",
    "explain {page}",
    "export --data {data} -o {folder}/dump.csv",
    "health --data {data}",
    "health --accept harbour-times --data {data}",
    "next --data {data} --sources {sources}",
    "outcomes --data {data}",
    "outcomes --data {data} --why article",
    "politeness --data {data}",
    "publish --data {data}",
    "purge {twin} --yes --data {data}",
    "reclean --data {data}",
    "report --data {data}",
    "sites list --data {data}",
    "sites pin harbour-times.example --line Subscribe --data {data}",
    "sites show harbour-times.example --data {data}",
    "sources list --file {sources}",
    "sources check --file {sources}",
    "sources add https://third.example --file {sources}",
    "sources import {opml} --file {sources}",
    "sources pause news-example --file {sources}",
    "state show --data {data}",
    "state check --data {data}",
    "state backup {folder}/copy.sqlite --data {data}",
    "state rebuild --data {data}",
    "status --data {data} --sources {sources}",
    "verify {data}",
]
NOTHING_TO_SAY = {
    "coverage": "nothing was seen in a list",
    "health": "no run has looked at a source",
    "politeness": "no run has sent anything",
    "outcomes": "every address gave an article",
    "reclean": "raw pages were not kept",
    "sites": "nothing was learned",
}
"""Of the small dump below: no line at all is right, and so is an error that names what is missing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("json")
    data = folder / "data"
    with open_store(data) as store:
        for number, text in enumerate(("Old words.", "New words.\n\nAnd more."), start=1):
            run = begin(store, number)
            put(store, article("a", text, title=TITLE), run)
            put(store, article("b", "What happened to b."), run)
            store.end_run(run, exit_code=0, counts={})
            publish(store, data)
    (folder / "sources.toml").write_text(entry_text(new_source("https://news.example", name=TITLE, enabled=True)))
    (folder / "feeds.opml").write_text(OPML)
    (folder / "page.html").write_text(f"<html><title>{TITLE}</title><p>{'Words and words. ' * 40}</html>")
    return folder


def named() -> set[str]:
    return {each.split()[0] for each in ASKED}


def test_every_command_is_asked_or_has_its_reason() -> None:
    assert named() | set(WITHOUT_JSON) >= set(COMMANDS)
    assert named().isdisjoint(WITHOUT_JSON)


@pytest.mark.parametrize("command", ASKED)
def test_every_line_is_an_object(command: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if command.split(maxsplit=1)[0] not in COMMANDS:
        pytest.skip("there is no such command here")
    folder = Path(shutil.copytree(made, tmp_path / "made"))
    values = {"data": folder / "data", "folder": folder, "sources": folder / "sources.toml", "id": ID, "twin": TWIN}
    files = {"page": folder / "page.html", "opml": folder / "feeds.opml"}
    status = main([*(each.format(**values, **files) for each in command.split()), "--json"])
    out, errors = capsys.readouterr()
    lines = out.splitlines()
    assert out.isascii()
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert "Traceback" not in errors
    if command.split(maxsplit=1)[0] not in NOTHING_TO_SAY:
        assert (status, bool(lines)) == (ExitCode.DONE, True), errors


def test_what_is_wrong_is_json_too(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = Path(shutil.copytree(made / "data", tmp_path / "data"))
    (data / "articles" / "stray.jsonl").write_text("x")
    assert main(["verify", str(data), "--json"]) == ExitCode.ERROR
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert "stray.jsonl" in problem


def test_the_values_are_those_of_the_sentence(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(made / "data"), "--json"]) == ExitCode.DONE
    values = json.loads(capsys.readouterr().out)
    assert main(["verify", str(made / "data")]) == ExitCode.DONE
    said = capsys.readouterr().out
    assert said.startswith(f"ok {values['digest']}\n{values['articles']} articles; rows: {values['rows']['articles']} ")
    assert values["problems"] == []
    assert (values["articles"], values["rows"]["articles"], values["runs"]) == (2, 3, 2)
    assert SITE in (made / "data" / "current" / "articles.jsonl").read_text()
