"""The sandboxes of a server: isolated worlds, each with its own clock, flows, tokens, journal and sinks."""

from dataclasses import dataclass, field

from mockserver.driver import Driver
from mockserver.sink import Sinks

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One isolated world."""

    id: str
    driver: Driver
    sinks: Sinks = field(default_factory=Sinks)


class Sandboxes:
    """Every sandbox of one server. So far there is one, `default`, and everybody lands in it."""

    def __init__(self, default: Sandbox) -> None:
        self._all = {default.id: default}

    @property
    def default(self) -> Sandbox:
        """The sandbox of whoever named no other."""
        return self._all[DEFAULT]

    async def close(self) -> None:
        """Stop every clock, and wait for the callbacks under way."""
        for sandbox in self._all.values():
            await sandbox.driver.close()
