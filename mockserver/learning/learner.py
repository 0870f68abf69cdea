"""All that a recording says of the mock: record by record, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from msgspec import ValidationError, convert, to_builtins

from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.step import FlowKind, Strategy
from mockserver.core.values import replace
from mockserver.fidelity.table import SWITCHES
from mockserver.learning.clocks import Clocks
from mockserver.learning.documents import instant_of, observe_answer, observe_document
from mockserver.learning.histories import observe_history, observe_strategy
from mockserver.learning.observations import Findings, Observation, timed
from mockserver.learning.otp import Webhooks
from mockserver.learning.requests import SENDS, TOKEN, documents, observe_exchange
from mockserver.learning.retries import Retries
from mockserver.learning.sends import read
from mockserver.learning.sightings import Recorded
from mockserver.learning.tokens import Tokens
from mockserver.recordings.rows import endpoint
from mockserver.recordings.values import Callback, Exchange, Place, Record, Unreadable, read_json
from mockserver.wire import Json

STRATEGIES = [*Strategy]
"""The strategies that the mock knows. What a flow with any other one does is seen by its callbacks alone."""

NOWHERE = Place("")
"""The place of what was seen in several."""

MOST_FLOWS, MOST_BYTES = 2_000, 1 << 25
"""Flows that are followed at a time, and bytes of what is kept of them, about. Of more, the one that was heard of
longest ago is taken as over."""

REMEMBERED = 20_000
"""Flows that were taken as over of which it is remembered, to see whether they were."""


@dataclass(slots=True)
class Counts:
    """How much was read. returned: flows that were heard of again after they were taken as over. beyond: documents and
    callbacks of flows with too many of them. bodiless: exchanges of which a body was not recorded.
    """

    exchanges: int = 0
    callbacks: int = 0
    flows: int = 0
    unreadable: int = 0
    others: int = 0
    returned: int = 0
    beyond: int = 0
    bodiless: int = 0


class Learner:
    """Holds a recording against a dialect. over: gets each flow when nothing more is expected of it."""

    def __init__(self, dialect: Dialect = DEFAULT, over: Callable[[Recorded], None] = lambda _: None) -> None:
        self.dialect = dialect
        self.findings = Findings()
        self.counts = Counts()
        self._over = over
        self._tokens, self._retries, self._webhooks = Tokens(), Retries(), Webhooks()
        self.clocks = Clocks()
        self._flows: OrderedDict[str, Recorded] = OrderedDict()
        self._kept = 0
        self._gone: OrderedDict[int, None] = OrderedDict()
        self._first: int | None = None
        self._last: int | None = None

    def take(self, record: Record | None) -> None:
        """Take the next record; None stands for an exchange with another service."""
        match record:
            case None:
                self.counts.others += 1
            case Unreadable():
                self.counts.unreadable += 1
            case Exchange():
                self.counts.exchanges += 1
                self._note(record.at)
                self.findings.add(self._exchange(record), record.place)
            case Callback():
                self.counts.callbacks += 1
                self._note(record.at)
                self.findings.add(self._callback(record), record.place)
        while len(self._flows) > MOST_FLOWS or (self._kept > MOST_BYTES and len(self._flows) > 1):
            flow = self._flows.popitem(last=False)[1]
            self._end(flow)
            self._gone[hash(flow.id)] = None
            if len(self._gone) > REMEMBERED:
                self._gone.popitem(last=False)

    def finish(self) -> None:
        """Take all flows as over: there are no more records."""
        while self._flows:
            self._end(self._flows.popitem(last=False)[1])
        self.findings.add(timed(self._retries.finish()), NOWHERE)
        self.findings.settle(counts=self.clocks.agree)

    @property
    def undecided(self) -> bool:
        """Whether two answers fit why nothing was posted again, as `retries.UNDECIDED` says."""
        return self.clocks.agree and self._retries.undecided

    def adopted(self) -> Dialect:
        """The dialect with every switch as it was observed."""
        turned: dict[str, Any] = {}
        for switch, rule in SWITCHES.items():
            tally = self.findings.tallies.get(rule.id)
            if tally is None or not tally.contradicted:
                continue
            if switch == "retry_plan":
                turned[switch] = self._retries.plan(self.dialect)
            else:
                found = [value for value, _ in tally.values.most_common() if _can_be(switch, value)]
                turned |= {switch: found[0]} if found else {}
        adopted = replace(self.dialect, **turned)
        if "taken_answers" in turned:  # what seemed to be taken has its part in the plan
            adopted = replace(adopted, retry_plan=self._retries.plan(adopted))
        return adopted

    def _note(self, at: int | None) -> None:
        if at is not None:
            self._first = at if self._first is None else min(self._first, at)
            self._last = at if self._last is None else max(self._last, at)

    def _exchange(self, exchange: Exchange) -> Iterator[Observation]:
        path = endpoint(exchange.path) or ""
        if exchange.body is None or (exchange.sent is None and exchange.method == "POST" and "?" not in exchange.url):
            self.counts.bodiless += 1
            return
        if path == TOKEN:
            yield from self._tokens.observe(exchange, self.clocks)
            return
        yield from observe_exchange(exchange, self.dialect)
        if exchange.method == "POST" and path in SENDS and exchange.status in (200, 201, 202):
            self._sent(exchange, SENDS[path])
        for document in documents(exchange):
            if "trackingId" in document:
                self.clocks.note(exchange.at, instant_of(document.get("updatedAt")))
                with self._flow(str(document["trackingId"])) as flow:
                    flow.see(document, exchange.at, exchange.place, posted=False)

    def _sent(self, exchange: Exchange, kind: FlowKind) -> None:
        """Note the send that became a flow."""
        reply, sent = read_json(exchange.body), read_json(exchange.sent)
        if (
            kind is FlowKind.OTP
            or not isinstance(reply, dict)
            or not isinstance(sent, dict)
            or "trackingId" not in reply
        ):
            return
        command, callback = read(exchange.sent or b"", kind, self.dialect), reply.get("callback")
        with self._flow(str(reply["trackingId"])) as flow:
            flow.kind, flow.sent, flow.place = kind, sent, exchange.place
            flow.steps = None if command is None else command.steps
            flow.created = instant_of(reply.get("createdAt"))
            self.clocks.note(exchange.at, flow.created, prompt=True)
            strategy = callback.get("strategy") if isinstance(callback, dict) else None
            flow.strategy = str(strategy) if strategy in STRATEGIES else None
            flow.size += len(exchange.sent or b"")

    def _callback(self, callback: Callback) -> Iterator[Observation]:
        document = read_json(callback.body)
        if not isinstance(document, dict):
            return
        if callback.headers:
            kind = callback.headers.get("content-type", "")
            plain = "json" in kind and "authorization" not in callback.headers
            told = "with an authorization" if "authorization" in callback.headers else kind
            yield Observation("callbacks.body", "its headers", plain, "application/json, no authorization", told)
        if "flowId" in document:
            yield from self._webhooks.observe(callback, document)
        elif "messages" in document:
            yield from observe_document(document, self.dialect)
            self._posted(document, callback)
        else:
            yield from observe_answer(document)

    def _posted(self, document: Json, callback: Callback) -> None:
        with self._flow(str(document.get("trackingId"))) as flow:
            flow.see(document, callback.at, callback.place, posted=True)
            if flow.post(document, callback.at, callback.status, callback.place):
                self.clocks.note(callback.at, instant_of(document.get("updatedAt")))

    @contextmanager
    def _flow(self, id_: str) -> Iterator[Recorded]:
        """A flow of which something is noted in the block."""
        if id_ not in self._flows:
            self._flows[id_] = Recorded(id_)
            again = hash(id_) in self._gone
            self.counts.flows += not again
            self.counts.returned += again
        self._flows.move_to_end(id_)
        flow = self._flows[id_]
        before = flow.size
        yield flow
        self._kept += flow.size - before

    def _end(self, flow: Recorded) -> None:
        self._kept -= flow.size
        self.counts.beyond += flow.beyond
        flow.until = self._last
        if flow.place is not None:
            seen = (
                *observe_history(flow, self.dialect),
                *observe_strategy(flow, self.dialect, self._first),
                *timed(self._retries.observe(flow, self.dialect, self._last)),
            )
            self.findings.add(seen, flow.place)
        self._over(flow)


def _can_be(switch: str, value: Any) -> bool:
    """Whether a switch can have a value: a service may do what no dialect can say."""
    try:
        convert(to_builtins(replace(DEFAULT, **{switch: value})), Dialect)
    except ValidationError:
        return False
    return True
