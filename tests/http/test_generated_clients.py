"""A client that is made from each document talks to a mock."""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import openapi_python_client
import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType

from tests.http.mocks import Mock, mocking

TO = "+306900000300"
"""A recipient whose Viber messages expire."""


@pytest.fixture(scope="module")
def described_mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture(scope="module")
def made(described_mock: Mock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the packages `routee` and `control`, made from the documents that the mock serves."""
    folder = tmp_path_factory.mktemp("made")
    for name, path in (("routee", "/openapi.json"), ("control", "/_mock/openapi.json")):
        document = folder / f"{name}.json"
        document.write_bytes(described_mock.client.get(path).content)
        settings = ConfigFile(post_hooks=[], literal_enums=True)
        config = Config.from_sources(settings, MetaType.NONE, document, "utf-8", False, folder / name)
        for problem in openapi_python_client.generate(config=config):
            assert "nsupported content" in f"{problem.header}{problem.detail}", problem
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def test_a_flow_is_sent_and_followed_by_generated_clients(described_mock: Mock, made: Path) -> None:
    routee, models = import_module("routee"), import_module("routee.models")
    control, moves = import_module("control"), import_module("control.models")
    url, bearer = described_mock.url, described_mock.client.headers["authorization"].removeprefix("Bearer ")

    def called(package: str, place: str, **arguments: Any) -> Any:
        answer = import_module(f"{package}.api.{place}").sync(**arguments)
        assert "Error" not in type(answer).__name__, answer
        return answer

    viber = models.ViberStep("Viber", TO, "shop", models.ViberMessage(text="It is ready."), ttl=5.0)
    sms = models.SmsStep("Sms", TO, "Shop", models.SmsMessage("It is ready."), failover_on_statuses=["Failed"])
    call = models.VoiceStep(
        "Voice", TO, "Shop", dial_plan=models.DialPlan([models.Say("SAY", models.SayMessage("Hi."))])
    )
    with routee.AuthenticatedClient(url, bearer, verify_ssl=False) as client:
        sent = called("routee", "failover.send", client=client, body=models.Send([viber, sms, call]))
        assert [type(step).__name__ for step in sent.flow] == [
            "AcceptedViberStep",
            "AcceptedSmsStep",
            "AcceptedVoiceStep",
        ]
        with control.Client(url, verify_ssl=False) as mock:
            move = moves.MoveUntil(moves.UntilFinal(str(sent.tracking_id)))
            moved = called("control", "default.advance", client=mock, body=move)
            assert moved.transitions[-1].flow_status == "Succeeded"
            verified = moves.Verification(
                [moves.ExpectedFlow(moves.FlowMatch(str(sent.tracking_id)), status="Succeeded")]
            )
            assert called("control", "default.verify", client=mock, body=verified).ok
        flow = called("routee", "failover.track", client=client, tracking_id=str(sent.tracking_id))
        assert [(type(each).__name__, each.status.name) for each in flow.messages] == [
            ("Viber", "EXPIRED"),
            ("Sms", "Delivered"),
        ]
        page = called("routee", "failover.search", client=client, body=[models.Filter("to", TO)])
        assert [each.to_dict() for each in page.content] == [json.loads(json.dumps(flow.to_dict()))]
        assert called("routee", "account.balance", client=client).currency.code == "EUR"
