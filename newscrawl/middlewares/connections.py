"""How many connections stay open for a host's next request: Twisted keeps each for minutes, and many take all files."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from twisted.web.client import HTTPConnectionPool

MOST_IDLE = 200
"""Over all hosts. A process may have 1,024 files open on most machines; the more hosts, the later each comes round."""


def bound_idle(pool: HTTPConnectionPool, most: int = MOST_IDLE) -> None:
    """From now on close the connection that was idle longest when there are more than that."""
    pool._putConnection = partial(_put, pool, pool._putConnection, most)  # type: ignore[method-assign]


def _put(
    pool: HTTPConnectionPool,
    put: Callable[[Hashable, Any], None],
    most: int,
    key: Hashable,
    connection: Any,
) -> None:
    put(key, connection)
    timeouts = pool._timeouts  # connection → the call that will close it, the oldest first
    for closing in islice(timeouts.values(), max(0, len(timeouts) - most)):
        closing.reset(0)
