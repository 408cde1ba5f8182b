"""``newscrawl init``: a project folder for those who installed the package."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Make a folder with all that `scrapy crawl news` needs: scrapy.cfg, a settings module that builds on newscrawl's
own, a sources file to fill in, and a .gitignore. Never overwrites a file.
"""
EXAMPLE = """
newscrawl init newsroom
cd newsroom && scrapy crawl news -a url=https://news.example
"""

SCRAPY_CFG = """\
# Scrapy finds the project by this file.
[settings]
default = newsroom_settings
"""

SETTINGS = '''\
"""The settings of this newsroom.

What stands here wins over newscrawl's defaults, and `scrapy crawl news -s NAME=VALUE` wins over it.
Every setting: https://docs.scrapy.org/en/latest/topics/settings.html, and NEWSCRAWL_* in newscrawl's README.
"""

import os
from pathlib import Path

from newscrawl.settings import *  # noqa: F403

_HERE = Path(__file__).resolve().parent

# Whom a publisher can turn to: a mail address or a page. It goes into the user agent. Please fill it in.
# NEWSCRAWL_CONTACT = "newsroom@example.org"

# Where articles and the crawler's memory go, and where the publishers are listed.
NEWSCRAWL_DATA = os.environ.get("NEWSCRAWL_DATA", str(_HERE / "data"))
NEWSCRAWL_SOURCES = os.environ.get("NEWSCRAWL_SOURCES", str(_HERE / "sources.toml"))

# Seconds between two requests to one host, and how many requests it gets at once.
# DOWNLOAD_DELAY = 1.0
# CONCURRENT_REQUESTS_PER_DOMAIN = 2
'''

SOURCES = """\
# The publishers to crawl, one [[source]] each. `scrapy crawl news` takes those that are enabled,
# `scrapy crawl news -a source=harbour-times` the one that is named.
#
# [[source]]
# id = "harbour-times"                    # stable: it is the key in the dump
# name = "The Harbour Times"
# enabled = true
# url = "https://harbour-times.example"   # feeds, sitemaps and sections are found from here; or list them:
# feeds = ["https://harbour-times.example/rss.xml"]
# news_sitemaps = ["https://harbour-times.example/news.xml"]
# sitemaps = []
# sections = []
# languages = ["en"]                      # optional
# time_zone = "Europe/Dublin"             # optional: of times that the site prints without one
"""

GITIGNORE = """\
/data/
__pycache__/
.scrapy/
"""

FILES = {
    "scrapy.cfg": SCRAPY_CFG,
    "newsroom_settings.py": SETTINGS,
    "sources.toml": SOURCES,
    ".gitignore": GITIGNORE,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder to make, or one to add the files to")


def run(args: argparse.Namespace) -> int:
    """Write the files, all of them or none, and say what to do next."""
    folder: Path = args.folder
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; name a folder")
    for name in FILES:
        # A broken link is something to keep, too.
        if (folder / name).exists() or (folder / name).is_symlink():
            raise ConfigError(f"{folder / name} exists already; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(content)
    if not args.quiet:
        print(f"made {folder}: {', '.join(FILES)}")
        print("next: write a contact address into newsroom_settings.py, then")
        print(f"  cd {shlex.quote(str(folder))} && scrapy crawl news -a url=https://…")
    return ExitCode.DONE
