"""What the client says to a mock, built from what a test says to the client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]

URL, TOKEN = "ROUTEE_MOCK_URL", "ROUTEE_MOCK_CONTROL_TOKEN"
LOCAL = "http://127.0.0.1:8080"
"""Where a mock is that nobody said anything about."""

NAMES = {
    "auth_url": "ROUTEE_AUTH_URL",
    "api_url": "ROUTEE_API_URL",
    "application_id": "ROUTEE_APPLICATION_ID",
    "application_secret": "ROUTEE_APPLICATION_SECRET",
}
"""The environment variables an application is configured by, unless it calls them otherwise."""


def without_none(fields: Mapping[str, Any]) -> Json:
    """What was given; None stands for what was not."""
    return {name: value for name, value in fields.items() if value is not None}


def environment(values: Mapping[str, str], names: Mapping[str, str | None]) -> dict[str, str]:
    """Environment variables, under the names an application gives them. Raises TypeError for what there is not."""
    for unknown in names.keys() - NAMES.keys():
        raise TypeError(f"there is no {unknown}; what can be named is {', '.join(NAMES)}")
    chosen = {**NAMES, **names}
    return {name: values[what] for what, name in chosen.items() if name is not None}


def sendable(flow: Mapping[str, Any] | Sequence[Mapping[str, Any]], callback: str | None, strategy: str) -> Json:
    """The body of a send: of a whole body, or of steps alone; with a callback if one is given."""
    body = dict(flow) if isinstance(flow, Mapping) else {"flow": list(flow)}
    return body if callback is None else body | {"callback": {"strategy": strategy, "url": callback}}


@dataclass(frozen=True)
class Scene:
    """A scenario that is being told, word by word."""

    says: Json = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, like: Mapping[str, Any], priority: int | None, uses: int | None) -> Self:
        """A scenario that says nothing yet. like: which messages it speaks for; all, when there is nothing in it."""
        when = without_none(like) or {"to": "*"}
        return cls({"name": name, "when": when} | without_none({"priority": priority, "uses": uses}))

    def and_(self, key: str, value: Any) -> "Scene":
        """The same, and this."""
        return Scene(self.says | {key: value})


def outcome(outcomes: Sequence[Any], details: Mapping[str, Any]) -> Any:
    """What is said of a channel: one outcome, or several in turn; in detail if need be. Raises TypeError."""
    if not outcomes:
        raise TypeError('which outcome? For example .sms("failed"), or in turn: .sms("failed", "delivered")')
    detailed = [_detailed(each, without_none(details)) for each in outcomes]
    return detailed[0] if len(detailed) == 1 else {"sequence": detailed}


def _detailed(said: Any, details: Json) -> Any:
    if not details:
        return said
    if not isinstance(said, str):
        raise TypeError("after=, reason= and operator= go with an outcome by its name")
    return {"outcome": said} | details
