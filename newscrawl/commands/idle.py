"""A run that has nothing to do ends before it begins."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newscrawl.dates import format_utc
from newscrawl.frontier.revisit import ArticleOptions
from newscrawl.frontier.schedule import RevisitOptions
from newscrawl.options import read_options
from newscrawl.state.upcoming import nothing_before

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from newscrawl.frontier.plan import Plan
    from newscrawl.state.upcoming import Upcoming


def first_due(plan: Plan, settings: BaseSettings) -> Upcoming | None:
    """The source that is due first, when a run without arguments has nothing to do before; None: it has."""
    if plan.is_named or plan.refresh:
        return None
    ages_s = read_options(ArticleOptions, settings, "ARTICLE_").ages_s
    return nothing_before(
        Path(settings["NEWSCRAWL_DATA"] or "data"),
        plan.sources,
        now=time.time(),
        longest_look_s=read_options(RevisitOptions, settings, "REVISIT_").max_s,
        longest_age_s=ages_s[-1] if ages_s else 0.0,
    )


def nothing_is_due(first: Upcoming) -> str:
    """It in words."""
    at = format_utc(datetime.fromtimestamp(first.due, UTC))
    return f"nothing is due before {at} ({first.source}); `newscrawl next` says more, -a source=ID looks now"
