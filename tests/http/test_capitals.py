"""Ids of flows written in capitals: each request that reads one answers as it does to the id as it was given out."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.http.mocks import Json, Mock, sms, viber
from tests.http.otp import code

OTP = "/failover-otp/otp"

READS: dict[str, Callable[[str], str]] = {
    "tracking": lambda id_: f"/failover/tracking/{id_}",
    "a flow": lambda id_: f"/_mock/flows/{id_}",
    "why": lambda id_: f"/_mock/flows/{id_}/why",
    "as code": lambda id_: f"/_mock/flows/{id_}/as?format=curl",
    **{
        name: lambda id_, name=name: f"/_mock/{name}?trackingId={id_}"  # type: ignore[misc]
        for name in ("flows", "callbacks")
    },
    "requests": lambda id_: f"/_mock/requests?flow={id_}",
    "the journal": lambda id_: f"/_mock/journal?flow={id_}",
    "found flows": lambda id_: f"/_mock/flows?q={id_[:13]}",
    "the journal as text": lambda id_: f"/_mock/journal?format=text&flow={id_}",
}

POSTS: dict[str, tuple[str, Callable[[str], Json]]] = {
    "until final": ("clock/advance", lambda id_: {"until": {"final": id_}}),
    "to a ttl": ("clock/advance", lambda id_: {"until": {"ttl": id_, "edge": "before"}}),
    "an event": ("events", lambda id_: {"trackingId": id_, "status": "SEEN"}),
    "a hold": ("hold", lambda id_: {"trackingId": id_}),
    "an answer": ("inbound", lambda id_: {"trackingId": id_, "message": "Thank you"}),
    "a flow verified": ("verify", lambda id_: {"expect": [{"flow": {"trackingId": id_}}]}),
    "a callback verified": ("verify", lambda id_: {"expect": [{"callback": {"trackingId": id_}}]}),
}


@pytest.fixture
def flow(mock: Mock) -> str:
    """A flow beside another one, with a callback and an inboundUrl."""
    mock.send(sms())
    inbound = viber("+306900000500", inboundUrl=f"{mock.url}/_mock/sink/in")
    return mock.send(inbound, sms(), url=f"{mock.url}/_mock/sink/hook")


# rule tracking.capitals
@pytest.mark.parametrize("name", READS)
def test_a_flow_is_read_by_its_id_in_capitals(mock: Mock, flow: str, name: str) -> None:
    mock.advance(until="idle")
    told = [mock.client.get(READS[name](id_)) for id_ in (flow, flow.upper())]
    assert [answer.status_code for answer in told] == [200, 200]
    assert told[1].text == told[0].text
    assert told[0].text != mock.client.get(READS[name]("nobody")).text


@pytest.mark.parametrize("name", POSTS)
def test_a_flow_is_met_by_its_id_in_capitals(mock: Mock, flow: str, name: str) -> None:
    mock.advance(by="1s")
    path, body = POSTS[name]
    answer = mock.client.post(f"/_mock/{path}", json=body(flow.upper()))
    assert answer.status_code in {200, 202}, answer.text
    assert answer.json().get("passed", True)


def test_a_scenario_that_breaks_tracking_meets_a_flow_by_its_id_in_capitals(mock: Mock) -> None:
    fault: Json = {"name": "late", "when": {"to": "*777"}, "api": {"answer": 503, "endpoint": "tracking"}}
    assert mock.client.post("/_mock/scenarios", json=fault).status_code == 201
    flow = mock.send(sms("+306900000777"))
    assert mock.client.get(f"/failover/tracking/{flow.upper()}").status_code == 503


@pytest.mark.parametrize("of", [lambda reply: reply["flowId"], lambda reply: reply["flow"][0]["trackingId"]])
def test_a_one_time_password_is_tracked_by_its_ids_in_capitals(mock: Mock, of: Callable[[Any], str]) -> None:
    reply = mock.client.post(f"{OTP}/send-failover", json={"flow": [code()]}).json()
    tracked = mock.client.get(f"{OTP}/failover/{of(reply).upper()}")
    assert tracked.json() == mock.client.get(f"{OTP}/failover/{of(reply)}").json()
    listed = mock.client.get(f"{OTP}/failover", params={"flow_id": reply["flowId"].upper()}).json()
    assert listed["total"] == 1


def test_an_unknown_id_is_told_as_it_was_written(mock: Mock) -> None:
    assert mock.client.get("/failover/tracking/NOBODY").json()["value"] == "NOBODY"
    assert "'NOBODY'" in mock.client.get("/_mock/flows/NOBODY").json()["developerMessage"]
