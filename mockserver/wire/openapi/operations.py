"""What an OpenAPI document says about one method of one path. The table of endpoints has it beside the handler."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.wire import Json

CARELESS = frozenset({"health", "ready", "version", "metrics", "openapi", "docs", "ca", "scenarioSchema", "fillSink"})
"""Operations that probes, scrapers, generators, browsers and webhooks ask for, with what they like in the query."""

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

    @property
    def takes_any(self) -> bool:
        """Whether it does not mind query parameters that it does not know."""
        return self.id.removesuffix("In") in CARELESS


def as_json(schema: Json) -> Content:
    """JSON of this schema."""
    return {"application/json": schema}
