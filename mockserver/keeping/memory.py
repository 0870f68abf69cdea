"""A server that keeps nothing on disk: what an `Archive` does, it does not."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.sandbox.lanes import Post, PostAtOnce
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.sandbox.supervision import Work
from mockserver.settings import VERSION
from mockserver.wire import Json, errors

log = logging.getLogger("mockserver")


class MemoryOnly:
    """Brings nothing back and keeps nothing."""

    keeper = None
    since = math.inf
    elsewhere: Sequence[Elsewhere] = ()
    failed: Callable[[Exception], None] = log.error

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

    def holding_at_once(self, post: PostAtOnce) -> PostAtOnce:
        """They can be posted at once, too."""
        return post

    def restored(self) -> tuple[int, int]:
        """None had to be brought back."""
        return 0, 0

    coming: Mapping[str, str | None] = MappingProxyType({})

    seals = 0

    async def seal(self) -> Sequence[Mapping[str, Any]]:
        """Nothing is kept. Raises Refusal (409)."""
        raise errors.keeps_nothing()

    async def standing(self) -> Json:
        """There is no store. Raises Refusal (404)."""
        raise errors.no_store()

    def tails(self) -> Mapping[str, int]:
        """A restart replays nothing."""
        return {}

    async def bring(self, sandboxes: Sandboxes, entered: Callable[[Sequence[Sandbox]], None]) -> None:
        """Nothing comes back."""

    async def log(self, sandbox: Sandbox) -> Iterator[bytes]:
        """The log of a sandbox. Raises Refusal (409) if the sandbox no longer keeps one."""
        from mockserver.wire.control import replay  # with what it needs, it takes longer than the rest of a start

        lines = replay.write(sandbox.driver.engine.log, VERSION)
        if lines is None:
            raise errors.log_given_up()
        return lines

    def resume(self) -> None:
        """There is nothing to go on with."""

    def stop_trying(self) -> None:
        """Nobody waits."""

    async def close(self) -> None:
        """Nothing is open."""
