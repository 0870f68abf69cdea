"""The dialect: how a sandbox behaves where Routee's documentation leaves a choice, and accounts may differ.

Every field is a switch, and its default is the choice of this mock. The rules in `fidelity` say what each value means.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, convert, json

from mockserver.core.values import Value

RETRIES = (30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
"""Seconds from each failed attempt to post a callback to the next (doc, from three sibling services)."""

CODE = Meta(pattern=r"^404[0-9]{6}$", max_length=9, description="nine digits that begin with 404")


class Dialect(Value, rename="camel"):
    """One dialect. retry_plan: seconds from each failed attempt to the next; after the last one there is no other."""

    success_status: Literal[200, 201] = 200
    type_echo: Literal["canonical", "as-sent"] = "canonical"
    viber_ttl_echo: Literal["integer", "decimal"] = "integer"
    dial_plan_echo: Literal["dialPlans", "as-sent"] = "dialPlans"
    empty_triggers: Literal["default", "none"] = "default"
    duplicate_orders: Literal["accepted", "refused"] = "accepted"
    blank_fields: Literal["absent", "as-sent"] = "absent"
    foreign_fields: Literal["refused", "ignored"] = "refused"
    default_strategy: Literal["OnCompletion", "OnStep"] = "OnCompletion"
    strategy_without_url: Literal["refused", "ignored"] = "refused"
    first_flow_status: Literal["Queued", "InProgress"] = "Queued"
    first_callback: Literal["queued", "after-queued"] = "queued"
    ttl_tie: Literal["status", "ttl"] = "status"
    taken_answers: Literal["2xx", "200", "any"] = "2xx"
    retry_plan: Annotated[tuple[Annotated[int, Meta(ge=1, le=2_592_000)], ...], Meta(max_length=100)] = RETRIES
    search_order: Literal["newest-first", "oldest-first"] = "newest-first"
    unknown_flow_code: Annotated[str, CODE] = "404000000"
    otp_no_bearer: Literal[403, 401] = 403


DEFAULT = Dialect()
"""What this mock does by itself."""


def as_dialect(fields: Any) -> Dialect:
    """The dialect of fields under their names in camel case; the default itself where none is otherwise."""
    dialect = convert(fields, Dialect)
    return DEFAULT if dialect == DEFAULT else dialect


def differences(dialect: Dialect) -> dict[str, Any]:
    """What a dialect has otherwise than by default, as JSON: values of switches, under their names in camel case."""
    default, own = (json.decode(json.encode(each)) for each in (DEFAULT, dialect))
    return {name: value for name, value in own.items() if value != default[name]}
