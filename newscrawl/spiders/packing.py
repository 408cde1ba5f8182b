"""Requests for articles as text, for those that wait on disk (`newscrawl.schedulers.shelf`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newscrawl.middlewares.validators import VALIDATORS, Validators
from newscrawl.spiders.page import ANSWERED
from newscrawl.state.frontier import read_hint, write_hint

if TYPE_CHECKING:
    from collections.abc import Callable

    from newscrawl.sources import Source

_ARGUMENTS = {"hint", "source", "of"}
_PLAIN = {"depth", "is_start_request", "autothrottle_dont_adjust_delay"}
"""Of a request's meta, what JSON has as it is."""
_META = _PLAIN | {"handle_httpstatus_list", VALIDATORS}


class ArticlePacking:
    """Packs what a spider asks for an article with; any other request stays as it is."""

    def __init__(self, callback: Callable[..., Any], errback: Callable[..., Any]) -> None:
        self._callback = callback
        self._errback = errback
        self._sources: dict[str, Source] = {}

    def pack(self, request: Request) -> str | None:
        """The request as JSON; None when it is not of the kind or carries something else."""
        meta = request.meta
        if request.callback != self._callback or request.errback != self._errback:
            return None
        if request.cb_kwargs.keys() != _ARGUMENTS or not meta.keys() <= _META or request.cookies or request.flags:
            return None
        if meta.get("handle_httpstatus_list") != ANSWERED or request.method != "GET" or not request.dont_filter:
            return None
        source: Source | None = request.cb_kwargs["of"]
        if source is not None:
            self._sources[source.id] = source
        return json.dumps(
            [
                request.url,
                request.priority,
                write_hint(request.cb_kwargs["hint"]),
                request.cb_kwargs["source"],
                source.id if source is not None else None,
                meta.get(VALIDATORS),
                {name: meta[name] for name in _PLAIN & meta.keys()},
                dict(request.headers.to_unicode_dict()),
            ]
        )

    def unpack(self, text: str) -> Request:
        """The request that was packed."""
        url, priority, hint, source, of, validators, meta, headers = json.loads(text)
        return Request(
            url,
            self._callback,
            errback=self._errback,
            cb_kwargs={"hint": read_hint(hint), "source": source, "of": None if of is None else self._sources[of]},
            headers=headers,
            priority=priority,
            dont_filter=True,
            meta={
                "handle_httpstatus_list": ANSWERED,
                VALIDATORS: None if validators is None else Validators(*validators),
                **meta,
            },
        )
