"""The sandboxes of a server. Each has its own clock, flows, tokens, journal and sinks.

The application id of a client decides which sandbox it gets. The id that belongs to a sandbox leads into that sandbox;
for any other id the policy decides.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from types import MappingProxyType
from typing import Protocol

from mockserver.core.dialect import Dialect
from mockserver.core.slots import beside, marked
from mockserver.core.tokens import Token
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.sandbox.exchanges import Exchanges
from mockserver.sandbox.inbox import Sinks
from mockserver.sandbox.names import NAME, NAMES, application_of, digest, seeded
from mockserver.settings import Policy, Settings
from mockserver.wire.errors import Refusal

DEFAULT = "default"

MOST_TOKENS = 100_000
"""The most tokens for which a server remembers the sandbox."""

MOST_FORMER = 1_000
"""The most tokens and application ids of sandboxes that are gone for which it does."""


class SandboxError(ValueError):
    """A sandbox cannot be made. The text says why."""


class NotBackYet(Exception):
    """What is asked for may be in a sandbox that is still being brought back."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One isolated part of a server.

    application, secret: the credentials that lead here. If secret is None, any secret will do. If application is None
    (in `default`), the policy decides who gets here. epoch: another one after each reset. dialect: that of its engine,
    which stays as the sandbox was made.
    """

    id: str
    settings: Settings
    driver: Driver
    application: str | None
    secret: str | None
    sinks: Sinks = field(default_factory=Sinks)
    exchanges: Exchanges = field(default_factory=Exchanges)
    epoch: str = field(default_factory=partial(secrets.token_hex, 8))
    dialect: Dialect = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dialect", self.driver.engine.behaviour.dialect)


class Record(Protocol):
    """Whatever keeps a record of the sandboxes. elsewhere: those that other servers have."""

    @property
    def elsewhere(self) -> Sequence[Elsewhere]:
        """The sandboxes that other servers have."""

    def wants(self, there: Elsewhere) -> None:
        """A sandbox that another server has was asked for here."""

    def made(self, sandbox: Sandbox) -> None:
        """A sandbox was made."""

    def gone(self, sandbox: Sandbox) -> None:
        """A sandbox is gone."""


class Sandboxes:
    """Every sandbox of one server; `default` always exists.

    make: builds the driver of a new sandbox. real: a clock like time.monotonic. record: hears of sandboxes that come
    and go. known: those that are there from the start, with the tokens that they have issued. coming: the ids of those
    that come later, each with its application; until then, asking for one raises NotBackYet.
    """

    def __init__(
        self,
        settings: Settings,
        make: Callable[[Settings], Driver],
        real: Callable[[], float] = time.monotonic,
        record: Record | None = None,
        known: Iterable[tuple[Sandbox, Iterable[Token]]] = (),
        coming: Mapping[str, str | None] = MappingProxyType({}),
    ) -> None:
        self._settings = settings
        self._make = make
        self._real = real
        self._asked: dict[str, float] = {}
        self._all: dict[str, Sandbox] = {}
        self._by_application: dict[str, Sandbox] = {}
        self._by_token: dict[str, Sandbox] = {}
        self._former: dict[str, str] = {}
        self._ended: list[Driver] = []
        self._record = record
        for sandbox, tokens in known:
            self.enter(sandbox, tokens)
        self._coming = coming
        self.abandon(DEFAULT)

    def __iter__(self) -> Iterator[Sandbox]:
        return iter(self._all.values())

    def enter(self, sandbox: Sandbox, tokens: Iterable[Token]) -> None:
        """A sandbox is back, and has issued these tokens.

        One with its id that was made here while another server had it gives way: no store keeps both.
        """
        if sandbox.id in self._all:
            self.lose(self._all[sandbox.id].driver)
        self._enter(sandbox)
        for token in tokens:
            self.remember(token, sandbox)

    def abandon(self, id_: str) -> None:
        """A sandbox does not come back. If it is `default`, another is made."""
        if id_ == DEFAULT and id_ not in self._taken():
            self._open(DEFAULT, self._settings, None, None)

    @property
    def default(self) -> Sandbox:
        """The sandbox of clients that name no other. Raises NotBackYet, and Refusal if another server has it."""
        self._await(DEFAULT)
        return self._all[DEFAULT]

    @property
    def here(self) -> Sandbox | None:
        """The default sandbox, if this server has it."""
        return self._all.get(DEFAULT)

    def now(self) -> int:
        """The virtual instant in the default sandbox; the real one if this server has it not."""
        return int(time.time() * 1_000) if self.here is None else self.here.driver.now()

    def _await(self, id_: str) -> None:
        """Raise NotBackYet for a sandbox that is still to come, and Refusal for one that another server has."""
        if id_ in self._all:
            return
        if id_ in self._coming:
            raise NotBackYet
        for each in self._elsewhere:
            if each.id == id_:
                raise self._asked_for(each)

    def find(self, id_: str) -> Sandbox | None:
        """The sandbox with this id, or None. This counts as a use of the sandbox. Raises NotBackYet and Refusal."""
        self._await(id_)
        found = self._all.get(id_)
        if found is not None:
            self._touch(found)
        return found

    def create(self, id_: str | None, settings: Settings, seed: int | None) -> Sandbox:
        """Make a sandbox with its own credentials. If its id or seed is None, one is chosen.

        Raises SandboxError, and Refusal if another server has one with this id. Each sandbox has another seed, so
        that an application that uses several never gets the same id twice.
        """
        id_ = id_ or self._unused("sandbox")
        if not NAME.fullmatch(id_):
            raise SandboxError(f"an id is {NAMES}")
        self._await(id_)
        if id_ in self._all:
            raise SandboxError(f"there is a sandbox {id_} already: delete or reset it, or choose another id")
        self._seek_room()
        own = seeded(settings, id_, seed)
        return self._open(id_, own, application_of(id_), digest("secret", id_))

    async def delete(self, sandbox: Sandbox) -> None:
        """Forget a sandbox, which must be there. Its callbacks under way can finish; no others are posted."""
        self._forget(sandbox)
        await sandbox.driver.close()

    async def reset(self, sandbox: Sandbox) -> Sandbox:
        """Empty a sandbox: it keeps its id, credentials and settings, and nothing else."""
        driver = self._make(sandbox.settings)  # first: if it cannot be made anew, it stays
        self._forget(sandbox)
        fresh = self._keep(Sandbox(sandbox.id, sandbox.settings, driver, sandbox.application, sandbox.secret))
        await sandbox.driver.close()
        return fresh

    async def expire(self) -> list[str]:
        """Forget the sandboxes that were unused for too long, but never `default`. Return their ids."""
        gone = []
        for sandbox in tuple(self._all.values()):
            # While one is deleted, others are deleted, made anew or asked for: each is looked at when its turn comes.
            if self._all.get(sandbox.id) is sandbox and self._idle(sandbox):
                await self.delete(sandbox)
                gone.append(sandbox.id)
        return gone

    def _idle(self, sandbox: Sandbox) -> bool:
        most = self._settings.idle
        return most is not None and sandbox.id != DEFAULT and self._real() - self._asked[sandbox.id] >= most

    def lose(self, driver: Driver) -> Sandbox | None:
        """Another server has the sandbox of a driver by now: stop it here without a word. Returns it if it was here."""
        driver.drop()
        sandbox = self.of_driver(driver)
        if sandbox is not None:
            self._remove(sandbox)
        return sandbox

    def of_driver(self, driver: Driver) -> Sandbox | None:
        """The sandbox that has this driver."""
        return next((sandbox for sandbox in self._all.values() if sandbox.driver is driver), None)

    def unused(self, sandbox: Sandbox) -> float:
        """Real seconds since somebody asked for a sandbox."""
        return self._real() - self._asked[sandbox.id]

    async def part(self, sandbox: Sandbox, seconds: float) -> None:
        """Let a sandbox go to another server. Its callbacks under way have so many seconds to finish."""
        self._remove(sandbox)
        closing = asyncio.create_task(sandbox.driver.close())
        await asyncio.wait([closing], timeout=seconds)
        sandbox.driver.drop()
        await closing

    def dismiss(self) -> None:
        """End every wait for news of any sandbox."""
        for sandbox in self._all.values():
            sandbox.driver.news.dismiss()

    async def close(self) -> None:
        """Stop every clock, and wait for the callbacks under way."""
        for driver in (*self._ended, *(sandbox.driver for sandbox in self._all.values())):
            await driver.close()

    # Which sandbox a client gets

    def admit(self, application: str, secret: str) -> Sandbox | None:
        """The sandbox for the credentials of an application; None if they are wrong.

        Raises SandboxError if a sandbox must be made and cannot be, NotBackYet, and Refusal if it is elsewhere.
        """
        if application in self._coming.values():
            raise NotBackYet
        own, named = self._by_application.get(application), self._settings.applications
        if own is not None:
            self._touch(own)
            return own if own.secret in (None, secret) else None
        for each in self._elsewhere:
            if each.application == application:
                raise self._asked_for(each)
        if named or self._settings.sandboxes is Policy.STRICT:
            return self.default if named.get(application) == secret else None
        if self._settings.sandboxes is Policy.AUTO:
            free = NAME.fullmatch(application) and application not in self._taken()
            id_ = application if free else self._named_after(application)
            self._seek_room()
            return self._open(id_, seeded(self._settings, id_, None), application, None)
        return self.default

    def remember(self, token: Token, sandbox: Sandbox) -> None:
        """Remember that a sandbox has issued this token."""
        self._by_token[token.value] = sandbox
        if len(self._by_token) > MOST_TOKENS:
            del self._by_token[next(iter(self._by_token))]

    def of_token(self, value: str) -> tuple[Sandbox, Token] | None:
        """The sandbox that issued a token, and the token; None for an unknown token. Raises NotBackYet."""
        sandbox = self._by_token.get(value)
        token = None if sandbox is None else sandbox.driver.engine.tokens.find(value)
        if sandbox is None and self._coming:
            raise NotBackYet
        if sandbox is None or token is None:
            return None
        self._touch(sandbox)
        return sandbox, token

    def issuer(self, value: str) -> Sandbox | None:
        """The sandbox that issued a token, even if the token is no longer valid; None for an unknown token."""
        return self._by_token.get(value)

    def former(self, value: str) -> str | None:
        """The id of the sandbox, now gone, that had this token or application id; None for an unknown one."""
        return self._former.get(value)

    def why_not(self, application: str) -> str:
        """Why the credentials of an application are wrong, in words."""
        if application in self._by_application or application in self._settings.applications:
            return f"the secret of {application!r} is another"
        if (former := self._former.get(application)) is not None:
            return f"{application!r} is of the sandbox {former}, which is gone"
        return f"there is no application {application!r} here, and no other is accepted"

    def seek(self, value: str) -> None:
        """Raise Refusal if a token that is unknown here can be of a sandbox that another server has."""
        if value not in self._former:
            for each in self._elsewhere:
                if self._admits(each, value):
                    raise self._asked_for(each)

    def of_application(self, application: str) -> Sandbox | None:
        """The sandbox that belongs to this application, whatever its secret."""
        return self._by_application.get(application)

    def _unused(self, name: str) -> str:
        """The name with the first number that is free."""
        taken = self._taken()
        return next(f"{name}-{number}" for number in count(1) if f"{name}-{number}" not in taken)

    @property
    def _elsewhere(self) -> Sequence[Elsewhere]:
        return () if self._record is None else self._record.elsewhere

    def _taken(self) -> set[str]:
        return {*self._all, *self._coming, *(each.id for each in self._elsewhere)}

    def _admits(self, there: Elsewhere, token: str) -> bool:
        """Whether a token can be of one of the applications that get into a sandbox."""
        if there.application is not None:
            return token == marked(token, there.application)
        named = self._settings.applications
        return any(token == marked(token, each) for each in named) or (
            not named and self._settings.sandboxes is Policy.DEFAULT
        )

    def _asked_for(self, there: Elsewhere) -> Refusal:
        if self._record is not None:
            self._record.wants(there)
        return there.refusal()

    def _named_after(self, application: str) -> str:
        """A free id, of the slot of an application whose own id will not do."""
        tries = (beside(f"app-{digest('id', application, str(number))[:16]}", application) for number in count())
        taken = self._taken()
        return next(id_ for id_ in tries if id_ not in taken)

    def _seek_room(self) -> None:
        """Raise SandboxError if there is no room for one more. One that is made anew takes none."""
        if len(self._all) >= self._settings.most_sandboxes:
            raise SandboxError(
                f"this server keeps {len(self._all)} sandboxes and no more: delete one first, or start it with a"
                " larger --max-sandboxes"
            )

    def _open(self, id_: str, settings: Settings, application: str | None, secret: str | None) -> Sandbox:
        return self._keep(Sandbox(id_, settings, self._make(settings), application, secret))

    def _keep(self, sandbox: Sandbox) -> Sandbox:
        self._enter(sandbox)
        if self._record is not None:
            self._record.made(sandbox)
        return sandbox

    def _enter(self, sandbox: Sandbox) -> None:
        self._all[sandbox.id] = sandbox
        self._touch(sandbox)
        if sandbox.application is not None:
            self._by_application[sandbox.application] = sandbox

    def _touch(self, sandbox: Sandbox) -> None:
        self._asked[sandbox.id] = self._real()

    def _forget(self, sandbox: Sandbox) -> None:
        if self._record is not None:
            self._record.gone(sandbox)
        gone = [*self._remove(sandbox)[-MOST_FORMER:], *filter(None, [sandbox.application])]
        self._former |= dict.fromkeys(gone, sandbox.id)
        for value in list(self._former)[:-MOST_FORMER]:
            del self._former[value]

    def _remove(self, sandbox: Sandbox) -> list[str]:
        """Take a sandbox out. Return the values of its tokens."""
        self._ended = [*(driver for driver in self._ended if driver.calling), sandbox.driver]
        del self._all[sandbox.id], self._asked[sandbox.id]
        if sandbox.application is not None:
            del self._by_application[sandbox.application]
        gone = [value for value, each in self._by_token.items() if each is sandbox]
        for value in gone:
            del self._by_token[value]
        return gone
