"""What an OpenAPI document says about one method of one path. The table of endpoints has it beside the handler."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.wire import Json

Content = dict[str, Json]
"""Schemas by media type."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request. required: a request without one is refused."""

    content: Content
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, described.

    reply: what it answers on success, with `status`; empty for 204. query: its query parameters, each with its schema.
    refusals: the statuses of its errors, except those that follow from the other fields. also: its other statuses on
    success, each in words; with a 304, it has an ETag. others: what it answers otherwise, by status.
    """

    id: str
    summary: str
    reply: Content
    body: Body | None = None
    query: Mapping[str, Json] = field(default_factory=dict)
    status: int = 200
    refusals: tuple[int, ...] = ()
    others: Mapping[int, Content] = field(default_factory=dict)
    also: Mapping[int, str] = field(default_factory=dict)


def as_json(schema: Json) -> Content:
    """JSON of this schema."""
    return {"application/json": schema}
