"""The metrics of a server, for Prometheus: what every sandbox holds at the moment, and the requests so far.

The number of series is limited: --max-sandboxes limits the sandboxes, and all other labels have few values. To count
what a full sandbox holds takes a while; other requests are served meanwhile.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.core.deliveries import Delivery, DeliveryState
from mockserver.core.facts import CallbackAttempted
from mockserver.core.flow import FlowStatus
from mockserver.http.lag import Lag
from mockserver.http.pieces import unhurried
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.registry import Sandboxes

# The import of prometheus_client takes time, so the first scrape does it, not the start of the server.
if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from mockserver.keeping.archive import Archive
    from mockserver.keeping.memory import MemoryOnly

PREFIX = "routee_mock_"

COUNTED = 500
"""Things counted in one go, after which others are served (choice)."""

Requests = Mapping[tuple[str, str, int], int]
"""Counts of requests, by method, path (as the route writes it) and status."""


Counts = Iterator[tuple[str, float]]
"""What there is to add up: the value of a label, and how much of it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that every sandbox has; with a `label`, one for each of its values. counts: a counter, not a gauge."""

    name: str
    says: str
    read: Callable[[Driver], Counts]
    label: str | None = None
    counts: bool = False


MEASURES = (
    Measure(
        "flows",
        "Flows, by status.",
        lambda driver: _each(FlowStatus, (flow.status for flow in tuple(driver.engine.flows.values()))),
        "status",
    ),
    Measure(
        "callbacks",
        "Callbacks, by where they stand.",
        lambda driver: _each(DeliveryState, (delivery.state for delivery in tuple(driver.engine.deliveries))),
        "state",
    ),
    Measure(
        "callback_attempts",
        "Attempts to post a callback, by the class of the status answered; none: no answer.",
        lambda driver: _each((), map(_result, _attempts(tuple(driver.engine.deliveries)))),
        "result",
        counts=True,
    ),
    Measure("journal_entries", "Entries in the journal.", lambda driver: _one(len(driver.engine.journal))),
    Measure("pending_events", "Things due, now or later.", lambda driver: _one(driver.engine.pending)),
    Measure("tokens", "Tokens issued and not revoked.", lambda driver: _one(len(driver.engine.tokens))),
    Measure("clock_seconds", "The virtual instant, in seconds since 1970.", lambda driver: _one(driver.now() / 1_000)),
)


class Metrics:
    """The metrics of one server, in a registry of their own. requests: read again by each scrape. shard: its name."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        requests: Requests,
        lag: Lag,
        archive: "Archive | MemoryOnly",
        shard: str | None = None,
    ) -> None:
        self._labels = {} if shard is None else {"shard": shard}
        self._sandboxes = sandboxes
        self._archive = archive
        self._lag = lag
        self._requests = requests

    async def render(self) -> tuple[bytes, str]:
        """Every number in Prometheus' text format, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(_Collected([_labelled(family, self._labels) for family in await self._collect()]))
        return await asyncio.to_thread(generate_latest, registry), CONTENT_TYPE_LATEST

    async def _collect(self) -> "Sequence[Metric]":
        """The numbers as they are now."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        drivers = [(sandbox.id, sandbox.driver) for sandbox in self._sandboxes]
        late = "How late the event loop is: how long requests wait for others."
        families: list[Metric] = [
            GaugeMetricFamily(f"{PREFIX}sandboxes", "Sandboxes on this server.", len(drivers)),
            GaugeMetricFamily(f"{PREFIX}event_loop_lag_seconds", late, self._lag.seconds),
        ]
        for measure in MEASURES:
            kind: Any = CounterMetricFamily if measure.counts else GaugeMetricFamily
            labels = ["sandbox", *([measure.label] if measure.label else [])]
            family = kind(PREFIX + measure.name, measure.says, labels=labels)
            found: defaultdict[tuple[str, str], float] = defaultdict(float)
            counts = ((id_, *each) for id_, driver in drivers for each in measure.read(driver))
            async for id_, value, number in unhurried(counts, COUNTED):
                found[id_, value] += number
            for names, number in found.items():
                family.add_metric(names[: len(labels)], number)
            families.append(family)
        family = CounterMetricFamily(
            f"{PREFIX}requests", "Requests to Routee's endpoints.", labels=["method", "path", "status"]
        )
        for (method, path, status), number in self._requests.items():
            family.add_metric([method, path, str(status)], number)
        return [*families, family, *_stored(self._archive)]


def _stored(archive: "Archive | MemoryOnly") -> "Iterator[Metric]":
    """How the disk keeps up, of a server with --data."""
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

    keeper = archive.keeper
    if keeper is None:
        return
    yield CounterMetricFamily(f"{PREFIX}store_commits", "Commits to the disk.", keeper.commits)
    yield CounterMetricFamily(f"{PREFIX}store_bytes", "Bytes of commands kept on disk.", keeper.bytes)
    yield GaugeMetricFamily(f"{PREFIX}store_unkept_entries", "Commands and events not kept yet.", keeper.unkept)
    yield GaugeMetricFamily(
        f"{PREFIX}store_failing", "1 while nothing can be kept, else 0.", float(keeper.trouble is not None)
    )
    yield CounterMetricFamily(f"{PREFIX}store_seals", "Sandboxes sealed while the server ran.", archive.seals)
    yield GaugeMetricFamily(f"{PREFIX}store_restoring", "Sandboxes not back yet.", len(archive.coming))
    tail = "Commands and events that a restart would replay."
    family = GaugeMetricFamily(f"{PREFIX}store_tail_entries", tail, labels=["sandbox"])
    for id_, entries in archive.tails().items():
        family.add_metric([id_], entries)
    yield family


def _labelled(family: "Metric", labels: Mapping[str, str]) -> "Metric":
    """A family of metrics with labels that all of them have."""
    family.samples = [sample._replace(labels={**labels, **sample.labels}) for sample in family.samples]
    return family


@dataclass(frozen=True, slots=True, eq=False)
class _Collected:
    """Numbers that have been collected, as a registry asks for them."""

    families: "Sequence[Metric]"

    def collect(self) -> "Sequence[Metric]":
        return self.families


def _one(number: float) -> Counts:
    yield "", number


def _each(known: Iterable[str], seen: Iterable[str]) -> Counts:
    """1 for each value that was seen, and 0 once for each known one, so that none is missing."""
    yield from ((str(value), 0) for value in known)
    yield from ((str(value), 1) for value in seen)


def _attempts(deliveries: Iterable[Delivery]) -> Iterator[CallbackAttempted]:
    for delivery in deliveries:
        for entry in delivery.attempts:
            if isinstance(entry.fact, CallbackAttempted):
                yield entry.fact


def _result(attempt: CallbackAttempted) -> str:
    return "none" if attempt.answer.status is None else f"{attempt.answer.status // 100}xx"
