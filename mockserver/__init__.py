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
#   wire/                 1  what stands on the wire. Every room in it knows errors, instants, problems and types
#     routee/                the mocked API: requests, the flow document, search, tokens
#     scenario/              the language of scenarios
#     control/ -> scenario, settings   our own API: what is asked and answered under /_mock/
#     verify/ -> control     what a test expects, held against what happened
#     openapi/ -> the others both APIs as OpenAPI documents
#   settings              1  what a server can be told, and how each setting is written
#   tls                   1  a certificate for Routee's names, and the authority that vouches for it
#   delivery/             2  what leaves: callbacks over HTTP or to an ASGI app, where they may go, and where instead
#   sandbox/              2  a sandbox while it runs: its clock in real time, its callbacks on their way; all of them
#   simulation            2  a flow played through the engine without a server: what its webhook would be posted
#   loader                2  scenario files -> scenarios; an error names file, line and key
#   logs                  2  the log: lines to read, or JSON; nothing sensitive
#   strategies/, fakes    3  Hypothesis strategies and a Faker provider; no server ever imports them
#   http/                 3  thin Starlette routes: the mocked API and the control API
#   client/               4  the Python client of the control API, plain and asynchronous; imports nobody of ours
#   app                   4  the composition root: settings in, app out
#   server                5  the server that serves it: sockets, TLS, signals, its life cycle
#   testing/              5  `with RouteeMock() as routee:`, a server process, a webhook receiver
#   testcontainers        5  the mock in a container that a test starts
#   pytest_plugin         6  the fixtures, and the timeline of a test that failed
#   cli/                  6  the console script, with the demonstration and every path of a flow
