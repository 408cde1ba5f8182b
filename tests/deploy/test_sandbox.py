"""What the hardened service and the read-only container forbid, a crawl does not need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import newscrawl
import newscrawl.demo
from newscrawl.demo.server import DemoServer

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICE = (REPOSITORY / "deploy" / "systemd" / "newscrawl.service").read_text("utf-8")
QUICK = ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
CRAWL = ["-m", "scrapy", "crawl", "news", "-a", "source=saltmarsh", *QUICK]
# Everything read-only but the directory that follows, as a container with --read-only and one volume.
SHUT = 'mount --bind "$0" "$0" && mount -o bind,ro,remount / && cd "$0" && exec "$@"'
READ_ONLY = ["unshare", "-m", "sh", "-c", SHUT]


def can_unshare() -> bool:
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(
            ["unshare", "-m", "mount", "-o", "bind,ro,remount", "/"], capture_output=True, check=False
        ).returncode
    )


def crawl(prefix: list[str], home: Path) -> None:
    """Crawl a demo source as the service would, with `prefix` before the command; it must go well."""
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with DemoServer() as newsroom:
        env = clean | {
            "http_proxy": newsroom.proxy_url,
            "HOME": "/nonexistent",
            "PYTHONPATH": str(REPOSITORY),
            "SCRAPY_SETTINGS_MODULE": "newscrawl.settings",
            "NEWSCRAWL_DATA": str(home / "data"),
            "NEWSCRAWL_SOURCES": str(Path(newscrawl.demo.__file__).parent / "sources.toml"),
        }
        command = [*prefix, sys.executable, *CRAWL]
        said = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert said.returncode == 0, said.stderr
    assert "Traceback" not in said.stderr
    assert len(newscrawl.read(home / "data")) > 5


@pytest.mark.proof
@pytest.mark.skipif(not can_unshare(), reason="no mount namespaces here")
def test_a_crawl_writes_below_its_data_directory_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    home = tmp_path / "home"
    home.mkdir()
    touch = subprocess.run([*READ_ONLY, home, "touch", elsewhere], capture_output=True, text=True, check=False)
    assert "Read-only file system" in touch.stderr
    crawl([*READ_ONLY, str(home)], home)


@pytest.mark.proof
@pytest.mark.skipif(not (shutil.which("strace") and shutil.which("systemd-analyze")), reason="no strace or no systemd")
def test_the_service_may_make_every_system_call_that_a_crawl_makes(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    crawl(["strace", "-f", "-qq", "-o", str(trace), "--"], tmp_path)
    made = set(re.findall(r"^\d+ +([a-z]\w*)\(", trace.read_text("utf-8", "replace"), re.MULTILINE))
    assert "openat" in made
    assert made - allowed() == set()
    families = set(re.findall(r"\bsocket(?:pair)?\((AF_\w+)", trace.read_text("utf-8", "replace")))
    stated = re.findall(r"^RestrictAddressFamilies=(.*)$", SERVICE, re.MULTILINE)
    assert families <= set(stated[0].split())


def allowed() -> set[str]:
    """What SystemCallFilter lets through, its groups resolved."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    groups: dict[str, list[str]] = {}
    for line in listed.splitlines():
        if line.startswith("@"):
            members = groups[line] = []
        elif groups and line.strip() and not line.strip().startswith("#"):
            members.append(line.strip())

    def members_of(name: str) -> set[str]:
        return {name} if name not in groups else set().union(*(members_of(each) for each in groups[name]))

    (filtered,) = re.findall(r"^SystemCallFilter=(.*)$", SERVICE, re.MULTILINE)
    return set().union(*(members_of(name) for name in filtered.split()))
