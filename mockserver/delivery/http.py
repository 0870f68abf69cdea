"""The one outgoing HTTP client: it posts a callback, and turns every result into a value.

What it promises, and where that is kept:

- nothing is ever posted twice, and connections are used again with care (`connections`);
- whoever answers with a status has answered, whatever follows it and however its bytes are cut (`answer`);
- a callback goes to an address that was judged, and to no other (`resolver`, `dialer`);
- every failure comes in words that say what to do about it (`failures`).
"""

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache, partial

from mockserver.core.commands import Answer
from mockserver.core.values import replace
from mockserver.delivery.answer import KEPT as KEPT  # noqa: PLC0414 -- known from here, as what is kept of an answer
from mockserver.delivery.answer import READ as READ  # noqa: PLC0414
from mockserver.delivery.answer import AnswerReader
from mockserver.delivery.connections import Connection, Connections
from mockserver.delivery.destinations import Destinations, Forbidden
from mockserver.delivery.dialer import Dialer
from mockserver.delivery.failures import status_text, unanswered_text, unreached_text
from mockserver.delivery.places import Places
from mockserver.delivery.resolver import AddressBook, Lookup, Resolver, look_up
from mockserver.delivery.rewrites import Rewrites
from mockserver.delivery.targets import Origin, Target, read_target

PATIENCE = 2.0
"""Real seconds that a receiver has, from the connection to the head of its answer (doc)."""

CONNECTIONS = 100
"""The most callbacks under way at once (choice)."""

CLOSED = "the mock is shutting down; nothing was sent"

BROKEN_OFF = "the mock is shutting down; the answer was not waited for"


class HttpSender:
    """Posts callbacks over connections that are kept alive. It ignores proxies, cookies and redirects (choice).

    patience: real seconds an attempt may take, connecting included. connections: attempts under way at once.
    destinations: where callbacks may go; anywhere unless told. rewrites: where they go instead; they are judged by
    where they really go. lookup: asks for the addresses of a host. local: the mock runs in no container, so what to do
    in one is not told.
    No authorization is sent (doc), not even one written into the URL (choice). Belongs to the event loop it is first
    used in.
    """

    def __init__(
        self,
        patience: float = PATIENCE,
        connections: int = CONNECTIONS,
        destinations: Destinations | None = None,
        rewrites: Rewrites | None = None,
        lookup: Lookup = look_up,
        *,
        local: bool = False,
    ) -> None:
        self._local = local
        self._patience = patience
        self._places = Places(connections)
        self._destinations = destinations or Destinations()
        self._rewrites = rewrites or Rewrites()
        self._connections = Connections(Dialer(AddressBook(Resolver(self._destinations, lookup))))
        self._closed = False
        self._aim = lru_cache(maxsize=1_024)(self._aimed)

    async def post(self, url: str, body: bytes) -> Answer:
        """Make one attempt to deliver a callback. A failure is a value too; raises only CancelledError.

        The status decides. After it, a body that breaks off or never ends is no failure (choice): the part that came
        in time is kept. Waiting for other callbacks does not count in `patience` or in `took`.
        """
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        break_off = self.post_at_once(url, body, partial(_tell, answered))
        if break_off is None:
            goes_to = self._rewrites.apply(url)
            answer = await self._post(goes_to, body)
            return answer if goes_to == url else replace(answer, posted_to=goes_to)
        try:
            return await answered
        except asyncio.CancelledError:
            break_off()
            raise

    def post_at_once(self, url: str, body: bytes, answered: Callable[[Answer], None]) -> Callable[[], object] | None:
        """The same without a wait, over a connection that is kept: `answered` is called with the answer, later.

        Returns what breaks it off; None if it has posted nothing, because something must be waited for, or is wrong.
        """
        try:
            goes_to, target = self._aim(url)
        except (ValueError, Forbidden):
            return None
        if self._closed or not self._places.enter():
            return None
        connection = self._connections.take_at_once(target.origin)
        if connection is None:
            self._places.leave()
            return None
        began = time.monotonic()

        def heard(answer: AnswerReader, cause: Exception | None) -> None:
            self._places.leave()
            result = _result(self._heard(goes_to, target.origin, connection, answer, cause, reused=True), began)
            answered(result if goes_to == url else replace(result, posted_to=goes_to))

        connection.post(target.request(body), asyncio.get_running_loop().time() + self._patience, heard)
        return connection.abort

    async def close(self) -> None:
        """Close every connection for good. Callbacks under way, and any posted later, fail with words that say so."""
        self._closed = True
        await self._connections.close()

    def _aimed(self, url: str) -> tuple[str, Target]:
        """Where a callback for a URL goes, and where that leads. Raises as `_judged` does."""
        goes_to = self._rewrites.apply(url)
        return goes_to, self._judged(goes_to)

    def _judged(self, url: str) -> Target:
        """Where a URL leads. Raises ValueError for one that leads nowhere, and Forbidden."""
        target = read_target(url)
        self._destinations.check(target.origin.host, target.origin.port)
        return target

    async def _post(self, url: str, body: bytes) -> Answer:
        async with self._places:
            try:
                target = self._judged(url)
            except (ValueError, Forbidden) as unusable:
                return Answer(None, unreached_text(url, unusable, self._patience, local=self._local), 0.0)
            kept = await self._connections.take(target.origin)
            if self._closed:
                return Answer(None, CLOSED, 0.0)
            began = time.monotonic()
            return _result(await self._attempt(url, target, body, kept), began)

    async def _attempt(self, url: str, target: Target, body: bytes, kept: Connection | None) -> AnswerReader | str:
        """Make an attempt: an answer of which at least the head came, or in words why there is none."""
        deadline = asyncio.get_running_loop().time() + self._patience
        try:
            connection = kept or await self._connections.open(target.origin, deadline)
            answer, cause = await connection.ask(target.request(body), deadline)
        except Exception as error:  # delivering never raises; the words name what has no row in their table
            return BROKEN_OFF if self._closed else unreached_text(url, error, self._patience, local=self._local)
        return self._heard(url, target.origin, connection, answer, cause, reused=kept is not None)

    def _heard(
        self,
        url: str,
        origin: Origin,
        connection: Connection,
        answer: AnswerReader,
        cause: Exception | None,
        *,
        reused: bool,
    ) -> AnswerReader | str:
        """What came of asking on a connection, which is kept if it can be."""
        self._connections.give_back(origin, connection, answered=answer.status is not None, reused=reused)
        if answer.status is not None:
            return answer
        return BROKEN_OFF if self._closed else unanswered_text(url, answer.fault, cause, self._patience, reused=reused)


def _tell(answered: asyncio.Future[Answer], answer: Answer) -> None:
    if not answered.done():
        answered.set_result(answer)


def _result(answer: AnswerReader | str, began: float) -> Answer:
    """What came of an attempt that began at an instant of the monotonic clock."""
    took = round((time.monotonic() - began) * 1_000, 1)
    if isinstance(answer, str):
        return Answer(None, answer, took)
    status = answer.status or 0
    error = status_text(status, answer.phrase, answer.location)
    return Answer(status, error, took, answer.body.decode(errors="replace"))
