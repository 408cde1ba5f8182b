"""How log lines are written: no stranger's line looks like one of ours; one JSON object a line when asked for."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.utils.log import get_scrapy_root_handler

from newscrawl.errors import ConfigError
from newscrawl.text.terminal import plain

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

LOG_FORMAT = "NEWSCRAWL_LOG_FORMAT"
FORMATS = ("text", "json")
CONTINUED = "\n  "
"""Before every further line of a record of several lines."""

logger = logging.getLogger("newscrawl")


class TextFormatter(logging.Formatter):
    """Scrapy's own, but what strangers wrote drives no terminal and begins no line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record; of several lines all but the first are indented."""
        return CONTINUED.join(map(plain, super().format(record).split("\n")))


class JsonFormatter(logging.Formatter):
    """One JSON object a record, in ASCII: every other character is escaped, so that one line is one record.

    ``time`` (UTC, milliseconds), ``level``, ``logger``, ``message``, ``pid``; ``event`` and ``fields`` for the lines
    of `newscrawl.text.events`; ``exception`` with the traceback where there is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The object, without its line end."""
        moment = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds") + "Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        for name in ("event", "fields"):
            if (value := getattr(record, name, None)) is not None:
                line[name] = value
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, default=str)


def check_format(settings: BaseSettings) -> str:
    """The format that the settings ask for.

    Raises:
        ConfigError: there is no such format.
    """
    name = str(settings[LOG_FORMAT] or FORMATS[0])
    if name not in FORMATS:
        raise ConfigError(f"{LOG_FORMAT} must be {' or '.join(FORMATS)}, not {name!r}")
    return name


def write_logs(settings: BaseSettings) -> None:
    """Write what is logged from now on where Scrapy's settings say, and in the form that ours ask for.

    Scrapy makes its own handler anew as often as it has new settings, and would write it in its own form: it is told
    by ``LOG_INSTALL_ROOT_HANDLER`` to make none.

    Raises:
        ConfigError: there is no such format, or the file cannot be written.
    """
    is_json = check_format(settings) == "json"
    handler: logging.Handler = logging.NullHandler()
    if file := settings["LOG_FILE"]:
        mode = "a" if settings.getbool("LOG_FILE_APPEND") else "w"
        try:
            handler = logging.FileHandler(file, mode=mode, encoding=settings["LOG_ENCODING"])
        except OSError as error:
            raise ConfigError(f"LOG_FILE {file} cannot be written: {error.strerror or error}") from None
    elif settings.getbool("LOG_ENABLED"):
        handler = logging.StreamHandler()
    text = TextFormatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
    handler.setFormatter(JsonFormatter() if is_json else text)
    handler.setLevel(settings["LOG_LEVEL"])
    logging.root.setLevel(logging.NOTSET)
    logging.root.addHandler(handler)


def log_handler() -> logging.Handler | None:
    """The handler that writes the log: ours, elsewhere Scrapy's; None where there is neither."""
    forms = (TextFormatter, JsonFormatter)
    ours = (handler for handler in logging.root.handlers if isinstance(handler.formatter, forms))
    return next(ours, get_scrapy_root_handler())


def told(sentence: str, level: int = logging.ERROR) -> str:
    """A sentence for standard error, without its line end: where a JSON log goes there too, an object of it."""
    handler = log_handler()
    is_file = isinstance(handler, logging.FileHandler)
    if handler is not None and not is_file and isinstance(handler.formatter, JsonFormatter):
        return handler.formatter.format(logger.makeRecord(logger.name, level, "", 0, sentence, (), None))
    return sentence


def tell(sentence: str, level: int = logging.ERROR) -> None:
    """Say something on standard error, whatever the log level: how a run ended, or why it did not begin.

    Standard output belongs to ``-O -``.
    """
    if (out := sys.stderr) is not None:
        out.write(f"{told(sentence, level)}\n")
        out.flush()
