"""The built-in sink keeps callbacks for users who have no webhook yet.

It keeps a limited number of requests, and it is not part of the sandbox's journal.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any

import orjson

SINKS, KEPT, LARGEST = 100, 1_000, 16 * 1_048_576
"""The most sinks of a sandbox, the most requests that each sink keeps (the latest), and the most bytes in all sinks."""


class Sinks:
    """Named sinks. The first request makes a sink; the sink that was unused longest makes room for a new one."""

    def __init__(self) -> None:
        self._sinks: OrderedDict[str, deque[tuple[int, Mapping[str, Any]]]] = OrderedDict()
        self._bytes = 0

    def put(self, name: str, at: str, body: bytes) -> None:
        """Keep a request: its instant, and its body, JSON unchanged and anything else as text."""
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
        """The requests to a sink, oldest first; an empty list for an unknown sink."""
        return [kept for _, kept in self._sinks.get(name, ())]

    def clear(self, name: str) -> None:
        """Forget the requests to a sink."""
        self._bytes -= sum(size for size, _ in self._sinks.pop(name, ()))


def _read(body: bytes) -> orjson.Fragment | str:
    """JSON stays the bytes it was: whatever numbers it holds, and however deep it is, it can be shown again."""
    try:
        orjson.loads(body)
    except ValueError:
        return body.decode(errors="replace")
    return orjson.Fragment(body)
