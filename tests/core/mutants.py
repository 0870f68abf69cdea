"""Mutants of the core, each of which the tests of the core must kill: `make mutants`, or `python -m
tests.core.mutants`; only some of them, by a piece of their names: `python -m tests.core.mutants ttl "code 2"`.

A mutant is one piece of the source with one piece of text changed. Each is made in a copy of the project and put
through the quick tests; one that survives shows a rule that nothing holds in place.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

QUICK = (
    "tests/core",
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
    "-k",
    "not two_steps and not three_steps and not mutant",
)

PATIENCE = 600
"""Seconds the quick tests may take; without a mutant, and alone, they take about one minute."""


class Mutant(NamedTuple):
    """A text in a file of the core, and what stands there instead."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = [Mutant(*row) for row in (
    # What ends a step
    ("every end turns to the next step", "flow", "if status in step.triggers and steps_left:", "if steps_left:"),
    ("steps left are ignored", "flow", "if status in step.triggers and steps_left:", "if status in step.triggers:"),
    ("no end turns to the next step", "flow", "if status in step.triggers and steps_left:", "if False:"),
    ("a trigger is asked for before an end", "flow",
     "    if not ended(step, status):\n        return Verdict.GOES_ON\n", ""),
    ("delivered ends it with expireOnDelivery", "flow", "return status == READ", "return True"),
    ("seen does not end it with expireOnDelivery", "flow", "return status == READ", "return False"),
    ("expireOnDelivery is ignored", "flow", "if (step.expire_on_delivery or ", "if (False or "),
    ("success never ends it well", "flow",
     "    if status in rules.successes:\n        return Verdict.SUCCEEDED\n", ""),
    ("code 2 is never given", "flow", "    if status in step.triggers:\n        return Verdict.NO_STEP_LEFT\n", ""),
    ("code 1 instead of 3", "flow", "status in rules.broke else", "status in rules.ends else"),
    ("code 3 instead of 1", "flow", "Verdict.NO_BALANCE if status in rules.broke else", ""),
    ("codes 1 and 2 swapped", "flow", 'NO_BALANCE = "1"\n    NO_STEP_LEFT = "2"',
     'NO_BALANCE = "2"\n    NO_STEP_LEFT = "1"'),
    ("no terminationChannel on failure", "flow", "status=FlowStatus.FAILED, code=str(verdict), termination=step.channel",
     "status=FlowStatus.FAILED, code=str(verdict)"),
    ("no terminationChannel on success", "flow", "status=FlowStatus.SUCCEEDED, termination=step.channel",
     "status=FlowStatus.SUCCEEDED"),
    ("terminationChannel is the first step's", "flow", "status=FlowStatus.SUCCEEDED, termination=step.channel",
     "status=FlowStatus.SUCCEEDED, termination=flow.steps[0].channel"),
    ("success has a statusCode", "flow", "status=FlowStatus.SUCCEEDED,", 'status=FlowStatus.SUCCEEDED, code="0",'),
    ("a step is always left after the first of many", "flow",
     "steps_left = len(flow.messages) < len(flow.steps)", "steps_left = len(flow.steps) > 1"),
    ("final means failed", "flow", "FINAL = (FlowStatus.SUCCEEDED, FlowStatus.FAILED)",
     "FINAL = (FlowStatus.FAILED,)"),
    # What a message hears
    ("any status may come first", "flow", "if message.status else frozenset({rules.first})",
     "if message.status else frozenset(rules.moves)"),
    ("any status may come at any time", "flow", "if status in legal(flow, index) else None", "if status else None"),
    ("a message's time stands still", "flow", "reason=reason, updated=now)", "reason=reason)"),
    ("a flow's time stands still", "flow", "status=started, updated=now", "status=started"),
    ("reasons are dropped", "flow", "reason=reason, updated", "updated"),
    ("a call is never picked up", "flow", "heard = replace(heard, **{dated: now})", "heard = replace(heard)"),
    ("a late report moves a final flow", "flow", "if flow.status is FlowStatus.QUEUED else flow.status",
     "if True else flow.status"),
    ("a flow stays Queued", "flow", "FlowStatus.IN_PROGRESS if flow.status is FlowStatus.QUEUED else flow.status",
     "flow.status"),
    ("expiredOnDeliveryAt is never set", "flow", "expired_on_delivery=now", "expired_on_delivery=None"),
    ("expiredOnDeliveryAt is always set", "flow", "if status == EXPIRED and message.status == DELIVERED:",
     "if status == EXPIRED:"),
    ("a delivery that ended its step is taken back", "flow", "awaits_more = step.expire_on_delivery and", "awaits_more ="),
    ("a delivery that came late is taken back", "flow", " and index == flow.running and not flow.final", " and not flow.final"),
    ("a delivery of a flow that ended is taken back", "flow", " and index == flow.running and not flow.final",
     " and index == flow.running"),
    ("a report changes the last message", "flow", "(*flow.messages[:index], heard, *flow.messages[index + 1 :])",
     "(*flow.messages[:-1], heard)"),
    ("a ttl counts from the send", "flow", "flow.running) else message.created", "flow.running) else flow.created"),
    ("the ttl of a flow that has ended runs on", "flow", "if flow.final or not flow.messages:", "if not flow.messages:"),
    ("the ttl of a step that has ended runs on", "flow", "if step.ttl is None or ended(step, message.status):",
     "if step.ttl is None:"),
    # The engine
    ("a ttl beats a status", "schedule", "REPORT_RANK, TTL_RANK = 0, 1", "REPORT_RANK, TTL_RANK = 1, 0"),
    ("a ttl and a status come as they arrived", "schedule", "REPORT_RANK, TTL_RANK = 0, 1",
     "REPORT_RANK, TTL_RANK = 0, 0"),
    ("a ttl is not cancelled", "ttls", "            self._parts.schedule.cancel(self._tickets.pop((flow, index)))\n",
     "            self._tickets.pop((flow, index))\n"),
    ("another ttl is cancelled", "ttls", "self._parts.schedule.cancel(self._tickets.pop((flow, index)))",
     "self._parts.schedule.cancel(self._tickets.pop((flow, index)) - 1)"),
    ("any status cancels the ttl", "engine", "if flows.ended(flow.steps[step], status):", "if True:"),
    ("a ttl counts from the flow's beginning", "ttls", "self._parts.clock.now + ttl", "flow.created + ttl"),
    # Waiting to be seen
    ("delivered ends it with failoverAfterDelivered", "flow", " or step.failover_after_delivered) and", ") and"),
    ("nobody waits to be seen", "flow", "return flow.steps[index].failover_after_delivered and", "return False and"),
    ("the wait counts from the step's beginning", "engine", "            self._ttls.start(flow, step)\n", "            pass\n"),
    ("a late delivery is waited for", "engine", "elif flows.awaits_seen(flow, step) and not late:",
     "elif flows.awaits_seen(flow, step):"),
    ("the end of the wait is told from the beginning", "flow", "message.delivered if awaits_seen(flow, flow.running) else",
     "message.created if False else"),
    ("who is not seen expires", "engine", "if not flows.awaits_seen(flow, step):", "if True:"),
    ("to be seen dates the delivery anew", "flow", "dated is not None and getattr(message, dated) is None", "dated is not None"),
    # Who has answered a call
    ("nobody says who has answered", "outbox", "if flow.steps[step].event_url:", "if False:"),
    ("it is said of every status", "outbox", "if message.status == RULES[flow.steps[step].channel].picked_up:", "if True:"),
    ("a machine never answers", "outbox", "Answerer.MACHINE if message.machine and", "Answerer.MACHINE if False and"),
    ("what is pushed a machine answers", "outbox", "message.machine and cause is not Cause.PUSHED else", "message.machine else"),
    ("who has answered is said again", "outbox", "retries and delivery.answered is None", "retries"),
    ("who has answered is not posted", "outbox", "            self._parts.schedule.push(now, due)\n", ""),
    ("scenarios spoil who has answered", "outbox", "delivery.flow.callback if delivery.tells_flow else None", "delivery.flow.callback"),
    # Services
    ("the OTP service tells of the first status", "deliveries", "return not SERVICES[flow.kind].tells_first and", "return False and"),
    ("the OTP service is silent about a first channel's end", "deliveries", "tells_first and flow.messages[0].status == RULES[flow.steps[0].channel].first", "tells_first"),
    ("a dialect turns no tie", "schedule", "rank ^ self._turn)", "rank)"),
    ("every flow is Queued first", "acceptance", ", status=self._first)", ")"),
    ("first statuses are told in every dialect", "outbox", "status in self._untold and", "False and"),
    ("no service tells the first status of a later step", "outbox", "self._untold and SERVICES[flow.kind].tells_first", "self._untold"),
    ("any 2xx is taken in every dialect", "deliveries", "TAKEN[dialect.taken_answers]", 'TAKEN["2xx"]'),
    ("every dialect retries twice", "outbox", ", self._dialect.retry_plan)", ", (30, 60))"),
    ("every service retries", "outbox", "SERVICES[delivery.flow.kind].retries and", "True and"),
    ("no service passes over", "acceptance", "if SERVICES[sent.kind].passes_over else", "if False else"),
    ("every service passes over", "acceptance", "if SERVICES[sent.kind].passes_over else", "if True else"),
    ("services share their counts", "store", "self.of_application[flow.application, SERVICES[flow.kind].name] += 1", 'self.of_application[flow.application, "failover"] += 1'),
    ("a final flow is not left behind", "engine", "before.final or step != before.running",
     "step != before.running"),
    ("a step is never left behind while the flow runs", "engine", "before.final or step != before.running",
     "before.final"),
    ("the late flag is inverted", "engine", "message.reason, cause, late)", "message.reason, cause, not late)"),
    ("late reports are judged", "engine", "(flow, Verdict.GOES_ON) if late else flows.settle", "flows.settle"),
    ("a ttl is called a report", "engine", 'step, Cause.TTL)', 'step, Cause.REPORT)'),
    ("a flow's moves are not journalled", "engine", "if flow.status is not before.status:", "if False:"),
    ("the first step's outcome for all", "engine", "self.selection.outcome(flow.steps[index], index", "self.selection.outcome(flow.steps[0], index"),
    ("a late report completes again", "engine", "ended := flow.final and not before.final", "ended := flow.final"),
    ("completion is announced on every change", "engine", "ended := flow.final and not before.final", "ended := True"),
    ("the callback carries the flow before", "engine", "self._outbox.call_back(flow,",
     "self._outbox.call_back(before,"),
    ("reports come a millisecond late", "engine", "now + after, due", "after + now + 1, due"),
    ("delays are drawn alike for every step", "engine", '("delay", flow.number, index)',
     '("delay", flow.number)'),
    ("messages of a flow share their id", "engine", 'uuid("message", number, index)', 'uuid("message", number)'),
    ("parts of a message share their id", "engine", 'uuid("part", number, index, part)', 'uuid("part", number, index)'),
    ("flows share their id", "acceptance", 'self._parts.chance.uuid("flow", number)', 'self._parts.chance.uuid("flow")'),
    ("a token is always new", "account", "token=token or self", "token=self"),
    ("a token's life counts from 1970", "account", "None if self._life is None else now + self._life",
     "None if self._life is None else self._life"),
    ("the clock passes what is due", "timekeeping", "min(command.to, earliest[0])", "command.to"),
    ("passing time is journalled", "timekeeping", "clock.mode is not Mode.REALTIME and clock.now != since",
     "clock.now != since"),
    ("standing still is journalled", "timekeeping", "clock.mode is not Mode.REALTIME and clock.now != since",
     "clock.mode is not Mode.REALTIME"),
    ("a new rate resets the mode", "timekeeping", "command.mode or clock.mode", "command.mode or Mode.MANUAL"),
    ("a new mode resets the rate", "timekeeping", "command.rate or clock.rate", "command.rate or 1.0"),
    ("a retry counts from 1970", "outbox", "None if wait is None else self._parts.clock.now + wait",
     "None if wait is None else wait"),
    ("a retry comes at once", "outbox", "self._parts.schedule.push(retry, CallbackDue", "self._parts.schedule.push(self._parts.clock.now, CallbackDue"),
    ("whoever is unsent is refused", "acceptance", "self._behaviour.refuse_at_once and choice", "choice"),
    ("nobody is refused", "acceptance", "self._behaviour.refuse_at_once and choice", "False and choice"),
    ("sources are not asked", "selection", "self._asked(step) or self", "self"),
    ("sources are not asked without scenarios", "selection", "return self._asked(step) or success", "return success"),
    ("whoever is named, all are revoked", "tokens", "if application in (None, token.application)]", "]"),
    ("a token has another slot", "slots", "{slot(application):03x}", "{slot(token):03x}"),
    ("a slot has too few digits", "slots", ":03x}", ":x}"),
    ("slots are counted otherwise", "slots", "crc32(name.encode()) % SLOTS", "crc32(name.encode()) // SLOTS % SLOTS"),
    ("a name beside another has any slot", "slots", "crc32(end, start) % SLOTS == wanted", "wanted >= 0"),
    ("tokens that ran out run out again", "tokens", "if token.alive(now)]", "]"),
    ("tokens run out at 1970", "tokens", "replace(token, expires=now)", "replace(token, expires=0)"),
    ("a token that was made to run out is handed out", "tokens",
     "            self._latest.pop((token.application, token.scopes), None)\n", ""),
    ("answers are not posted", "outbox", "            self._parts.schedule.push(now, CallbackDue(flow.id, number))\n", ""),
    ("a revoked token is handed out again", "tokens", "del self._latest[token.application, token.scopes]", "pass"),
    ("the balance stays as it was", "account", "self.purse.balance = command.balance", "pass"),
    ("what is pushed is called a report", "hand", "command.reason, Cause.PUSHED, then)", "command.reason, then=then)"),
    ("what follows is not pushed", "engine", "                self._hand.go_on(due)\n", ""),
    ("only one more follows", "hand", "then=tuple(rest)", "then=()"),
    ("a held message has no first status", "hand", " and each.status != first]", "]"),
    ("every step is held", "hand", "each.step == step and", "True and"),
    ("what is planned stays when a step is held", "hand", "            schedule.cancel(ticket)\n", "            pass\n"),
    ("what is held begins as planned", "hand", "if held else None", "if False else None"),
    ("all flows are held", "hand", "held = (number, index) in", "held = (1, index) in"),
    ("a retry that fails is a new trouble", "deliveries", "after.failing - before.failing", "after.failing"),
    ("troubles are kept with no callbacks", "deliveries", "            del self.failing[flow]\n", "            pass\n"),
    ("forgotten flows are in trouble", "deliveries", "        self.failing.pop(flow, None)\n", ""),
    ("what ended is not counted", "store", "            self.ended[flow.status] += 1\n", ""),
    ("forgotten flows count as ended", "store", "            self.ended[flow.status] -= 1\n", ""),
    ("good requests count as refused", "requests", "if command.error is not None:", "if True:"),
    ("forgotten requests are kept", "requests", "return number <= self", "return number < self"),
    ("a scenario that is only asked about is put", "scenarios", "copy._all, copy._flows = dict(self._all),", "copy._all, copy._flows = self._all,"),
    ("the restrictions are lost", "acceptance", "command.restrictions, command.kind", "None, command.kind"),
    # Money
    ("what costs all there is cannot be paid", "cost", "self.balance >= step.price * step.parts",
     "self.balance > step.price * step.parts"),
    ("one part must be affordable", "cost", "self.balance >= step.price * step.parts", "self.balance >= step.price"),
    ("nothing is given back", "cost", "self.balance -= cost(flow, index) - paid", "self.balance -= max(0, cost(flow, index) - paid)"),
    ("minutes are rounded down", "cost", "-(-talked(message) // 60_000)", "talked(message) // 60_000"),
    ("ringing is paid for", "cost", "message.updated - message.answered", "message.updated - message.created"),
    ("what was not paid costs", "cost", "if not message.paid or", "if"),
    ("what was unsent costs", "cost", "or message.status in UNSENT", ""),
    ("one part is paid for", "cost", "return step.price * step.parts", "return step.price"),
    # Deliveries
    ("twelve attempts", "deliveries", "attempt > len(plan)", "attempt >= len(plan)"),
    ("a good answer is retried", "outbox", "if again and not taken else", "if again else"),
    ("the retry plan is off by one", "deliveries", "plan[attempt - 1]", "plan[attempt - 2]"),
    ("seven hours for eight", "dialect", "28_800", "25_200"),
    ("OnStep is OnCompletion", "deliveries", "callback.strategy is Strategy.ON_COMPLETION and not ended", "not ended"),
    ("OnCompletion is OnStep", "deliveries", "callback.strategy is Strategy.ON_COMPLETION and not ended", "False"),
    ("attempts are forgotten", "deliveries", "(*before.attempts, attempt)", "(attempt,)"),
    ("a retry's instant is forgotten", "deliveries", "attempt), next=retry)", "attempt))"),
    # Scenarios
    ("a broken moment breaks nothing", "engine", "CAUSES[moment.broken]", "CAUSES[False]"),
    ("anything can be broken", "outcome", 'if moment.broken and (', "if False and ("),
    ("a server error is judged like any failure", "flow", "Verdict.SERVER_ERROR if broken else", ""),
    ("every cause is a server error", "engine", "broken=cause is Cause.SERVER_ERROR", "broken=True"),
    ("defaults go before recipients", "selection", "self._asked(step) or self.scenarios.default(step, index, number, draw)",
     "self.scenarios.default(step, index, number, draw) or self._asked(step)"),
    ("recipients go before what matches", "selection", "if found := self.scenarios.matching(step, index, number, draw):",
     "if False:"),
    ("the nearest is not named", "selection", "if near else found", "if False else found"),
    ("callbacks are not spoilt", "selection", "faults=replace(found.callbacks, scenario=found.name)", "faults=None"),
    ("a spoilt callback is no use", "selection", "        self.scenarios.used(found.name, number)\n", ""),
    ("priority does not count", "scenarios", "-each.priority)", "0)"),
    ("the lowest priority first", "scenarios", "-each.priority)", "each.priority)"),
    ("the first added is asked first", "scenarios", "latest_first = reversed(self._all.values())",
     "latest_first = list(self._all.values())"),
    ("uses never run out", "scenarios", "self.uses(scenario.name) >= scenario.uses", "False"),
    ("uses run out one late", "scenarios", "self.uses(scenario.name) >= scenario.uses", "self.uses(scenario.name) > scenario.uses"),
    ("a flow uses a scenario at every step", "scenarios", "number not in flows and", ""),
    ("a scenario keeps its uses when it is put again", "scenarios", "        self._forget(scenario.name)\n", ""),
    ("a scenario keeps its turns when it is dropped", "scenarios", "if key[0] != name})", "})"),
    ("all scenarios forget their turns", "scenarios", "if key[0] != name})", "if False})"),
    ("turns are never taken", "scenarios", "part.step, step.to] += 1", "part.step, step.to] += 0"),
    ("turns are shared by all recipients", "scenarios", "self._turns[scenario, part.channel, part.step, step.to] += 1",
     'self._turns[scenario, part.channel, part.step, ""] += 1'),
    ("the last turn does not stay", "scenarios", "len(part.turns) - 1)", "len(part.turns) - 2)"),
    ("what is meant for a step is overlooked", "scenario", "key=lambda part: part.step is not None,", "key=lambda part: part.step is None,"),
    ("steps count from 0", "scenario", "part.step in (None, index + 1)", "part.step in (None, index)"),
    ("every channel's part will do", "scenario", "if part.channel is channel and", "if"),
    ("weights do not count", "scenarios", "accumulate(weighted.weight for weighted in weighted_outcomes)", "accumulate(1 for weighted in weighted_outcomes)"),
    ("the share of a weight ends one early", "scenarios", "if number <= end)", "if number < end)"),
    ("faults match by the first step only", "scenarios", "not all(against)", "not next(iter(against))"),
    ("faults match by every step", "scenarios", "not all(against)", "not any(against)"),
    ("whatever selects messages meets requests without any", "scenarios",
     "anything = scenario.when is None or scenario.when.anything", "anything = True"),
    ("nothing meets requests without messages", "scenarios", "return anything and not", "return False and not"),
    ("used up faults meet requests without messages", "scenarios", "return anything and not self._spent(scenario, number)", "return anything"),
    ("one that says * selects messages", "matcher", 'self.to.written == "*")', "False)"),
    ("one that selects a number matches anything", "matcher", 'self.to.written == "*")', "True)"),
    ("one that selects a label matches anything", "matcher", "replace(self, to=None) == When() and", ""),
    ("faults happen at every endpoint", "scenario", "and endpoint in self.api.endpoints", ""),
    ("a request that meets a fault is no use", "acceptance", "flow.id, number, command.endpoint", "flow.id, 0, command.endpoint"),
    ("the flow that is asked for does not matter", "acceptance", "() if flow is None else flow.steps, self", "(), self"),
    ("the farthest is called the nearest", "scenarios", "name, lacked = min(misses,", "name, lacked = max(misses,"),
    ("a channel is not asked for", "matcher", "if self.channel not in (None, step.channel):", "if False:"),
    ("a step is not asked for", "matcher", "if self.step not in (None, index + 1):", "if False:"),
    ("a text may go on", "matcher", " or not text.endswith(last):", ":"),
    ("a text may begin before", "matcher", " or not text.startswith(first) or", " or"),
    ("a text may be in itself twice", "matcher", "if at > end or ", "if "),
    ("one piece stands for two", "matcher", "at = found + len(piece)", "at = found"),
    ("a piece may be missing", "matcher", "if found < 0:", "if False:"),
    ("a piece reaches into the last", "matcher", "text.find(piece, at, end)", "text.find(piece, at)"),
    ("dropped is posted", "deliveries", "if DROPPED not in each.faults)", ")"),
    ("nothing is doubled", "deliveries", "if DUPLICATED not in faults:", "if True:"),
    ("one may be held after another", "deliveries", "and not held and", "and"),
    ("the last may be held back", "deliveries", "and not flow.final:", "and True:"),
    ("what is held back is lost", "deliveries", "return (*kept, *held)", "return kept"),
    ("what is held back goes first", "deliveries", "return (*kept, *held)", "return (*held, *kept)"),
    ("dropped counts as delayed", "deliveries", "if DROPPED in self.faults:", "if False:"),
    ("what waits to be retried counts as given up", "deliveries", "if self.next is None else DeliveryState.WAITING", ""),
    ("delayed counts as under way", "deliveries",
     "        if self.next is not None:\n            return DeliveryState.DELAYED\n", ""),
    ("held back counts as under way", "deliveries", "DeliveryState.HELD_BACK if REORDERED in self.faults else ", ""),
    ("callbacks are counted over all flows", "deliveries", "self._of_flow[flow.id] += 1\n        number, faults = self._of_flow[flow.id],",
     'self._of_flow[""] += 1\n        number, faults = self._of_flow[""],'),
    ("a share is one too small", "faults", "drawn <= self.percent", "drawn < self.percent"),
    ("the last is not meant", "faults", "(final and self.last)", "False"),
    ("every fault is drawn alike", "outbox", 'self._parts.chance.between, 1, 100, "fault", flow.number)', 'self._parts.chance.between, 1, 100, "fault")'),
    ("a played timeout is one too many", "outbox", "command.attempt <= _faults", "command.attempt < _faults"),
    ("a played timeout is taken for an answer", "outbox", "answer = replace(answer, status=None,", "answer = replace(answer, status=200,"),
    ("a delayed callback is posted at once too", "outbox", "return wait > 0", "return False"),
    ("a delay is not seen", "outbox", "            self.deliveries.wait(delivery.number, self._parts.clock.now + wait)\n", ""),
    ("a duplicate is not told", "outbox", 'if each.copy_of else "")', 'if False else "")'),
    ("refused sends are no use", "acceptance", "fault, None, self._no_flow())", "fault, None, 0)"),
    ("refused sends are one use", "acceptance", "self._refused += 1", "self._refused = 1"),
    ("a troubled send is no use", "acceptance", "        self._selection.scenarios.used(scenario.name, number)\n", ""),
    ("the newest makes room", "store", "self._ended.popleft()", "self._ended.pop()"),
    ("one flow too many is kept", "store", "len(self.flows) >= self._limits.flows", "len(self.flows) > self._limits.flows"),
    ("turns are kept for ever", "scenarios", "if len(self._turns) > MOST_TURNS:", "if False:"),
    ("tokens are kept for ever", "tokens", "if len(self._by_value) > MOST:", "if False:"),
    ("a match goes before what cannot be paid", "selection", "if not self._purse.affords(step):", "if False:"),
    ("a default goes before a magic recipient", "selection", "found = self._asked(step) or self.scenarios.default(step, index, number, draw)",
     "found = self.scenarios.default(step, index, number, draw) or self._asked(step)"),
    ("the nearest is not told", "selection", "if near else found", "if False else found"),
    ("what spoils a callback is no use", "selection", "        self.scenarios.used(found.name, number)\n", ""),
    ("tokens that run out are revoked", "account", "if command.expire else", "if False else"),
    ("a refusal for want of money is not told", "acceptance", "            self._parts.write(facts.SendRefused(application, choice.why))\n", ""),
    ("a refusal for want of room is not told", "acceptance", "            self._parts.write(facts.SendRefused(application, full))\n", ""),
    ("one byte too many is kept", "store", "> self._limits.payload", "> self._limits.payload + 1"),
    ("what is forgotten still weighs", "store", "            self.payload -= _size(flow) + self", "            self.payload -= self"),
    ("answers weigh for ever", "store", " + self._answers.pop(flow.id, 0)", ""),
    ("answers weigh nothing", "store", "        self.payload += _length(answer)\n", ""),
    ("restrictions weigh nothing", "store", 'len(sent.restrictions or b"")', "0"),
    ("running flows make room too", "store", "        if ended:\n", "        if True:\n"),
    ("forgotten flows keep their callbacks", "engine", "            self.deliveries.forget(flow.id)\n", ""),
    ("forgotten flows are no use", "engine", "            self.scenarios.forget(flow.number)\n", ""),
    ("the log is kept when flows are forgotten", "engine", "        self.log.give_up()\n", ""),
    ("the log is kept when entries are too heavy", "engine", " or self.journal.overweight", ""),
    ("events are not logged", "engine", "        self.log.happened()\n", ""),
    ("every command is silent", "engine", "silent=self.journal.written == mark", "silent=True"),
    ("a tap hears no command", "history", "self.tap.submitted(command, silent=silent)", "pass"),
    ("a tap hears no event", "history", "self.tap.happened()", "pass"),
    ("a restart is not journaled", "outbox", "self._parts.write(facts.Restarted(command.down, command.again))", "pass"),
    ("the log has no end", "history", "len(self._entries) >= self._most", "False"),
    ("events are logged one by one", "history", "if self._entries and isinstance(self._entries[-1], int):", "if False:"),
    ("flows are numbered by those that are kept", "acceptance", "self._parts.store.accepted + 1", "len(self._parts.store.flows) + 1"),
    ("a use is not counted", "engine", "        self.scenarios.used(choice.scenario, flow.number)\n", ""),
    ("a turn is not counted", "engine", "        self.scenarios.took_turn(choice.scenario, step, index)\n", ""),
    # The small rooms
    ("a token lives on the instant it expires", "tokens", "now < self.expires", "now <= self.expires"),
    ("scopes do not tell tokens apart", "tokens", "self._latest[application, scopes] = token", "self._latest[application, ()] = token"),
    ("a dead token is handed out", "tokens", "token is not None and token.alive(now)", "token is not None"),
    ("300 is an answer", "commands", "200 <= self.status < 300", "200 <= self.status <= 300"),
    ("only 200 is an answer", "commands", "200 <= self.status < 300", "self.status == 200"),
    ("the clock may not stand still", "clock", "if to < self.now:", "if to <= self.now:"),
    ("the clock moves back", "clock", "if to < self.now:", "if False:"),
    ("the calendar has no end", "clock", "if to > LAST:", "if False:"),
    ("what was cancelled counts", "schedule", "        self._left += 1\n        things = self._stretches", "        things = self._stretches"),
    ("what is due now waits", "schedule", "if due > until:", "if due >= until:"),
    ("the last to arrive leaves first", "schedule", "<< ARRIVAL | arrival", "<< ARRIVAL | (1 << ARRIVAL) - arrival"),
    ("rank counts before the instant", "schedule", "due << RANK | rank ^ self._turn)", "due << RANK | rank << 45)"),
    ("rank counts for nothing", "schedule", "due << RANK | rank ^ self._turn)", "due << RANK)"),
    ("what was cancelled happens", "schedule", "        del things[ticket]\n", ""),
    ("what was cancelled among others happens", "schedule",
     "        while self.order[0] not in self.things:\n            heappop(self.order)\n", ""),
    ("an empty stretch is kept", "schedule", "        if not things:\n            del self._stretches[ticket >> STRETCH]\n", ""),
    ("the earliest stretch gets no more", "schedule",
     "        if stretch.order is not None:\n            heappush(stretch.order, ticket)\n", ""),
    ("what is due later is told first", "schedule", "nsmallest(most, self._stretches)", "sorted(self._stretches, reverse=True)"),
    ("more is told than was asked for", "schedule", "nsmallest(most - len(found), things)", "nsmallest(most, things)"),
    ("what is due first is told last", "schedule", "nsmallest(most - len(found), things)", "sorted(things, reverse=True)[: most - len(found)]"),
    ("late is not late", "outcome", "if moment.late and ttl is not None:", "if False:"),
    ("late moments come after the ttl of any length", "outcome", "after = max(after, ttl)", "after = ttl"),
    ("any status may follow any other", "outcome", "allowed = set(rules.moves[moment.status])",
     "allowed = set(rules.statuses)"),
    ("any reason will do", "outcome", "moment.reason is not None and moment.reason not in rules.reasons", "False"),
    ("delays may be negative", "outcome", "if not 0 <= moment.low <= moment.high:", "if moment.low > moment.high:"),
    ("a timeline may be empty", "outcome", "    if not moments:\n", "    if False:\n"),
    ("Viber and Sms swap their digits", "catalogue", "_DIGIT = {Channel.VIBER: 1, Channel.SMS: 2",
     "_DIGIT = {Channel.VIBER: 2, Channel.SMS: 1"),
    ("a magic recipient may go on", "catalogue", "_RECIPIENT.fullmatch(", "_RECIPIENT.match("),
    ("the upper bound is never drawn", "chance", "% (high - low + 1)", "% max(1, high - low)"),
    ("the seed means nothing", "chance", "(self.seed, *key)", "key"),
    ("delivered cannot expire", "channels", 'DELIVERED="SEEN EXPIRED"', 'DELIVERED="SEEN"'),
    ("expired cannot be delivered late", "channels", 'EXPIRED="DELIVERED SEEN"', 'EXPIRED=""'),
    ("an undelivered Sms stays so", "channels", 'Undelivered="Delivered"', 'Undelivered=""'),
    ("terminated is not for want of money", "channels", 'broke=frozenset({"Unsent", "Terminated"})',
     'broke=frozenset({"Unsent"})'),
    ("an Sms expires as Failed", "channels", 'expiry=("Undelivered", "Expired")', 'expiry=("Failed", "Expired")'),
    ("parts have no ids of their own", "channels", "        in_parts=True,\n", ""),
    ("a call is paid like a message", "channels", '        picked_up="InProgress",\n', ""),
    ("seen is no success", "channels", 'successes=frozenset({"DELIVERED", "SEEN"})',
     'successes=frozenset({"DELIVERED"})'),
    ("the journal counts from 0", "journal", "return Entry(number, self", "return Entry(number - 1, self"),
    ("what is forgotten weighs in the journal", "journal", "            self._weight -= weigh", "            weigh"),
    ("the newest entry is forgotten too", "journal", "number - self.forgotten > 1", "number > self.forgotten"),
    ("a forgotten entry is not let go", "journal", "        self._facts[place], self._change[place] = GONE, 0\n", ""),
    ("a change is of the message before", "journal", "or found.message == change.message", "or True"),
    ("a change keeps another's message", "journal", "message=begun.message", 'message=""'),
    ("reading on repeats the last entry", "journal", "self.pick(number + 1, self", "self.pick(number, self"),
)]  # fmt: skip


