"""The control API as an OpenAPI document: requests are made from the models that validate them, where there are any.

The table of endpoints says what each operation takes and answers, and is passed in.
"""

import re
from collections.abc import Mapping

from mockserver.wire import Json
from mockserver.wire.openapi import answers, bodies, otp, replies, requests
from mockserver.wire.openapi.examples import HOME, with_examples
from mockserver.wire.openapi.operations import Content, Operation
from mockserver.wire.openapi.schemas import TEXT, answered, ref, used


def document(operations: Mapping[str, Operation], url: str = HOME) -> Json:
    """The document: OpenAPI 3.1. operations: by method and path, such as `GET /_mock/clock`. url: of the mock."""
    schemas = _schemas()
    paths = _paths(operations, url)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "routee-mock, controlled",
            "version": "1",
            "description": "How a test moves the time of the mock, chooses what happens, and asks what did.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "security": [{}, {"token": []}, {"bearer": []}],
        "paths": paths,
        "components": {"schemas": used(schemas, paths), "securitySchemes": _schemes()},
    }


def _paths(operations: Mapping[str, Operation], url: str) -> Json:
    paths: Json = {}
    for place, operation in operations.items():
        method, path = place.split()
        shown = with_examples(place, _operation(method, path, operation), url)
        paths.setdefault(path, {})[method.lower()] = shown
    return paths


def _operation(method: str, path: str, operation: Operation) -> Json:
    named = re.findall(r"{(\w+)}", path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in named]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()]
    conditional = 304 in operation.also or 412 in operation.refusals
    parameters += [{"name": "If-None-Match", "in": "header", "schema": TEXT}] if conditional else []
    described: Json = {"operationId": operation.id, "summary": operation.summary, "parameters": parameters}
    if operation.body is not None:
        body = operation.body
        described["requestBody"] = {"required": body.required, "content": _content(body.content)}
    return described | {"responses": _responses(method, operation, sandbox="sandbox" in named)}


def _responses(method: str, operation: Operation, *, sandbox: bool) -> Json:
    good = {"description": "OK", "content": _content(operation.reply)} if operation.reply else {"description": "Done"}
    bad = {401, 403, *operation.refusals, *((404,) if sandbox else ())}
    if not operation.takes_any or operation.body is not None:
        bad.add(400)
    if operation.body is not None:
        bad.add(413)
    if method != "GET":
        bad.add(503)  # nothing can be kept at the moment
    refused = {str(status): answered("Refused", ref("Error")) for status in sorted(bad)}
    others = {
        str(status): {"description": "Otherwise", "content": _content(each)}
        for status, each in operation.others.items()
    }
    also = {
        str(status): {"description": text} | ({"content": good["content"]} if status < 300 else {})
        for status, text in operation.also.items()
    }
    return {str(operation.status): good} | also | others | refused


def _content(content: Content) -> Json:
    return {media: {"schema": schema} for media, schema in content.items()}


# Schemas


def _schemas() -> Json:
    """Every schema there is, also those that nothing refers to."""
    own = bodies.schemas() | answers.schemas()
    return own | used(requests.schemas() | replies.schemas() | replies.refusals() | otp.schemas(), [own, ref("Error")])


def _schemes() -> Json:
    """The security schemes; only a mock with --control-token needs them."""
    token = {"type": "apiKey", "in": "header", "name": "X-Mock-Token"}
    return {"token": token, "bearer": {"type": "http", "scheme": "bearer"}}
