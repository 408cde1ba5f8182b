"""What deploy/ gives to cron, systemd, logrotate and container builders is right, where it can be tried."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

import newscrawl
import newscrawl.demo
from newscrawl import settings as defaults
from newscrawl.demo.server import DemoServer
from newscrawl.extensions.logs import log_handler, write_logs
from newscrawl.options import setting_names
from newscrawl.spiders.news import OPTIONS

REPOSITORY = Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"
INSTALLED = "/opt/newscrawl/bin/scrapy"
HOME = "/var/lib/newscrawl"
NOT_A_SETTING = {"SCRAPY_SETTINGS_MODULE", "SHELL", "MAILTO", "PATH", "PYTHONUNBUFFERED"}
OWN = {name for name in vars(defaults) if name.startswith("NEWSCRAWL_")}
OF_OPTIONS = {name for options, prefix in OPTIONS for name in setting_names(options, prefix)}


def text_of(*parts: str) -> str:
    return DEPLOY.joinpath(*parts).read_text("utf-8")


def crontab() -> tuple[dict[str, str], str]:
    """Its environment, and the command of its one line, without times and user."""
    lines = [line for line in text_of("cron", "newscrawl").splitlines() if line and not line.startswith("#")]
    *environment, job = lines
    pairs = [line.split("=", 1) for line in environment]
    *times, user, command = job.split(maxsplit=6)
    assert (len(times), times[0], user) == (5, "*/10", "newscrawl")
    return dict(pairs), command


def as_here(text: str, folder: Path) -> str:
    return text.replace(INSTALLED, f"{sys.executable} -m scrapy").replace(HOME, str(folder))


@pytest.mark.skipif(shutil.which("flock") is None, reason="no flock here")
def test_the_line_for_cron_crawls_and_says_nothing_and_begins_no_second_run(tmp_path: Path) -> None:
    environment, command = crontab()
    sources = Path(newscrawl.demo.__file__).parent / "sources.toml"
    with DemoServer() as newsroom:
        clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        env = clean | {name: as_here(value, tmp_path) for name, value in environment.items()}
        env |= {"http_proxy": newsroom.proxy_url, "NEWSCRAWL_SOURCES": str(sources), "PYTHONPATH": str(REPOSITORY)}
        line = as_here(command, tmp_path)
        env["NEWSCRAWL_POOL_WORKERS"] = "1"
        quick = "-s DOWNLOAD_DELAY=0 -s AUTOTHROTTLE_ENABLED=False -a source=saltmarsh -a limit=2"
        said = subprocess.run(
            [environment["SHELL"], "-c", f"{line} {quick}"], env=env, capture_output=True, text=True, check=False
        )
        assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
        assert len(newscrawl.read(tmp_path / "data")) == 2

        with (tmp_path / "cron.lock").open() as held:
            subprocess.run(["flock", "-n", str(held.fileno())], pass_fds=[held.fileno()], check=True)
            refused = line.replace("-m scrapy", "-m there_is_no_such_module")
            assert subprocess.run([environment["SHELL"], "-c", refused], env=env, check=False).returncode == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    drop_in = tmp_path / "newscrawl.service.d"
    for name, folder in (("newscrawl.service", tmp_path), ("newscrawl.timer", tmp_path), ("continuous.conf", drop_in)):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text_of("systemd", name).replace(INSTALLED, sys.executable), "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "newscrawl.timer")]
    env = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}

    def faults() -> str:
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        return "".join(line for line in said.stderr.splitlines() if "newscrawl" in line or said.returncode)

    assert faults() == ""
    for file, right in (
        (tmp_path / "newscrawl.service", "NoNewPrivileges"),
        (drop_in / "continuous.conf", "RestartSec"),
    ):
        text = file.read_text("utf-8")
        file.write_text(text.replace(right, f"{right}s"), "utf-8")
        assert f"{right}s" in faults()  # it does read this file
        file.write_text(text, "utf-8")


def test_units_crontab_and_container_name_settings_that_there_are() -> None:
    units = re.findall(r"^Environment=(\w+)=", text_of("systemd", "newscrawl.service"), re.MULTILINE)
    container = re.findall(r"\b([A-Z]+_[A-Z_]+)=", text_of("container", "Containerfile"))
    named = {*units, *container, *crontab()[0]}
    assert {"NEWSCRAWL_DATA", "NEWSCRAWL_LOG_FORMAT"} <= named
    assert named - NOT_A_SETTING <= OWN


def test_the_container_copies_what_there_is_and_runs_as_nobody_special() -> None:
    instructions = [
        line.split(maxsplit=1)
        for line in text_of("container", "Containerfile").replace("\\\n", " ").splitlines()
        if line and not line.startswith("#")
    ]
    assert {name for name, _ in instructions} <= {
        "FROM", "ARG", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "STOPSIGNAL", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    copied = [
        name for kind, rest in instructions if kind == "COPY" and "--from" not in rest for name in rest.split()[:-1]
    ]
    allowed = re.findall(r"^!(.+)$", (REPOSITORY / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert [name for name in copied if not (REPOSITORY / name).exists()] == []
    assert sorted(copied) == sorted(allowed)
    last = dict(instructions)
    assert last["USER"] == "newscrawl"
    assert [json.loads(last[name]) for name in ("ENTRYPOINT", "CMD")] == [["scrapy"], ["crawl", "news"]]


def test_a_log_that_is_copied_and_cut_during_a_run_goes_on_at_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "crawl.log"
    root, level = logging.root, logging.root.level
    write_logs(Settings({"LOG_FILE": str(log), "LOG_FORMAT": "%(message)s", "LOG_LEVEL": "INFO"}))
    handler = log_handler()
    assert handler is not None
    try:
        root.info("before")
        shutil.copyfile(log, tmp_path / "crawl.log.1")
        os.truncate(log, 0)
        root.info("after")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    assert (log.read_text(), (tmp_path / "crawl.log.1").read_text()) == ("after\n", "before\n")


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="no logrotate here")
def test_logrotate_takes_the_file_and_moves_the_lines(tmp_path: Path) -> None:
    (tmp_path / "crawl.log").write_text("a line\n")
    ours = text_of("logrotate", "newscrawl").replace("/var/log/newscrawl", str(tmp_path))
    (tmp_path / "conf").write_text(re.sub(r"^ *su .*\n", "", ours, flags=re.MULTILINE))
    subprocess.run(["logrotate", "-f", "-s", tmp_path / "state", tmp_path / "conf"], check=True)
    assert (tmp_path / "crawl.log").read_text() == ""
    assert [path.read_text() for path in tmp_path.glob("crawl.log-*")] == ["a line\n"]


PAGES = sorted((REPOSITORY / "docs" / "operating").glob("*.md"))


def test_what_the_pages_for_operators_name_is_there() -> None:
    from newscrawl.cli.main import COMMANDS

    for page in PAGES:
        text = page.read_text("utf-8")
        links = re.findall(r"\]\(((?!https?:)[^)#]+)(?:#[^)]*)?\)", text)
        files = [page.parent / link for link in links] + [
            REPOSITORY / name for name in re.findall(r"(?<![\w/])(?:deploy|tests)/[\w./]*\w", text)
        ]
        assert [str(file) for file in files if not file.exists()] == []
        assert set(re.findall(r"`newscrawl (\w+)|^newscrawl (\w+)", text, re.MULTILINE)) <= {
            pair for name in COMMANDS for pair in ((name, ""), ("", name))
        }
        assert set(re.findall(r"\bNEWSCRAWL_\w+", text)) <= OWN | OF_OPTIONS
    assert {page.stem for page in PAGES} == {"container", "cron", "logs", "many-machines", "scrapyd", "systemd"}


def test_the_line_of_the_crontab_stands_in_its_page_as_it_is() -> None:
    assert f"*/10 * * * * newscrawl {crontab()[1]}\n" in (REPOSITORY / "docs" / "operating" / "cron.md").read_text(
        "utf-8"
    )


def test_the_words_to_grep_are_those_that_are_logged() -> None:
    page = (REPOSITORY / "docs" / "operating" / "logs.md").read_text("utf-8")
    told = {
        word for row in re.findall(r"^\| (`[a-z_, `]+`) \|", page, re.MULTILINE) for word in re.findall(r"\w+_\w+", row)
    }
    code = "".join(path.read_text("utf-8") for path in (REPOSITORY / "newscrawl").rglob("*.py"))
    logged = set(re.findall(r"log_event\([^\"]*?\"(\w+)\"", code))
    assert told == logged
