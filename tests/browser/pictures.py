"""Draw the pictures of docs/report.md anew: ``python tests/browser/pictures.py``. Look at them before they are kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import newsroom
from webdriver import chromium

from newscrawl.report.html.gather import gather
from newscrawl.report.html.page import write_page

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = (
    # name, width, height, dark, the section that it begins with
    ("report", 1200, 1160, False, None),
    ("report-judge", 1200, 760, False, "drawn"),
    ("report-dark", 1200, 1000, True, "changed"),
    ("report-phone", 360, 1180, False, None),
)


def main() -> None:
    """Build the dump of the tests over three weeks, crawl the built-in newsroom, and write one PNG a picture."""
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        weeks = newsroom.build(Path(folder) / "weeks", days=21)
        demo = Path(folder) / "demo"
        subprocess.run([sys.executable, "-m", "newscrawl", "demo", "--data", demo], check=True)
        for dump in (weeks, demo):
            write_page(gather(dump), dump / "report.html")
        for name, width, height, dark, section in PICTURES:
            browser.open((demo if section == "drawn" else weeks) / "report.html", width=width, dark=dark)
            top = 0
            if section is not None:
                top = int(browser.ask(f"document.getElementById('{section}').getBoundingClientRect().top"))
            (DOCS / f"{name}.png").write_bytes(browser.picture(top=top, height=height))


if __name__ == "__main__":
    main()
