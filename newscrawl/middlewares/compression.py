"""Compressed answers: within a bound, and whole or not at all.

Scrapy gives a body that was cut on its way to the spider as if it were whole, and loses a plain one that calls itself
gzip. Here the first is fetched once more (RETRY_TIMES) and then fails like a lost connection; the second is read.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response

from newscrawl.middlewares.inflate import CutError, TooMuchError, inflated
from newscrawl.middlewares.not_fetched import AnswerTooLarge

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

MAX_CODINGS = 3
"""One over the other; each may take as long as a whole page."""
logger = logging.getLogger(__name__)


class CompressionMiddleware(HttpCompressionMiddleware):
    """In the place of Scrapy's."""

    def __init__(self, *, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self._crawler = crawler

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's
    ) -> Request | Response:
        """Scrapy's hook.

        Raises:
            AnswerTooLarge: it is longer than DOWNLOAD_MAXSIZE when decompressed.
            ResponseDataLossError: it was cut again.
        """
        try:
            return super().process_response(request, _without_encoding(response))
        except TooMuchError as error:
            bound = request.meta.get("download_maxsize", self._max_size)
            why = str(error) or f"{len(response.body):,} bytes are more than {bound:,} when decompressed"
            logger.info("%s: %s", response.url, why)
            raise AnswerTooLarge(why) from None
        except CutError:
            assert self._crawler.spider is not None
            again = get_retry_request(request, spider=self._crawler.spider, reason="compressed body cut")
            if again is not None:
                return again
            raise ResponseDataLossError(f"the compressed body of {response.url} ends too early") from None

    @staticmethod
    def _split_encodings(content_encoding: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        to_decode, to_keep = HttpCompressionMiddleware._split_encodings(content_encoding)
        if len(to_decode) > MAX_CODINGS:
            raise TooMuchError(f"{len(to_decode)} content codings, one over the other")
        return to_decode, to_keep

    def _decode(self, body: bytes, encoding: bytes, max_size: int) -> bytes:  # type: ignore[override]  # Scrapy's is static
        return inflated(body, encoding.decode("ascii"), max_size)


def _without_encoding(response: Response) -> Response:
    """A compressed answer as one of bytes: of a text Scrapy guesses the encoding before it is decompressed.

    That takes a tenth of all that a crawl does outside of its workers, and what it finds is thrown away.
    """
    if "Content-Encoding" not in response.headers:
        return response
    return Response(
        response.url,
        status=response.status,
        headers=response.headers,
        body=response.body,
        flags=response.flags,
        request=response.request,
        certificate=response.certificate,
        ip_address=response.ip_address,
        protocol=response.protocol,
    )
