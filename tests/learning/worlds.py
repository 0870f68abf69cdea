"""Recordings of the mock itself: what an application and its webhook see of an engine, under any dialect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.core.behaviour import Behaviour
from mockserver.core.clock import LAST
from mockserver.core.commands import Answer, MoveClock, PutScenario, RecordAnswer
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.engine import Engine
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind
from mockserver.learning.retries import is_taken
from mockserver.recordings.values import Callback, Exchange, Place, Record
from mockserver.wire import errors, services
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import search
from mockserver.wire.routee.document import document
from mockserver.wire.scenario.language import Written, nothing, read_scenario
from mockserver.wire.services import payload, read_send, reply

START = 1_893_499_200_000
API, HOOK = "https://connect.example", "https://shop.example/hook"

PATHS = {
    FlowKind.FAILOVER: "/failover",
    FlowKind.TRANSACTIONAL: "/failover/transactional",
    FlowKind.OTP: "/failover-otp/otp/send-failover",
}

BEARER = {"authorization": "Bearer x"}

Json = dict[str, Any]


@dataclass
class World:
    """An engine, and what was recorded of it.

    answers: of the webhook, by the number of the callback, to its first attempts; queue: to any, in order; then 200.
    """

    dialect: Dialect = DEFAULT
    answers: Mapping[int, Sequence[int]] = field(default_factory=dict)
    queue: list[int] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(Behaviour(dialect=self.dialect), START)
        self._numbers = 0

    @property
    def place(self) -> Place:
        return Place("world", len(self.records) + 1)

    def play(self, scenario: Json) -> None:
        self._numbers += 1
        self.engine.submit(PutScenario(read_scenario(Written(f"s{self._numbers}", scenario), nothing)))

    def send(self, body: Json, kind: FlowKind = FlowKind.FAILOVER) -> Flow | None:
        sent, now = orjson.dumps(body), self.engine.clock.now
        path = PATHS[kind]
        flow: Flow | None = None
        try:
            command = read_send(sent, "app", kind=kind, dialect=self.dialect)
            flow = self.engine.submit(command).flow
            assert flow is not None
            status = 200 if kind is FlowKind.OTP else int(self.dialect.success_status)
            answer = reply(flow, command)
        except Refusal as refusal:
            status, answer = refusal.status, orjson.dumps(refusal.body)
        self.records.append(Exchange("POST", API + path, int(status), self.place, now, BEARER, sent, {}, answer))
        return flow

    def track(self, flow: Flow | None) -> None:
        """Ask for a flow; None: for one that there is not."""
        if flow is None:
            refusal = errors.unknown_flow("no-such-flow", code=self.dialect.unknown_flow_code)
            self.ask("GET", "/failover/tracking/no-such-flow", refusal.status, orjson.dumps(refusal.body))
        else:
            path = "/failover-otp/otp/failover" if flow.kind is FlowKind.OTP else "/failover/tracking"
            self.ask("GET", f"{path}/{flow.id}", 200, orjson.dumps(services.document(self.engine.flows[flow.id])))

    def search(self) -> None:
        """Search for everything."""
        flows = [*self.engine.flows.values()]
        shown = flows[::-1] if self.dialect.search_order == "newest-first" else flows
        found = search.page_document(
            search.read_search({}, b""), shown[:10], len(flows), lambda each: [*map(document, each)]
        )
        self.ask("POST", "/failover/tracking", 200, orjson.dumps(found))

    def ask_without_bearer(self) -> None:
        """Ask the service for one-time passwords without a token."""
        status = int(self.dialect.otp_no_bearer)
        self.ask("GET", "/failover-otp/otp/failover", status, b'{"detail":"Not authenticated"}', {"accept": "*/*"})

    def ask(self, method: str, path: str, status: int, body: bytes, asked: Mapping[str, str] = BEARER) -> None:
        """Note a request that was answered so."""
        now = self.engine.clock.now
        self.records.append(Exchange(method, API + path, status, self.place, now, asked, b"", {}, body))

    def run(self, until: int = LAST) -> None:
        """Let everything happen, and answer every callback. answers: by the number of the callback."""
        while (effect := self.engine.poll(until)) is not None:
            for delivery in effect.deliveries:
                if delivery.answered is not None:  # no recording is read to have it
                    self.engine.submit(RecordAnswer(delivery.number, delivery.attempt, Answer(200, None, 0.0)))
                    continue
                planned = self.answers.get(delivery.number, ())
                last = self.queue.pop(0) if self.queue else 200
                status = planned[delivery.attempt - 1] if delivery.attempt <= len(planned) else last
                at = self.engine.clock.now
                self.records.append(Callback(payload(delivery), self.place, at, HOOK, {}, status))
                error = None if is_taken(status, self.dialect) else f"answered {status}"
                self.engine.submit(RecordAnswer(delivery.number, delivery.attempt, Answer(status or None, error, 0.0)))
        if until != LAST:
            self.engine.submit(MoveClock(until))
