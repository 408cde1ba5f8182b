"""The project's settings, and the meter; it stops before the run publishes."""

from newscrawl.settings import *  # noqa: F403
from newscrawl.settings import EXTENSIONS as _OURS

EXTENSIONS = {"benchmarks.crawling.meter.MeterExtension": -1, **_OURS}
