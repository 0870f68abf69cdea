"""Bearer tokens that expire on the virtual clock."""

from mockserver.core.chance import Chance
from mockserver.core.slots import marked
from mockserver.core.values import Value, replace

MOST = 10_000
"""The most tokens of a sandbox; the oldest makes room for a new one (choice)."""


class Token(Value):
    """One bearer token: its application, its scopes, and the instant it expires (None: never)."""

    value: str
    application: str
    scopes: tuple[str, ...]
    expires: int | None

    def alive(self, now: int) -> bool:
        """Whether the token is valid at instant `now`."""
        return self.expires is None or now < self.expires


class Tokens:
    """Every token that was issued and not revoked; also the latest one for each application and its scopes.

    issued: how many there have ever been.
    """

    def __init__(self) -> None:
        self.issued = 0
        self._by_value: dict[str, Token] = {}
        self._latest: dict[tuple[str, tuple[str, ...]], Token] = {}

    def __len__(self) -> int:
        return len(self._by_value)

    def issue(self, application: str, scopes: tuple[str, ...], expires: int | None, chance: Chance) -> Token:
        """A new token; it becomes the latest of its application and scopes. expires: an instant; None for never."""
        self.issued += 1
        value = marked(chance.uuid("token", application, self.issued), application)
        token = Token(value, application, scopes, expires)
        self._by_value[token.value] = self._latest[application, scopes] = token
        if len(self._by_value) > MOST:
            self._forget(next(iter(self._by_value.values())))
        return token

    def find(self, value: str) -> Token | None:
        """The token with this value, expired or not."""
        return self._by_value.get(value)

    def living(self, application: str, scopes: tuple[str, ...], now: int) -> Token | None:
        """The latest token of an application and its scopes, if it is still valid: it is issued again (seen)."""
        token = self._latest.get((application, scopes))
        return token if token is not None and token.alive(now) else None

    def revoke(self, application: str | None) -> int:
        """Forget every token of one application, or of all (None). Returns how many."""
        gone = self._of(application)
        for token in gone:
            self._forget(token)
        return len(gone)

    def expire(self, application: str | None, now: int) -> int:
        """Let every valid token of one application, or of all (None), expire now. Returns how many."""
        spent = [token for token in self._of(application) if token.alive(now)]
        for token in spent:
            self._by_value[token.value] = replace(token, expires=now)
            self._latest.pop((token.application, token.scopes), None)
        return len(spent)

    def _of(self, application: str | None) -> list[Token]:
        return [token for token in self._by_value.values() if application in (None, token.application)]

    def _forget(self, token: Token) -> None:
        del self._by_value[token.value]
        if self._latest.get((token.application, token.scopes)) is token:
            del self._latest[token.application, token.scopes]
