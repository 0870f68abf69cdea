"""What is wrong with a field, in words: pydantic's findings as paths and sentences a caller can act on."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.wire import Json, errors

if TYPE_CHECKING:
    from pydantic import ValidationError

Finding = Mapping[str, Any]

TAGS = frozenset({"SAY", "PLAY", "[key]", "<name>", "<outcome>", "<timeline>", "<told>", "<weights>", "<sequence>"})
"""Names pydantic adds to a path to say which of several forms it took; no part of what the caller sent."""


def problems(
    error: "ValidationError", names: Iterable[str] = (), *, only: str | None = None
) -> Iterator[tuple[str, str]]:
    """Each finding as (path, sentence), the path such as `to.phone` or `failoverOnStatuses[1]`.

    names: what a name that is not known may have been meant for. only: pydantic's name of the one type of finding that
    is wanted.
    """
    for place, sentence in findings(error, names, only=only):
        yield path(place), sentence


def findings(
    error: "ValidationError", names: Iterable[str], *, only: str | None = None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each finding as (place, sentence). names: what a name that is not known may have been meant for."""
    for finding in error.errors(include_url=False):
        if only not in (None, finding["type"]):
            continue
        place = [part for part in finding["loc"] if part not in TAGS]
        if finding["type"].startswith("union_tag"):
            place.append("type")
        position = getattr(finding.get("ctx", {}).get("error"), "position", None)
        if position is not None:
            place.append(position - 1)
        if finding["type"] == "extra_forbidden":
            yield tuple(place), f"is not known here{nearest(finding['loc'][-1], names)}"
        else:
            yield tuple(place), SENTENCES.get(finding["type"], _other)(finding)


def read_object(body: bytes, example: str) -> Json:
    """The JSON object in a control request. Raises Refusal, with an example, for anything else."""
    try:
        data = orjson.loads(body)
    except ValueError as error:
        raise errors.malformed(f"The body is not JSON ({errors.not_json(error, body)}); {example}.") from None
    if not isinstance(data, dict):
        raise errors.malformed(f"The body is not a JSON object; {example}.")
    return data


def path(parts: Iterable[str | int]) -> str:
    """A path in the caller's JSON: names joined by dots, positions in brackets."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(word: object, known: Iterable[str]) -> str:
    """`; did you mean X?` when another known word comes close, in any case; otherwise nothing."""
    return _nearest(word[:50], tuple(sorted(known))) if isinstance(word, str) else ""


@lru_cache(maxsize=1_024)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    by_fold = {each.casefold(): each for each in known if each != word}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1)
    return f"; did you mean {by_fold[found[0]]}?" if found else ""


def _other(finding: Finding) -> str:
    return f"is not valid: {finding['msg']}"


def _text(finding: Finding) -> str:
    value = finding["input"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'must be a text; put it in quotes: "{value}"' if abs(value) < 10**18 else "must be a text"
    return "must be a text"


def _chosen(words: list[str], value: object) -> str:
    return f"must be one of {', '.join(words)}{nearest(value, words)}"


def _literal(finding: Finding) -> str:
    words = finding["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    return _chosen(words, finding["input"])


def _value(finding: Finding) -> str:
    text = str(finding["ctx"]["error"])
    words = text.removeprefix("must be one of ").split(", ")
    return text + nearest(finding["input"], words) if text.startswith("must be one of ") else text


def _bound(words: str) -> Callable[[Finding], str]:
    return lambda finding: words.format(*(_number(bound) for bound in finding["ctx"].values()))


def _number(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else str(bound)


def _length(finding: Finding) -> str:
    return f"must have at most {finding['ctx']['max_length']} characters; it has {len(finding['input'])}"


SENTENCES: Mapping[str, Callable[[Finding], str]] = {
    "missing": lambda _: "is required",
    "union_tag_not_found": lambda _: "is required: SAY or PLAY",
    "union_tag_invalid": lambda finding: _chosen(["SAY", "PLAY"], finding["ctx"].get("tag")),
    "string_type": _text,
    "string_too_long": _length,
    "too_long": _length,
    "string_too_short": lambda _: "must not be empty",
    "too_short": lambda _: "must hold at least one entry",
    "bool_type": lambda _: "must be true or false",
    "int_type": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "greater_than": _bound("must be more than {}"),
    "greater_than_equal": _bound("must be at least {}"),
    "less_than_equal": _bound("must be at most {}"),
    "list_type": lambda _: "must be an array",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "literal_error": _literal,
    "value_error": _value,
}
