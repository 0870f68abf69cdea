"""Knowing what happened: the journal, the flows, and why."""

import json
from urllib.parse import quote

import pytest

from mockserver.core import facts
from mockserver.testing.receiver import Receiver, Reply
from mockserver.wire.control.journal import KINDS, NAMES
from tests.http.mocks import Mock, mocking, sms, viber, voice


def test_everything_that_happened_stands_in_the_journal_in_one_order(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber("+306900000300", ttl=0.5), sms(), url=receiver.url)
    mock.client.put("/_mock/clock", json={"rate": 2})
    mock.advance(until="idle")
    mock.advance(by=5)
    entries = mock.client.get("/_mock/journal").json()["entries"]
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert [entry["kind"] for entry in entries] == [
        *("token", "request", "send", "step", "request", "clock"),
        *("status", "flow", "callback"),
        *("status", "step", "callback"),
        *("status", "callback") * 2,
        *("status", "flow", "callback"),
        "clock",
    ]
    assert entries[3] == {
        "number": 4,
        "at": "2030-01-01T12:00:00Z",
        "kind": "step",
        "trackingId": flow,
        "step": 1,
        "channel": "Viber",
        "messageId": entries[3]["messageId"],
        "to": "+306900000300",
        "outcome": "expired",
        "why": "magic number: Viber digit 3 is 'expired'",
    }


def test_the_journal_is_filtered_paged_and_written_line_by_line(mock: Mock) -> None:
    one, other = mock.send(sms()), mock.send(sms())
    mock.advance(until="idle")
    read = mock.client.get
    of_one = read("/_mock/journal", params={"flow": one}).json()["entries"]
    assert {entry["trackingId"] for entry in of_one} == {one}
    kinds = read("/_mock/journal", params={"kind": "send,flow", "flow": other}).json()["entries"]
    assert [entry["kind"] for entry in kinds] == ["send", "flow", "flow"]
    page = read("/_mock/journal", params={"after": 3, "limit": 2}).json()["entries"]
    assert [entry["number"] for entry in page] == [4, 5]
    lines = read("/_mock/journal", params={"format": "jsonl"})
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in lines.text.splitlines()] == read("/_mock/journal").json()["entries"]


def test_a_bad_query_of_the_journal_is_refused_in_words(mock: Mock) -> None:
    wrong = mock.client.get("/_mock/journal", params={"kind": "stats", "after": "x", "format": "xml", "folw": "1"})
    assert wrong.status_code == 400
    assert wrong.json()["properties"].keys() == {"kind", "after", "format", "folw"}
    assert "did you mean status?" in wrong.json()["properties"]["kind"]
    assert "did you mean flow?" in wrong.json()["properties"]["folw"]


def test_every_fact_has_its_kind() -> None:
    assert set(KINDS) == set(facts.Fact.__args__)
    assert len(NAMES) == 18


def test_flows_are_listed_in_short_and_read_in_full(mock: Mock) -> None:
    flow = mock.send(viber("+306900000310"), sms("+306900000310"))
    mock.send(sms())
    mock.advance(until="idle")
    lines = mock.client.get("/_mock/flows").json()["flows"]
    assert lines[0] == {
        "flow": 1,
        "trackingId": flow,
        "applicationId": "app",
        "createdAt": "2030-01-01T12:00:00Z",
        "to": ["+306900000310"],
        "channels": ["Viber", "Sms"],
        "heard": ["EXPIRED", "Undelivered"],
        "status": "Failed",
        "statusCode": "2",
        "terminationChannel": "Sms",
        "ttlEnds": None,
        "label": "",
        "text": "hello",
        "senders": ["sender", "Sender"],
        "webhook": {"posted": 0, "failing": 0, "waiting": 0},
    }
    assert mock.client.get("/_mock/flows", params={"after": 1}).json()["flows"] == lines[1:]
    whole = mock.client.get(f"/_mock/flows/{flow}").json()
    assert whole["document"] == mock.track(flow)
    assert [step["type"] for step in whole["steps"]] == ["Viber", "Sms"]
    assert {entry["trackingId"] for entry in whole["journal"]} == {flow}
    assert mock.client.get("/_mock/flows/nonsense").status_code == 404


