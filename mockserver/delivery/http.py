"""The one outgoing HTTP client: it posts a callback, and turns every result into a value.

What it promises, and where that is kept:

- nothing is ever posted twice, and connections are used again with care (`connections`);
- whoever answers with a status has answered, whatever follows it and however its bytes are cut (`answer`);
- a callback goes to an address that was judged, and to no other (`resolver`, `dialer`);
- every failure comes in words that say what to do about it (`failures`).
"""

import asyncio
import time

from mockserver.core.commands import Answer
from mockserver.core.values import replace
from mockserver.delivery.answer import KEPT as KEPT  # noqa: PLC0414 -- known from here, as what is kept of an answer
from mockserver.delivery.answer import READ as READ  # noqa: PLC0414
from mockserver.delivery.answer import AnswerReader
from mockserver.delivery.connections import Connection, Connections
from mockserver.delivery.destinations import Destinations, Forbidden
from mockserver.delivery.dialer import Dialer
from mockserver.delivery.failures import status_text, unanswered_text, unreached_text
from mockserver.delivery.resolver import AddressBook, Lookup, Resolver, look_up
from mockserver.delivery.rewrites import Rewrites
from mockserver.delivery.targets import Target, read_target

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
        self._places = asyncio.Semaphore(connections)
        self._destinations = destinations or Destinations()
        self._rewrites = rewrites or Rewrites()
        self._connections = Connections(Dialer(AddressBook(Resolver(self._destinations, lookup))))
        self._closed = False

    async def post(self, url: str, body: bytes) -> Answer:
        """Make one attempt to deliver a callback. A failure is a value too; raises only CancelledError.

        The status decides. After it, a body that breaks off or never ends is no failure (choice): the part that came
        in time is kept. Waiting for other callbacks does not count in `patience` or in `took`.
        """
        goes_to = self._rewrites.apply(url)
        answer = await self._post(goes_to, body)
        return answer if goes_to == url else replace(answer, posted_to=goes_to)

    async def close(self) -> None:
        """Close every connection for good. Callbacks under way, and any posted later, fail with words that say so."""
        self._closed = True
        await self._connections.close()

    async def _post(self, url: str, body: bytes) -> Answer:
        async with self._places:
            try:
                target = read_target(url)
                self._destinations.check(target.origin.host, target.origin.port)
            except (ValueError, Forbidden) as unusable:
                return Answer(None, unreached_text(url, unusable, self._patience, local=self._local), 0.0)
            kept = await self._connections.take(target.origin)
            if self._closed:
                return Answer(None, CLOSED, 0.0)
            began = time.monotonic()
            answer = await self._attempt(url, target, body, kept)
            took = round((time.monotonic() - began) * 1_000, 1)
        if isinstance(answer, str):
            return Answer(None, answer, took)
        status = answer.status or 0
        error = status_text(status, answer.phrase, answer.location)
        return Answer(status, error, took, answer.body.decode(errors="replace"))

    async def _attempt(self, url: str, target: Target, body: bytes, kept: Connection | None) -> AnswerReader | str:
        """Make an attempt: an answer of which at least the head came, or in words why there is none."""
        deadline = asyncio.get_running_loop().time() + self._patience
        try:
            connection = kept or await self._connections.open(target.origin, deadline)
            answer, cause = await connection.ask(target.request(body), deadline)
        except Exception as error:  # delivering never raises; the words name what has no row in their table
            failure = unreached_text(url, error, self._patience, local=self._local)
        else:
            reused, answered = kept is not None, answer.status is not None
            self._connections.give_back(target.origin, connection, answered=answered, reused=reused)
            if answered:
                return answer
            failure = unanswered_text(url, answer.fault, cause, self._patience, reused=reused)
        return BROKEN_OFF if self._closed else failure
