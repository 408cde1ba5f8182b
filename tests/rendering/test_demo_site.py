from __future__ import annotations

import argparse
import json
from importlib.resources import files
from pathlib import Path

from newscrawl.cli import demo
from newscrawl.demo.scripted import scripted_answer, scripted_site
from newscrawl.sources import load_sources


def test_its_pages_hold_nothing_of_their_stories_and_its_answers_all() -> None:
    site = scripted_site()
    for story in site.stories:
        page = scripted_answer(story.path).body.decode()
        assert not any(words in page for words in (story.title, story.author, *story.paragraphs))
        said = json.loads(scripted_answer(f"/api/stories/{story.number}.json").body)
        assert (said["title"], tuple(said["paragraphs"])) == (story.title, story.paragraphs)
    assert scripted_answer("/nothing").status == 404


def test_only_with_its_flag_does_the_demo_need_a_browser() -> None:
    def sources(*arguments: str) -> list[bool]:
        parser = argparse.ArgumentParser()
        demo.add_arguments(parser)
        args = parser.parse_args(arguments, argparse.Namespace(quiet=False, verbose=False))
        (named,) = [part for part in demo.crawl_command(args) if part.startswith("NEWSCRAWL_SOURCES=")]
        return [source.javascript for source in load_sources(Path(named.partition("=")[2]))]

    assert sources("--javascript") == [True]
    assert not any(sources())
    assert load_sources(Path(str(files("newscrawl.demo") / "scripted_sources.toml")))[0].url == scripted_site().url("/")
