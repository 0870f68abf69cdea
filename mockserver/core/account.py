"""The account behind a sandbox: its bearer tokens and its balance."""

from mockserver.core import facts
from mockserver.core.behaviour import Behaviour, Effect
from mockserver.core.commands import IssueToken, RevokeTokens, SetBalance
from mockserver.core.cost import Purse
from mockserver.core.parts import Parts
from mockserver.core.tokens import Tokens


class Account:
    """Carries out the commands about the account. A part of the engine; nothing else uses it."""

    def __init__(self, behaviour: Behaviour, parts: Parts) -> None:
        self.tokens = Tokens()
        self.purse = Purse(behaviour.balance)
        self._life = behaviour.token_life
        self._parts = parts

    def issue(self, command: IssueToken) -> Effect:
        """A bearer token: the one the application already has, while it is valid (seen), or a new one."""
        now, application, scopes = self._parts.clock.now, command.application, command.scopes
        token = self.tokens.living(application, scopes, now)
        self._parts.write(facts.TokenIssued(application, scopes, token is not None))
        expires = None if self._life is None else now + self._life
        return Effect(token=token or self.tokens.issue(application, scopes, expires, self._parts.chance))

    def revoke(self, command: RevokeTokens) -> None:
        """End every token of one application, or of all: as if never issued, or as expired."""
        now, whose = self._parts.clock.now, command.application
        count = self.tokens.expire(whose, now) if command.expire else self.tokens.revoke(whose)
        self._parts.write(facts.TokensRevoked(whose, count, command.expire))

    def set_balance(self, command: SetBalance) -> None:
        """Set the balance."""
        self.purse.balance = command.balance
        self._parts.write(facts.BalanceSet(command.balance))
