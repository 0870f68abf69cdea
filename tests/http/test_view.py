"""One flow in one answer: how far it has come, what can be heard now, what is due; and only if it has changed."""

from typing import Any

import pytest

from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, sms, viber, voice


def view(mock: Mock, flow: str, wanted: str = "") -> dict[str, Any]:
    answer = mock.client.get(f"/_mock/flows/{flow}", params={"with": wanted} if wanted else None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_each_step_has_its_plan_its_instants_and_what_it_can_hear(mock: Mock) -> None:
    flow = mock.send(viber("+306900000300", ttl=10), sms("+306900000300", message={"body": "Ωmega" * 40}))
    mock.advance(by="1m")
    first, second = view(mock, flow)["progress"]
    assert {name: first[name] for name in ("step", "channel", "begun", "ended", "ttlEnds", "status", "outcome")} == {
        "step": 1,
        "channel": "Viber",
        "begun": "2030-01-01T12:00:00Z",
        "ended": None,
        "ttlEnds": "2030-01-01T12:10:00Z",
        "status": "QUEUED",
        "outcome": "expired",
    }
    assert first["why"].startswith("magic number")
    assert {each["status"]: each["then"] for each in first["can"]} == {
        "DELIVERED": "Succeeded",
        "SEEN": "Succeeded",
        "UNDELIVERED": "next step",
        "EXPIRED": "next step",
        "FAILED": "next step",
        "UNSENT": "Failed",
    }
    reasons = {each["status"]: each["reasons"] for each in first["can"]}
    assert "Not Viber User" in reasons["UNDELIVERED"]
    assert (reasons["EXPIRED"], reasons["UNSENT"]) == (["TTL Expired"], [])
    assert (second["begun"], second["can"], second["outcome"], second["ttlEnds"]) == (None, [], None, None)
    assert second["size"] == {"parts": 2, "characters": 200, "encoding": "GSM 03.38"}
    mock.advance(by="9m")
    first, second = view(mock, flow)["progress"]
    assert (first["ended"], first["reason"], second["begun"]) == (
        "2030-01-01T12:10:00Z",
        "TTL Expired",
        "2030-01-01T12:10:00Z",
    )
    assert {each["then"] for each in first["can"]} == {"changes nothing"}


def test_whatever_can_be_heard_can_be_pushed_and_nothing_else(mock: Mock) -> None:
    flow = mock.send(voice())
    mock.client.post("/_mock/hold", json={"trackingId": flow})
    for status in ("Ringing", "InProgress", "Completed"):
        [step] = view(mock, flow)["progress"]
        assert status in [each["status"] for each in step["can"]]
        assert mock.client.post("/_mock/events", json={"trackingId": flow, "status": status}).is_success
    assert view(mock, flow)["progress"][0]["can"] == []


def test_what_is_due_for_a_flow_is_told_in_words(mock: Mock, receiver: Receiver) -> None:
    receiver.always(500)
    other = mock.send(sms())
    flow = mock.send(viber("+306900000500"), url=receiver.url)
    mock.advance(until="next")
    mock.advance(by=0)
    due = view(mock, flow)["due"]
    assert [(each["kind"], each["says"]) for each in due] == [
        ("status", "Viber DELIVERED"),
        ("status", "Viber SEEN"),
        ("callback", "callback 1 is posted, attempt 2"),
        ("ttl", "the Viber ttl runs out"),
    ]
    told = mock.client.get("/_mock/due").json()
    assert {each["trackingId"] for each in told["due"]} == {other, flow}
    assert [each["at"] for each in told["due"]] == sorted(each["at"] for each in told["due"])
    assert (told["pending"], told["due"][0]["at"]) == (len(told["due"]), mock.clock()["next"])
    assert [each for each in told["due"] if each["trackingId"] == flow] == due


def test_the_first_twenty_things_due_are_told(mock: Mock) -> None:
    for _ in range(9):
        mock.send(sms())
    told = mock.client.get("/_mock/due").json()
    assert (told["pending"], len(told["due"])) == (36, 20)


def test_a_delayed_callback_and_an_answer_are_due(mock: Mock, receiver: Receiver) -> None:
    mock.client.post("/_mock/scenarios", json={"callbacks": {"delay": "5s"}})
    flow = mock.send(viber("+306900000300"), url=receiver.url)
    mock.advance(by=1)
    assert "callback 1 is posted" in [each["says"] for each in view(mock, flow)["due"]]


def test_more_comes_with_the_view_if_it_is_asked_for(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber("+306900000300", ttl=1), sms(), url=receiver.url)
    mock.advance(until="idle")
    assert not view(mock, flow).keys() & {"why", "callbacks"}
    whole = view(mock, flow, "why,callbacks")
    assert whole["why"] == mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]
    changes = [each.pop("changes") for each in whole["callbacks"]]
    assert whole["callbacks"] == mock.callbacks(payload="false")
    assert changes == [["Viber QUEUED"], ["Viber EXPIRED"], ["Sms Queued"], ["Sms Sent"], ["Sms Delivered"]]
    full = view(mock, flow, "payloads")
    assert [each["payload"] for each in full["callbacks"]] == receiver.payloads
    assert (whole["callback"], whole["kind"]) == ({"strategy": "OnStep", "url": receiver.url}, "failover")
    wrong = mock.client.get(f"/_mock/flows/{flow}", params={"with": "whi", "wiht": "why"}).json()["properties"]
    assert "did you mean why?" in wrong["with"]
    assert "did you mean with?" in wrong["wiht"]