def workshop(folder: Path) -> Path:
    """A copy of the project to make a mutant in."""
    for name in ("mockserver", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def mutate(folder: Path, mutant: Mutant) -> None:
    """Make the mutant in a copy."""
    file = folder / "mockserver" / "core" / f"{mutant.file}.py"
    source = file.read_text()
    assert source.count(mutant.old) == 1, mutant
    file.write_text(source.replace(mutant.old, mutant.new))


def passes(mutant: Mutant | None) -> bool:
    """Whether the quick tests pass with this mutant, or without any; running in circles is failing."""
    with tempfile.TemporaryDirectory() as name:
        folder = workshop(Path(name))
        if mutant is not None:
            mutate(folder, mutant)
        command = [sys.executable, "-m", "pytest", *QUICK]
        environment = {**os.environ, "PYTHONPATH": name, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            run = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return run.returncode == 0


def main(pieces: list[str]) -> int:
    """Try every mutant whose name has one of the pieces in it; the number that survived."""
    wanted = [each for each in MUTANTS if not pieces or any(piece in each.name for piece in pieces)]
    assert passes(None), "the tests fail without any mutant"
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, survived in zip(wanted, pool.map(passes, wanted), strict=True):
            survivors += survived
            print(f"{'SURVIVED' if survived else 'killed  '} {mutant.file}: {mutant.name}", flush=True)
    print(f"{len(wanted) - survivors} of {len(wanted)} killed")
    return survivors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) and 1)
