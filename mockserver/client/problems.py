"""What can go wrong with a request to a mock."""

from collections.abc import Mapping
from typing import Any


class MockError(Exception):
    """The mock refused a request. status: the HTTP status of its answer. wrong: by field, what is wrong with it."""

    def __init__(self, text: str, status: int = 0, wrong: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.wrong = dict(wrong or {})


class Unreachable(MockError):
    """No mock answers at the URL."""


def refusal(status: int, body: Any) -> MockError:
    """The error for an answer in Routee's shape; its text has a line for each wrong field."""
    if not isinstance(body, Mapping):
        return MockError(f"the mock answered {status}; is it a routee-mock of this version?", status)
    wrong = {str(place): str(text) for place, text in (body.get("properties") or {}).items()}
    said = body.get("developerMessage") or body.get("error_description") or body.get("message") or f"answered {status}"
    return MockError("".join([str(said), *(f"\n  {place}: {text}" for place, text in wrong.items())]), status, wrong)


def failure_text(verdict: Mapping[str, Any]) -> str:
    """The text for a failed expectation: what was expected, what was found, and the near misses."""
    lines = [str(verdict["says"])]
    misses = verdict.get("nearest", ())
    for miss in misses if len(misses) > 1 else ():
        which = ", ".join(f"{name} {value}" for name, value in miss.items() if name != "differs")
        lines.append(f"  near: {which}: {'; '.join(f'{field} {text}' for field, text in miss['differs'].items())}")
    lines += [f"  found: {', '.join(f'{name} {value}' for name, value in each.items())}" for each in _all(verdict)]
    for refused in verdict.get("refused", ()):
        wrong = "; ".join(f"{place} {text}" for place, text in refused["wrong"].items())
        lines.append(f"  refused: {refused['method']} {refused['path']}: {refused['error']} {wrong}".rstrip())
    return "\n".join(lines)


def _all(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(verdict.get("matched", ()))
