"""The record of requests to the mocked API: it counts them for the metrics, and writes them into the journal."""

from collections import Counter
from functools import lru_cache

from starlette.types import Scope

from mockserver import logs
from mockserver.core.commands import NoteRequest
from mockserver.http.admission import Caller
from mockserver.wire.errors import Refusal

NOWHERE = "none"
"""The path that requests to unknown paths are counted under: their own paths could be anything."""

LONGEST_PATH = 200
"""Characters of a request's path that the journal keeps."""


@lru_cache(maxsize=1_024)
def _accepted(method: str, path: str, application: str | None) -> NoteRequest:
    """Most accepted requests have the same note, so one value serves them all."""
    return NoteRequest(method, path, 200, application)


class Notes:
    """Notes every request. answered: how many there were, by method, path (as the route writes it) and status."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, str, int]] = Counter()

    def accepted(self, caller: Caller, scope: Scope, route: str) -> None:
        """Note a request that gets a 200."""
        method, path = scope["method"], scope["path"][:LONGEST_PATH]
        self.answered[method, route, 200] += 1
        caller.sandbox.driver.submit(_accepted(method, path, caller.application))
        logs.request(method, path, 200, None, ())

    def refused(self, caller: Caller, scope: Scope, refusal: Refusal, route: str = NOWHERE) -> dict[str, str]:
        """Note a request that is refused. Return the headers of its answer; one of them links to the entry."""
        method, path, sandbox = scope["method"], scope["path"][:LONGEST_PATH], caller.sandbox
        self.answered[method, route, refusal.status] += 1
        error, wrong = refusal.explain()
        logs.request(method, path, refusal.status, error, (field for field, _ in wrong))
        sandbox.driver.submit(NoteRequest(method, path, refusal.status, caller.application, error, wrong))
        number = len(sandbox.driver.engine.journal)
        report = f"/_mock/sandboxes/{sandbox.id}/journal?after={number - 1}&limit=1"
        return {**refusal.headers, "Mock-Report": report}
