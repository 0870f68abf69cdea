"""The record of requests to the mocked API: it counts them for the metrics, and writes them into the journal."""

from collections import Counter
from functools import lru_cache
from time import perf_counter

from starlette.types import Scope

from mockserver import logs
from mockserver.core.commands import NoteRequest
from mockserver.http.admission import Caller
from mockserver.http.replies import BEGAN, BODY, SANDBOX
from mockserver.sandbox.registry import Sandbox
from mockserver.wire.errors import Refusal

NOWHERE = "none"
"""The path that requests to unknown paths are counted under: their own paths could be anything."""

TOKENS = "/oauth/token"
"""The path, with or without a slash after it, whose bodies are not kept: they can hold the secret of an application."""

LONGEST_PATH = 200
"""Characters of a request's path that the journal keeps."""


@lru_cache(maxsize=1_024)
def _accepted(method: str, path: str, status: int, application: str | None) -> NoteRequest:
    """Most accepted requests have the same note, so one value serves them all."""
    return NoteRequest(method, path, status, application)


class Notes:
    """Notes every request. answered: how many there were, by method, path (as the route writes it) and status.

    ui: whether there is a page, to which the answer to a refused request leads.
    """

    def __init__(self, *, ui: bool = True) -> None:
        self._ui = ui
        self.answered: Counter[tuple[str, str, int]] = Counter()

    def accepted(self, caller: Caller, scope: Scope, route: str, flow: str | None = None, status: int = 200) -> None:
        """Note a request that is accepted. flow: the trackingId of the flow it made. status: of the answer."""
        method, path = scope["method"], scope["path"][:LONGEST_PATH]
        self.answered[method, route, status] += 1
        caller.sandbox.driver.submit(_accepted(method, path, status, caller.application))
        _keep(caller.sandbox, scope, route, flow)
        logs.request(method, path, status, None, ())

    def refused(self, caller: Caller | None, scope: Scope, refusal: Refusal, route: str = NOWHERE) -> dict[str, str]:
        """Note a request that is refused. Return the headers of its answer, which link to the entry.

        caller: None if no sandbox here has a journal for it.
        """
        method, path = scope["method"], scope["path"][:LONGEST_PATH]
        self.answered[method, route, refusal.status] += 1
        error, wrong = refusal.explain()
        logs.request(method, path, refusal.status, error, (field for field, _ in wrong))
        if caller is None:
            return refusal.headers
        sandbox = caller.sandbox
        sandbox.driver.submit(NoteRequest(method, path, refusal.status, caller.application, error, wrong))
        number = _keep(sandbox, scope, route, None)
        report = f"/_mock/sandboxes/{sandbox.id}/journal?after={number - 1}&limit=1"
        page = {"Mock-Page": f"/_mock/ui/#/{sandbox.id}?only=refused"} if self._ui else {}
        return {**refusal.headers, "Mock-Report": report, **page}


def _keep(sandbox: Sandbox, scope: Scope, route: str, flow: str | None) -> int:
    """Keep what the journal has not of the request that it has just noted. Return the number of its entry."""
    scope[SANDBOX] = sandbox
    number = sandbox.driver.engine.journal.written
    known = BODY in scope and (flow is not None or not route.startswith(TOKENS))
    took = perf_counter() - scope[BEGAN] if BEGAN in scope else 0.0
    sandbox.exchanges.put(number, flow, took, scope[BODY] if known else b"")
    return number
