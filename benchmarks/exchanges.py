"""The requests that are measured, and what a server needs before them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from benchmarks import traffic
from benchmarks.messages import body, get, post

FLOWS = 10_000
"""How many flows are searched."""

FEW = 1_000
"""How many flows are enough to know how long the answer to a search is."""


class Asked(Protocol):
    """A server that can be asked, over a socket or in process."""

    def ask(self, request: bytes) -> bytes:
        """Send one request. Return its answer."""

    def ask_many(self, requests: Sequence[bytes], count: int) -> None:
        """Send this many requests, in rotation."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is asked. prepare: sets a mock up with so many flows, if it needs any, and answers the requests to rotate.

    status: of the answers. renew: whether the mock begins again in every round, for it keeps what is asked.
    """

    name: str
    prepare: Callable[[Asked, int], list[bytes]]
    status: int = 200
    renew: bool = True


def _tokens(server: Asked, flows: int) -> list[bytes]:
    return [traffic.TOKEN]


def _sends(server: Asked, flows: int, steps: int) -> list[bytes]:
    return traffic.sends(traffic.bearer(server.ask), steps)


def _passwords(server: Asked, flows: int) -> list[bytes]:
    token = traffic.bearer(server.ask)
    return [
        post("/failover-otp/otp/send-failover", traffic.password(number), token) for number in range(traffic.DIFFERENT)
    ]


def _refused(server: Asked, flows: int) -> list[bytes]:
    token = traffic.bearer(server.ask)
    bodies = [json.loads(traffic.flow(3, number)) for number in range(traffic.DIFFERENT)]
    for whole in bodies:
        whole["flow"][1]["ttl"] = 2_000
        del whole["flow"][2]["dialPlan"]
    return [post("/failover", json.dumps(whole).encode(), token) for whole in bodies]


def _lookups(server: Asked, flows: int) -> list[bytes]:
    token = traffic.bearer(server.ask)
    sent = [json.loads(body(server.ask(request)))["trackingId"] for request in traffic.sends(token)]
    return [get(f"/failover/tracking/{flow}", token) for flow in sent]


def _lost(server: Asked, flows: int) -> list[bytes]:
    token = traffic.bearer(server.ask)
    return [get("/failover/trackings/677e6a17-d64b-406f-b682-efabc26efb86", token)]


def _searches(server: Asked, flows: int, *filters: traffic.Json) -> list[bytes]:
    token = traffic.bearer(server.ask)
    server.ask_many(traffic.sends(token, count=flows), flows)
    return [post("/failover/tracking", json.dumps(filters).encode(), token)]


EXCHANGES = (
    Exchange("token", _tokens),
    Exchange("send-1", partial(_sends, steps=1)),
    Exchange("send-3", partial(_sends, steps=3)),
    Exchange("send-6", partial(_sends, steps=6)),
    Exchange("send-otp", _passwords),
    Exchange("send-refused", _refused, status=400),
    Exchange("tracking", _lookups),
    Exchange("not-found", _lost, status=404),
)
BY_NAME = {exchange.name: exchange for exchange in EXCHANGES}

CONTAINS = {"fieldName": "to", "searchOperator": "contains", "searchTerm": "0000"}
SEARCHES = (
    Exchange("search", _searches, renew=False),
    Exchange("search-contains", lambda server, flows: _searches(server, flows, CONTAINS), renew=False),
)
