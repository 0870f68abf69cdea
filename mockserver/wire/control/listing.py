"""Lists of flows and requests: which a request asks for, how many there are, and a line for each. Ours (choice)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from mockserver.core.deliveries import Deliveries, Delivery
from mockserver.core.engine import Engine
from mockserver.core.facts import Fact, RequestAnswered
from mockserver.core.flow import Flow, FlowStatus
from mockserver.wire import Json, errors
from mockserver.wire.control import bodies, journal
from mockserver.wire.control.views import PAGING, Page, chosen, flow_line, paging
from mockserver.wire.problems import nearest

T = TypeVar("T")

FIRST_WORDS = 80
"""Characters of its text that the line of a flow has."""

LONGEST_QUERY = 200
"""Characters that can be searched for, at the most."""


class Group(StrEnum):
    """The groups of flows that a list can be of. A flow can be in several."""

    ALL = "all"
    UNDER_WAY = "underWay"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TROUBLE = "webhookTrouble"


ENDS = {Group.SUCCEEDED: FlowStatus.SUCCEEDED, Group.FAILED: FlowStatus.FAILED}

REFUSED = "refused"
"""The name of the requests that were refused, in counts and in `only`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The flows that a request asks for. words: what one of its fields must have in it, in any case; "" for all."""

    page: Page
    only: Group = Group.ALL
    words: str = ""


def read_flows(query: Mapping[str, str]) -> Asked:
    """The flows that a GET /_mock/flows asks for. Raises Refusal, which names every wrong parameter."""
    page, wrong = paging(query, ("trackingId", "only", "q"))
    only, words = query.get("only", Group.ALL), query.get("q", "")
    if only not in list(Group):
        wrong["only"] = f"must be one of {', '.join(Group)}{nearest(only, Group)}"
    if len(words) > LONGEST_QUERY:
        wrong["q"] = f"must have at most {LONGEST_QUERY} characters; it has {len(words)}"
    if wrong:
        raise errors.malformed(f"Ask for flows by trackingId, only, q, {PAGING}.", wrong)
    return Asked(page, Group(only), words.strip().casefold())


def belongs(group: Group, flow: Flow, deliveries: Deliveries) -> bool:
    """Whether a flow is of this group."""
    if group is Group.TROUBLE:
        return flow.id in deliveries.failing
    if group is Group.UNDER_WAY:
        return not flow.final
    return group is Group.ALL or flow.status is ENDS[group]


def has(words: str, flow: Flow) -> bool:
    """Whether the id, a number, a label, a sender or a text of a flow has these words, in lower case, in it."""
    said = "\n".join([f"{step.to}\n{step.label}\n{step.sender}\n{step.text}" for step in flow.steps])
    return words in flow.id or words in said.casefold()


def cut(
    page: Page, things: Sequence[T], number: Callable[[T], int], asked: Callable[[T], bool] = lambda _: True
) -> Iterator[T | None]:
    """The things on a page, in its order; None for each that is passed over.

    things: all that there are, oldest first. number: of a thing, by which the list is paged. asked: which are wanted.
    """

    def inside(thing: T) -> bool:
        return number(thing) > page.after and (page.before is None or number(thing) < page.before) and asked(thing)

    return chosen(reversed(things) if page.newest else things, inside, page.limit)


def counts(engine: Engine) -> Json:
    """How many flows there are of each group, and how many requests were refused."""
    ended = engine.store.ended
    return {
        Group.ALL.value: len(engine.flows),
        Group.UNDER_WAY.value: len(engine.flows) - ended.total(),
        **{group.value: ended[status] for group, status in ENDS.items()},
        Group.TROUBLE.value: len(engine.deliveries.failing),
        REFUSED: engine.requests.refused,
    }


def line(flow: Flow, deliveries: Sequence[Delivery]) -> Json:
    """A flow in a list: what `flow_line` has, its label, first words and senders, and how its callbacks went."""
    failing = [each for each in deliveries if each.failing]
    return flow_line(flow) | {
        "label": next((step.label for step in flow.steps if step.label), ""),
        "text": next((step.text[:FIRST_WORDS] for step in flow.steps if step.text), ""),
        "senders": list(dict.fromkeys(step.sender for step in flow.steps if step.sender)),
        "webhook": {
            "posted": sum(1 for each in deliveries if each.attempts),
            "failing": len(failing),
            "waiting": sum(1 for each in failing if each.next is not None),
        },
    }


# Requests


@dataclass(frozen=True, slots=True)
class AskedRequests:
    """The requests that are asked for. refused: only those that were refused."""

    page: Page
    refused: bool = False


def read_requests(query: Mapping[str, str]) -> AskedRequests:
    """The requests that a GET /_mock/requests asks for. Raises Refusal, which names every wrong parameter."""
    page, wrong = paging(query, ("flow", "kind", "format", "only"))
    if query.get("only", REFUSED) != REFUSED:
        wrong["only"] = f"must be {REFUSED}"
    wrong.note(journal.wrong_choices(query))
    if wrong:
        raise errors.malformed(f"Ask for requests by flow, only={REFUSED}, {PAGING}.", wrong)
    return AskedRequests(page, "only" in query)


class Exchange(Protocol):
    """What is kept of a request besides its entry, as the room sandbox keeps it."""

    @property
    def flow(self) -> str | None:
        """The trackingId of the flow it made."""

    @property
    def took(self) -> float:
        """Real seconds."""

    @property
    def body(self) -> bytes:
        """Its body, or the beginning of it."""

    @property
    def size(self) -> int:
        """How many bytes the whole body had."""


_STEP = re.compile(r"\[(\d+)\]|([^.\[]+)")


def places(wrong: Sequence[tuple[str, str]]) -> list[Json]:
    """The wrong fields of a request, each with its place in the body as a JSON pointer (RFC 6901)."""
    told: list[Json] = []
    for field, says in wrong:
        parts = [position or name for position, name in _STEP.findall(field)]
        pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
        told += [{"pointer": pointer, "field": field, "says": says}] if parts else []
    return told


def exchange(fact: Fact, kept: Exchange | None) -> Json:
    """What a list of requests has of one besides its entry. kept: what is kept of it, or None."""
    wrong = fact.request.wrong if isinstance(fact, RequestAnswered) else ()
    told = ("trackingId", "tookMs", "body", "bodyBytes")
    text = None if kept is None else bodies.shown(kept.body)
    said = (None,) * len(told) if kept is None else (kept.flow, round(kept.took * 1_000, 1), text, kept.size)
    return dict(zip(told, said, strict=True)) | {"places": places(wrong)}
