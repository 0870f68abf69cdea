"""What the handlers of the control API share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import Request

from mockserver.http.lag import Lag
from mockserver.http.metrics import Metrics
from mockserver.http.notes import Notes
from mockserver.http.replies import SANDBOX, read_body
from mockserver.loader import ScenarioLibrary
from mockserver.sandbox.registry import DEFAULT, Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import errors
from mockserver.wire.openapi.operations import Operation
from mockserver.wire.problems import Wrong, clip, near

if TYPE_CHECKING:
    from mockserver.keeping.archive import Archive
    from mockserver.keeping.memory import MemoryOnly
    from mockserver.wire.control.learnt import Learnt


@dataclass(frozen=True, slots=True)
class Control:
    """The parts of one server that the control API works on.

    notes: the record of requests. keep_up: reads the user's scenario files again if they have changed. archive: what is
    kept on disk. instance: an id, different in each run of the server. ca: the certificate (PEM) that clients must
    trust; None without TLS. learnt: of the rules, from a recording of a service.
    """

    sandboxes: Sandboxes
    settings: Settings
    library: ScenarioLibrary
    metrics: Metrics
    notes: Notes
    lag: Lag
    keep_up: Callable[[], None]
    archive: "Archive | MemoryOnly"
    instance: str
    ca: bytes | None = None
    learnt: "Learnt" = field(default_factory=dict)

    def sandbox(self, request: Request) -> Sandbox:
        """The sandbox that the path names, or `default`. Raises Refusal (404) if it does not exist."""
        id_ = request.path_params.get("sandbox", DEFAULT)
        found = self.sandboxes.find(id_)
        if found is None:
            raise errors.unknown_sandbox(id_, near(id_, (each.id for each in self.sandboxes), 2))
        request.scope[SANDBOX] = found
        return found

    def expect_query(self, request: Request, operation: Operation) -> None:
        """Raise Refusal (400) for query parameters of an operation that takes none; others look at theirs themselves.

        To pass over one would be to do something else than was asked for, such as resetting another sandbox.
        """
        if request.url.query and not (operation.query or operation.takes_any):
            names = sorted(request.query_params.keys())
            hint = "; a sandbox is named in the path: /_mock/sandboxes/mine/..." if "sandbox" in names else ""
            text = f"{request.method} {clip(request.url.path, 100)} takes no parameters{hint}."
            wrong = Wrong()
            wrong.unknown(names)
            raise errors.malformed(text, wrong)

    async def body(self, request: Request) -> bytes:
        """The body of a request. Raises Refusal (413) if it is larger than the settings allow."""
        return await read_body(request, self.settings.max_body)
