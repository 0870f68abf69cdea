"""The mock in a test: `with RouteeMock() as routee:` for any test framework, a server process, a webhook receiver.

Everything is imported when it is first used, so that a receiver alone brings no client with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.testing.mock import AsyncRoutee, Routee, RouteeMock
    from mockserver.testing.receiver import Receiver, Reply

__all__ = ["AsyncRoutee", "Receiver", "Reply", "Routee", "RouteeMock"]

_FILES = {"Receiver": "receiver", "Reply": "receiver"}


def __getattr__(name: str) -> Any:
    """What stands in a file of this room, imported now."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES.get(name, 'mock')}"), name)
