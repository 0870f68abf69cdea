"""Sandboxes that other servers have: of these, a server knows whose they are, and nothing else."""

from dataclasses import dataclass

from mockserver.wire import Json, errors
from mockserver.wire.errors import Refusal
from mockserver.wire.instants import stamp


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A sandbox that another server has. owner: which, in words; None while no server has it, which is not for long.

    until: an instant; the owner may have it for longer.
    """

    id: str
    application: str | None
    owner: str | None
    until: int

    @property
    def whose(self) -> str:
        """The server that has it, in words."""
        return self.owner or "no server"

    def json(self) -> Json:
        """As it is listed."""
        return {"id": self.id, "applicationId": self.application, "owner": self.whose, "until": stamp(self.until)}

    def refusal(self) -> Refusal:
        """The answer to whoever asks for it here."""
        return errors.elsewhere(self.id, self.owner, stamp(self.until))
