"""Sandboxes that other servers have: of these, a server knows whose they are, and nothing else."""

from dataclasses import dataclass

from mockserver.wire import Json, errors
from mockserver.wire.errors import Refusal
from mockserver.wire.instants import stamp


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A sandbox that another server has. owner: which, in words. until: an instant; it may have it for longer."""

    id: str
    application: str | None
    owner: str
    until: int

    def json(self) -> Json:
        """As it is listed."""
        return {"id": self.id, "applicationId": self.application, "owner": self.owner, "until": stamp(self.until)}

    def refusal(self) -> Refusal:
        """The answer to whoever asks for it here."""
        return errors.elsewhere(self.id, self.owner, stamp(self.until))
