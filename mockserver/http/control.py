"""What the endpoints of the control API stand on, and what all of them do with a request."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from mockserver.http.lag import Lag
from mockserver.http.metrics import Metrics
from mockserver.http.replies import read_body
from mockserver.loader import ScenarioLibrary
from mockserver.sandbox.registry import DEFAULT, Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import errors


@dataclass(frozen=True, slots=True)
class Control:
    """One server, as a test or a person at the keyboard controls it.

    keep_up: looks at the user's scenario files again. instance: tells one run of a server from the next. ca: the
    certificate (PEM) that clients are to trust; None without TLS.
    """

    sandboxes: Sandboxes
    settings: Settings
    library: ScenarioLibrary
    metrics: Metrics
    lag: Lag
    keep_up: Callable[[], None]
    instance: str
    ca: bytes | None = None

    def sandbox(self, request: Request) -> Sandbox:
        """The sandbox a path names, or `default`. Raises Refusal (404) for one that is not there."""
        id_ = request.path_params.get("sandbox", DEFAULT)
        found = self.sandboxes.find(id_)
        if found is None:
            near = difflib.get_close_matches(id_, [each.id for each in self.sandboxes], n=2)
            raise errors.unknown_sandbox(id_, near)
        return found

    async def body(self, request: Request) -> bytes:
        """The body of a request. Raises Refusal (413) when it is larger than the settings allow."""
        return await read_body(request, self.settings.max_body)
