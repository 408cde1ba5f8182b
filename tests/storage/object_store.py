"""An S3 server on loopback, in a process of its own, and a wire to it that can be cut."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("s3fs", reason="s3fs, which the extra s3 brings, is not installed")
pytest.importorskip("moto.server", reason="moto, an S3 server, is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

LOOPBACK = "127.0.0.1"
BUCKET = "dumps"
_METHODS = (b"GET ", b"PUT ", b"HEAD ", b"POST ", b"DELETE ")


class ObjectStore:
    """moto's server. What it holds is gone when it is."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until_open(self.port)

    def __enter__(self) -> ObjectStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"


class Wire:
    """Carries what goes to a server and back, until it is cut: then nobody is there any more, until it is mended.

    Requests are counted by their first bytes, each connection's one after another.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._cut_at = 0
        self._answered = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[str] = []
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    def cut_at(self, request: int, *, answered: bool) -> None:
        """Cut when this request from now on has come, or when the server has done what it says, before the answer."""
        with self._lock:
            self._cut_at, self._answered, self.requests = request, answered, []

    def cut(self) -> None:
        """Now."""
        with self._lock:
            self._listener.close()
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Somebody is there again."""
        self._cut_at = 0
        self._listener.close()
        self._listener = self._listen(self.port)
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(64)
        return listener

    def _serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection((LOOPBACK, self._to)) as server:
            with self._lock:
                self._open |= {client, server}
            last: dict[str, Any] = {"cut": False}
            threading.Thread(target=self._back, args=(client, server, last), daemon=True).start()
            while data := client.recv(1 << 16):
                if data.startswith(_METHODS) and self._counts(data):
                    if not self._answered:
                        self.cut()
                        return
                    last["cut"] = True
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _back(self, client: socket.socket, server: socket.socket, last: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if last["cut"]:
                    self.cut()
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def _counts(self, data: bytes) -> bool:
        """Take note of a request; whether it is the last one."""
        with self._lock:
            self.requests.append(data.split(b" HTTP", 1)[0].decode("latin-1"))
            return len(self.requests) == self._cut_at


def environment(endpoint: str) -> dict[str, str]:
    """What an operator's environment says of such a server."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "anybody",
        "AWS_SECRET_ACCESS_KEY": "secret-of-anybody",
        "no_proxy": LOOPBACK,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def objects(endpoint: str, prefix: str) -> dict[str, bytes]:
    """Every object below a prefix of the bucket, by what comes after it."""
    fs = filesystem(endpoint)
    root = f"{BUCKET}/{prefix}"
    found = fs.cat(fs.find(root)) if fs.find(root) else {}
    return {str(name).removeprefix(f"{root}/"): bytes(held) for name, held in sorted(found.items())}


def filesystem(endpoint: str) -> Any:
    """Another client, not newscrawl's."""
    import s3fs

    return s3fs.S3FileSystem(
        endpoint_url=endpoint, key="anybody", secret="of-anybody", use_listings_cache=False, skip_instance_cache=True
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, seconds: float = 60) -> None:
    """Return when somebody listens on the port."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")


@contextlib.contextmanager
def running() -> Iterator[ObjectStore]:
    """A server with the bucket."""
    with ObjectStore() as server:
        filesystem(server.endpoint).mkdir(BUCKET)
        yield server
