"""What tests of all folders share: a database server of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from postgresql import Server, server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server without fsync: no power fails in these tests."""
    yield from server()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test is run with a store in a file, and with one in an empty schema of a database."""
    if request.param == "postgresql":
        monkeypatch.setenv("NEWSCRAWL_STATE", request.getfixturevalue("postgresql").url())
        monkeypatch.setenv("NEWSCRAWL_STATE_WAIT_S", "0.1")
    return str(request.param)
