"""Work that goes on behind the requests: when it dies of an error, that is logged, and it begins again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("mockserver")

Work = Callable[[], Awaitable[None]]

PAUSE = 1.0
"""Real seconds before what has died begins again, so that what dies at once does not fill the log."""


async def supervise(name: str, work: Work, pause: float = PAUSE) -> None:
    """Do some work until it is done. name: what the log calls it; pause: real seconds before it begins again."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("%s has met a fault of the mock itself, and goes on", name, exc_info=error)
            await asyncio.sleep(pause)
        else:
            return
