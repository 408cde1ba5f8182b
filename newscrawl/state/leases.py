"""Who crawls which host: a host has one owner at a time among the workers that share a store.

A worker is a run. What it holds it holds as long as it renews itself: one row of `workers`, by the database's clock. A
worker that dies or stalls is not renewed, and a lease later, and the host's own gap after that, another one may have
what it held. Claims and renewals are transactions of the store, which are one after another, so a claim never
misses a renewal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newscrawl.state.database import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE workers (
        id TEXT PRIMARY KEY,                       -- its run
        machine TEXT NOT NULL,
        pid INTEGER NOT NULL,
        began INTEGER NOT NULL,                    -- milliseconds since 1970 by the database's clock, as all times here
        renewed INTEGER NOT NULL,
        until INTEGER NOT NULL                     -- it holds what it holds until then
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE leases (
        name TEXT PRIMARY KEY,                     -- "host/<host>" or "source/<id>"
        worker TEXT,                               -- null: nobody
        since INTEGER NOT NULL,
        gap_ms INTEGER NOT NULL,                   -- between two requests to it
        free_at INTEGER NOT NULL                   -- nobody may have it before, where nobody has
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX leases_by_worker ON leases (worker)",
)
LEASE_S = 60.0
RENEWALS = 4
"""So often in a lease a worker renews itself: it may miss some."""
KEEP_S = 86_400.0
"""So long a lease that nobody has is remembered."""
_NOW = "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)"
_UP_MS = "CAST(extract(epoch FROM statement_timestamp() - pg_postmaster_start_time()) * 1000 AS BIGINT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker, and what it holds. Times are seconds since 1970 by the database's clock."""

    id: str
    machine: str
    pid: int
    began: float
    renewed: float
    until: float
    is_alive: bool
    hosts: tuple[str, ...]
    sources: tuple[str, ...]


class Leases:
    """The leases of a store that several workers share, as one of them sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._worker = ""
        self._lease_ms = 0

    @repeated
    def begin(self, worker: str, *, machine: str, pid: int, lease_s: float = LEASE_S) -> None:
        """This worker comes.

        Args:
            lease_s: so long after it renewed itself for the last time others may have what it held.
        """
        self._worker, self._lease_ms = worker, int(lease_s * 1000)
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO workers (id, machine, pid, began, renewed, until) "  # noqa: S608 - no value in it
                f"VALUES (?, ?, ?, {_NOW}, {_NOW}, {_NOW} + ?) ON CONFLICT (id) DO NOTHING",
                (worker, machine, pid, self._lease_ms),
            )
            self._database.execute(
                f"DELETE FROM leases WHERE worker IS NULL AND free_at < {_NOW} - ?",  # noqa: S608 - likewise
                (int(KEEP_S * 1000),),
            )
            self._database.execute(
                "DELETE FROM workers WHERE id NOT IN (SELECT worker FROM leases WHERE worker IS NOT NULL) "  # noqa: S608 - likewise
                f"AND until < {_NOW}"
            )

    @repeated
    def claim(self, names: Iterable[str], *, gap_s: float) -> bool:
        """Have all of these, or none; whether this worker has them now.

        Args:
            gap_s: between two requests to one of them: so long after its owner's end it stays free.
        """
        with self._database.transaction():
            wanted = sorted(set(names))
            for name in wanted:
                if self._database.row(_TAKEN, (name, self._worker, self._lease_ms)) is not None:
                    return False
            for name in wanted:
                self._database.execute(_TAKE, (name, self._worker, int(gap_s * 1000)))
        return True

    @repeated
    def renew(self, gaps_s: Mapping[str, float]) -> frozenset[str]:
        """Stay the owner; what this worker holds: what was taken from it is not among them.

        Args:
            gaps_s: names whose gap has changed.
        """
        with self._database.transaction():
            self._database.execute(
                f"UPDATE workers SET renewed = {_NOW}, until = {_NOW} + ? WHERE id = ?",  # noqa: S608 - likewise
                (self._lease_ms, self._worker),
            )
            if gaps_s:
                self._database.many(
                    "UPDATE leases SET gap_ms = ? WHERE name = ? AND worker = ?",
                    [(int(gap * 1000), name, self._worker) for name, gap in gaps_s.items()],
                )
            return frozenset(
                name for (name,) in self._database.rows("SELECT name FROM leases WHERE worker = ?", (self._worker,))
            )

    def elsewhere(self, prefix: str) -> tuple[str, ...]:
        """Names that begin so and that other workers have."""
        return tuple(name for (name,) in self._database.rows(_ELSEWHERE, (self._worker,)) if name.startswith(prefix))

    @repeated
    def release(self, names: Iterable[str]) -> None:
        """Give these back; the next owner has them after their gap."""
        with self._database.transaction():
            self._database.many(
                f"UPDATE leases SET worker = NULL, free_at = {_NOW} + gap_ms WHERE name = ? AND worker = ?",  # noqa: S608 - likewise
                [(name, self._worker) for name in sorted(set(names))],
            )

    @repeated
    def end(self) -> None:
        """This worker goes, and gives back all that it has."""
        with self._database.transaction():
            self._database.execute(
                f"UPDATE leases SET worker = NULL, free_at = {_NOW} + gap_ms WHERE worker = ?",  # noqa: S608 - likewise
                (self._worker,),
            )
            self._database.execute("DELETE FROM workers WHERE id = ?", (self._worker,))


def all_workers(database: Database) -> tuple[Worker, ...]:
    """Every worker that did not end in order, the oldest first, with what nobody else has claimed since."""
    held: dict[str, list[str]] = {}
    for name, worker in database.rows("SELECT name, worker FROM leases WHERE worker IS NOT NULL ORDER BY name"):
        held.setdefault(worker, []).append(name)
    query = f"SELECT id, machine, pid, began, renewed, until, until >= {_NOW} FROM workers ORDER BY began, id"  # noqa: S608 - likewise
    return tuple(
        Worker(
            id=worker,
            machine=machine,
            pid=pid,
            began=began / 1000,
            renewed=renewed / 1000,
            until=until / 1000,
            is_alive=bool(is_alive),
            hosts=tuple(name.removeprefix("host/") for name in held.get(worker, ()) if name.startswith("host/")),
            sources=tuple(name.removeprefix("source/") for name in held.get(worker, ()) if name.startswith("source/")),
        )
        for worker, machine, pid, began, renewed, until, is_alive in database.rows(query)
    )


# After the server has come up nobody is taken for dead for a while: who lost a connection is about to come back.
_TAKEN = f"""
    SELECT 1 FROM leases LEFT JOIN workers ON workers.id = leases.worker
    WHERE leases.name = ? AND leases.worker IS DISTINCT FROM ?
        AND CASE WHEN leases.worker IS NULL THEN leases.free_at > {_NOW}
            ELSE coalesce(workers.until, leases.since) + leases.gap_ms > {_NOW} OR {_UP_MS} < ? END
"""  # noqa: S608 - likewise
_ELSEWHERE = f"""
    SELECT leases.name FROM leases JOIN workers ON workers.id = leases.worker
    WHERE leases.worker <> ? AND workers.until + leases.gap_ms > {_NOW}
"""  # noqa: S608 - likewise
_TAKE = f"""
    INSERT INTO leases (name, worker, since, gap_ms, free_at) VALUES (?, ?, {_NOW}, ?, 0)
    ON CONFLICT (name) DO UPDATE SET worker = excluded.worker, gap_ms = excluded.gap_ms, free_at = 0,
        since = CASE WHEN leases.worker = excluded.worker THEN leases.since ELSE excluded.since END
"""  # noqa: S608 - likewise
