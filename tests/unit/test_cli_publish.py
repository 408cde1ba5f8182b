"""What a killed run stored is published later, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """The lighthouse keeper's cottage opened its doors as a museum of fog signals on the first day of the month.

Visitors may sound one of the old horns, which the coast guard had sold for scrap and a retired engineer bought back.

The museum is run by volunteers and is open on three days of the week; whoever brings a working valve gets in free."""


def newscrawl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newscrawl", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_what_a_killed_run_stored_is_published_once(tmp_path: Path) -> None:
    pipe, data = tmp_path / "texts", tmp_path / "data"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "newscrawl", "clean", str(pipe), "--data", str(data), "-v", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        with pipe.open("w") as feed:
            for number in range(16):
                text = "short" if number == 3 else f"{TEXT}\n\nThis is visitor number {number} of the day."
                feed.write(json.dumps({"text": text, "url": f"https://lamp.example/{number}"}) + "\n")
            feed.flush()
            assert "https://lamp.example/3" in process.stderr.readline()  # the three before it are stored
            process.kill()
    current = data / "current" / "articles.jsonl"
    assert not current.exists()

    published = newscrawl("publish", "--data", str(data))
    assert (published.returncode, published.stderr) == (0, "")
    urls = [json.loads(line)["url"] for line in current.read_bytes().splitlines()]
    assert {f"https://lamp.example/{number}" for number in range(3)} <= set(urls)
    assert len(urls) == len(set(urls))
    manifest = (data / "manifest.json").read_bytes()
    assert [run["killed"] for run in json.loads(manifest)["runs"]] == [True]

    assert newscrawl("publish", "--data", str(data)).returncode == 0
    assert (data / "manifest.json").read_bytes() == manifest
    assert newscrawl("verify", str(data)).returncode == 0


def test_a_folder_without_a_store_is_left_as_it_was(tmp_path: Path) -> None:
    published = newscrawl("publish", "--data", str(tmp_path))
    assert published.returncode == 2
    assert str(tmp_path) in published.stderr
    assert list(tmp_path.iterdir()) == []
