"""The built-in sink: a place callbacks can be posted to and read from, for whoever has no receiver yet.

It is a convenience of the shell, bounded, and no part of a sandbox's journal.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any

import orjson

SINKS, KEPT = 100, 1_000
"""How many sinks a sandbox keeps, and how many of its latest requests each sink keeps."""


class Sinks:
    """Named sinks, each made when it is first posted to; the one longest unused makes room for a new one."""

    def __init__(self) -> None:
        self._sinks: OrderedDict[str, deque[Mapping[str, Any]]] = OrderedDict()

    def put(self, name: str, at: str, body: bytes) -> None:
        """Keep a request: when it came, and its body, as JSON if it is JSON and as text if not."""
        sink = self._sinks.setdefault(name, deque(maxlen=KEPT))
        sink.append({"at": at, "body": _read(body)})
        self._sinks.move_to_end(name)
        if len(self._sinks) > SINKS:
            self._sinks.popitem(last=False)

    def read(self, name: str) -> list[Mapping[str, Any]]:
        """What was posted to a sink, oldest first; nothing for one that was never posted to."""
        return list(self._sinks.get(name, ()))

    def clear(self, name: str) -> None:
        """Forget what was posted to a sink."""
        self._sinks.pop(name, None)


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return body.decode(errors="replace")
