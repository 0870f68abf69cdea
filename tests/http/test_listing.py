"""Lists of flows, requests and callbacks: a part of them, in one order or the other, and how many there are."""

from typing import Any

import pytest

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms, viber

FAILS, REACHED = "+306900000020", "+306900000000"


def listed(mock: Mock, **query: Any) -> dict[str, Any]:
    answer = mock.client.get("/_mock/flows", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(mock: Mock, **query: Any) -> list[str]:
    return [line["trackingId"] for line in listed(mock, **query)["flows"]]


def test_the_newest_come_first_page_by_page(mock: Mock) -> None:
    flows = [mock.send(sms()) for _ in range(5)]
    assert ids(mock) == flows
    assert ids(mock, order="desc") == flows[::-1]
    page = listed(mock, order="desc", limit=2)
    assert [line["flow"] for line in page["flows"]] == [5, 4]
    assert page["total"] == 5
    assert ids(mock, order="desc", limit=2, before=4) == [flows[2], flows[1]]
    assert ids(mock, after=1, before=4) == [flows[1], flows[2]]
    assert ids(mock, limit=0) == []


def test_flows_are_listed_and_counted_by_group(mock: Mock, receiver: Receiver) -> None:
    receiver.always(500)
    failed, reached = mock.send(sms(FAILS)), mock.send(sms(REACHED), url=receiver.url)
    mock.advance(by="10s")
    waiting = mock.send(sms(REACHED))
    mock.client.post("/failover", json={"flow": [sms("12")]})
    mock.client.get("/nowhere")
    told = listed(mock)
    assert told["counts"] == {
        "all": 3,
        "underWay": 1,
        "succeeded": 1,
        "failed": 1,
        "webhookTrouble": 1,
        "refused": 2,
    }
    groups = {"underWay": [waiting], "succeeded": [reached], "failed": [failed], "webhookTrouble": [reached]}
    assert {group: ids(mock, only=group) for group in groups} == groups
    assert listed(mock, only="failed", limit=0)["total"] == 1
    line = told["flows"][1]
    assert line["webhook"] == {"posted": 3, "failing": 3, "waiting": 3}
    receiver.always(200)
    mock.advance(until="idle")
    told = listed(mock)
    assert told["counts"]["webhookTrouble"] == 0
    assert told["flows"][1]["webhook"] == {"posted": 3, "failing": 0, "waiting": 0}


def test_a_callback_that_was_given_up_is_trouble_that_waits_for_nothing(mock: Mock, receiver: Receiver) -> None:
    receiver.always(500)
    flow = mock.send(sms(), url=receiver.url, strategy="OnCompletion")
    mock.advance(until="idle")
    [line] = listed(mock, only="webhookTrouble")["flows"]
    assert (line["trackingId"], line["webhook"]) == (flow, {"posted": 1, "failing": 1, "waiting": 0})


@pytest.mark.parametrize(
    "words", ["555501", "Order 7", "order 7", "  ORDER 7 ", "the parcel", "Shop", "IS AT THE", "label-1"]
)
def test_flows_are_searched_by_what_their_authors_know(mock: Mock, words: str) -> None:
    mock.send(sms())
    text = {"body": "Order 7: the parcel is at the door", "label": "label-1"}
    flow = mock.send(viber(), sms("+15555550100") | {"from": "Shop", "message": text})
    mock.send(sms("+15555550200"))
    assert ids(mock, q=words) == [flow]
    assert listed(mock, q=words)["total"] == 1
    assert ids(mock, q=flow[:8]) == [flow]
    assert ids(mock, q=words, only="failed") == []
    assert ids(mock, q="nobody says this") == []


def test_a_line_has_the_first_words_of_a_flow(mock: Mock) -> None:
    long = "x" * 200
    mock.send(viber(label="one", message={"text": long}), sms(message={"body": "y", "label": "two"}))
    [line] = listed(mock)["flows"]
    assert (line["label"], line["text"], line["senders"]) == ("one", long[:80], ["sender", "Sender"])


def test_a_bad_query_of_a_list_is_refused_in_words(mock: Mock) -> None:
    wrong = mock.client.get(
        "/_mock/flows", params={"only": "failde", "q": "x" * 201, "order": "up", "before": "x", "onyl": "failed"}
    ).json()["properties"]
    assert wrong.keys() == {"only", "q", "order", "before", "onyl"}
    assert "did you mean failed?" in wrong["only"]
    assert "did you mean only?" in wrong["onyl"]
    for path in ("callbacks?payload=no", "requests?only=accepted", "callbacks?flow=x"):
        assert mock.client.get(f"/_mock/{path}").status_code == 400, path


def test_forgotten_flows_are_not_counted() -> None:
    with mocking(behaviour=Behaviour(limits=Limits(flows=2))) as mock:
        for to in (FAILS, REACHED, FAILS, REACHED):
            mock.send(sms(to))
            mock.advance(until="idle")
        counts = listed(mock)["counts"]
        assert (counts["all"], counts["underWay"], counts["succeeded"], counts["failed"]) == (2, 0, 1, 1)


def test_callbacks_are_read_one_by_one_and_listed_without_payloads(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(sms(), url=receiver.url)
    mock.advance(until="idle")
    whole = mock.callbacks()
    light = mock.callbacks(payload="false")
    assert [each | {"payload": whole[at]["payload"]} for at, each in enumerate(light)] == whole
    assert all("payload" not in each for each in light)
    assert [each["callback"] for each in mock.callbacks(order="desc", limit=2)] == [3, 2]
    assert [each["callback"] for each in mock.callbacks(trackingId=flow, before=3)] == [1, 2]
    assert mock.client.get("/_mock/callbacks/2").json() == whole[1]
    for number in ("9", "x", "0"):
        assert mock.client.get(f"/_mock/callbacks/{number}").status_code == 404


# Requests


def requests(mock: Mock, **query: Any) -> list[dict[str, Any]]:
    answer = mock.client.get("/_mock/requests", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["requests"])


def test_a_request_has_its_body_its_duration_and_the_flow_it_made(mock: Mock) -> None:
    flow = mock.send(sms())
    [made] = requests(mock, flow=flow)
    assert (made["method"], made["path"], made["trackingId"]) == ("POST", "/failover", flow)
    assert '"type":"Sms"' in made["body"].replace(" ", "")
    assert made["bodyBytes"] == len(made["body"].encode())
    assert 0 < made["tookMs"] < 30_000
    assert made["places"] == []
    assert mock.client.get(f"/_mock/flows/{flow}").json()["request"] == made["number"]
    assert requests(mock, flow="nobody") == []


def test_refused_requests_come_alone_with_the_places_that_are_wrong(mock: Mock) -> None:
    mock.send(sms())
    step = viber("12") | {"message": {"text": "hi", "action": {"caption": "x", "targetUrl": "nonsense"}}}
    mock.client.post("/failover", json={"flow": [sms(), step], "callback": {"url": "x"}})
    mock.client.post("/failover", content=b"{not json")
    last, first = requests(mock, only="refused", order="desc")
    assert (last["body"], last["wrong"], last["places"]) == ("{not json", {}, [])
    assert {each["pointer"]: each["field"] for each in first["places"]} == {
        "/flow/1/to": "flow[1].to",
        "/flow/1/message/action/targetUrl": "flow[1].message.action.targetUrl",
        "/callback/url": "callback.url",
    }
    assert {each["field"]: each["says"] for each in first["places"]} == first["wrong"]
    assert [each["number"] for each in requests(mock, only="refused", before=last["number"])] == [first["number"]]
    total = mock.client.get("/_mock/requests", params={"only": "refused", "limit": 1}).json()["total"]
    assert total == 2


def test_the_secret_of_an_application_is_in_no_list(mock: Mock) -> None:
    for path in ("/oauth/token", "/oauth/token/"):
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "h1dden"}
        mock.client.post(path, data=form)
        mock.client.post(path, json=form | {"grant_type": "h1dden too"})
    assert "h1dden" not in mock.client.get("/_mock/requests").text


def test_requests_that_the_journal_has_forgotten_are_not_listed() -> None:
    with mocking(behaviour=Behaviour(limits=Limits(entries=5))) as mock:
        for _ in range(4):
            mock.client.get("/nowhere")
        mock.send(sms())
        assert [each["path"] for each in requests(mock)] == ["/nowhere", "/nowhere", "/failover"]
        assert [each["path"] for each in requests(mock, only="refused")] == ["/nowhere", "/nowhere"]
        assert listed(mock)["counts"]["refused"] == 2


@pytest.mark.parametrize("number", ["-1", "1.5", "9" * 10, "", "x", "%2B1"])
@pytest.mark.parametrize("name", ["after", "before", "limit"])
@pytest.mark.parametrize("of", ["flows", "callbacks", "requests", "journal"])
def test_what_is_no_number_of_a_list_is_told_so(mock: Mock, of: str, name: str, number: str) -> None:
    if (of, name) == ("journal", "before"):
        name = "last"
    refused = mock.client.get(f"/_mock/{of}?{name}={number}")
    assert refused.json()["properties"] == {name: "must be a whole number of at most nine digits"}
