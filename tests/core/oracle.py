"""The oracle: the contract told a second time, as plainly as can be, to hold the engine against.

It keeps everything in lists and dictionaries, looks through all of it at every turn, and shares no rule and no
table with the core. Of the core it knows the values that come in (commands, outcomes) and those that must come
out: the journal whole, every flow whole, every callback whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mockserver.core import catalogue, facts, journal
from mockserver.core.chance import Chance
from mockserver.core.commands import (
    Answer,
    Command,
    DropScenario,
    HoldStep,
    IssueToken,
    MeetRequest,
    Mode,
    MoveClock,
    NoteRequest,
    NoteRestart,
    PushInbound,
    PushReport,
    PutScenario,
    RecordAnswer,
    RevokeTokens,
    SendFlow,
    SetBalance,
    SetClock,
)
from mockserver.core.deliveries import Delivery
from mockserver.core.dialect import RETRIES, Dialect
from mockserver.core.faults import ApiFault, CallbackFault, CallbackFaults, Endpoint
from mockserver.core.flow import Flow, FlowStatus, Message
from mockserver.core.outcome import Answerer, Cause, Choice, Moment, Outcome
from mockserver.core.step import Callback, Step
from mockserver.core.tokens import Token
from mockserver.core.values import replace
from tests.core.playbook import Playbook, is_hit

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

TOO_POOR = "the balance is too low: 'unsent'"


@dataclass
class Story:
    """One flow: its fields and its messages' by the core's own names, and which of its steps are over."""

    fields: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)
    over: set[int] = field(default_factory=set)

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    @property
    def steps(self) -> tuple[Step, ...]:
        steps: tuple[Step, ...] = self.fields["steps"]
        return steps

    @property
    def final(self) -> bool:
        return self.fields["status"] in ("Succeeded", "Failed")

    def told(self) -> Flow:
        return Flow(**self.fields, messages=tuple(Message(**message) for message in self.messages))


@dataclass
class Appointment:
    """Something that will happen. what: ("report", step, status, reason, cause), ("ttl", step) or ("retry", callback).

    A pushed report has a list of those pushed after it, too.
    """

    key: tuple[int, int, int]
    story: Story
    what: tuple[Any, ...]


@dataclass
class Oracle:
    """Says what must be seen of an engine after the same commands. `source` chooses what becomes of a step; tokens have names of its own."""

    now: int
    source: Callable[[Step], Choice | None]
    seed: int = 0
    money: int | None = None
    refuses: bool = False
    token_life: int | None = 3_600_000
    mode: Mode = Mode.MANUAL
    rate: float = 1.0
    dialect: Dialect = field(default_factory=Dialect)
    entries: list[journal.Entry] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    agenda: list[Appointment] = field(default_factory=list)
    callbacks: list[Delivery] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    arrivals: int = 0
    turned_down: int = 0
    issued: int = 0

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed)
        self.playbook = Playbook(self.chance)
        self.held: dict[str, list[Delivery]] = {}
        self.by_hand: list[tuple[int, int]] = []

    # What comes from outside

    def submit(self, command: Command) -> None:  # noqa: C901 -- a case for each command
        match command:
            case SendFlow():
                self.send(command)
            case MeetRequest(endpoint, asked):
                self.meet(endpoint, asked)
            case IssueToken(application, scopes):
                self.issue(application, scopes)
            case RecordAnswer(number, _, answer):
                self.answer(number, answer)
            case MoveClock(to):
                self.move(to)
            case PushReport(flow):
                for story in self.stories:
                    if story.id == flow:
                        self.push(story, [command, *command.then])
            case HoldStep(flow, step):
                for story in self.stories:
                    if story.id == flow:
                        self.hold(story, step)
            case PushInbound():
                self.receive(command)
            case RevokeTokens(application, expire):
                self.revoke(application, expire)
            case SetBalance(balance):
                self.money = None if balance is None else balance + self.spent
                self.say(facts.BalanceSet(balance))
            case NoteRequest():
                self.say(facts.RequestAnswered(command))
            case NoteRestart(down, again):
                self.say(facts.Restarted(down, again))
            case PutScenario(scenario):
                self.playbook.put(scenario)
                self.say(facts.ScenariosChanged(scenario.name, scenario.source))
            case DropScenario(name):
                self.playbook.drop(name)
                self.say(facts.ScenariosChanged(name))
            case SetClock(mode, rate):
                self.mode = self.mode if mode is None else mode
                self.rate = self.rate if rate is None else rate
                self.say(facts.ClockSet(self.mode, self.rate))

    def push(self, story: Story, pushes: list[PushReport]) -> None:
        first, *rest = pushes
        self.remember(self.now, 0, story, "report", first.step, first.status, first.reason, "pushed", rest)

    def hold(self, story: Story, step: int) -> None:
        planned = [each for each in self.agenda if each.story is story and each.what[:2] == ("report", step)]
        first = ON_THE_WAY[story.steps[step].channel][0]
        planned = [each for each in planned if each.what[4] != "pushed" and each.what[2] != first]
        self.agenda = [each for each in self.agenda if each not in planned]
        message = story.messages[step]["id"] if step < len(story.messages) else None
        self.by_hand.append((story.fields["number"], step))
        self.say(facts.StepHeld(story.id, step, story.steps[step].channel, message, len(planned)))

    def send(self, command: SendFlow) -> None:
        number, steps = len(self.stories) + 1, command.steps
        trouble = self.playbook.disturbing(steps, number, "api")
        fault = trouble.api if trouble else None
        if trouble and fault and fault.answer not in (None, "lost"):
            self.turned_down += 1
            self.playbook.used(trouble.name, -self.turned_down)
            self.say(facts.FaultPlayed(None, words(fault), f"scenario {trouble.name!r}"))
            return
        if command.kind == "otp":
            while steps and self.too_poor(steps[0]):
                steps = steps[1:]
            if not steps:
                self.say(facts.SendRefused(command.application, TOO_POOR))
                return
        choice = self.choose(steps[0], 0, number)
        if self.refuses and choice.outcome.moments[-1].status in ("UNSENT", "Unsent"):
            self.say(facts.SendRefused(command.application, choice.why))
            return
        callback, bad_line = command.callback, self.playbook.disturbing(steps, number, "callbacks")
        if callback and bad_line and bad_line.callbacks:
            self.playbook.used(bad_line.name, number)
            callback = replace(callback, faults=replace(bad_line.callbacks, scenario=bad_line.name))
        story = Story(
            {
                "id": self.chance.uuid("flow", number),
                "number": number,
                "application": command.application,
                "steps": steps,
                "created": self.now,
                "updated": self.now,
                "callback": callback,
                "status": FlowStatus("InProgress" if self.dialect.first_flow_status == "InProgress" else "Queued"),
                "code": None,
                "termination": None,
                "restrictions": command.restrictions,
                "kind": command.kind,
            }
        )
        self.stories.append(story)
        channels = tuple(step.channel for step in steps)
        self.say(facts.FlowAccepted(story.id, command.application, channels))
        if trouble and fault:
            self.playbook.used(trouble.name, number)
            self.say(facts.FaultPlayed(story.id, words(fault), f"scenario {trouble.name!r}"))
        self.begin(story, choice)

    def meet(self, endpoint: Endpoint, asked: str | None) -> None:
        self.turned_down += 1
        found = [story for story in self.stories if story.id == asked]
        steps = found[0].steps if found else ()
        trouble = self.playbook.disturbing(steps, -self.turned_down, "api", endpoint)
        if trouble and trouble.api:
            self.playbook.used(trouble.name, -self.turned_down)
            why = f"scenario {trouble.name!r}"
            self.say(facts.FaultPlayed(found[0].id if found else None, words(trouble.api), why, None, endpoint))

    def issue(self, application: str, scopes: tuple[str, ...]) -> None:
        mine = [token for token in self.tokens if (token.application, token.scopes) == (application, scopes)]
        again = bool(mine) and (mine[-1].expires is None or mine[-1].expires > self.now)
        self.say(facts.TokenIssued(application, scopes, again))
        if not again:
            expires = None if self.token_life is None else self.now + self.token_life
            self.issued += 1
            self.tokens.append(Token(f"token {self.issued}", application, scopes, expires))

    def answer(self, number: int, answer: Answer) -> None:
        callback = self.callbacks[number - 1]
        tried = len(callback.attempts) + 1
        asked = None if callback.inbound or callback.answered else callback.flow.callback
        if asked and asked.faults and tried <= asked.faults.timeouts:
            late = "the scenario has it that this answer came too late"
            answer = Answer(None, late, answer.took, answer.body)
        good = (
            answer.status is not None
            and {
                "2xx": answer.status // 100 == 2,
                "200": answer.status == 200,
                "any": True,
            }[self.dialect.taken_answers]
        )
        if good:
            answer = replace(answer, error=None)
        elif answer.error is None:
            answer = replace(answer, error=f"answered {answer.status}, not 200")
        later = LATER if self.dialect.retry_plan == RETRIES else self.dialect.retry_plan
        story = self.stories[callback.flow.number - 1]
        once = story.fields["kind"] == "otp" or callback.answered is not None
        over = good or once or tried == len(later) + 1
        retry = None if over else self.now + 1_000 * later[tried - 1]
        entry = self.say(facts.CallbackAttempted(story.id, number, tried, callback.url, answer, retry, good))
        self.callbacks[number - 1] = replace(callback, attempts=(*callback.attempts, entry), next=retry)
        if retry is not None:
            self.remember(retry, 0, story, "retry", number)

    def receive(self, command: PushInbound) -> None:
        for story in self.stories:
            if story.id == command.flow:
                number = len(self.callbacks) + 1
                self.callbacks.append(Delivery(number, story.told(), command.url, inbound=(command, self.now)))
                message = story.messages[command.step]["id"]
                self.say(facts.InboundReceived(story.id, command.step, message, command.message, number))
                self.remember(self.now, 0, story, "retry", number)

    def revoke(self, application: str | None, expire: bool) -> None:
        kept, count = [], 0
        for token in self.tokens:
            mine = application is None or token.application == application
            living = token.expires is None or token.expires > self.now
            if not mine or (expire and not living):
                kept.append(token)
                continue
            count += 1
            if expire:
                kept.append(replace(token, expires=self.now))
        self.tokens = kept
        self.say(facts.TokensRevoked(application, count, expire))

    def move(self, to: int) -> None:
        coming = self.due()
        since, self.now = self.now, min([to, *[each.key[0] for each in coming[:1]]])
        if self.now != since and self.mode is not Mode.REALTIME:
            self.say(facts.ClockMoved(since))

    # What falls due

    def remember(self, due: int, rank: int, story: Story, *what: Any) -> None:
        self.arrivals += 1
        rank = 1 - rank if self.dialect.ttl_tie == "ttl" else rank
        self.agenda.append(Appointment((due, rank, self.arrivals), story, what))

    def due(self) -> list[Appointment]:
        """What is still to come, soonest first; the ttl of a step that is over is nothing to come."""
        alive = [each for each in self.agenda if each.what[0] != "ttl" or each.what[1] not in each.story.over]
        return sorted(alive, key=lambda each: each.key)

    def poll(self, until: int) -> list[Delivery] | None:
        """What is to be posted because of the next thing to happen; None when there is nothing to happen."""
        coming = self.due()
        if not coming or coming[0].key[0] > until:
            return None
        first = coming[0]
        self.agenda.remove(first)
        self.now = first.key[0]
        kind, where, *rest = first.what
        if kind == "retry":
            return [self.callbacks[where - 1]]
        self.posted: list[Delivery] = []
        if kind == "ttl":
            self.expire(first.story, where)
        else:
            status, reason, cause, *then = rest
            self.hear(first.story, where, status, reason, cause)
            if then and then[0]:
                self.push(first.story, then[0])
        return self.posted

    def expire(self, story: Story, step: int) -> None:
        message = story.messages[step]
        if story.steps[step].failover_after_delivered and message["status"] == "DELIVERED":
            self.say(facts.NotSeen(story.id, step, story.steps[step].channel, message["id"]))
            story.over.add(step)
            self.begin(story, self.choose(story.steps[step + 1], step + 1, story.fields["number"]))
            return
        if story.steps[step].channel == "Sms":
            self.hear(story, step, "Undelivered", "Expired", "ttl")
            return
        self.hear(story, step, "EXPIRED", "TTL Expired", "ttl")

    def hear(self, story: Story, step: int, status: str, reason: str | None, cause: str) -> None:
        message, channel = story.messages[step], story.steps[step].channel
        place = (story.id, step, channel, message["id"])
        was_final = story.final
        left_behind = was_final or step < len(story.messages) - 1
        taken_back = (message["status"], status) == ("DELIVERED", "EXPIRED")
        too_late = taken_back and (left_behind or not story.steps[step].expire_on_delivery)
        if too_late or not may_follow(channel, message["status"], status):
            self.say(facts.ReportIgnored(*place, status, message["status"]))
            return
        if taken_back:
            message["expired_on_delivery"] = self.now
        message.update(status=status, reason=reason, updated=self.now)
        if status == "InProgress":
            message["answered"] = self.now
        if status == "Sent":
            message["sent"] = self.now
        if status in GOOD[channel] and channel != "Voice" and message["delivered"] is None:
            message["delivered"] = self.now
        self.say(facts.StatusChanged(*place, status, reason, Cause(cause), left_behind))
        before = story.fields["status"]
        story.fields["updated"] = self.now
        if before == "Queued":
            story.fields["status"] = FlowStatus("InProgress")
        goes_on = self.over(story, step, status) and not left_behind
        if goes_on and cause == "server error":
            story.fields.update(status=FlowStatus("Failed"), code="0", termination=channel)
            goes_on = False
        goes_on = goes_on and self.turn(story, step, status)
        if story.fields["status"] != before:
            self.say(facts.FlowMoved(story.id, *(story.fields[name] for name in ("status", "code", "termination"))))
        if goes_on:
            self.begin(story, self.choose(story.steps[step + 1], step + 1, story.fields["number"]))
        self.call_back(story, status, ended=story.final and not was_final)
        self.say_who(story, step, status, by_hand=cause == "pushed")

    def say_who(self, story: Story, step: int, status: str, *, by_hand: bool) -> None:
        number, url = len(self.callbacks) + 1, story.steps[step].event_url
        if status != "InProgress" or not url:
            return
        who = "machine" if story.messages[step]["machine"] and not by_hand else "human"
        self.callbacks.append(Delivery(number, story.told(), url, answered=(step, Answerer(who), self.now)))
        self.say(facts.CallAnswered(story.id, step, story.messages[step]["id"], Answerer(who), number))
        self.remember(self.now, 0, story, "retry", number)

    def over(self, story: Story, step: int, status: str) -> bool:
        channel = story.steps[step].channel
        over = status in GOOD[channel] + BAD[channel]
        if story.steps[step].expire_on_delivery and status == "DELIVERED":
            over = False
        if story.steps[step].failover_after_delivered and status == "DELIVERED":
            over = False
            if step == len(story.messages) - 1 and not story.final:
                self.wait_anew(story, step)
        if over:
            story.over.add(step)
        return over

    def wait_anew(self, story: Story, step: int) -> None:
        for each in self.agenda:
            if each.story is story and each.what == ("ttl", step):
                self.agenda.remove(each)
                self.remember(self.now + (story.steps[step].ttl or 0), 1, story, "ttl", step)
                return

    def turn(self, story: Story, index: int, status: str) -> bool:
        """Whether the next step is to begin; ends the flow if not."""
        step = story.steps[index]
        triggered, left = status in step.triggers, index + 1 < len(story.steps)
        if triggered and left:
            return True
        story.fields["termination"] = step.channel
        if status in GOOD[step.channel]:
            story.fields["status"] = FlowStatus("Succeeded")
            return False
        story.fields["status"] = FlowStatus("Failed")
        if triggered:
            story.fields["code"] = "2"
        elif status in NO_MONEY[step.channel]:
            story.fields["code"] = "1"
        else:
            story.fields["code"] = "3"
        return False

    def untold(self, story: Story, status: str) -> bool:
        quiet = self.dialect.first_callback == "after-queued" and story.fields["kind"] != "otp"
        return quiet and status in ("QUEUED", "Queued")

    def call_back(self, story: Story, status: str, *, ended: bool) -> None:
        callback: Callback | None = story.fields["callback"]
        if not callback or (callback.strategy != "OnStep" and not ended) or self.untold(story, status):
            return
        if story.fields["kind"] == "otp" and [each["status"] for each in story.messages] in (["QUEUED"], ["Queued"]):
            return
        faults = callback.faults or CallbackFaults()
        mine = [
            each
            for each in self.callbacks
            if each.flow.id == story.id and not (each.copy_of or each.inbound or each.answered)
        ]
        chances = {"dropped": faults.dropped, "duplicated": faults.duplicated, "reordered": faults.reordered}
        place, flow = len(mine) + 1, story.told()
        befell = {
            name
            for name, which in chances.items()
            if callback.faults
            and is_hit(which, place, ended, self.chance.between(1, 100, "fault", flow.number, name, place))
        }
        first = Delivery(len(self.callbacks) + 1, flow, callback.url, faults=frozenset(map(CallbackFault, befell)))
        due = [first]
        if "duplicated" in befell:
            due.append(replace(first, number=first.number + 1, copy_of=first.number))
        self.callbacks += due
        held = self.held.pop(story.id, [])
        said = ""
        if "dropped" in befell:
            said, posted = "dropped", held
        elif "reordered" in befell and not held and not story.final:
            said, posted, self.held[story.id] = "held back", [], due
        else:
            posted = due + held
        for each in due:
            if said:
                self.spoil(each, said)
            if each.copy_of:
                self.spoil(each, f"a duplicate of callback {each.copy_of}")
        for each in posted:
            self.post(story, each, faults.delay)

    def post(self, story: Story, delivery: Delivery, delay: tuple[int, int]) -> None:
        wait = self.chance.between(*delay, "callback", delivery.number)
        if wait == 0:
            self.posted.append(delivery)
            return
        self.callbacks[delivery.number - 1] = replace(delivery, next=self.now + wait)
        self.remember(self.now + wait, 0, story, "retry", delivery.number)
        self.spoil(delivery, f"delayed by {wait / 1_000:g} s")

    def spoil(self, delivery: Delivery, fault: str) -> None:
        callback = delivery.flow.callback
        assert callback
        assert callback.faults
        why = f"scenario {callback.faults.scenario!r}"
        self.say(facts.FaultPlayed(delivery.flow.id, fault, why, delivery.number))

    # A step begins

    def choose(self, step: Step, index: int, number: int) -> Choice:
        if self.too_poor(step):
            return Choice(catalogue.OUTCOMES[step.channel]["unsent"], TOO_POOR, paid=False)
        if (number, index) in self.by_hand:
            first = Moment(ON_THE_WAY[step.channel][0])
            return Choice(Outcome(step.channel, "by hand", (first,)), "taken over by hand: 'by hand'")
        matched = self.playbook.choose(step, index, number, default=False)
        if matched:
            return matched
        choice = self.source(step) or self.playbook.choose(step, index, number, default=True)
        if choice is None:
            reached = {"Viber": "delivered", "Sms": "delivered", "Voice": "completed"}[step.channel]
            choice = Choice(catalogue.OUTCOMES[step.channel][reached], f"by default: {reached!r}")
        return replace(choice, why=choice.why + self.playbook.nearest(step, index, number))

    def too_poor(self, step: Step) -> bool:
        return self.balance is not None and self.balance < step.price * step.parts

    def begin(self, story: Story, choice: Choice) -> None:
        index, number = len(story.messages), story.fields["number"]
        step = story.steps[index]
        parts = step.parts if step.channel == "Sms" else 0
        story.messages.append(
            {
                "id": self.chance.uuid("message", number, index),
                "part_ids": tuple(self.chance.uuid("part", number, index, part) for part in range(parts)),
                "created": self.now,
                "status": None,
                "updated": None,
                "answered": None,
                "sent": None,
                "delivered": None,
                "paid": choice.why != TOO_POOR,
                "operator": choice.operator,
                "machine": choice.outcome.machine,
            }
        )
        at = self.now
        for position, moment in enumerate(choice.outcome.moments):
            if moment.late and step.ttl is not None and at < self.now + step.ttl:
                at = self.now + step.ttl
            at += moment.low
            if moment.low != moment.high:
                at += self.chance.between(moment.low, moment.high, "delay", number, index, position) - moment.low
            cause = "server error" if moment.broken else "report"
            self.remember(at, 0, story, "report", index, moment.status, moment.reason, cause)
        if step.ttl is not None:
            self.remember(self.now + step.ttl, 1, story, "ttl", index)
        id_, outcome = story.messages[index]["id"], choice.outcome.name
        self.say(facts.StepBegun(story.id, index, step.channel, id_, step.to, outcome, choice.why))
        self.playbook.began(choice, step, index, number)

    # Money

    @property
    def balance(self) -> int | None:
        """What is left of the money: all there was, less what every message has cost so far."""
        if self.money is None:
            return None
        return self.money - self.spent

    @property
    def spent(self) -> int:
        return sum(
            price(step, message)
            for story in self.stories
            for step, message in zip(story.steps, story.messages, strict=False)
        )

    def say(self, fact: facts.Fact) -> journal.Entry:
        entry = journal.Entry(len(self.entries) + 1, self.now, fact)
        self.entries.append(entry)
        return entry


def words(fault: ApiFault) -> str:
    said = [] if fault.answer is None else [f"{fault.answer}"]
    if fault.body is not None:
        said.append("a body of its own")
    if fault.retry_after is not None:
        said.append(f"Retry-After {fault.retry_after}")
    if fault.delay:
        said.append(f"answered {fault.delay / 1_000:g} s late")
    return ", ".join(said)


def price(step: Step, message: dict[str, Any]) -> int:
    """Parts, or started minutes of talk once the call is over; nothing for what was not sent."""
    if not message["paid"] or message["status"] in ("UNSENT", "Unsent"):
        return 0
    if step.channel != "Voice":
        return step.price * step.parts
    if message["answered"] is None or message["status"] not in GOOD["Voice"] + BAD["Voice"]:
        return 0
    minutes = 0
    while minutes * 60_000 < message["updated"] - message["answered"]:
        minutes += 1
    return step.price * minutes


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
