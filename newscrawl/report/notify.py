"""Tells an operator's own command or web address; a failure is one sentence, and none takes longer than `LIMIT_S`."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newscrawl.errors import ConfigError, NewscrawlError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message
    from http.client import HTTPResponse

LIMIT_S = 10.0
ALERT_COMMAND = "NEWSCRAWL_ALERT_COMMAND"
ALERT_WEBHOOK = "NEWSCRAWL_ALERT_WEBHOOK"


class NotToldError(NewscrawlError):
    """A command or a web address was not told."""


def read_command(text: str) -> tuple[str, ...]:
    """The arguments of a command, as a shell splits them; no shell runs it.

    Raises:
        ConfigError: a quote is open, or nothing is named.
    """
    try:
        arguments = tuple(shlex.split(text))
    except ValueError as error:
        raise ConfigError(f"{ALERT_COMMAND}={text}: {error}") from None
    if not arguments:
        raise ConfigError(f"{ALERT_COMMAND} names no command")
    return arguments


def read_webhook(text: str) -> str:
    """An http or https address.

    Raises:
        ConfigError: it is none.
    """
    address = urlsplit(text.strip())
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ConfigError(f"{ALERT_WEBHOOK} is no http or https address")  # which may hold a secret
    return text.strip()


def read_ways(settings: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """The command and the web address that settings name; empty where they name none.

    Raises:
        ConfigError: one of them cannot be read.
    """
    command, webhook = (str(settings.get(name) or "").strip() for name in (ALERT_COMMAND, ALERT_WEBHOOK))
    return read_command(command) if command else (), read_webhook(webhook) if webhook else ""


def tell_command(arguments: tuple[str, ...], message: Mapping[str, Any], *, limit_s: float = LIMIT_S) -> None:
    """Run a command with the message as JSON on its standard input; what it prints is not kept.

    Raises:
        NotToldError: it could not be started, failed, or took too long and was ended.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command
            arguments,
            input=_json(message),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotToldError(f"{arguments[0]} took longer than {limit_s:g} s and was ended") from None
    except OSError as error:
        raise NotToldError(f"{arguments[0]} could not be started: {error.strerror or error}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[:200]
        raise NotToldError(f"{arguments[0]} ended with {done.returncode}" + (f": {said}" if said else ""))


def tell_webhook(url: str, message: Mapping[str, Any], *, limit_s: float = LIMIT_S) -> None:
    """POST the message as JSON. The address is the operator's own choice, and may be private; redirects are refused.

    Raises:
        NotToldError: there was no answer in time, or another one than 2xx. The address is not named but for its host.
    """
    host = urlsplit(url).hostname
    problem: list[str] = ["took too long"]
    # urllib's time-out is for each step of an answer, which may drip for ever: the limit is for all of it.
    asking = threading.Thread(target=_post, args=(url, _json(message), limit_s, problem), daemon=True)
    asking.start()
    asking.join(limit_s)
    if problem:
        raise NotToldError(f"the webhook at {host}: {problem[0]}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The message goes where the operator said."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - urllib's form
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """urllib's hook; None: the redirect is an error."""
        del req, fp, code, msg, headers, newurl


def _post(url: str, body: bytes, limit_s: float, problem: list[str]) -> None:
    """Take the problem out of the list when there is none."""
    headers = {"Content-Type": "application/json", "User-Agent": "newscrawl"}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - read_webhook
    try:
        answer: HTTPResponse
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=limit_s) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        problem[:] = [f"HTTP {error.code}"]
        error.close()
    except Exception as error:  # whatever the protocol's library raises, the run goes on
        problem[:] = [str(getattr(error, "reason", error)) or type(error).__name__]
    else:
        problem.clear()


def _json(message: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(message)).encode() + b"\n"
