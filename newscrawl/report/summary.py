"""The end of a run for machines: `state/last_run.json`, and a row of the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newscrawl.dump.files import NewFile, storage_error
from newscrawl.errors import Outcome
from newscrawl.report.alarms import as_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from newscrawl.report.tally import Tally
    from newscrawl.state.health import Alarm

SUMMARY_VERSION = 1
LAST_RUN = "state/last_run.json"


def run_summary(  # noqa: PLR0913 - the facts of a run, all by name
    tally: Tally,
    *,
    run_id: str,
    ended: str,
    reason: str,
    exit_code: int,
    seconds: float,
    pages: int,
    requests: int,
    rows: int,
    alarms: Sequence[Alarm],
    began: Sequence[Alarm],
    over: Sequence[Alarm],
) -> dict[str, Any]:
    """What a run did. JSON-native.

    Args:
        reason: Scrapy's word for its end.
        rows: articles in the current view.
        alarms: all that stand.
        began, over: those that nobody has been told of before.
    """
    article = str(Outcome.ARTICLE)
    return {
        "version": SUMMARY_VERSION,
        "run_id": run_id,
        "ended": ended,
        "seconds": round(seconds, 1),
        "reason": reason,
        "exit_code": exit_code,
        "articles": tally.outcomes[article],
        "revisions": tally.revisions,
        "renderings": tally.renderings,
        "rendered": tally.rendered,
        "pages": pages,
        "requests": requests,
        "current_rows": rows,
        "bugs": tally.bugs,
        "outcomes": dict(sorted(tally.outcomes.items())),
        "skipped": dict(sorted(tally.skipped.items())),
        "removed": dict(sorted(tally.removed.items())),
        "sources": {source: dict(sorted(outcomes.items())) for source, outcomes in sorted(tally.sources.items())},
        "sources_failed": dict(sorted(tally.sources_failed.items())),
        "alarms": [as_values(each) for each in alarms if not each.ended],
        "alarms_began": [[each.source, each.what] for each in began],
        "alarms_ended": [[each.source, each.what] for each in over],
    }


def write_last_run(data: Path, summary: dict[str, Any]) -> None:
    """Put the summary in the place of that of the run before.

    Raises:
        StoreError: the disk refuses.
    """
    path = data / LAST_RUN
    try:
        with NewFile(path, is_shared=True) as file:
            file.write(json.dumps(summary, indent=1).encode() + b"\n")
            file.finish()
    except OSError as error:
        raise storage_error(path, error) from error
