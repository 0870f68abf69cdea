"""The mock in a test: `with RouteeMock() as routee:` for any test framework, a server process, a webhook receiver.

Each name is imported when it is first used: whoever uses only the receiver does not import the client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.testing.mock import AsyncRoutee, Routee, RouteeMock
    from mockserver.testing.paths import FlowPath, every_path
    from mockserver.testing.process import NotStarted
    from mockserver.testing.receiver import Received, Receiver, Reply

__all__ = [
    "AsyncRoutee",
    "FlowPath",
    "NotStarted",
    "Received",
    "Receiver",
    "Reply",
    "Routee",
    "RouteeMock",
    "every_path",
]

_FILES = dict.fromkeys(("Received", "Receiver", "Reply"), "receiver") | {
    "FlowPath": "paths",
    "NotStarted": "process",
    "every_path": "paths",
}


def __getattr__(name: str) -> Any:
    """A public name, imported from its file on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES.get(name, 'mock')}"), name)
