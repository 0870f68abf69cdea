"""Every field of the core stands in a state, or follows from what does: a new one must be put somewhere."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from mockserver.core.channels import Channel
from mockserver.core.commands import SetBalance
from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow
from mockserver.core.step import Step
from mockserver.core.values import Value
from mockserver.wire.state.deliveries import CHANGES, Callback
from mockserver.wire.state.line import sparse
from tests.wire.state.stories import busy

WRITTEN = {
    "Clock": {"now", "mode", "rate"},
    "Purse": {"balance"},
    "Tokens": {"issued", "_by_value", "_latest"},
    "Requests": {"_all", "_refused", "_noted"},
    "Acceptance": {"_refused"},
    "Scenarios": {"_all", "_flows", "_before", "_turns"},
    "Journal": {"forgotten", "overweight", "_facts", "_instants"},
    "Store": {"flows", "of_application", "ended", "accepted", "forgotten", "payload", "_ended", "_answers"},
    "Hand": {"_tickets", "held"},
    "Deliveries": {"_all", "failing", "_announced", "_of_flow", "_held"},
    "Schedule": {"_stretches", "_arrivals"},
    "Stretch": {"things"},
}
"""What a state has, by the class that keeps it."""

MADE_AGAIN = {
    "Scenarios": {"_order", "_matching", "_defaults"},
    "Journal": {"written", "_weight", "_change", "_changes", "_back", "_latest", "_alike"},
    "Deliveries": {"_numbers"},
    "Schedule": {"_order", "_left"},
    "Stretch": {"order"},
    "Ttls": {"_tickets"},
}
"""What follows from it."""

PASSING = {
    "Acceptance": {"_channels"},  # those of the latest send, so that one value serves many
    "Store": {"_size", "_to_forget"},  # between the beginning of a command and its end
    "CommandLog": {"_entries", "_dropped", "tap"},  # a log is what a state stands for
}
"""What is of no use later."""

AS_IT_BEGAN = {
    "Engine": {"behaviour", "_handlers", "peek", "planned"},
    "CommandLog": {"start", "_most"},
    "Account": {"_life"},
    "Journal": {"_most", "_heaviest"},
    "Store": {"_limits"},
    "Acceptance": {"_behaviour", "_first"},
    "Outbox": {"_dialect", "_untold"},
    "Schedule": {"_turn"},
    "Selection": {"_behaviour"},
    "Parts": {"chance"},
}
"""What never changes."""


def stateful(thing: object) -> bool:
    kind = type(thing)
    fixed = isinstance(thing, Value | Enum | type) or (is_dataclass(thing) and kind.__name__ != "Parts")
    return kind.__module__.startswith("mockserver.core.") and not fixed


def fields(thing: object) -> dict[str, Any]:
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return vars(thing) if hasattr(thing, "__dict__") else {name: getattr(thing, name) for name in slots}


def reached(thing: object, seen: set[int]) -> Iterator[object]:
    """What holds state, and can be reached from here."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    inside: list[object] = []
    if stateful(thing):
        yield thing
        inside = list(fields(thing).values())
    elif isinstance(thing, dict):
        inside = list(thing.values())
    elif isinstance(thing, list | tuple):
        inside = list(thing)
    for each in inside:
        yield from reached(each, seen)


def test_a_state_knows_every_field_of_the_core() -> None:
    found: dict[str, set[str]] = {}
    for thing in reached(busy(), set()):
        links = {name for name, value in fields(thing).items() if stateful(value)}
        found.setdefault(type(thing).__name__, set()).update(set(fields(thing)) - links)
    shared = {"Engine": {"flows"}}  # the store's
    known: dict[str, set[str]] = {}
    for table in (WRITTEN, MADE_AGAIN, PASSING, AS_IT_BEGAN, shared):
        for kind, names in table.items():
            assert not known.get(kind, set()) & names
            known.setdefault(kind, set()).update(names)
    found = {kind: names for kind, names in found.items() if names}
    assert found == known, "put a new field into a part of mockserver/wire/state, and then into a table above"


def test_a_default_is_left_out_and_nothing_else() -> None:
    step = Step(Channel.SMS, "+1", frozenset(), 60_000, price=0, parts=2)
    assert sparse(step) == {"channel": "Sms", "to": "+1", "triggers": frozenset(), "ttl": 60_000, "parts": 2}
    assert sparse(SetBalance(None)) == {"balance": None}


def test_a_callback_has_every_field_of_its_own_and_what_changes_of_its_flow() -> None:
    assert set(Callback.__struct_fields__) == set(Delivery.__struct_fields__) | set(CHANGES)
    stays = {"id", "number", "application", "steps", "created", "callback", "restrictions", "kind"}
    assert set(Flow.__struct_fields__) == stays | set(CHANGES)
