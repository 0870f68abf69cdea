"""Errors in the shape of the OTP service: `{"detail": ...}`, as FastAPI writes them (statuses doc, form choice)."""

from collections.abc import Iterable
from typing import NamedTuple

from mockserver.wire.errors import MOST, Refusal
from mockserver.wire.problems import LONGEST_FIELD, Place, clip


class Finding(NamedTuple):
    """One thing that is wrong in a request: where, in words, and in one of pydantic's words."""

    loc: Place
    msg: str
    type: str = "value_error"


def detailed(status: int, detail: str, refusal: Refusal | None = None) -> Refusal:
    """An error with one sentence. refusal: the one it stands for, whose headers it has and whose hint it keeps."""
    headers, aside = (None, "") if refusal is None else (refusal.headers, refusal.aside)
    return Refusal(status, {"detail": detail}, headers, aside)


def unprocessable(findings: Iterable[Finding]) -> Refusal:
    """422 for a body or a query that is wrong; it names every wrong field (doc)."""
    found = list(findings)
    more = len(found) - MOST
    named = found[:MOST] + ([Finding(found[0].loc[:1], f"and {more:,} more", "too_many_errors")] if more > 0 else [])
    detail = [{"loc": [_clipped(part) for part in each.loc], "msg": each.msg, "type": each.type} for each in named]
    return Refusal(422, {"detail": detail})


def _clipped(part: str | int) -> str | int:
    return clip(part, LONGEST_FIELD) if isinstance(part, str) else part


def unknown_id(id_: str, forgotten: int) -> Refusal:
    """404 for an id that is unknown, or another application's (doc). forgotten: how many flows made room for others."""
    hint = f" {forgotten} flows have been forgotten to make room for later ones (--max-flows)." if forgotten else ""
    return detailed(404, f"There is no flow, and no step of one, with the id {clip(id_, 100)}.{hint}")


def in_shape(refusal: Refusal, no_bearer: int = 403) -> Refusal:
    """A refusal of the mocked API as this service tells it; one that the service has no words for stays as it is.

    no_bearer: the status where there is no bearer at all, as a dialect has it.
    """
    body = refusal.body
    if body.get("error") == "unauthorized":
        return detailed(no_bearer, "Not authenticated", refusal)
    if refusal.status in (401, 403):
        return detailed(refusal.status, body.get("error_description") or body["developerMessage"], refusal)
    if refusal.status == 400:
        return unprocessable([Finding(("body",), body["developerMessage"], "json_invalid")])
    return refusal
