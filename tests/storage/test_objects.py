"""Objects in a store: whole, held to conditions, and with errors in words."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from conftest import lead_to
from object_store import BUCKET, LOOPBACK, ObjectStore, filesystem, free_port

from newscrawl.dump import s3 as s3_puts
from newscrawl.dump.objects import ANYTHING, ObjectPath, OvertakenError, object_path
from newscrawl.dump.place import place
from newscrawl.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from pathlib import Path


def write(path: ObjectPath, data: bytes, over: str | None = ANYTHING) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        path.put(file, len(data), over=over)


@pytest.fixture(params=["s3", "memory"])
def root(request: pytest.FixtureRequest) -> ObjectPath:
    base = request.getfixturevalue("s3") if request.param == "s3" else "memory://bucket"
    return object_path(f"{base}/objects-{request.node.name.partition('[')[0]}/")


def test_an_object_has_what_a_file_has(root: ObjectPath) -> None:
    path = root / "a/b.txt"
    assert not path.exists()
    assert not root.is_dir()
    assert path.version() is None
    with pytest.raises(FileNotFoundError):
        path.read_bytes()
    with pytest.raises(FileNotFoundError):
        path.open()
    with pytest.raises(FileNotFoundError):
        path.stat()
    write(path, b"one\ntwo\nthree")
    write(root / "c.txt", b"")
    assert path.is_file()
    assert path.parent.is_dir()
    assert not path.parent.is_file()
    assert path.stat().st_size == 13
    assert (path.name, path.relative_to(root)) == ("b.txt", "a/b.txt")
    assert str(path).endswith("/a/b.txt")
    with path.open() as file:
        assert list(file) == [b"one\n", b"two\n", b"three"]
        file.seek(4)
        assert file.read(3) == b"two"
    assert list(root.iterdir()) == [root / "a", root / "c.txt"]
    assert sorted(root.rglob("*")) == [path, root / "c.txt"]
    path.unlink()
    path.unlink(missing_ok=True)
    assert not path.exists()


def test_only_what_was_seen_is_replaced(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = object_path(f"{s3}/conditions/a")
    write(path, b"first", over=None)
    with pytest.raises(OvertakenError, match="conditions/a was written by somebody else"):
        write(path, b"another first", over=None)
    seen = path.version()
    write(path, b"second", over=seen)
    with pytest.raises(OvertakenError):
        write(path, b"another second", over=seen)
    path.unlink()
    with pytest.raises(OvertakenError):
        write(path, b"third", over=seen)
    monkeypatch.setattr(s3_puts, "PART_BYTES", 6_000_000)
    large = bytes(range(256)) * 50_000
    write(path, large, over=None)  # three parts
    assert path.read_bytes() == large
    with pytest.raises(OvertakenError):
        write(path, large, over=None)


def test_an_object_replaced_while_it_is_read_gives_no_mixture(s3: str) -> None:
    path = object_path(f"{s3}/replaced")
    write(path, b"old\n" * 2_500_000)
    with path.open() as file:
        assert file.readline() == b"old\n"
        write(path, b"new\n" * 2_500_000)
        with pytest.raises(StoreError, match="replaced: it was replaced while it was read"):
            assert set(file) <= {b"old\n"}


def test_what_goes_wrong_is_one_sentence_without_secrets(
    server: ObjectStore, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match=r"cannot write s3://no-such/x: there is no bucket no-such"):
        write(object_path("s3://no-such/x"), b"")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    lead_to(f"http://{LOOPBACK}:{free_port()}", monkeypatch)
    with pytest.raises(StoreError, match=r"cannot read s3://dumps/x: the store cannot be reached") as error:
        object_path("s3://dumps/x").exists()
    assert "secret" not in str(error.value)
    lead_to(server.endpoint, monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(StoreError, match=r"cannot write s3://dumps/x: no credentials"):
        write(object_path("s3://dumps/x"), b"")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sftp://host/x", "a dump may lie in a directory or in a store of objects"),
        ("s3://", "names no bucket"),
        ("s3://key:word@bucket/x", "an address holds no credentials"),
        ("gs://bucket/x", "needs the package gcsfs"),
    ],
)
def test_an_address_without_a_dump_is_refused_at_once(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        object_path(url)
    assert "word@" not in str(error.value)


def test_a_path_stays_a_path(tmp_path: Path) -> None:
    assert place(str(tmp_path)) == place(f"file://{tmp_path}") == place(tmp_path) == tmp_path


def test_another_client_sees_the_same(server: ObjectStore, s3: str) -> None:
    write(object_path(f"{s3}/seen/by others.txt"), b"plain")
    assert filesystem(server.endpoint).cat(f"{BUCKET}/seen/by others.txt") == b"plain"
