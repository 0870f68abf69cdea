"""The handlers of callbacks that move the clock of the very sandbox that calls them.

A move answers when every callback due has its answer, and such a handler answers when the move has: each waits for the
other until the callback's time is up, at every attempt. So the move is refused, where it can be told:

- In process it is known which callback a move is asked for within (`WITHIN`).
- Over a socket the move of a handler looks like that of another thread, which only has to wait. Two attempts in a row
  that got no answer, while another move was asked for during each, are taken for proof. From then on no move is waited
  for while a callback to that URL has no answer.

A handler that resets or deletes its sandbox is not waited for either, where that is known: in process. Over a socket
such a request waits for its own callback until the callback's time is up.
"""

from contextvars import ContextVar

from mockserver.core.commands import Answer
from mockserver.core.deliveries import Delivery

WITHIN: ContextVar[Delivery | None] = ContextVar("WITHIN", default=None)
"""The callback whose handler, in this process, asks for something."""


class WaitsForItself(RuntimeError):
    """A move that a handler asks for and that could not end before the handler does. url: of the callback."""

    def __init__(self, url: str) -> None:
        super().__init__(f"asked for within a callback to {url}")
        self.url = url


class Handlers:
    """What is known of the handlers of one sandbox."""

    def __init__(self) -> None:
        self._open: dict[int, Delivery] = {}
        self._asked: set[int] = set()
        self._suspects: set[int] = set()
        self._movers: set[str] = set()

    def begin(self, delivery: Delivery) -> None:
        """A callback is posted, by the task that calls this."""
        self.open(delivery)
        WITHIN.set(delivery)

    def open(self, delivery: Delivery) -> None:
        """A callback is posted, out of this process."""
        self._open[delivery.number] = delivery

    def end(self, delivery: Delivery, answer: Answer) -> None:
        """A callback has its answer, or none in time."""
        number = delivery.number
        del self._open[number]
        waited = answer.status is None and number in self._asked
        if waited and number in self._suspects:
            self._movers.add(delivery.url)
        (self._suspects.add if waited else self._suspects.discard)(number)
        self._asked.discard(number)

    def within(self) -> bool:
        """Whether the handler of one of these callbacks, in this process, asks for what is done now."""
        within = WITHIN.get()
        return within is not None and self._open.get(within.number) is within

    def ask(self) -> None:
        """A move of the clock is asked for. Raises WaitsForItself."""
        within = WITHIN.get()
        for number, delivery in self._open.items():
            if delivery is within or delivery.url in self._movers:
                raise WaitsForItself(delivery.url)
            self._asked.add(number)
