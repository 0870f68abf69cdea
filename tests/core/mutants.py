"""Mutants of the core, each of which the tests of the core must kill: `python -m tests.core.mutants`,
or only some of them: `python -m tests.core.mutants 3 14`.

A mutant is one piece of the source with one piece of text changed. Each is made in a copy of the project and put
through the quick tests; one that survives shows a rule that nothing holds in place.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

QUICK = ["tests/core/test_engine.py", "tests/core/test_rooms.py", "tests/core/test_channels.py",
         "tests/core/test_matrix.py", "tests/core/test_machine.py", "tests/core/test_small_worlds.py",
         "-k", "not three_steps and not two_steps and not mutant"]  # fmt: skip


PATIENCE = 90
"""Seconds the quick tests may take; without a mutant they take about ten."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text in a file of the core, and what stands there instead."""

    file: str
    old: str
    new: str


MUTANTS = (
    Mutant("flow", "if status in step.triggers and steps_left:", "if status in step.triggers:"),
    Mutant("flow", "if status in step.triggers and steps_left:", "if steps_left:"),
    Mutant("flow", "return status == READ", "return True"),
    Mutant("flow", "return status == READ", "return False"),
    Mutant("flow", "    if not ended(step, status):\n        return Verdict.GOES_ON\n", ""),
    Mutant("flow", "    if status in step.triggers:\n        return Verdict.NO_STEP_LEFT\n", ""),
    Mutant("flow", "status in rules.broke else", "status in rules.ends else"),
    Mutant("flow", 'NO_BALANCE = "1"\n    NO_STEP_LEFT = "2"', 'NO_BALANCE = "2"\n    NO_STEP_LEFT = "1"'),
    Mutant("flow", "status=FlowStatus.FAILED, code=str(verdict), termination=step.channel",
           "status=FlowStatus.FAILED, code=str(verdict)"),
    Mutant("flow", "status=FlowStatus.SUCCEEDED, termination=step.channel", "status=FlowStatus.SUCCEEDED"),
    Mutant("flow", "if message.status else {rules.first}", "if message.status else set(rules.moves)"),
    Mutant("flow", "updated=now, answered=answered)", "answered=answered)"),
    Mutant("flow", "reason=reason, updated", "updated"),
    Mutant("flow", "if flow.status is FlowStatus.QUEUED else flow.status", "if True else flow.status"),
    Mutant("flow", "expired_on_delivery=now", "expired_on_delivery=None"),
    Mutant("flow", "if flow.messages[index].status not in rules.successes:", "if False:"),
    Mutant("flow", "steps_left = len(flow.messages) < len(flow.steps)", "steps_left = len(flow.steps) > 1"),
    Mutant("flow", "status=started, updated=now", "status=started"),
    Mutant("engine", "REPORT_RANK, TTL_RANK = 0, 1", "REPORT_RANK, TTL_RANK = 1, 0"),
    Mutant("engine", "REPORT_RANK, TTL_RANK = 0, 1", "REPORT_RANK, TTL_RANK = 0, 0"),
    Mutant("engine", "            self._schedule.cancel(self._ttls.pop((flow.id, step)))\n",
           "            self._ttls.pop((flow.id, step))\n"),
    Mutant("engine", "before.final or step != before.running", "step != before.running"),
    Mutant("engine", "before.final or step != before.running", "before.final"),
    Mutant("engine", "        if not late:\n", "        if True:\n"),
    Mutant("engine", "ended=flow.final and not before.final", "ended=flow.final"),
    Mutant("engine", "if token is None:", "if True:"),
    Mutant("engine", "expires = None if life is None else now + life", "expires = None if life is None else life"),
    Mutant("cost", "self.balance >= step.price * step.parts", "self.balance > step.price * step.parts"),
    Mutant("cost", "self.balance >= step.price * step.parts", "self.balance >= step.price"),
    Mutant("cost", "            self.balance -= amount\n", "            self.balance -= abs(amount)\n"),
    Mutant("engine", "min(command.to, earliest[0])", "command.to"),
    Mutant("engine", "self.clock.mode is not Mode.REALTIME and self.clock.now != since", "self.clock.now != since"),
    Mutant("engine", "now + report.after, Hear", "report.after + now + 1, Hear"),
    Mutant("engine", "(now + step.ttl, Expire", "(flow.created + step.ttl, Expire"),
    Mutant("engine", 'uuid("message", number, index)', 'uuid("message", number)'),
    Mutant("engine", "None if wait is None else self.clock.now + wait", "None if wait is None else wait"),
    Mutant("engine", "self._schedule.push(retry, Retry", "self._schedule.push(self.clock.now, Retry"),
    Mutant("engine", "self.behaviour.refuse_at_once and choice", "choice"),
    Mutant("deliveries", "attempt > len(RETRIES)", "attempt >= len(RETRIES)"),
    Mutant("deliveries", "RETRIES[attempt - 1]", "RETRIES[attempt - 2]"),
    Mutant("deliveries", "callback.strategy is Strategy.ON_COMPLETION and not ended", "not ended"),
    Mutant("deliveries", "(*delivery.attempts, attempt)", "(attempt,)"),
    Mutant("deliveries", "    8 * HOUR,\n", "    7 * HOUR,\n"),
    Mutant("tokens", "now < self.expires", "now <= self.expires"),
    Mutant("tokens", "application, token.scopes] = token", "application, ()] = token"),
    Mutant("commands", "200 <= self.status < 300", "200 <= self.status <= 300"),
    Mutant("commands", "200 <= self.status < 300", "self.status == 200"),
    Mutant("cost", "-(-talked(message) // 60_000)", "talked(message) // 60_000"),
    Mutant("cost", "if not message.paid or", "if"),
    Mutant("cost", "return step.price * step.parts", "return step.price"),
    Mutant("cost", "message.updated - message.answered", "message.updated - message.created"),
    Mutant("clock", "if to < self.now:", "if to <= self.now:"),
    Mutant("clock", "if to > LAST:", "if False:"),
    Mutant("schedule", "len(self._heap) - len(self._cancelled)", "len(self._heap)"),
    Mutant("schedule", "earliest[0] > until", "earliest[0] >= until"),
    Mutant("schedule", "(due, rank, self._arrivals, thing)", "(due, rank, -self._arrivals, thing)"),
    Mutant("scenario", "if beat.late and ttl is not None:", "if False:"),
    Mutant("scenario", "after = max(after, ttl)", "after = ttl"),
    Mutant("scenario", "allowed = set(rules.moves[beat.status])", "allowed = set(rules.statuses)"),
    Mutant("fates", "_DIGIT = {Channel.VIBER: 1, Channel.SMS: 2", "_DIGIT = {Channel.VIBER: 2, Channel.SMS: 1"),
    Mutant("channels", 'DELIVERED="SEEN EXPIRED"', 'DELIVERED="SEEN"'),
    Mutant("channels", 'EXPIRED="DELIVERED SEEN"', 'EXPIRED=""'),
    Mutant("channels", 'broke=frozenset({"Unsent", "Terminated"})', 'broke=frozenset({"Unsent"})'),
    Mutant("channels", 'expiry=("Undelivered", "Expired")', 'expiry=("Failed", "Expired")'),
    Mutant("journal", "Entry(len(self._entries) + 1,", "Entry(len(self._entries),"),
)  # fmt: skip