def why(mock: Mock, *steps: dict[str, object]) -> list[tuple[int, str, str]]:
    flow = mock.send(*steps)
    mock.advance(until="idle")
    reasons = mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]
    assert all(reason["rule"] and reason["at"] for reason in reasons)
    return [(reason["step"], reason["says"], reason["mark"]) for reason in reasons]


def test_why_a_flow_went_on(mock: Mock) -> None:
    assert why(mock, viber("+306900000310"), sms("+306900000310")) == [
        (
            1,
            "Step 1 begins: Viber to +306900000310, outcome 'expired' (magic number: Viber digit 3 is 'expired').",
            "doc",
        ),
        (1, "QUEUED does not end the step.", "doc"),
        (1, "Its ttl of 10 min ran out.", "choice"),
        (1, "EXPIRED is in the step's failoverOnStatuses and a step is left: on to step 2, Sms.", "doc"),
        (
            2,
            "Step 2 begins: Sms to +306900000310, outcome 'undelivered' (magic number: Sms digit 1 is 'undelivered').",
            "doc",
        ),
        (2, "Queued does not end the step.", "doc"),
        (2, "Sent does not end the step.", "doc"),
        (
            2,
            'Undelivered is in the step\'s failoverOnStatuses, but no step is left: the flow has Failed, statusCode "2".',
            "doc",
        ),
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (sms(), "Delivered is a success: the flow has Succeeded."),
        (
            voice("+306900000002"),
            'Failed is not in the step\'s failoverOnStatuses: the flow has Failed, statusCode "3".',
        ),
        (
            viber("+306900000400"),
            'UNSENT is not in the step\'s failoverOnStatuses: the flow has Failed, statusCode "1".',
        ),
        (
            viber("+306900000600"),
            "DELIVERED came after the step had ended: it updates the message and nothing else.",
        ),
    ],
)
def test_why_a_flow_ended(mock: Mock, step: dict[str, object], words: str) -> None:
    assert why(mock, step)[-1][1] == words


def test_why_being_delivered_was_not_enough(mock: Mock) -> None:
    told = [says for _, says, _ in why(mock, viber(expireOnDelivery=True))]
    assert "DELIVERED is not enough: expireOnDelivery asks for SEEN within the ttl." in told
    assert told[-2] == "Its ttl of 10 min ran out."


def test_every_request_is_noted_and_a_refused_one_leads_to_what_was_wrong(mock: Mock) -> None:
    mock.send(sms())
    refused = mock.client.post("/failover", json={"flow": [sms("12")]})
    lost = mock.client.get("/failovr")
    mock.client.post("/oauth/token")
    mock.client.get("/_mock/nowhere")
    requests = mock.client.get("/_mock/requests").json()["requests"]
    assert [(each["method"], each["path"], each["status"], each["applicationId"]) for each in requests] == [
        ("POST", "/oauth/token", 200, "app"),
        ("POST", "/failover", 200, "app"),
        ("POST", "/failover", 400, "app"),
        ("GET", "/failovr", 404, "app"),
        ("POST", "/oauth/token", 401, "app"),
    ]
    assert requests[2]["error"] == "Validation Error!"
    assert requests[2]["wrong"] == refused.json()["properties"]
    report = mock.client.get(refused.headers["mock-report"]).json()["entries"]
    assert report == [{name: requests[2][name] for name in report[0]}]
    assert "POST /failover" in mock.client.get(lost.headers["mock-report"]).json()["entries"][0]["error"]


def test_a_very_long_path_is_cut(mock: Mock) -> None:
    mock.client.get("/" + "x" * 5_000)
    assert len(mock.client.get("/_mock/requests").json()["requests"][-1]["path"]) == 200


