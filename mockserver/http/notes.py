"""The record of requests to the mocked API: counted for the metrics, and written into the journal."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from starlette.types import Scope

from mockserver import logs
from mockserver.core.commands import NoteRequest
from mockserver.http.admission import Caller
from mockserver.wire.errors import Refusal

NOWHERE = "none"
"""The path under which requests that led nowhere are counted: their own could be anything."""

LONGEST_PATH = 200
"""Characters of a request's path that the journal keeps."""


@lru_cache(maxsize=1_024)
def _accepted(method: str, path: str, application: str | None) -> NoteRequest:
    """Most requests that are answered well are noted alike: one value serves them all."""
    return NoteRequest(method, path, 200, application)


class Notes:
    """answered: how many requests there were, by method, path as the route is written, and status."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, str, int]] = Counter()

    def accepted(self, caller: Caller, scope: Scope, route: str) -> None:
        """Note a request that is answered with 200."""
        method, path = scope["method"], scope["path"][:LONGEST_PATH]
        self.answered[method, route, 200] += 1
        caller.sandbox.driver.submit(_accepted(method, path, caller.application))
        logs.request(method, path, 200, None, ())

    def refused(self, caller: Caller, scope: Scope, refusal: Refusal, route: str = NOWHERE) -> Mapping[str, str]:
        """Note a request that is refused; the headers of its answer, one of which leads to the entry."""
        method, path, sandbox = scope["method"], scope["path"][:LONGEST_PATH], caller.sandbox
        self.answered[method, route, refusal.status] += 1
        error, wrong = refusal.explain()
        logs.request(method, path, refusal.status, error, (field for field, _ in wrong))
        sandbox.driver.submit(NoteRequest(method, path, refusal.status, caller.application, error, wrong))
        number = len(sandbox.driver.engine.journal)
        report = f"/_mock/sandboxes/{sandbox.id}/journal?after={number - 1}&limit=1"
        return {**refusal.headers, "Mock-Report": report}
