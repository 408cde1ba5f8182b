"""The DevTools protocol over a pair of pipes: JSON messages, each ended by a zero byte.

The pipes are the only way in: no port is opened, and when they close, Chromium ends. Only commands and events that
the protocol's reference names stable or that every driver of browsers builds on (Fetch, Target) are used.
https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

from newscrawl.errors import NewscrawlError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""A page's text crosses in one message, each character as up to six bytes."""

ENDED = "Inspector.detached"
"""Every listener hears this when the browser has ended."""


class DevToolsError(NewscrawlError):
    """The browser refused a command, or is not there any more."""


class DevTools:
    """Commands out, answers and events in. ``listeners`` has who hears the events of a session."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.WriteTransport) -> None:
        self.listeners: dict[str, Callable[[str, dict[str, Any]], None]] = {}
        self.ended = asyncio.Event()
        self._writer = writer
        self._reader = reader
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def open(cls, read: int, write: int) -> DevTools:
        """Speak over two descriptors, which are this object's from now on."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_MESSAGE_BYTES)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb", 0))
        writer, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(write, "wb", 0))
        return cls(reader, writer)

    def tell(self, method: str, session: str | None = None, **params: Any) -> asyncio.Future[dict[str, Any]]:
        """Send a command; the future has its answer, or a DevToolsError, and need not be waited for."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        if self.ended.is_set():
            answer.set_exception(DevToolsError("the browser has ended"))
            return answer
        self._number += 1
        self._waiting[self._number] = answer
        message = {"id": self._number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self._writer.write(json.dumps(message).encode() + b"\0")
        return answer

    async def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer.

        Raises:
            DevToolsError: the browser refused, or has ended.
        """
        return await self.tell(method, session, **params)

    def close(self) -> None:
        """Hang up; what waits for an answer hears of it."""
        self._listening.cancel()
        self._end()

    async def _listen(self) -> None:
        try:
            while message := await self._reader.readuntil(b"\0"):
                self._take(json.loads(message[:-1]))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # it ended, or says more than any page can be
        finally:
            self._end()

    def _take(self, message: dict[str, Any]) -> None:
        if (number := message.get("id")) is None:
            if (listener := self.listeners.get(message.get("sessionId", ""))) is not None:
                listener(message["method"], message["params"])
            return
        answer = self._waiting.pop(number, None)
        if answer is None or answer.done():
            return
        if (error := message.get("error")) is not None:
            answer.set_exception(DevToolsError(str(error.get("message", error))))
        else:
            answer.set_result(message["result"])

    def _end(self) -> None:
        self.ended.set()
        self._writer.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(DevToolsError("the browser has ended"))
        self._waiting.clear()
        for listener in list(self.listeners.values()):
            listener(ENDED, {})
