"""Names in a store of objects (S3 and its like), with the part of `pathlib.Path` that a dump needs.

Objects are put whole: a reader sees the old one or the new one. Where the store knows conditions, a put may be held to
what stood there before, and says so when somebody else was faster.
"""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple, cast

from newscrawl.dump.refusals import reason
from newscrawl.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANYTHING = "*"
"""A put that replaces whatever stands there."""
WHOLE_PUTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory"})
"""Stores whose objects appear whole. A put to a file server (sftp, smb) can be seen half done."""
NEEDS = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "oss": "ossfs"}
_READ_BYTES = 1 << 20
_BLOCK_BYTES = 8 << 20
_WAITS = {"connect_timeout": 10, "read_timeout": 60}
"""Seconds; how often S3 is asked again its own configuration says (``AWS_MAX_ATTEMPTS``), five times by default."""


class OvertakenError(StoreError):
    """Somebody else replaced an object since it was looked at; nothing was written."""


class Size(NamedTuple):
    """What is told of an object, under the name that `os.stat_result` has for it."""

    st_size: int


class ObjectPath:
    """One name in a store. It may be that of an object, of what its objects' names begin with, or of nothing.

    Raises:
        ConfigError: on construction, by `object_path`.
        StoreError: of every method: the store cannot be reached, or refuses; names the object, never a secret.
    """

    __slots__ = ("_fs", "_key", "_scheme")

    def __init__(self, fs: Any, scheme: str, key: str) -> None:
        self._fs = fs
        self._scheme = scheme
        self._key = key

    def __str__(self) -> str:
        return f"{self._scheme}://{self._key.lstrip('/')}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectPath) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __lt__(self, other: ObjectPath) -> bool:
        return str(self) < str(other)

    def __truediv__(self, name: str) -> ObjectPath:
        return ObjectPath(self._fs, self._scheme, f"{self._key}/{name}")

    @property
    def name(self) -> str:
        """The last part."""
        return self._key.rpartition("/")[2]

    @property
    def parent(self) -> ObjectPath:
        """All but the last part."""
        return ObjectPath(self._fs, self._scheme, self._key.rpartition("/")[0])

    def relative_to(self, other: ObjectPath) -> str:
        """What comes after the other one."""
        return self._key.removeprefix(f"{other._key}/")

    def exists(self) -> bool:
        """Whether there is an object of this name, or one that is named below it."""
        return self._info() is not None

    def is_file(self) -> bool:
        """Whether there is an object of this name."""
        info = self._info()
        return info is not None and info["type"] == "file"

    def is_dir(self) -> bool:
        """Whether names of objects begin with this one."""
        return any(True for _ in self.iterdir())

    def stat(self) -> Size:
        """How large the object is.

        Raises:
            FileNotFoundError: there is none.
        """
        info = self._info()
        if info is None or info["type"] != "file":
            raise FileNotFoundError(str(self))
        return Size(int(info["size"]))

    def version(self) -> str | None:
        """What a put can be held to; None: there is no object."""
        info = self._info()
        return str(info.get("ETag", "")) if info is not None and info["type"] == "file" else None

    def iterdir(self) -> Iterator[ObjectPath]:
        """The names one part longer than this one."""
        with self._told():
            try:
                found = self._fs.ls(self._key, detail=False)
            except (FileNotFoundError, NotADirectoryError):
                found = []
        for each in sorted(str(each).rstrip("/") for each in found):
            if each != self._key:
                yield ObjectPath(self._fs, self._scheme, each)

    def rglob(self, _pattern: Literal["*"]) -> Iterator[ObjectPath]:
        """Every object whose name is below this one."""
        with self._told():
            found = self._fs.find(self._key)
        for each in found:
            yield ObjectPath(self._fs, self._scheme, str(each))

    def open(self, _mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """The object, fetched piece by piece as it is read. One that is replaced meanwhile gives no mixture of both.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._told():
            opened = self._fs.open(self._key, "rb", block_size=_BLOCK_BYTES)
        return io.BufferedReader(_Reading(self, opened), _READ_BYTES)

    def read_bytes(self) -> bytes:
        """All of the object.

        Raises:
            FileNotFoundError: there is none.
        """
        with self._told():
            return bytes(self._fs.cat_file(self._key))

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Delete the object.

        Raises:
            FileNotFoundError: there is none, and `missing_ok` is false.
        """
        if missing_ok and not self.is_file():
            return
        with self._told():
            self._fs.rm_file(self._key)

    def put(self, source: BinaryIO, size: int, *, over: str | None = ANYTHING) -> None:
        """Make this the name of all that a file on the disk holds.

        Args:
            over: the `version` it may replace, None: it must be new; heeded where the store has conditions (S3).

        Raises:
            OvertakenError: something else stands there.
        """
        with self._told(writing=True):
            source.seek(0)
            if self._scheme in {"s3", "s3a"}:
                from newscrawl.dump.s3 import put

                put(self._fs, self._key, source, size, over=over)
            else:
                self._fs.put_file(f"/dev/fd/{source.fileno()}", self._key)

    def keeps_versions(self) -> bool:
        """Whether older versions of what is deleted or replaced stay, as far as the store tells."""
        if self._scheme not in {"s3", "s3a"}:
            return False
        try:
            with self._told():
                answer = self._fs.call_s3("get_bucket_versioning", Bucket=_bucket(self._key))
        except StoreError:  # who may write need not be allowed to ask
            return False
        return bool(answer.get("Status") == "Enabled")

    def _info(self) -> Mapping[str, Any] | None:
        with self._told():
            try:
                return cast("Mapping[str, Any]", self._fs.info(self._key))
            except FileNotFoundError:
                return None

    @contextmanager
    def _told(self, *, writing: bool = False) -> Iterator[None]:
        """What goes wrong as one sentence. Each store has errors of its own, not all of them an `OSError`."""
        try:
            yield
        except StoreError:
            raise
        except FileNotFoundError as error:
            if not writing:
                raise
            raise StoreError(f"cannot write {self}: there is no bucket {_bucket(self._key)}") from error
        except Exception as error:
            raise StoreError(f"{'cannot write' if writing else 'cannot read'} {self}: {reason(error)}") from error


class _Reading(io.RawIOBase):
    """An opened object whose errors are told as those of `ObjectPath`."""

    def __init__(self, path: ObjectPath, opened: Any) -> None:
        self._path = path
        self._opened = opened

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._path._told():
            data = self._opened.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._opened.seek(offset, whence))

    def tell(self) -> int:
        return int(self._opened.tell())

    def close(self) -> None:
        if not self.closed:
            self._opened.close()
        super().close()