def killed(mutant: Mutant, workshop: Path) -> bool:
    """Whether the quick tests fail on a copy of the project with this mutant in it."""
    file = workshop / "mockserver" / "core" / f"{mutant.file}.py"
    source = file.read_text()
    assert mutant.old in source, mutant
    file.write_text(source.replace(mutant.old, mutant.new))
    try:
        return not passes(workshop)
    finally:
        file.write_text(source)


def passes(workshop: Path) -> bool:
    """Whether the quick tests pass; running in circles is failing."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *QUICK]
    try:
        return (
            subprocess.run(command, cwd=workshop, capture_output=True, timeout=PATIENCE, check=False).returncode
            == 0
        )
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    """Try every mutant; the number that survived."""
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder)
        for name in ("mockserver", "tests"):
            shutil.copytree(ROOT / name, workshop / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", workshop)
        assert passes(workshop), "the tests fail without any mutant"
        wanted = [int(number) for number in sys.argv[1:]] or range(1, len(MUTANTS) + 1)
        for number, mutant in ((number, MUTANTS[number - 1]) for number in wanted):
            dead = killed(mutant, workshop)
            survivors += not dead
            print(f"{number:3} {'killed  ' if dead else 'SURVIVED'} {mutant.file}: {mutant.new!r}", flush=True)
    print(f"{survivors} survived")
    return survivors


if __name__ == "__main__":
    sys.exit(main() and 1)
