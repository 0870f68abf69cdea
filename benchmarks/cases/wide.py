"""Sends of many applications, through HAProxy to one shard or to two: what the proxy costs, and what sharing does."""

import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import load, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.cores import CORES, MEASURED
from benchmarks.messages import post
from benchmarks.server import Cpu, NotStarted, Server, free_port, listening
from benchmarks.serving import ROOMY, serving
from mockserver.cli.haproxy import configuration
from mockserver.cli.proxy import Shard
from tools.haproxy import NoProxyError, program

APPLICATIONS = 64
SENDS = 25
"""How many different sends each application has."""

WARM, TIMES = 500, 4_000
"""Sends of a round: before they count, and those that do."""

OWN = CORES[:2] if len(CORES) > 3 else (MEASURED, MEASURED)
"""The cores of the shards. On one core they cost each other their caches, and the ratio tells of little else."""

SHARDS = {Kind.MOCK: 2, Kind.BARE: 1}
"""Behind the proxy."""


@dataclass(frozen=True, slots=True)
class Shards(Server):
    """A proxy on a port. What it costs is what the shards behind it cost."""

    behind: tuple[Server, ...] = ()

    def spent(self) -> int:
        """Nanoseconds of CPU that the shards have used so far."""
        return sum(each.spent() for each in self.behind)

    def cpu(self) -> Cpu:
        """The time of the shards so far."""
        each = [server.cpu() for server in self.behind]
        return Cpu(sum(cpu.used for cpu in each), sum(cpu.waited for cpu in each))


@contextmanager
def _behind_a_proxy(contender: Contender, clock: str) -> Iterator[Measure]:
    with ExitStack() as opened:
        names = [f"s{number + 1}" for number in range(SHARDS[contender.kind])]
        mock = Contender(contender.name, Kind.MOCK, contender.python, contender.places)
        behind = tuple(
            opened.enter_context(
                serving(mock, options=(*ROOMY, "--clock", clock, "--sandboxes", "auto", "--shard", name), core=core)
            )
            for name, core in zip(names, OWN, strict=False)
        )
        shards = [Shard(name, f"127.0.0.1:{each.port}") for name, each in zip(names, behind, strict=True)]
        proxy = opened.enter_context(_proxy(shards))
        server, connections = Shards(proxy.port, proxy.pid, behind), load.CONNECTIONS * len(behind)
        tokens = [traffic.bearer(server.ask, _grant(f"load-{number}")) for number in range(APPLICATIONS)]
        by_application = zip(*(traffic.sends(token, count=SENDS, callback=None) for token in tokens), strict=True)
        requests = [request for each in by_application for request in each]

        def measure() -> Figures:
            load.run(server, requests, times=WARM, connections=connections)
            before = proxy.spent()
            run = load.run(server, requests, times=TIMES, connections=connections)
            cost = (proxy.spent() - before) / TIMES / 1e3
            return {"CPU µs": run.cost, "proxy's CPU µs": cost, "proxy's CPU ÷ the shards'": cost / run.cost}

        yield measure


@contextmanager
def _proxy(shards: list[Shard]) -> Iterator[Server]:
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "haproxy.cfg"
        file.write_text(configuration(shards, f"127.0.0.1:{port}", store=False), encoding="utf-8")
        try:
            command = [program(), "-db", "-f", str(file)]
        except NoProxyError as error:
            raise NotStarted(str(error)) from None
        with listening(command, port) as server:
            yield server


def _grant(application: str) -> bytes:
    """A request for a token of this application."""
    credentials = f"Basic {b64encode(f'{application}:secret'.encode()).decode()}"
    return post("/oauth/token", traffic.GRANT, credentials, traffic.FORM)


def cases() -> Iterator[Case]:
    """The send of many applications, behind a proxy: alone, and with all that happens to the flow."""
    for clock, said in (("manual", "the clock stands"), ("instant", "played to the end")):
        name = f"send-3, {APPLICATIONS} applications behind HAProxy, {said}, two shards"
        yield Case(name, partial(_behind_a_proxy, clock=clock))
