"""WireMock with one stub: it holds the body against the JSON Schema of our OpenAPI document, and answers a constant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import inside
from benchmarks.messages import body, get
from benchmarks.peers.installed import from_npm
from benchmarks.server import NotStarted, Server, free_port, listening

QUIET = ("--no-request-journal", "--disable-request-logging", "--disable-banner")


@contextmanager
def start() -> Iterator[Server]:
    """WireMock, which keeps no journal. Raises NotStarted."""
    jars = sorted(from_npm("wiremock@3").glob("wiremock/build/wiremock-standalone-*.jar"))
    if not jars:
        raise NotStarted("the npm package brings no jar")
    with TemporaryDirectory(prefix="routee-mock-wiremock-") as name:
        folder, port = Path(name), free_port()
        (folder / "mappings").mkdir()
        (folder / "mappings" / "send.json").write_text(json.dumps(_stub()), encoding="utf-8")
        command = ["java", "-jar", str(jars[-1]), "--port", str(port), "--bind-address", "127.0.0.1"]
        with listening([*command, "--root-dir", name, *QUIET], port) as server:
            yield server


def _stub() -> dict[str, Any]:
    with inside.opened(inside.mock()) as mock:
        document = json.loads(body(mock.ask(get("/openapi.json"))))
    schema = {"$ref": "#/components/schemas/Send", "components": document["components"]}
    return {
        "request": {
            "method": "POST",
            "urlPath": "/failover",
            "headers": {"Authorization": {"matches": "Bearer .+"}},
            "bodyPatterns": [{"matchesJsonSchema": schema, "schemaVersion": "V202012"}],
        },
        "response": {"status": 200, "jsonBody": {"trackingId": "677e6a17", "flow": ["x" * 1_200]}},
    }
