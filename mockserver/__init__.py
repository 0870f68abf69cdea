"""A local test double of Routee's Failover API.

`RouteeMock` is a mock for the length of a `with` block, `create_app` the mock as an ASGI app, `Settings` what it can
be told. They are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.app import create_app
    from mockserver.settings import Settings
    from mockserver.testing.mock import RouteeMock

__all__ = ["RouteeMock", "Settings", "create_app"]

_ROOMS = {"RouteeMock": "testing", "Settings": "settings", "create_app": "app"}


def __getattr__(name: str) -> Any:
    """What stands in a room, imported now."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


# The floor plan. Imports go down only; rooms on one floor do not know each other, but for those joined by `->`.
#
#   core/                 0  the flow engine and the virtual clock: standard library only, no I/O, no OS clock
#   numbering/            0  the facts of telephone numbers, Sms parts and prices; knows nothing of flows
#   wire/                 1  what stands on the wire: requests, the flow document, errors, instants, OpenAPI
#   settings              1  what a server can be told
#   destinations          1  where callbacks may go: patterns of hosts and networks
#   rewrites              1  where callbacks go instead, which a container knows by another name
#   tls                   1  a certificate for Routee's names, and the authority that vouches for it
#   loader                2  scenario files -> scenarios; an error names file, line and key
#   callbacks -> resolver 2  the one outgoing HTTP client: posts a callback, turns every failure into a value
#   inside -> callbacks   2  callbacks without a socket, to an ASGI app in the same process
#   driver -> pacer       2  core effects -> I/O; real time -> virtual time
#   logs                  2  the log: lines to read, or JSON; nothing sensitive
#   sandboxes -> driver, sink  2  the isolated worlds, and the built-in places to receive callbacks
#   simulation            2  a flow played through the engine without a server: what its webhook would be posted
#   strategies, fakes -> simulation 2  Hypothesis strategies and a Faker provider; no server ever imports them
#   http/                 3  thin Starlette routes: the mocked API and the control API
#   client/               4  the Python client of the control API, plain and asynchronous
#   process, receiver     4  a mock in a process of its own; a real webhook receiver for tests
#   app                   4  the composition root: settings in, app out
#   server -> app         4  the server that serves it: sockets, TLS, signals, its life cycle
#   testing               5  `with RouteeMock() as routee:`, a sandbox and a receiver for any test framework
#   testcontainers        5  the mock in a container that a test starts
#   pytest_plugin         6  the fixtures, and the timeline of a test that failed
#   cli -> demo, sweep    5  the console script, the demonstration, and every path of a flow against one's webhook
