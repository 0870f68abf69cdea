"""The built-in sink: a place callbacks can be posted to and read from, for whoever has no receiver yet.

It is a convenience of the shell, bounded, and no part of a sandbox's journal.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any

import orjson

SINKS, KEPT, LARGEST = 100, 1_000, 16 * 1_048_576
"""How many sinks a sandbox keeps, how many of its latest requests each sink keeps, and bytes of them all."""


class Sinks:
    """Named sinks, each made when it is first posted to; the one longest unused makes room for a new one."""

    def __init__(self) -> None:
        self._sinks: OrderedDict[str, deque[tuple[int, Mapping[str, Any]]]] = OrderedDict()
        self._bytes = 0

    def put(self, name: str, at: str, body: bytes) -> None:
        """Keep a request: when it came, and its body, JSON as it is and anything else as text."""
        sink = self._sinks.setdefault(name, deque())
        sink.append((len(body), {"at": at, "body": _read(body)}))
        self._bytes += len(body)
        self._sinks.move_to_end(name)
        if len(sink) > KEPT:
            self._bytes -= sink.popleft()[0]
        while len(self._sinks) > 1 and (len(self._sinks) > SINKS or self._bytes > LARGEST):
            self.clear(next(iter(self._sinks)))
        while self._bytes > LARGEST:
            self._bytes -= sink.popleft()[0]

    def read(self, name: str) -> list[Mapping[str, Any]]:
        """What was posted to a sink, oldest first; nothing for one that was never posted to."""
        return [kept for _, kept in self._sinks.get(name, ())]

    def clear(self, name: str) -> None:
        """Forget what was posted to a sink."""
        self._bytes -= sum(size for size, _ in self._sinks.pop(name, ()))


def _read(body: bytes) -> orjson.Fragment | str:
    """JSON stays the bytes it was: whatever numbers it holds, and however deep it is, it can be shown again."""
    try:
        orjson.loads(body)
    except ValueError:
        return body.decode(errors="replace")
    return orjson.Fragment(body)
