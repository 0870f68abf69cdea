"""A start with much to bring back: the server answers at once, and serves each sandbox as soon as it is there."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.keeping import restoring
from mockserver.keeping.reviving import Revived, revive
from mockserver.keeping.values import LogStore, World
from mockserver.server import running
from mockserver.settings import Settings
from tests.cli.test_data import change
from tests.http.mocks import Mock, mocking, sms, unverified
from tests.keeping.test_restart import crashed


class Gate:
    """Holds sandboxes back while they are brought back."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.open = threading.Event()

    def revive(self, store: LogStore, world: World, **more: Any) -> Revived:
        if world.id in self.held:
            self.open.wait(60)
        return revive(store, world, **more)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(restoring, "revive", gate.revive)
    monkeypatch.setattr(restoring, "PROMPT", 0.3)
    yield gate
    gate.open.set()


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, dict[str, Any], dict[str, str], str]:
    """A directory with the sandboxes default and mine, mine's credentials, its token in a header, and a flow of it."""
    with mocking(data=tmp_path / "data") as mock:
        made = mock.client.post("/_mock/sandboxes", json={"id": "mine"}).json()
        login = mock.login(made["applicationId"], made["applicationSecret"])
        headers = {"authorization": f"Bearer {login.json()['access_token']}"}
        flow = mock.client.post("/failover", json={"flow": [sms()]}, headers=headers).json()["trackingId"]
        return crashed(tmp_path / "data"), made, headers, flow


def wait_until_ready(mock: Mock) -> None:
    until = time.monotonic() + 60
    while mock.client.get("/_mock/ready").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_each_sandbox_is_served_as_soon_as_it_is_back(kept: Any, gate: Gate) -> None:
    data, made, headers, flow = kept
    gate.held.add("mine")
    with running(Settings(port=0, data=data)) as server, unverified(server.url) as client:
        mock = Mock(client)
        ready = client.get("/_mock/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "restoring", "sandboxes": [1, 2]})
        assert client.get("/_mock/clock").status_code == client.get("/_mock/health").status_code == 200
        for answer in (
            client.get("/_mock/sandboxes/mine"),
            client.get(f"/_mock/sandboxes/mine/flows/{flow}"),
            client.post("/_mock/sandboxes", json={"id": "mine"}),
            client.post("/failover", json={"flow": [sms()]}, headers=headers),
            client.get(f"/failover/tracking/{flow}", headers=headers),
            mock.login(made["applicationId"], made["applicationSecret"]),
        ):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["developerMessage"] == (
                "The mock is being restored: 1 of 2 sandboxes are back, and this one is still to come; try again."
            )
        assert mock.login().status_code == 200
        gate.open.set()
        wait_until_ready(mock)
        assert client.get(f"/failover/tracking/{flow}", headers=headers).status_code == 200
        assert mock.login(made["applicationId"], made["applicationSecret"]).status_code == 200
        [restart] = client.get("/_mock/sandboxes/mine/journal?kind=restart").json()["entries"]
        assert restart["again"] == []


def test_without_the_default_sandbox_nobody_is_given_another(kept: Any, gate: Gate) -> None:
    data, _, headers, flow = kept
    gate.held.add("default")
    with running(Settings(port=0, data=data)) as server, unverified(server.url) as client:
        mock = Mock(client)
        assert client.get("/_mock/clock").status_code == mock.login().status_code == 503
        assert client.get("/failover/nowhere").status_code == 503
        assert client.get("/_mock/sandboxes").json()["sandboxes"] == []
        gate.open.set()
        wait_until_ready(mock)
        assert client.get(f"/failover/tracking/{flow}", headers=headers).status_code == 200


def test_a_server_that_stops_meanwhile_leaves_the_rest_as_it_is(kept: Any, gate: Gate) -> None:
    data, _, headers, flow = kept
    gate.held.add("mine")
    with running(Settings(port=0, data=data)):
        pass
    gate.open.set()
    with running(Settings(port=0, data=data)) as server, unverified(server.url) as client:
        wait_until_ready(Mock(client))
        assert client.get(f"/failover/tracking/{flow}", headers=headers).status_code == 200


def test_what_cannot_be_brought_back_stops_the_server_even_later(kept: Any, gate: Gate) -> None:
    data, *_ = kept
    change(data, "update log set engine = 99 where key = 2")
    gate.held.add("mine")
    threading.Timer(1.5, gate.open.set).start()
    served = CliRunner().invoke(main, ["serve", "--port", "0", "--data", str(data)])
    assert served.exit_code == 1
    assert "the sandbox mine cannot be brought back, at batch " in served.output


@pytest.mark.parametrize("broken", ["default", "mine"])
def test_or_is_set_aside_later(broken: str, kept: Any, gate: Gate) -> None:
    data, *_ = kept
    change(data, f"update log set engine = 99 where key = {1 if broken == 'default' else 2}")
    gate.held.add(broken)
    with running(Settings(port=0, data=data, data_quarantine=True)) as server, unverified(server.url) as client:
        gate.open.set()
        wait_until_ready(Mock(client))
        there = [each["id"] for each in client.get("/_mock/sandboxes").json()["sandboxes"]]
        assert there == (["default"] if broken == "mine" else ["default", "mine"])
        assert client.get("/_mock/clock").status_code == 200
