"""The log of the server: what its user should notice, as lines of text or as JSON.

It holds nothing sensitive: no secrets, tokens or texts of messages, no queries or credentials of URLs, and of wrong
fields only their names.
"""

import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.core.commands import Answer
from mockserver.core.outbox import NOT_TAKEN
from mockserver.settings import LogFormat
from mockserver.wire import visible

DEBUG, INFO, WARNING = logging.DEBUG, logging.INFO, logging.WARNING

LOG = logging.getLogger("mockserver")

LIBRARIES = ("uvicorn", "asyncio")
"""Libraries whose logs are written the same way."""

LED_BY = re.compile(r"(?<![a-z])[a-z]+://\S*: ", re.IGNORECASE)
"""A URL at the head of an error, said before."""

URL = re.compile(r"(?<![a-z])[a-z]+://[^\s;,'\"()<>]+", re.IGNORECASE)

QUERY = re.compile(r"\?[^\s;]+")

MOST = 20
"""The most names of wrong fields in one line."""


def configure(kind: LogFormat, level: str) -> None:
    """Write the log to the standard error from now on. level: debug, info, warning or error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if kind is LogFormat.JSON else _Text())
    LOG.handlers[:] = [handler]
    LOG.setLevel(level.upper())
    LOG.propagate = False
    for name in LIBRARIES:
        logging.getLogger(name).handlers[:] = [handler]
        logging.getLogger(name).propagate = False


def tell(level: int, event: str, sentence: str, **fields: Any) -> None:
    """Log one thing: as a sentence for people, and as an event with fields for machines."""
    LOG.log(level, "%s", visible(sentence), extra={"event": event, "fields": fields})


def request(method: str, path: str, status: int, error: str | None, wrong: Iterable[str]) -> None:
    """Log a request to Routee's endpoints that has its answer: refused is a warning, accepted is for debugging."""
    if not LOG.isEnabledFor(DEBUG if error is None else WARNING):
        return
    if error is None:
        tell(DEBUG, "request", f"{method} {path} answered {status}", method=method, path=path, status=status)
        return
    fields = list(wrong)[:MOST]
    named = f" ({', '.join(fields)})" if fields else ""
    told = {"method": method, "path": path, "status": status, "error": error, "wrong": fields}
    tell(WARNING, "refused", f"{method} {path} refused with {status}: {error}{named}", **told)


def callback(url: str, answer: Answer, *, taken: bool) -> None:
    """Log a callback that was posted: one that was taken is for debugging, the others are warnings."""
    level = DEBUG if taken else WARNING
    if not LOG.isEnabledFor(level):
        return
    where, instead = place(url), None if answer.posted_to is None else place(answer.posted_to)
    error = None if answer.error is None else _places(LED_BY.sub("", answer.error, count=1))
    met = f"answered {answer.status}" if taken else error or NOT_TAKEN.format(answer.status)
    told = {"url": where, "postedTo": instead, "status": answer.status, "error": error, "tookMs": answer.took}
    tell(level, "callback", f"callback to {where}{f', posted to {instead}' if instead else ''}: {met}", **told)


def place(url: str) -> str:
    """A URL without what may be secret in it: credentials and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an unreadable URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _places(text: str) -> str:
    """A text in which every URL is shortened by `place`, and a relative one loses its query."""
    return QUERY.sub("", URL.sub(lambda found: place(found[0]), text))


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """A time, a level if it is above info, a sentence."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = f"{record.levelname.lower()}: " if record.levelno > logging.INFO else ""
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{time} {level}{record.getMessage()}{trace}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One JSON object on a line."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "message"),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(told, default=str).decode()
