"""The clock, the balance, the requests that were noted, and the tokens."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from mockserver.core.clock import Mode
from mockserver.core.engine import Engine
from mockserver.core.tokens import Token
from mockserver.wire.state.line import Fields, Line, found, put


class Time(Fields, frozen=True, tag="clock"):
    """The clock."""

    PLACES: ClassVar[Mapping[str, str]] = {"now": "clock.now", "mode": "clock.mode", "rate": "clock.rate"}

    now: int
    mode: Mode
    rate: float


class Balance(Fields, frozen=True, tag="balance"):
    """The balance; None: unlimited."""

    PLACES: ClassVar[Mapping[str, str]] = {"balance": "purse.balance"}

    balance: int | None


class Noted(Fields, frozen=True, tag="requests"):
    """The requests that were noted, and how many were no flow's."""

    PLACES: ClassVar[Mapping[str, str]] = {
        "every": "requests._all",
        "refused": "requests._refused",
        "noted": "requests._noted",
        "without_flow": "_acceptance._refused",
    }

    every: list[int]
    refused: list[int]
    noted: int
    without_flow: int


class Issued(Line, frozen=True, tag="tokens"):
    """The tokens, oldest first. latest: the values of those that are issued again."""

    issued: int
    tokens: list[Token]
    latest: list[str]

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """The one line."""
        latest = [token.value for token in found(engine, "tokens._latest").values()]
        yield cls(engine.tokens.issued, list(found(engine, "tokens._by_value").values()), latest)

    def put(self, engine: Engine) -> None:
        """Issue them again, as they are."""
        known = {token.value: token for token in self.tokens}
        latest = (known[value] for value in self.latest)
        put(engine, "tokens.issued", self.issued)
        put(engine, "tokens._by_value", known)
        put(engine, "tokens._latest", {(token.application, token.scopes): token for token in latest})
