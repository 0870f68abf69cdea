"""Every error the double answers with, in Routee's own shapes; HTTP statuses are chosen here and nowhere else.

An error is a `Refusal`: raised by whoever finds it, turned into a response in one place. Routee's codes are nine
digits: three of HTTP, three of the module, three of the error (seen). Texts are ours (choice).
"""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A request that is answered with an error: the status, the JSON body, and any headers beside it."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body.get('developerMessage') or body.get('error_description') or body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def routee(status: int, message: str, *, error: int = 0, **more: Any) -> Refusal:
    """Routee's common shape: `code` of nine digits and `developerMessage` (shape seen)."""
    return Refusal(status, {"code": f"{status:03d}{error:06d}", "developerMessage": message, **more})


def oauth(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """OAuth 2's shape: `error` and `error_description`."""
    return Refusal(status, {"error": error, "error_description": description}, headers)


def invalid(properties: Mapping[str, str]) -> Refusal:
    """400 with every wrong field named: JSON path to what is wrong and what to do (shape seen, texts choice)."""
    return routee(400, "Validation Error!", entity="FailoverMessage", properties=dict(properties))


def malformed(message: str, properties: Mapping[str, str] | None = None) -> Refusal:
    """400 for a request that cannot be read at all."""
    return routee(400, message, properties=dict(properties)) if properties else routee(400, message)
