"""The download handler that connects to public addresses only, checked at the moment of the connection.

A name is resolved once, every address it resolved to is asked of `newscrawl.addresses`, and the connection is opened
to one that passed, by its number: a name that changes its answer in between changes nothing. Redirects, robots.txt,
feeds, sitemaps, literal addresses and their odd spellings all come through here, since the check sits below all of
them. With a proxy it is the proxy that resolves and connects, so the duty is the proxy's.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies
from weakref import WeakKeyDictionary, WeakSet

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _BindAddressAgent, _ScrapyAgent
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError, DownloadTimeoutError, IgnoreRequest
from scrapy.utils._download_handlers import normalize_bind_address, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IHostnameResolver, IReactorPluggableNameResolver, IResolutionReceiver
from twisted.web.client import ResponseFailed
from zope.interface import implementer

from newscrawl.addresses import AllowedAddresses, refusal
from newscrawl.errors import Outcome
from newscrawl.middlewares.connections import bound_idle
from newscrawl.middlewares.not_fetched import AnswerTooLarge, NotFetched
from newscrawl.middlewares.wire import HeadTooLarge, NotedFactory, note_sent

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure
    from twisted.web.client import Agent
    from twisted.web.iweb import IResponse

logger = logging.getLogger(__name__)


DEFAULT_FIRST_BYTE_S = 15.0


class RefusedAddress(NotFetched):
    """A host has no address that may be reached.

    ``url`` is the address that was refused (after redirects), ``reason`` the words of `newscrawl.addresses.refusal`.
    """

    outcome = Outcome.REFUSED_ADDRESS

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(reason)
        self.url = url


class StoppedError(IgnoreRequest):
    """The run ends before the answer came: the address is not decided on."""

    def __init__(self) -> None:
        super().__init__("the run was stopped")


_transfers: WeakKeyDictionary[Crawler, set[asyncio.Task[Response]]] = WeakKeyDictionary()
_proxy_said: WeakSet[Crawler] = WeakSet()


def stop_transfers(crawler: Crawler) -> None:
    """End the transfers of a crawl that are on their way; their requests fail with `StoppedError`."""
    for task in list(_transfers.get(crawler, ())):
        task.cancel()


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler; a direct connection goes to an address that passed the check, or is not made."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._allowed = AllowedAddresses.parse(crawler.settings.get("NEWSCRAWL_ALLOW_ADDRESSES") or "")
        self._first_byte_s = crawler.settings.getfloat("NEWSCRAWL_FIRST_BYTE_S", DEFAULT_FIRST_BYTE_S)
        self._pool._factory = partial(NotedFactory, partial(note_sent, crawler))  # type: ignore[assignment]  # it is called, never subclassed
        bound_idle(self._pool)
        if any(scheme in {"http", "https"} for scheme in getproxies()):
            self._say_proxy()
        self._running = _transfers.setdefault(crawler, set())

    async def download_request(self, request: Request) -> Response:
        """Download one request.

        Raises:
            RefusedAddress: no address of the host may be reached; no connection was opened.
            AnswerTooLarge: its headers are over a bound.
            StoppedError: `stop_transfers` ended it.
        """
        task = asyncio.ensure_future(self._download(request))
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            raise StoppedError from None
        except DownloadFailedError as failed:
            if (why := _too_large(failed)) is not None:
                logger.info("%s: %s", request.url, why)
                raise AnswerTooLarge(why) from None
            raise
        finally:
            self._running.discard(task)

    async def _download(self, request: Request) -> Response:
        if request.meta.get("proxy"):
            self._say_proxy()
            return await super().download_request(request)
        resolver = _CheckingResolver(self._allowed)
        agent = _GuardedAgent(
            resolver=resolver,
            first_byte_s=self._first_byte_s,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except CannotResolveHostError:
            # What was refused never reached Twisted, which says that the name has no address.
            if resolver.refused is not None:
                raise RefusedAddress(request.url, resolver.refused) from None
            raise

    def _say_proxy(self) -> None:
        if self._crawler not in _proxy_said:  # http and https have a handler each
            _proxy_said.add(self._crawler)
            logger.info("A proxy makes the connections: keeping away from private addresses is its duty now")


class _GuardedAgent(_ScrapyAgent):
    """Scrapy's agent of one request, on a reactor that resolves names to permitted addresses only."""

    def __init__(self, *, resolver: _CheckingResolver, first_byte_s: float, **scrapy_arguments: Any) -> None:
        super().__init__(**scrapy_arguments)
        self._resolver = resolver
        self._first_byte_s = first_byte_s

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        return _PromptAgent(
            self._first_byte_s,
            reactor=_GuardedReactor(self._resolver),
            contextFactory=self._contextFactory,
            connectTimeout=timeout,
            bindAddress=normalize_bind_address(request.meta.get("bindaddress") or self._bindAddress),
            pool=self._pool,
        )


class _PromptAgent(_BindAddressAgent):
    """Gives up when the head of the answer has not come after so many seconds; the body may take longer."""

    def __init__(self, first_byte_s: float, **scrapy_arguments: Any) -> None:
        super().__init__(**scrapy_arguments)
        self._first_byte_s = first_byte_s

    def request(self, *arguments: Any) -> Deferred[IResponse]:
        from twisted.internet import reactor

        def too_late(failure: Failure, seconds: float) -> Failure:  # noqa: ARG001 - addTimeout's
            raise DownloadTimeoutError(f"no answer within {seconds:g} seconds")

        answer = super().request(*arguments)
        return answer.addTimeout(self._first_byte_s, reactor, too_late) if self._first_byte_s else answer


def _too_large(failed: DownloadFailedError) -> str | None:
    """Why the head of an answer was refused, when that is what failed."""
    cause = failed.__cause__
    reasons = cause.reasons if isinstance(cause, ResponseFailed) else ()
    return next((str(reason.value) for reason in reasons if reason.check(HeadTooLarge)), None)


@implementer(IReactorPluggableNameResolver)
class _GuardedReactor:
    """The running reactor with another name resolver: where Twisted's endpoints look addresses up."""

    def __init__(self, resolver: _CheckingResolver) -> None:
        from twisted.internet import reactor

        self._reactor = reactor
        self.nameResolver = resolver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


@implementer(IHostnameResolver)
class _CheckingResolver:
    """Resolves through the reactor and passes on the permitted addresses alone; lives for one request."""

    def __init__(self, allowed: AllowedAddresses) -> None:
        self._allowed = allowed
        self.refused: str | None = None
        """The words of the first refusal."""

    def resolveHostName(  # noqa: N802 - IHostnameResolver
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Any = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        from twisted.internet import reactor

        receiver = _CheckingReceiver(resolutionReceiver, self, hostName, portNumber)
        if isIPAddress(hostName) or isIPv6Address(hostName):
            # A literal of a family that the reactor's resolver does not know still gets its words.
            self.permits(hostName, portNumber, hostName)
        return reactor.nameResolver.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def permits(self, ip: str, port: int, host: str) -> bool:
        """Whether the address may be reached; the first refusal is kept."""
        if (reason := refusal(ip, port, host, self._allowed)) is None:
            return True
        self.refused = self.refused or reason
        return False


@implementer(IResolutionReceiver)
class _CheckingReceiver:
    def __init__(self, receiver: Any, resolver: _CheckingResolver, host: str, port: int) -> None:
        self._receiver = receiver
        self._resolver = resolver
        self._host = host
        self._port = port

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803 - IResolutionReceiver
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        # The port of the URL, not of the address: that is the one Twisted connects to, and the same by construction.
        if self._resolver.permits(address.host, self._port, self._host):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()
