"""Whether the tests that need Chromium can run."""

from __future__ import annotations

import shutil

import pytest

from newscrawl.rendering.options import NAMES

CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
