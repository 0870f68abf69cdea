"""Examples of requests and of their answers. `tools/examples.py` records them from a mock that runs."""

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

from mockserver.wire import Json

ONE = "/sandboxes/{sandbox}"

FILE = Path(__file__).with_name("examples.json")

HOME = "http://127.0.0.1:8080"
"""Where the mock of the examples stands."""


SANDBOX = "shop"
"""The sandbox that the examples make."""

JSON = "application/json"


@cache
def recorded() -> Mapping[str, list[Json]]:
    """For each method and path, what was asked and answered: name, path, query, media and body; status, answer."""
    found: dict[str, list[Json]] = orjson.loads(FILE.read_bytes())
    return found


def with_examples(place: str, operation: Json, url: str) -> Json:
    """The operation, with its examples. place: its method and path. url: of the mock that serves the document.

    The examples of an endpoint of one sandbox are those of the same endpoint of `default`.
    """
    known = recorded()
    found = [_at(url, each) for each in known.get(place) or known.get(place.replace(ONE, "", 1)) or []]
    good = [each for each in found if each["status"] < HTTPStatus.BAD_REQUEST]
    shown = dict(operation)
    if "parameters" in operation:
        shown["parameters"] = [_parameter(each, good) for each in operation["parameters"]]
    if "requestBody" in operation:
        shown["requestBody"] = _body(operation["requestBody"], good, "body")
    answers: Json = {}
    for status, response in operation["responses"].items():
        answers[status] = _body(response, [each for each in found if str(each["status"]) == status], "answer")
    return shown | {"responses": answers}


def _parameter(parameter: Json, examples: Sequence[Json]) -> Json:
    place, name = parameter["in"], parameter["name"]
    values = [each[place][name] for each in examples if name in each.get(place, {})] + [SANDBOX] * (name == "sandbox")
    return parameter | {"example": values[0]} if values else parameter


def _body(described: Json, examples: Sequence[Json], part: str) -> Json:
    """A request's body or a response, with the examples that have this part, by its media type."""
    if "content" not in described:
        return described
    content: Json = {}
    for media, what in described["content"].items():
        fit = [
            each for each in examples if part in each and media == (each.get("media", JSON) if part == "body" else JSON)
        ]
        values = {each["name"]: {"value": each[part]} for each in fit}
        content[media] = what | ({"examples": values} if values else {})
    return described | {"content": content}


def _at(url: str, node: Any) -> Any:
    """The same example, of the mock at this URL."""
    if isinstance(node, str):
        return node.replace(HOME, url)
    if isinstance(node, dict):
        return {key: _at(url, each) for key, each in node.items()}
    return [_at(url, each) for each in node] if isinstance(node, list) else node
