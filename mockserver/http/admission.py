"""Admission: finds the sandbox and the application of a request, by its token or its credentials."""

from msgspec import Struct

from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.wire.routee import tokens


class Caller(Struct, frozen=True, gc=False):
    """Where a request belongs. application: None when the request does not say."""

    sandbox: Sandbox
    application: str | None


class Admission:
    """Knows the bearer tokens of every sandbox."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes

    def admit(self, authorization: str | None, scope: str = "failover") -> Caller:
        """The sandbox and the application of a bearer token. Raises Refusal for one that is not valid here."""
        value = tokens.read_bearer(authorization)
        found = self._sandboxes.of_token(value)
        if found is None:
            self._sandboxes.seek(value)
            raise tokens.unknown_token(None if self._sandboxes.issuer(value) else self._sandboxes.former(value))
        sandbox, token = found
        if not token.alive(sandbox.driver.now()):
            raise tokens.expired_token(token.expires or 0)
        if scope not in token.scopes:
            raise tokens.access_denied()
        return Caller(sandbox, token.application)

    def whose(self, authorization: str | None, application: str | None = None) -> Caller | None:
        """Where a refused request belongs, by its token or credentials; in `default` if they do not say.

        None if another server has that.
        """
        value = (authorization or "").rpartition(" ")[2]
        found = self._sandboxes.of_token(value)
        if found is not None:
            return Caller(found[0], found[1].application)
        own = self._sandboxes.issuer(value) if application is None else self._sandboxes.of_application(application)
        sandbox = own or self._sandboxes.here
        return None if sandbox is None else Caller(sandbox, application)
