"""Stoplight's Prism, which answers as an OpenAPI document says: our own. It wants a token and validates the body."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import inside
from benchmarks.messages import body, get
from benchmarks.peers.installed import FOLDER, from_npm
from benchmarks.server import Server, free_port, listening


@contextmanager
def start() -> Iterator[Server]:
    """Prism, silent. Raises NotStarted."""
    modules, port, document = from_npm("@stoplight/prism-cli@5"), free_port(), FOLDER / "openapi.json"
    with inside.opened(inside.mock()) as mock:
        document.write_bytes(body(mock.ask(get("/openapi.json"))))
    prism = str(modules / "@stoplight" / "prism-cli" / "dist" / "index.js")
    with listening(["node", prism, "mock", "-p", str(port), "-v", "silent", str(document)], port) as server:
        yield server
