"""Make the egg of this project, for scrapyd: both packages with their data, and the name of the settings.

    python deploy/scrapyd/egg.py newscrawl.egg
    python deploy/scrapyd/egg.py --requirements > requirements.txt

scrapyd-client makes eggs too, but leaves out every file that is no Python, the words of the cleaning rules among
them. The same checkout gives the same bytes. What the project depends on is not in an egg: scrapyd's own Python
needs it installed, without newscrawl itself, because Python would take that one first.
"""

from __future__ import annotations

import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("newscrawl", "pipelines")
NOT_OURS = ("__pycache__",)
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in it; zip files know no earlier one."""


def project() -> dict[str, Any]:
    """The table of that name in pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def egg_files() -> dict[str, bytes]:
    """Name in the egg → content, sorted."""
    about = project()
    config = ConfigParser()
    config.read(PROJECT / "scrapy.cfg", "utf-8")
    files = {
        str(path.relative_to(PROJECT)): path.read_bytes()
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and not set(NOT_OURS) & set(path.parts)
    }
    files["EGG-INFO/PKG-INFO"] = f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n".encode()
    files["EGG-INFO/entry_points.txt"] = f"[scrapy]\nsettings = {config['settings']['default']}\n".encode()
    files["EGG-INFO/zip-safe"] = b"\n"
    return dict(sorted(files.items()))


def write_egg(target: Path) -> None:
    """Write the egg to a file."""
    with ZipFile(target, "w", ZIP_DEFLATED) as egg:
        for name, content in egg_files().items():
            member = ZipInfo(name, EPOCH)
            member.compress_type = ZIP_DEFLATED
            egg.writestr(member, content)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python deploy/scrapyd/egg.py FILE.egg | --requirements")
    if sys.argv[1] == "--requirements":
        sys.stdout.writelines(f"{each}\n" for each in project()["dependencies"])
    else:
        write_egg(Path(sys.argv[1]))
