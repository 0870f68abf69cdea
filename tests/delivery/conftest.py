"""What every test of this room needs."""

import pytest

from mockserver.delivery import connections


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection is not idle for too long because the machine is busy."""
    monkeypatch.setattr(connections, "IDLE", 60)
