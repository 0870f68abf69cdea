"""Who sends a flow over the control API, and as what kind. All of it is ours (choice)."""

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.core.step import FlowKind
from mockserver.wire import errors
from mockserver.wire.problems import Wrong, nearest

ANYBODY = "control"
"""The application of what is sent into a sandbox that has none of its own."""

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """The application a flow is sent for, and the kind of the flow."""

    application: str
    kind: FlowKind


def read_sender(query: Mapping[str, str], own: str | None) -> Sender:
    """The sender that a POST /_mock/flows names. own: the sandbox's own application. Raises Refusal."""
    wrong, known = Wrong(), ("applicationId", "kind")
    wrong.unknown(sorted(query.keys() - set(known)), known)
    kind, application = query.get("kind", FlowKind.FAILOVER), query.get("applicationId") or own or ANYBODY
    if kind not in list(FlowKind):
        wrong["kind"] = f"must be one of {', '.join(FlowKind)}{nearest(kind, FlowKind)}"
    if len(application) > LONGEST:
        wrong["applicationId"] = f"must have at most {LONGEST} characters"
    if wrong:
        raise errors.malformed("A flow is sent for an applicationId, and is of a kind.", wrong)
    return Sender(application, FlowKind(kind))
