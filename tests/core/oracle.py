"""The oracle: the contract told a second time, as plainly as can be, to hold the engine against.

It keeps everything in lists and dictionaries, looks through all of it at every turn, and shares no rule and no
table with the core. It says what the journal must hold, entry by entry, as tuples; `told` brings the engine's own
entries into the same form.
"""

from dataclasses import dataclass, field
from typing import Any

from mockserver.core import journal
from mockserver.core.engine import Engine

Row = tuple[Any, ...]

LATER = [30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]  # seconds

GOOD = {"Viber": ["DELIVERED", "SEEN"], "Sms": ["Delivered"], "Voice": ["Completed"]}
BAD = {
    "Viber": ["UNDELIVERED", "EXPIRED", "FAILED", "UNSENT"],
    "Sms": ["Undelivered", "Failed", "Unsent"],
    "Voice": ["Busy", "NoAnswer", "Failed", "Unsent", "Terminated"],
}
ON_THE_WAY = {
    "Viber": ["QUEUED"],
    "Sms": ["Queued", "Sent"],
    "Voice": ["Queued", "Initiated", "Ringing", "InProgress"],
}
NO_MONEY = {"Viber": ["UNSENT"], "Sms": ["Unsent"], "Voice": ["Unsent", "Terminated"]}


@dataclass
class Plan:
    """A step as a test asks for it: what it will hear (offset, status, reason), and its terms."""

    channel: str
    reports: list[tuple[int, str, str | None]]
    triggers: set[str]
    ttl: int | None
    expire_on_delivery: bool = False
    outcome: str = ""


@dataclass
class Oracle:
    """Says what an engine's journal must hold after the same commands."""

    now: int
    rows: list[Row] = field(default_factory=list)
    flows: list[dict[str, Any]] = field(default_factory=list)
    agenda: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    counter: int = 0

    def send(self, plans: list[Plan], strategy: str | None) -> None:
        flow: dict[str, Any] = {
            "number": len(self.flows) + 1,
            "plans": plans,
            "strategy": strategy,
            "messages": [],
            "status": "Queued",
            "code": None,
            "channel": None,
        }
        self.flows.append(flow)
        self.say("accepted", flow["number"], tuple(plan.channel for plan in plans))
        self.begin(flow)

    def begin(self, flow: dict[str, Any]) -> None:
        step = len(flow["messages"])
        plan = flow["plans"][step]
        flow["messages"].append({"status": None, "reason": None, "expired": None, "over": False, "since": self.now})
        for at, status, reason in plan.reports:
            self.remember(self.now + at, 0, flow, step, ("report", status, reason))
        if plan.ttl is not None:
            self.remember(self.now + plan.ttl, 1, flow, step, ("ttl",))
        self.say("begun", flow["number"], step, plan.channel, plan.outcome)

    def remember(self, due: int, rank: int, flow: dict[str, Any], step: int, what: Row) -> None:
        self.counter += 1
        self.agenda.append({"key": (due, rank, self.counter), "flow": flow, "step": step, "what": what})

    def due(self) -> list[dict[str, Any]]:
        """What is still to come, soonest first; the ttl of a step that is over is nothing to come."""
        alive = [
            each
            for each in self.agenda
            if not (each["what"][0] == "ttl" and each["flow"]["messages"][each["step"]]["over"])
        ]
        return sorted(alive, key=lambda each: each["key"])

    def poll(self, until: int) -> bool:
        coming = self.due()
        if not coming or coming[0]["key"][0] > until:
            return False
        first = coming[0]
        self.agenda.remove(first)
        self.now = first["key"][0]
        kind, flow, step = first["what"][0], first["flow"], first["step"]
        if kind == "retry":
            self.callbacks[first["what"][1] - 1]["open"] = True
        elif kind == "ttl":
            self.expire(flow, step)
        else:
            self.hear(flow, step, first["what"][1], first["what"][2], "report")
        return True

    def expire(self, flow: dict[str, Any], step: int) -> None:
        message = flow["messages"][step]
        if flow["plans"][step].channel == "Sms":
            self.hear(flow, step, "Undelivered", "Expired", "ttl")
            return
        if message["status"] == "DELIVERED":
            message["expired"] = self.now
        self.hear(flow, step, "EXPIRED", "TTL Expired", "ttl")

    def hear(self, flow: dict[str, Any], step: int, status: str, reason: str | None, cause: str) -> None:
        message, plan = flow["messages"][step], flow["plans"][step]
        if not may_follow(plan.channel, message["status"], status):
            self.say("ignored", flow["number"], step, status, message["status"])
            return
        was_final = flow["status"] in ("Succeeded", "Failed")
        left_behind = was_final or step < len(flow["messages"]) - 1
        message["status"], message["reason"] = status, reason
        self.say("status", flow["number"], step, status, reason, cause, left_behind)
        before = flow["status"]
        if before == "Queued":
            flow["status"] = "InProgress"
        over = status in GOOD[plan.channel] + BAD[plan.channel]
        if plan.expire_on_delivery and status == "DELIVERED":
            over = False
        message["over"] = message["over"] or over
        goes_on = False
        if over and not left_behind:
            goes_on = self.end_step(flow, step, status)
        if flow["status"] != before:
            self.say("flow", flow["number"], flow["status"], flow["code"], flow["channel"])
        if goes_on:
            self.begin(flow)
        is_final = flow["status"] in ("Succeeded", "Failed")
        if flow["strategy"] == "OnStep" or (flow["strategy"] == "OnCompletion" and is_final and not was_final):
            self.call_back(flow)

    def end_step(self, flow: dict[str, Any], step: int, status: str) -> bool:
        """Whether the next step is to begin; ends the flow if not."""
        plan = flow["plans"][step]
        triggered, left = status in plan.triggers, step + 1 < len(flow["plans"])
        if triggered and left:
            return True
        flow["channel"] = plan.channel
        if status in GOOD[plan.channel]:
            flow["status"] = "Succeeded"
            return False
        flow["status"] = "Failed"
        if triggered:
            flow["code"] = "2"
        elif status in NO_MONEY[plan.channel]:
            flow["code"] = "1"
        else:
            flow["code"] = "3"
        return False

    def call_back(self, flow: dict[str, Any]) -> None:
        seen = [message["status"] for message in flow["messages"] if message["status"]]
        self.callbacks.append(
            {"flow": flow, "seen": (flow["status"], seen), "attempts": 0, "open": True, "retry": None}
        )

    def answer(self, number: int, *, good: bool) -> None:
        callback = self.callbacks[number - 1]
        callback["open"] = False
        callback["attempts"] += 1
        callback["retry"] = None
        if not good and callback["attempts"] <= 12:
            callback["retry"] = self.now + 1_000 * LATER[callback["attempts"] - 1]
            self.remember(callback["retry"], 0, callback["flow"], 0, ("retry", number))
        self.say("callback", callback["flow"]["number"], number, callback["attempts"], good, callback["retry"])

    def move(self, to: int) -> None:
        coming = self.due()
        target = min([to, *[each["key"][0] for each in coming[:1]]])
        if target != self.now:
            since, self.now = self.now, target
            self.say("moved", since)

    def say(self, *row: Any) -> None:
        self.rows.append((self.now, *row))


