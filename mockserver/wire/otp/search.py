"""GET /failover-otp/otp/failover: which flows are asked for, by which parameters, and one flow by an id."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.core.chance import flow_id
from mockserver.core.flow import Flow
from mockserver.wire.otp.document import STATUSES
from mockserver.wire.otp.errors import Finding, unprocessable
from mockserver.wire.problems import nearest

MOST, USUAL = 500, 50
"""The most flows in one answer, and how many there are by default (choice)."""

FURTHEST = 10**9
"""The most flows that can be passed over."""

_WHOLE = re.compile(r"-?[0-9]+")

MATCHES: Mapping[str, Callable[[str, Flow], bool]] = {
    "status": lambda wanted, flow: STATUSES[flow.status].casefold() == wanted.casefold(),
    "tag": lambda wanted, flow: any(step.label.strip() == wanted for step in flow.steps),
    "phone_number": lambda wanted, flow: any(step.to.removeprefix("+") == wanted for step in flow.steps),
    "flow_id": lambda wanted, flow: flow.id == flow_id(wanted),
}
"""For each parameter, whether a flow is like it (`tag`: the label of any step; any step: choice)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The flows that are asked for: what they are like, how many, and how many before them are passed over."""

    like: tuple[tuple[str, str], ...]
    limit: int
    offset: int

    def fits(self, flow: Flow) -> bool:
        """Whether a flow is like what is asked for."""
        return all(MATCHES[name](wanted, flow) for name, wanted in self.like)


def read_query(query: Mapping[str, str]) -> Wanted:
    """What a query asks for. Blank parameters count as absent, unknown ones are ignored. Raises Refusal (422)."""
    given = {name: query[name].strip() for name in query if query[name].strip()}
    found: list[Finding] = []
    limit = _number(given, "limit", USUAL, 1, MOST, found)
    offset = _number(given, "offset", 0, 0, FURTHEST, found)
    status, known = given.get("status"), sorted(set(STATUSES.values()))
    if status is not None and status.casefold() not in map(str.casefold, known):
        said = f"must be one of {', '.join(known)}{nearest(status, known)}"
        found.append(Finding(("query", "status"), said, "enum"))
    if found:
        raise unprocessable(found)
    if "phone_number" in given:  # a plus that is not encoded has come as a space
        given["phone_number"] = given["phone_number"].removeprefix("+")
    return Wanted(tuple((name, given[name]) for name in MATCHES if name in given), limit, offset)


def _number(query: Mapping[str, str], name: str, usual: int, least: int, most: int, found: list[Finding]) -> int:
    text = query.get(name, str(usual))
    if not _WHOLE.fullmatch(text):
        found.append(Finding(("query", name), "must be a whole number", "int_parsing"))
        return usual
    number = int(text[:12])  # with more digits it is beyond the limits all the same
    if not least <= number <= most:
        kind = "greater_than_equal" if number < least else "less_than_equal"
        found.append(Finding(("query", name), f"must be {least} to {most}", kind))
    return number


def is_called(flow: Flow, id_: str) -> bool:
    """Whether an id is that of a flow, or of the message of any of its steps (doc)."""
    kept = flow_id(id_)
    return flow.id == kept or any(message.id == kept for message in flow.messages)