def object_path(url: str) -> ObjectPath:
    """The name that an address such as ``s3://bucket/prefix`` gives.

    How the store is reached (credentials, region, endpoint) its own configuration and environment say, never the
    address.

    Raises:
        ConfigError: it is no such address, or the package for it is not installed.
    """
    scheme, _, rest = url.partition("://")
    if "@" in rest.partition("/")[0]:
        raise ConfigError(f"{scheme}://…: an address holds no credentials; the environment or a profile does")
    if scheme not in WHOLE_PUTS:
        raise ConfigError(
            f"{url}: a dump may lie in a directory or in a store of objects ({', '.join(sorted(WHOLE_PUTS))})"
        )
    if not rest.strip("/"):
        raise ConfigError(f"{url} names no bucket")
    try:
        fs, key = _opened(url, "s3" if scheme == "s3a" else scheme)
    except ImportError as error:
        package = NEEDS.get(scheme, "adlfs")
        extra = " (`pip install newscrawl[s3]`)" if package == "s3fs" else ""
        raise ConfigError(f"{url} needs the package {package}{extra}") from error
    return ObjectPath(fs, scheme, key.rstrip("/"))


def _opened(url: str, scheme: str) -> tuple[Any, str]:
    """fsspec's file system, one for each process, and the path in it. Nothing is asked yet."""
    import fsspec

    options: dict[str, Any] = {"use_listings_cache": False}  # others write there, too
    if scheme == "s3":
        for name in ("aiobotocore", "botocore"):  # at INFO they tell where they found credentials
            if logging.getLogger(name).level == logging.NOTSET:
                logging.getLogger(name).setLevel(logging.WARNING)
        told = fsspec.config.conf.get(scheme, {}).get("config_kwargs", {})
        options["config_kwargs"] = {**_WAITS, **told}
    fs, key = fsspec.url_to_fs(url, **options)
    fs.retries = 3  # of an answer that breaks off; botocore asks again by itself where there was none
    return fs, str(key)


def _bucket(key: str) -> str:
    return key.lstrip("/").partition("/")[0]