def test_a_duplicate_and_an_answer_bring_nothing_new(mock: Mock, receiver: Receiver) -> None:
    mock.client.post("/_mock/scenarios", json={"callbacks": {"duplicate": True}})
    flow = mock.send(viber("+306900000300", inboundUrl=receiver.url), url=receiver.url)
    mock.client.post("/_mock/inbound", json={"trackingId": flow, "message": "thanks"})
    told = view(mock, flow, "callbacks")["callbacks"]
    assert [(each["copyOf"], each["changes"]) for each in told] == [(None, ["Viber QUEUED"]), (1, []), (None, [])]


def test_who_knows_a_flow_is_told_only_that_nothing_has_changed(mock: Mock) -> None:
    flow, path = mock.send(sms()), ""
    path = f"/_mock/flows/{flow}"
    first = mock.client.get(path)
    tag = first.headers["etag"]
    mock.send(sms())
    mock.advance(by=0)
    mock.client.put("/_mock/clock", json={"rate": 2})
    changed = mock.client.get(path, headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    again = mock.client.get(path, headers={"if-none-match": f'"x", {changed.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", changed.headers["etag"])
    mock.client.post("/_mock/hold", json={"trackingId": flow})
    assert mock.client.get(path, headers={"if-none-match": again.headers["etag"]}).status_code == 200


def test_a_flow_of_another_run_is_not_taken_for_a_known_one(mock: Mock) -> None:
    def tag() -> str:
        return str(mock.client.get(f"/_mock/flows/{mock.send(sms())}").headers["etag"])

    first = tag()
    mock.client.post("/_mock/reset")
    mock.client.headers["authorization"] = f"Bearer {mock.login().json()['access_token']}"
    assert tag() != first


@pytest.mark.parametrize("edge", ["before", "after"])
def test_the_clock_moves_to_the_edge_of_a_ttl(mock: Mock, edge: str) -> None:
    flow = mock.send(viber("+306900000300", ttl=10))
    mock.advance(until={"ttl": flow, "edge": edge})
    standing = {"before": ("QUEUED", "2030-01-01T12:09:59.999Z"), "after": ("EXPIRED", "2030-01-01T12:10:00.001Z")}
    assert (mock.track(flow)["messages"][0]["status"]["name"], mock.clock()["now"]) == standing[edge]


def test_there_is_no_edge_where_no_ttl_is_running(mock: Mock) -> None:
    def move(**ttl: Any) -> tuple[int, str]:
        answer = mock.client.post("/_mock/clock/advance", json={"until": ttl})
        return answer.status_code, answer.json()["developerMessage"]

    call, reached = mock.send(voice()), mock.send(sms())
    mock.advance(until={"final": reached})
    assert "its running step has none, or has ended" in move(ttl=call, edge="before")[1]
    assert "is running: it is Succeeded" in move(ttl=reached, edge="after")[1]
    assert move(ttl="nobody", edge="after")[0] == 404
    for bad in ({"ttl": call}, {"ttl": call, "edge": "on"}, {"ttl": 5, "edge": "after"}, {"ttl": call, "edge": []}):
        assert move(**bad)[0] == 400, bad
