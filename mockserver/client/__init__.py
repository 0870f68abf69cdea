"""The Python client of a running mock, in two forms with the same methods: plain and asynchronous."""

from mockserver.client.asynchronous.sandbox import AsyncSandbox
from mockserver.client.asynchronous.server import AsyncServer
from mockserver.client.problems import Misuse, MockError, Refused, Unreachable
from mockserver.client.synchronous.sandbox import Sandbox
from mockserver.client.synchronous.server import Server
from mockserver.client.values import (
    Attempt,
    Callback,
    Due,
    Flow,
    FlowChange,
    Happened,
    Move,
    Request,
    SandboxInfo,
    StatusChange,
    Time,
)

__all__ = [
    "AsyncSandbox",
    "AsyncServer",
    "Attempt",
    "Callback",
    "Due",
    "Flow",
    "FlowChange",
    "Happened",
    "Misuse",
    "MockError",
    "Move",
    "Refused",
    "Request",
    "Sandbox",
    "SandboxInfo",
    "Server",
    "StatusChange",
    "Time",
    "Unreachable",
]
