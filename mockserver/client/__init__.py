"""The Python client of a mock that runs elsewhere: the same control, for plain and for asynchronous programs."""

from mockserver.client.asynchronous.sandbox import AsyncSandbox
from mockserver.client.asynchronous.server import AsyncServer
from mockserver.client.problems import MockError, Unreachable
from mockserver.client.synchronous.sandbox import Sandbox
from mockserver.client.synchronous.server import Server
from mockserver.client.values import Attempt, Callback, Flow, FlowChange, Happened, Move, Request, StatusChange, Time

__all__ = [
    "AsyncSandbox",
    "AsyncServer",
    "Attempt",
    "Callback",
    "Flow",
    "FlowChange",
    "Happened",
    "MockError",
    "Move",
    "Request",
    "Sandbox",
    "Server",
    "StatusChange",
    "Time",
    "Unreachable",
]
