"""scrapyd takes the project's egg, runs it, shows its runs and ends them, and the articles are there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import venv
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import requests

import newscrawl
import newscrawl.demo
from newscrawl.demo.server import DemoServer
from newscrawl.dump.reader import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
SCRAPYD = REPOSITORY / "deploy" / "scrapyd"
PATIENCE_S = 60
QUICK = ["DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "CONCURRENT_REQUESTS_PER_DOMAIN=8"]

OTHER_SPIDER = """import scrapy\n\n\nclass Other(scrapy.Spider):\n    name = "other"\n"""


def make_egg(folder: Path) -> Path:
    egg = folder / "newscrawl.egg"
    subprocess.run([sys.executable, SCRAPYD / "egg.py", egg], cwd=folder, check=True)
    return egg


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a clone")
def test_the_egg_holds_every_file_of_the_packages_and_is_the_same_each_time(tmp_path: Path) -> None:
    egg = make_egg(tmp_path)
    first = egg.read_bytes()
    names = set(ZipFile(egg).namelist())
    listed = ["git", "ls-files", "newscrawl", "pipelines"]
    tracked = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    assert "newscrawl/clean/wording/en.toml" in tracked
    assert [name for name in tracked if name not in names and (REPOSITORY / name).exists()] == []
    assert not any("__pycache__" in name for name in names)
    assert make_egg(tmp_path).read_bytes() == first


def test_the_deploy_target_names_the_project_that_the_docs_name() -> None:
    config = ConfigParser()
    config.read(REPOSITORY / "scrapy.cfg")
    assert dict(config["deploy"]) == {"url": "http://localhost:6800/", "project": "newscrawl"}


class Scrapyd:
    """A real one, on loopback, with the configuration that we ship."""

    def __init__(self, folder: Path, proxy: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        shipped = (SCRAPYD / "scrapyd.conf").read_text("utf-8")
        (folder / "scrapyd.conf").write_text(
            shipped.replace("6800", str(port)).replace("poll_interval = 5", "poll_interval = 0.2")
        )
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("NEWSCRAWL_", "SCRAPY", "PYTHON"))
        }
        self.data = folder / "data"
        self._process = subprocess.Popen(
            [python_without_newscrawl(folder), "-m", "scrapyd"],
            cwd=folder,
            env=clean
            | {
                "http_proxy": proxy,
                "no_proxy": "127.0.0.1",
                "NEWSCRAWL_DATA": str(self.data),
                "NEWSCRAWL_SOURCES": str(Path(newscrawl.demo.__file__).parent / "sources.toml"),
                "NEWSCRAWL_POOL_WORKERS": "1",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._session = requests.Session()
        self._session.trust_env = False
        wait_for(self._answers, "scrapyd answers")

    def post(self, service: str, **fields: Any) -> dict[str, Any]:
        files = {"egg": fields.pop("egg").read_bytes()} if "egg" in fields else None
        answer: dict[str, Any] = self._session.post(f"{self.url}/{service}.json", data=fields, files=files).json()
        assert answer["status"] == "ok", answer
        return answer

    def state(self, job: str) -> str:
        return str(self._session.get(f"{self.url}/status.json", params={"job": job}).json()["currstate"])

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def _answers(self) -> bool:
        try:
            return self._session.get(f"{self.url}/daemonstatus.json", timeout=5).ok
        except requests.ConnectionError:
            return False


def python_without_newscrawl(folder: Path) -> Path:
    """A virtual environment with the packages of this one: of what is installed in place it has the name alone."""
    venv.create(folder / "venv", symlinks=True)
    (site_packages,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "venv" / "bin" / "python"


def wait_for(is_so: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.1)


@pytest.fixture
def scrapyd(tmp_path: Path) -> Iterator[Scrapyd]:
    with DemoServer() as newsroom:
        service = Scrapyd(tmp_path, newsroom.proxy_url)
        yield service
        service.close()


@pytest.mark.proof
def test_scrapyd_deploys_runs_shows_and_ends_the_crawls_of_its_egg(scrapyd: Scrapyd, tmp_path: Path) -> None:
    egg = make_egg(tmp_path)
    with ZipFile(egg, "a") as more:  # a spider that only the egg has: the egg is what runs
        more.writestr("newscrawl/spiders/other.py", OTHER_SPIDER)
    assert scrapyd.post("addversion", project="newscrawl", version="r1", egg=egg)["spiders"] == 2

    job = scrapyd.post("schedule", project="newscrawl", spider="news", source="saltmarsh", setting=QUICK)["jobid"]
    wait_for(lambda: scrapyd.state(job) == "finished", "the crawl ends")
    log = (tmp_path / "logs" / "newscrawl" / "news" / f"{job}.log").read_text("utf-8")
    articles = newscrawl.read(scrapyd.data)
    assert len(articles) > 5, log
    assert set(articles["source"]) == {"saltmarsh"}

    slow = ["DOWNLOAD_DELAY=20", "LOG_LEVEL=DEBUG"]
    job = scrapyd.post("schedule", project="newscrawl", spider="news", source="yundu", setting=slow)["jobid"]
    log_file = tmp_path / "logs" / "newscrawl" / "news" / f"{job}.log"
    wait_for(lambda: log_file.exists() and "Crawled (200)" in log_file.read_text("utf-8"), "it fetches")
    assert scrapyd.post("cancel", project="newscrawl", job=job)["prevstate"] == "running"
    wait_for(lambda: scrapyd.state(job) == "finished", "the cancelled crawl ends")

    assert verify(scrapyd.data) == ()
    runs = json.loads((scrapyd.data / "manifest.json").read_text("utf-8"))["runs"]
    assert [run["exit_code"] for run in runs] == [0, 130], log_file.read_text("utf-8")
