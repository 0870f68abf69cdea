"""How each kind of contender is started as a server."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.contenders import Contender, Kind
from benchmarks.cores import MEASURED
from benchmarks.server import Server, started

ROOMY = ("--clock", "manual", "--max-flows", "1000000", "--max-payload", str(4 * 1024**3))
"""Options of the mock: time stands still, and there are no limits."""


@contextmanager
def serving(
    contender: Contender,
    size: int = 1_000,
    status: int = 200,
    options: tuple[str, ...] = ROOMY,
    core: int = MEASURED,
) -> Iterator[Server]:
    """A server of this contender. size, status: of every answer of bare; options: of the mock. Raises NotStarted."""
    if contender.start is not None:
        with contender.start() as peer:
            yield peer
        return
    commands = {
        Kind.BARE: ("benchmarks.bare", str(size), str(status)),
        Kind.MOCK: ("mockserver", "serve", "--port", "0", "--log-level", "error", *options),
    }
    with started(contender.command(*commands[contender.kind]), contender.environment, core) as server:
        yield server