def test_the_journal_is_read_as_a_timeline(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber("+306900000300", ttl=10), sms("+306900000300"), url=receiver.url)
    mock.advance(by="10m")
    answer = mock.client.get("/_mock/journal", params={"format": "text", "flow": flow})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    told = answer.text.replace(flow[:8], "flow").replace(receiver.url, "URL").splitlines()
    assert told[:3] == [
        "2030-01-01",
        "12:00:00.000  send      flow Viber, then Sms",
        "              step      flow Viber to +306900000300 will be expired: magic number: Viber digit 3 is 'expired'",
    ]
    assert "12:10:00.000  status    flow Viber EXPIRED (its ttl ran out)" in told
    assert "              callback  flow callback 1 to URL: answered 200" in told


def test_a_flow_says_when_the_ttl_of_its_running_step_ends(mock: Mock) -> None:
    flow = mock.send(viber("+306900000300", ttl=10), sms("+306900000300", ttl=20), voice("+306900000300"))

    def ends() -> object:
        line = mock.client.get(f"/_mock/flows/{flow}").json()
        [listed] = mock.client.get("/_mock/flows").json()["flows"]
        assert line["ttlEnds"] == listed["ttlEnds"]
        return line["ttlEnds"]

    assert ends() == "2030-01-01T12:10:00Z"
    mock.advance(by="10m")
    assert ends() == "2030-01-01T12:30:00Z"
    mock.advance(until="idle")
    assert ends() is None
    other = mock.send(voice())
    assert mock.client.get(f"/_mock/flows/{other}").json()["ttlEnds"] is None


ESCAPES = "/\x1b[2J\x07\nflow      forged\u202e\x9b"


def test_nothing_in_a_path_reaches_a_terminal_raw(caplog: pytest.LogCaptureFixture) -> None:
    with mocking() as mock:
        assert mock.client.get(quote(ESCAPES)).status_code == 404
        told = mock.client.get("/_mock/journal", params={"format": "text"}).text
    logged = [record.getMessage() for record in caplog.records if record.name == "mockserver"]
    for text in (told, *logged):
        assert [each for each in text if not each.isprintable() and each != "\n"] == []
    assert "\\x1b[2J\\x07\\nflow" in told
    assert "\\u202e\\x9b" in told
    assert any("\\x1b[2J\\x07\\nflow" in line for line in logged)
    assert not any("\n" in line for line in logged)


def test_nothing_a_receiver_says_reaches_a_terminal_raw(
    mock: Mock, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.always(Reply(302, headers={"Location": "http://a/\x1b[31m\x9b"}))
    mock.send(sms(), url=receiver.url, strategy="OnCompletion")
    mock.advance(by="1m")
    told = mock.client.get("/_mock/journal", params={"format": "text"}).text
    assert "[31m" in told
    assert "a redirect to http://a/" in caplog.text
    for text in (told, caplog.text):
        assert [each for each in text if not each.isprintable() and each != "\n"] == []


def test_the_user_and_password_of_a_callback_url_stand_nowhere(
    mock: Mock, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    secret = receiver.url.replace("http://", "http://somebody:s3cret@h@")
    flow = mock.send(viber(inboundUrl=secret), url=f"{secret}?at=a@b", strategy="OnCompletion")
    mock.advance(until="idle")
    assert mock.client.post("/_mock/inbound", json={"trackingId": flow, "message": "hi"}).is_success
    assert len(receiver.requests) == 2
    assert {each["url"] for each in mock.callbacks()} == {receiver.url, f"{receiver.url}?at=a@b"}
    for path in (
        "journal",
        "journal?format=text",
        "callbacks",
        "log",
        "requests",
        f"flows/{flow}",
        f"flows/{flow}/why",
    ):
        assert "s3cret" not in mock.client.get(f"/_mock/{path}").text, path
    assert "s3cret" not in caplog.text
