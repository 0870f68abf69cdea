"""What is due, in words: statuses, ends of ttls, and callbacks. All of it is ours (choice)."""

from collections.abc import Iterable, Iterator

from mockserver.core.clock import LAST
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.flow import Flow, ttl_ends
from mockserver.core.schedule import CallbackDue, Due, StatusDue, TtlDue
from mockserver.wire import Json
from mockserver.wire.instants import stamp


def coming(engine: Engine, most: int) -> list[Json]:
    """The first things due in a sandbox, so many at the most, in the order they will happen."""
    return list(_told(engine, engine.schedule.first(most)))


def of_flow(engine: Engine, flow: Flow) -> list[Json]:
    """Everything due for a flow, soonest first; of one instant, statuses first, then the ttl, then callbacks."""
    things: list[tuple[int, Due]] = [*engine.planned(flow.id)]
    if (ends := ttl_ends(flow)) is not None:
        things.append((ends, TtlDue(flow.id, flow.running)))
    waiting = ((each.next, each.number) for each in engine.deliveries.of_flow(flow.id))
    things += [(at, CallbackDue(flow.id, number)) for at, number in waiting if at is not None]
    return list(_told(engine, sorted(things, key=lambda thing: thing[0])))


def _told(engine: Engine, things: Iterable[tuple[int, Due]]) -> Iterator[Json]:
    for at, due in things:
        flow = engine.flows.get(due.flow)
        if flow is not None:
            yield {"at": None if at > LAST else stamp(at), "trackingId": flow.id, **_thing(engine, flow, due)}


def _thing(engine: Engine, flow: Flow, due: Due) -> Json:
    if isinstance(due, CallbackDue):
        delivery = engine.deliveries[due.callback]
        return {"kind": "callback", "callback": due.callback, "attempt": delivery.attempt, "says": _posting(delivery)}
    channel = str(flow.steps[due.step].channel)
    told = {"step": due.step + 1, "channel": channel}
    if isinstance(due, StatusDue):
        says = f"{channel} {due.status}"
        return {"kind": "status", **told, "status": due.status, "reason": due.reason, "says": says}
    return {"kind": "ttl", **told, "says": f"the {channel} ttl runs out"}


def _posting(delivery: Delivery) -> str:
    attempt = f", attempt {delivery.attempt}" if delivery.attempt > 1 else ""
    return f"callback {delivery.number} is posted{attempt}"
