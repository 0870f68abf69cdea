"""The metrics of a server, for Prometheus: what every sandbox holds at the moment, and the requests so far.

The number of series is limited: --max-sandboxes limits the sandboxes, and all other labels have few values.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.deliveries import Delivery, DeliveryState
from mockserver.core.engine import Engine
from mockserver.core.facts import CallbackAttempted
from mockserver.core.flow import FlowStatus
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.registry import Sandboxes

# The import of prometheus_client takes time, so the first scrape does it, not the start of the server.
if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

PREFIX = "routee_mock_"

Requests = Mapping[tuple[str, str, int], int]
"""Counts of requests, by method, path (as the route writes it) and status."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that every sandbox has; with a `label`, one for each of its values. counts: a counter, not a gauge."""

    name: str
    says: str
    read: Callable[[Driver], Mapping[str, float]]
    label: str | None = None
    counts: bool = False


MEASURES = (
    Measure("flows", "Flows, by status.", lambda driver: _flows(driver.engine), "status"),
    Measure("callbacks", "Callbacks, by where they stand.", lambda driver: _callbacks(driver.engine), "state"),
    Measure(
        "callback_attempts",
        "Attempts to post a callback, by the class of the status answered; none: no answer.",
        lambda driver: Counter(map(_result, _attempts(driver.engine.deliveries))),
        "result",
        counts=True,
    ),
    Measure("journal_entries", "Entries in the journal.", lambda driver: {"": len(driver.engine.journal)}),
    Measure("pending_events", "Things due, now or later.", lambda driver: {"": driver.engine.pending}),
    Measure("tokens", "Tokens issued and not revoked.", lambda driver: {"": len(driver.engine.tokens)}),
    Measure("clock_seconds", "The virtual instant, in seconds since 1970.", lambda driver: {"": driver.now() / 1_000}),
)


class Metrics:
    """The metrics of one server, in a registry of their own. requests: read again by each scrape."""

    def __init__(self, sandboxes: Sandboxes, requests: Requests) -> None:
        self._sandboxes = sandboxes
        self._requests = requests
        self._registry: CollectorRegistry | None = None

    def render(self) -> tuple[bytes, str]:
        """Every number in Prometheus' text format, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        if self._registry is None:
            self._registry = CollectorRegistry()
            self._registry.register(self)
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> "Iterator[Metric]":
        """The numbers as they are now; the registry calls this."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        drivers = [(sandbox.id, sandbox.driver) for sandbox in self._sandboxes]
        yield GaugeMetricFamily(f"{PREFIX}sandboxes", "Sandboxes on this server.", len(drivers))
        for measure in MEASURES:
            kind = CounterMetricFamily if measure.counts else GaugeMetricFamily
            labels = ["sandbox", *([measure.label] if measure.label else [])]
            family = kind(PREFIX + measure.name, measure.says, labels=labels)
            for id_, driver in drivers:
                for value, number in measure.read(driver).items():
                    family.add_metric([id_, value][: len(labels)], number)
            yield family
        family = CounterMetricFamily(
            f"{PREFIX}requests", "Requests to Routee's endpoints.", labels=["method", "path", "status"]
        )
        for (method, path, status), number in self._requests.items():
            family.add_metric([method, path, str(status)], number)
        yield family


def _flows(engine: Engine) -> Mapping[str, int]:
    return _filled(FlowStatus, (flow.status for flow in engine.flows.values()))


def _callbacks(engine: Engine) -> Mapping[str, int]:
    return _filled(DeliveryState, (delivery.state for delivery in engine.deliveries))


def _filled(known: Iterable[str], seen: Iterable[str]) -> Mapping[str, int]:
    """How often each known value was seen; 0 for the others."""
    counted = Counter(seen)
    return {str(value): counted[value] for value in known}


def _attempts(deliveries: Iterable[Delivery]) -> Iterator[CallbackAttempted]:
    for delivery in deliveries:
        for entry in delivery.attempts:
            if isinstance(entry.fact, CallbackAttempted):
                yield entry.fact


def _result(attempt: CallbackAttempted) -> str:
    return "none" if attempt.answer.status is None else f"{attempt.answer.status // 100}xx"
