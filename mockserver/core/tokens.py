"""Bearer tokens that expire on the virtual clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One bearer token: who asked for it, for what, and until when (None: for ever)."""

    value: str
    application: str
    scopes: tuple[str, ...]
    expires: int | None

    def alive(self, now: int) -> bool:
        """Whether the token is good at instant `now`."""
        return self.expires is None or now < self.expires


class Tokens:
    """Every token ever issued, and the living one of each application and set of scopes."""

    def __init__(self) -> None:
        self._by_value: dict[str, Token] = {}
        self._latest: dict[tuple[str, tuple[str, ...]], Token] = {}

    def __len__(self) -> int:
        return len(self._by_value)

    def add(self, token: Token) -> None:
        """Remember a new token; it is now the latest of its application and scopes."""
        self._by_value[token.value] = token
        self._latest[token.application, token.scopes] = token

    def find(self, value: str) -> Token | None:
        """The token with this value, living or not."""
        return self._by_value.get(value)

    def living(self, application: str, scopes: tuple[str, ...], now: int) -> Token | None:
        """The token to hand out again while it lives (seen)."""
        token = self._latest.get((application, scopes))
        return token if token is not None and token.alive(now) else None