def may_follow(channel: str, before: str | None, status: str) -> bool:
    if before is None:
        return status == ON_THE_WAY[channel][0]
    if before in ON_THE_WAY[channel]:
        return _may_leave(channel, before, status)
    if channel == "Viber" and before == "DELIVERED":
        return status in ("SEEN", "EXPIRED")
    if channel == "Viber" and before in ("UNDELIVERED", "EXPIRED"):
        return status in ("DELIVERED", "SEEN")
    return (channel, before, status) == ("Sms", "Undelivered", "Delivered")


def _may_leave(channel: str, before: str, status: str) -> bool:
    way = ON_THE_WAY[channel]
    if status in way:
        return way.index(status) > way.index(before)
    if status in ("UNSENT", "Unsent"):
        return before == way[0]
    return not (before == "InProgress" and status in ("Busy", "NoAnswer"))


def told(engine: Engine) -> list[Row]:
    """The engine's journal in the oracle's words."""
    numbers = {flow.id: flow.number for flow in engine.flows.values()}
    rows: list[Row] = []
    for position, entry in enumerate(engine.journal.after(0), start=1):
        assert entry.number == position
        rows.append((entry.at, *_words(entry.fact, numbers)))
    return rows


def _words(fact: journal.Fact, numbers: dict[str, int]) -> Row:
    match fact:
        case journal.FlowAccepted():
            return "accepted", numbers[fact.flow], fact.channels
        case journal.StepBegun():
            return "begun", numbers[fact.flow], fact.step, fact.channel, fact.outcome
        case journal.StatusChanged():
            return "status", numbers[fact.flow], fact.step, fact.status, fact.reason, fact.cause, fact.late
        case journal.ReportIgnored():
            return "ignored", numbers[fact.flow], fact.step, fact.status, fact.standing
        case journal.FlowMoved():
            return "flow", numbers[fact.flow], fact.status, fact.code, fact.termination
        case journal.CallbackAttempted():
            return "callback", numbers[fact.flow], fact.callback, fact.attempt, fact.answer.ok, fact.retry
        case journal.ClockMoved():
            return "moved", fact.since
    raise AssertionError(f"the oracle has no word for {fact}")
