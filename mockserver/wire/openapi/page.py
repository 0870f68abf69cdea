"""An OpenAPI document as a page to read: HTML without scripts, and with nothing to fetch."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from mockserver.wire import Json

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of a page: no script, no style but its own, and no request to anywhere."""

LIMITS = {
    "default": "by default {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "matches {}",
    "format": "format {}",
}
"""What a keyword of a schema says about a field."""


def render(document: Json, elsewhere: Mapping[str, str]) -> str:
    """The page of a document. elsewhere: the names and paths of what else there is to read."""
    about, schemas = document["info"], document["components"]["schemas"]
    parts = {title: list(_listed(document[part])) for title, part in PARTS.items() if part in document}
    return "".join(
        (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(about["title"])}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head><body>",
            *_contents(parts, schemas),
            f"<main><h1>{escape(about['title'])}</h1>{_prose(about['description'])}<p>",
            f"Served at <code>{escape(document['servers'][0]['url'])}</code>. See also ",
            ", ".join(f'<a href="{escape(path)}">{escape(name)}</a>' for name, path in elsewhere.items()),
            ".</p>",
            *(text for part in parts.items() for text in _part(*part)),
            "<h2>Objects</h2>",
            *(text for name, schema in schemas.items() for text in _object(name, schema)),
            "</main></body></html>",
        )
    )


PARTS = {"Endpoints": "paths", "What the mock posts to you": "webhooks"}

Told = tuple[str, str, Json]
"""The method and the path of an operation, and what the document says of it."""


def _listed(places: Json) -> Iterator[Told]:
    for place, methods in places.items():
        yield from ((method.upper(), place, told) for method, told in methods.items())


def _contents(parts: Mapping[str, Iterable[Told]], schemas: Iterable[str]) -> Iterator[str]:
    yield '<nav aria-label="Contents">'
    for title, operations in parts.items():
        yield f"<h2>{title}</h2><ul>"
        for method, place, told in operations:
            yield f'<li><a href="#{escape(told["operationId"])}"><b>{method}</b> {escape(place)}</a></li>'
        yield "</ul>"
    yield "<h2>Objects</h2><ul>"
    yield from (f"<li>{_link(name)}</li>" for name in schemas)
    yield "</ul></nav>"


def _part(title: str, operations: Iterable[Told]) -> Iterator[str]:
    yield f"<h2>{title}</h2>"
    yield from (text for each in operations for text in _operation(*each))


def _operation(method: str, place: str, told: Json) -> Iterator[str]:
    yield f'<section id="{escape(told["operationId"])}"><h3><b>{method}</b> <code>{escape(place)}</code></h3>'
    yield _prose(told["summary"])
    if told.get("parameters"):
        rows = ((each["name"], each.get("required", False), each["schema"], each) for each in told["parameters"])
        yield from _fields(rows)
    for media, content in told.get("requestBody", {}).get("content", {}).items():
        yield f"<h4>Body: {escape(media)}</h4>"
        yield from _shape(content["schema"])
        yield from _examples(content, " open")
    for status, answer in told["responses"].items():
        yield f"<h4>Answer {status}: {escape(answer['description'])}</h4>"
        for media, content in answer.get("content", {}).items():
            yield f"<p>{escape(media)}: {_type(content['schema'])}</p>"
            yield from _examples(content)
    yield "</section>"


def _object(name: str, schema: Json) -> Iterator[str]:
    yield f'<section id="schema-{escape(name)}"><h3><code>{escape(name)}</code></h3>'
    yield _prose(schema.get("description", ""))
    yield from _shape(schema)
    yield "</section>"


def _shape(schema: Json) -> Iterator[str]:
    if "properties" in schema:
        yield from _fields(_properties(schema))
    else:
        yield f"<p>{_type(schema)}{_limits(schema)}</p>"


Field = tuple[str, bool, Json, Json]
"""Its name, whether it is required, its schema, and what describes it."""


def _properties(schema: Json) -> Iterator[Field]:
    required = schema.get("required", ())
    return ((name, name in required, each, each) for name, each in schema["properties"].items())


def _fields(fields: Iterable[Field]) -> Iterator[str]:
    yield "<table><thead><tr><th>field</th><th>takes</th><th>what it is</th></tr></thead><tbody>"
    for name, required, schema, about in fields:
        yield f"<tr><td><code>{escape(name)}</code>{' <i>required</i>' if required else ''}</td>"
        yield f"<td>{_type(schema)}{_limits(schema)}</td><td>{_prose(about.get('description', ''))}</td></tr>"
    yield "</tbody></table>"


def _examples(content: Json, first: str = "") -> Iterator[str]:
    """The examples, folded. first: " open" to show the first one."""
    for number, (name, each) in enumerate(content.get("examples", {}).items()):
        value = each["value"]
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        yield f"<details{first if number == 0 else ''}><summary>Example: {escape(_words(name))}</summary>"
        yield f"<pre>{escape(text)}</pre></details>"


def _type(schema: Json) -> str:
    """What a schema takes, in words."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(each) for each in schema[several]))
    if "enum" in schema:
        return ", ".join(_value(each) for each in schema["enum"])
    if "const" in schema:
        return _value(schema["const"])
    if "items" in schema:
        return f"a list of {_type(schema['items'])}"
    kinds = schema.get("type", "anything")
    return escape(" or ".join(kinds) if isinstance(kinds, list) else kinds)


def _limits(schema: Json) -> str:
    said = [text.format(_value(schema[word])) for word, text in LIMITS.items() if word in schema]
    return f"<small>{'; '.join(said)}</small>" if said else ""


def _value(value: Any) -> str:
    return f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>"


def _link(name: str) -> str:
    return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'


def _prose(text: str) -> str:
    """Text with its paragraphs, and what stands in backticks as code."""
    paragraphs = (re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(each)) for each in text.split("\n\n") if each)
    return "".join(f"<p>{each}</p>" for each in paragraphs)


def _words(name: str) -> str:
    """The name of an example, such as `viberThenSms`, in words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
