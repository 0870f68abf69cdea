"""What no type can say: what counts as absent, and which fields go together.

Such rules stand in keywords that a validator obeys and a generator of code passes over: `dependentSchemas`, `if`,
`then` and `not`. So generated types stay as simple as they would be without.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.wire import Json
from mockserver.wire.openapi.schemas import NOTHING, exactly, maybe, ref

BLANK_TEXT, FILLED_TEXT = r"^\s*$", r"\S"

BLANK = ref("Blank")

KINDS: Json = {
    "Blank": {
        "description": 'Counts as absent: "", white space, 0, false, null, and arrays and objects of these.',
        "not": {"const": True},
        "pattern": BLANK_TEXT,
        "minimum": 0,
        "maximum": 0,
        "items": BLANK,
        "additionalProperties": BLANK,
    }
}
"""The schemas that rules refer to. Each keyword of this one speaks of values of one type."""

FILLED: Json = {"not": BLANK}


def or_blank(schema: Json) -> Json:
    """The schema of a field that may be left blank: also null, and the blank values of its own type."""
    loose = with_blank(schema)
    if "$ref" in loose:
        return {"anyOf": [{"$ref": loose.pop("$ref")}, NOTHING]} | loose
    if "anyOf" in loose:
        return loose | {"anyOf": list({str(each): each for each in (*loose["anyOf"], NOTHING)}.values())}
    return maybe(loose) if isinstance(loose.get("type"), str) else loose


def with_blank(schema: Json) -> Json:
    """The schema, with the blank values of its own type."""
    loose = {key: value for key, value in schema.items() if key != "minLength"}
    if "anyOf" in schema:
        loose["anyOf"] = [with_blank(each) for each in schema["anyOf"]]
    if "enum" in schema:
        words = {key: loose.pop(key) for key in ("type", "enum")}
        return loose | {"anyOf": [words, exactly("")]}
    if loose.pop("pattern", FILLED_TEXT) != FILLED_TEXT:
        loose["pattern"] = f"{BLANK_TEXT}|{schema['pattern']}"
    if schema.get("minimum", 0) > 1 or isinstance(schema.get("minimum"), float):
        loose["not"] = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": schema["minimum"]}
    if "minimum" in schema:
        loose["minimum"] = min(0, schema["minimum"])
    if "exclusiveMinimum" in schema:
        loose["minimum"] = loose.pop("exclusiveMinimum")
    return loose


def blank_or_whole(schema: Json) -> Json:
    """An object that counts as absent if all of its fields are blank; if one is not, those it requires are not."""
    required = schema["required"]
    loose = {name: with_blank(each) if name in required else each for name, each in schema["properties"].items()}
    filled = {"properties": dict.fromkeys(required, FILLED)}
    return schema | {"properties": loose, "if": FILLED, "then": filled}


def ruled(schema: Json, *rules: Json) -> Json:
    """The schema, with more rules."""
    every = [{key: schema[key] for key in ("if", "then")}, *rules] if "if" in schema else rules
    return schema | {"if": {}, "then": every[0] if len(every) == 1 else {"allOf": list(every)}} if rules else schema


def foreign(reasons: Mapping[str, str]) -> Json:
    """These fields are blank, or not there. reasons: for each, why it does not belong here."""
    return {
        "dependentSchemas": {
            name: {"description": f"{name} {reason}.", "properties": {name: BLANK}} for name, reason in reasons.items()
        }
    }


def at_least_one(names: Iterable[str]) -> Json:
    """One of these fields is there, and not blank."""
    return {"anyOf": [{"required": [name], "properties": {name: FILLED}} for name in names]}


def together(names: Iterable[str], sets: Iterable[Iterable[str]]) -> Json:
    """Of these fields, exactly those of one of the sets are there and not blank."""
    every = list(names)
    return {"anyOf": [_exactly(every, set(each)) for each in sets]}


def _exactly(names: Iterable[str], present: set[str]) -> Json:
    properties = {name: FILLED if name in present else BLANK for name in names}
    return {"required": [name for name in properties if name in present], "properties": properties}


def not_with(name: str, other: str, value: Any) -> Json:
    """The field is blank where another one has this value."""
    return {"if": {"required": [other], "properties": {other: {"const": value}}}, "then": {"properties": {name: BLANK}}}
