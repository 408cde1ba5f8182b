"""newscrawl's `clean` over an archive: to standard output, or stored and published."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from newscrawl.cli.main import main


def streamed(job: dict[str, Any]) -> None:
    """JSON lines, one a page, of one reading."""
    with Path(job["out"]).open("wb") as out:
        os.dup2(out.fileno(), 1)
        sys.exit(main(["clean", "--page-by-page", job["archive"]]))


def stored(job: dict[str, Any]) -> None:
    """Into a data directory: site memory, outcomes, what was removed, a manifest."""
    data = Path(job["folder"], "data")
    code = main(["clean", "--data", str(data), job["archive"]])
    shutil.copy(data / "current" / "articles.jsonl", job["out"])
    sys.exit(code)
