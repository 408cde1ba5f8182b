"""One S3 server for the tests that need one, and an environment that leads to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parents[1] / "unit"))  # for the shelf and the raw pages of its tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from object_store import ObjectStore


@pytest.fixture(scope="session")
def server() -> Iterator[ObjectStore]:
    from object_store import running

    with running() as server:
        yield server


@pytest.fixture
def s3(server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment leads to the server; the beginning of addresses there."""
    from object_store import BUCKET

    lead_to(server.endpoint, monkeypatch)
    return f"s3://{BUCKET}"


def lead_to(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator would, for this process."""
    import s3fs
    from object_store import environment

    s3fs.S3FileSystem.clear_instance_cache()  # one for each process, made when it is first needed
    for name, value in environment(endpoint).items():
        monkeypatch.setenv(name, value)
