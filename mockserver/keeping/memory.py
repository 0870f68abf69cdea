"""A server that keeps nothing on disk: what an `Archive` does, it does not."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.lanes import Post
from mockserver.sandbox.registry import Elsewhere, Sandbox, Sandboxes
from mockserver.sandbox.supervision import Work


class MemoryOnly:
    """Brings nothing back and keeps nothing."""

    keeper = None
    since = math.inf
    elsewhere: Sequence[Elsewhere] = ()

    @property
    def work(self) -> Mapping[str, Work]:
        """Nothing to do behind the requests."""
        return {}

    def listen(self, engine: Engine) -> None:
        """Leave an engine alone."""

    def sandboxes(self, drive: Callable[[Engine], Driver]) -> Iterable[tuple[Sandbox, Iterable[Token]]]:  # noqa: ARG002
        """No sandbox was kept."""
        return ()

    def made(self, sandbox: Sandbox) -> None:
        """Keep nothing of a new sandbox."""

    def wants(self, there: Elsewhere) -> None:
        """No other server has anything."""

    def gone(self, sandbox: Sandbox) -> None:
        """There is nothing to forget."""

    def holding(self, post: Post) -> Post:
        """Callbacks wait for nothing."""
        return post

    def resume(self, sandboxes: Sandboxes) -> None:
        """There is nothing to go on with."""

    def stop_trying(self) -> None:
        """Nobody waits."""

    async def close(self) -> None:
        """Nothing is open."""
