"""A run: the processes are started, every lane sends, memory is looked at, and the account is made."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.soak.kinds import kinds
from tests.soak.lanes import LANES, Convoy, Lane, Sender
from tests.soak.mock import Process, mocking, receiving
from tests.soak.verdict import Verdict

BOUNDS = ("--max-flows", "3000", "--max-journal", "30000")
"""A third of what a sandbox keeps by default: so its bounds are reached early, and most of the run shows what then grows."""

LOOK = 1.0
"""Real seconds between two looks at memory."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    share: of the callbacks that are answered badly, in percent. options: of the mock. ahead: things that may be due in a
    sandbox before it is sent more; its bound of flows must be higher.
    """

    flows: int = 100_000
    seed: int = 1
    share: int = 5
    options: tuple[str, ...] = BOUNDS
    ahead: int = 2_000
    lanes: Sequence[Lane] = LANES


def soak(plan: Plan, say: Callable[[str], None] = print) -> Verdict:
    """Do it. say: takes lines of progress."""
    began = time.monotonic()
    with receiving(plan.seed, plan.share) as hook, mocking(plan.options) as mock:
        watch = _Watch(plan, mock, say)
        asyncio.run(_send(plan, mock, hook, watch))
        told = _get(hook, f"/{plan.flows}")
    took = time.monotonic() - began
    return Verdict(plan.flows, full=watch.full, most=watch.most, seconds=took, **told)


async def _send(plan: Plan, mock: Process, hook: Process, watch: "_Watch") -> None:
    known, lanes = kinds(plan.seed), len(plan.lanes)
    senders = [
        Sender(lane, known, iter(range(place, plan.flows, lanes)), hook.port, plan.seed, plan.ahead, watch.convoy)
        for place, lane in enumerate(plan.lanes)
    ]
    watching = asyncio.create_task(watch.run())
    try:
        await asyncio.gather(*(sender.run(mock.port) for sender in senders))
    finally:
        watching.cancel()
        await asyncio.wait([watching])
    watch.look()


class _Watch:
    """Looks at the mock now and then. full: its memory when every sandbox forgot flows and entries; 0: not yet."""

    def __init__(self, plan: Plan, mock: Process, say: Callable[[str], None]) -> None:
        self._plan, self._mock, self._say = plan, mock, say
        self.convoy = Convoy(plan.lanes)
        self._told = 0
        self._began = time.monotonic()
        self.full = self.most = 0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            held = await asyncio.to_thread(_get, self._mock, "/_mock/sandboxes")
            forgot = [each["forgotten"] for each in held["sandboxes"] if each["id"] != "default"]
            if not self.full and len(forgot) == len(self._plan.lanes) and all(all(each.values()) for each in forgot):
                self.full = self.most = self._mock.memory()
            self.look()

    def look(self) -> None:
        self.most = max(self.most, now := self._mock.memory())
        sent = sum(self.convoy.sent.values())
        if sent * 20 // self._plan.flows > self._told:
            self._told = sent * 20 // self._plan.flows
            took = time.monotonic() - self._began
            self._say(f"{sent:,} of {self._plan.flows:,} flows in {took:.0f} s, {now / 2**20:.0f} MiB")


def _get(process: Process, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{process.port}{path}", timeout=60) as answer:
        return json.load(answer)
