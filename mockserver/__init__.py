"""A local test double of Routee's Failover API.

`RouteeMock` runs the mock for the length of a `with` block. The fixtures `routee` and `async_routee` are a `Routee` and
an `AsyncRoutee`. `create_app` makes the mock as an ASGI app, and `Settings` holds its settings. The rest is what a test
handles. Each name is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.app import create_app
    from mockserver.client import (
        AsyncSandbox,
        AsyncServer,
        Attempt,
        Callback,
        Due,
        Flow,
        FlowChange,
        Happened,
        Misuse,
        MockError,
        Move,
        Refused,
        Request,
        Sandbox,
        SandboxInfo,
        Server,
        StatusChange,
        Time,
        Unreachable,
    )
    from mockserver.settings import Settings
    from mockserver.testcontainers import RouteeContainer
    from mockserver.testing.mock import AsyncRoutee, Routee, RouteeMock
    from mockserver.testing.paths import FlowPath, every_path
    from mockserver.testing.process import NotStarted
    from mockserver.testing.receiver import Received, Receiver, Reply

__all__ = [
    "AsyncRoutee",
    "AsyncSandbox",
    "AsyncServer",
    "Attempt",
    "Callback",
    "Due",
    "Flow",
    "FlowChange",
    "FlowPath",
    "Happened",
    "Misuse",
    "MockError",
    "Move",
    "NotStarted",
    "Received",
    "Receiver",
    "Refused",
    "Reply",
    "Request",
    "Routee",
    "RouteeContainer",
    "RouteeMock",
    "Sandbox",
    "SandboxInfo",
    "Server",
    "Settings",
    "StatusChange",
    "Time",
    "Unreachable",
    "create_app",
    "every_path",
]

_ROOMS = dict.fromkeys(__all__, "client") | {
    "create_app": "app",
    "Settings": "settings",
    "RouteeContainer": "testcontainers",
    **dict.fromkeys(
        (
            "AsyncRoutee",
            "FlowPath",
            "NotStarted",
            "Received",
            "Receiver",
            "Reply",
            "Routee",
            "RouteeMock",
            "every_path",
        ),
        "testing",
    ),
}


def __getattr__(name: str) -> Any:
    """A public name, imported from its room on first use."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


# The floor plan. A room imports only from lower floors. Rooms on one floor do not import each other, except where an
# arrow `->` says so. docs/architecture.md explains the plan.
#
#   core/                 0  the flow engine and the virtual clock; no library but msgspec, no I/O, no real time
#   numbering/            0  telephone numbers, Sms parts, prices; knows nothing of flows
#   fidelity/             0  every rule by its name, where it comes from, and how it can be otherwise; only data
#   wire/                 1  what is read and written as JSON. Its rooms share errors, instants, problems and types
#     routee/                Routee's API: requests, the flow document, search, tokens
#     otp/ -> routee         its service for one-time passwords
#     services -> routee, otp    how the send of any flow is read, and what is told of it, by its service
#     scenario/              the language of scenarios
#     dialect                how a dialect is written, in TOML or JSON
#     state/ -> scenario     the state of a sandbox as lines of JSON
#     control/ -> scenario, dialect, settings, state   the control API: what it takes and what it answers
#     verify/ -> control     what a test expects, compared with what happened
#     code/ -> services, scenario   a flow as code: a test, a script, a scenario
#     openapi/ -> the others both APIs as OpenAPI documents, and these as pages to read
#   choices, forms        0  the words that some settings can be; how a setting is described
#   settings              1  the settings of a server, and how each is written
#   tls                   1  a certificate for Routee's names, and the authority that signs it
#   delivery/             2  callbacks over HTTP or to an ASGI app: where they may go, and where they go instead
#   sandbox/              2  running sandboxes: their clocks in real time, and their callbacks under way
#   keeping/ -> sandbox   2  sandboxes kept on disk: what leads to an answer is kept before it leaves
#   recordings/           2  what really happened between an application and a service: read, masked, passed on, written
#   simulation            2  a flow played without a server: the callbacks that its webhook would get
#   loader                2  scenario files, and the library of what can be played by name
#   logs                  2  the log, as text or JSON, without anything sensitive
#   learning/             3  what a recording says of the mock: rule by rule, and as scenarios and tests
#   strategies/, fakes    3  Hypothesis strategies and a Faker provider; a server never imports them
#   http/                 3  thin Starlette routes for both APIs
#   ui/                       the files of the page, for a browser; no Python
#   client/               4  the Python client of the control API, plain and asynchronous; it imports no other room
#   app                   4  puts it together: settings in, app out
#   server                5  sockets, TLS, signals, start and stop
#   testing/              5  `with RouteeMock() as routee:`, a server process, a webhook receiver, failure reports
#   testcontainers        5  the mock in a container that a test starts
#   pytest_plugin         6  the fixtures, and the report of a failed test
#   cli/                  6  the command `routee-mock`, with the demo and the sweep
