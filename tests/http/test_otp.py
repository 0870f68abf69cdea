"""The OTP service, over a real socket."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.testing.receiver import receiving
from mockserver.wire.otp.templates import TEMPLATES
from tests.http.mocks import Json, Mock, mocking, sms
from tests.http.otp import TO, code, pin

SEND, LIST, NOBODY = "/failover-otp/otp/send-failover", "/failover-otp/otp/failover", "http://127.0.0.1:9/hook"


def send(mock: Mock, *steps: Json, url: str | None = None) -> Json:
    body: Json = {"flow": list(steps)} | ({"callback": {"url": url}} if url else {})
    response = mock.client.post(SEND, json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def track(mock: Mock, id_: str) -> Json:
    response = mock.client.get(f"{LIST}/{id_}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def play(mock: Mock, **scenario: Any) -> None:
    response = mock.client.post("/_mock/scenarios", json={"name": "x", "when": {"to": "*"}, **scenario})
    assert response.status_code == 201, response.text


def statuses(document: Json) -> list[str]:
    return [step["status"] for step in document["steps"]]


# rule otp.health
def test_it_says_that_it_is_there(mock: Mock) -> None:
    del mock.client.headers["authorization"]
    for path in ("/failover-otp", "/failover-otp/"):
        told = mock.client.get(path).json()
        assert list(told) == ["service", "version", "status", "health"]
        assert mock.client.get(told["health"]).json() == {"status": "ok"}


# rules otp.templates, otp.templates-form
def test_the_templates_are_listed(mock: Mock) -> None:
    told = mock.client.get("/failover-otp/otp/templates").json()
    assert [each["templateId"] for each in told] == [template.id for template in TEMPLATES]
    assert list(told[0]) == ["templateId", "templateType", "name", "params", "languages"]


# rules otp.paths, otp.reply-status, otp.document, otp.prices, otp.begun-steps, otp.blanks, otp.status-code
def test_the_reply_echoes_the_steps_and_names_the_one_that_was_sent(mock: Mock) -> None:
    reply = send(mock, code(2), pin(1, label="login"))
    tracking_id = reply["flow"][0].pop("trackingId")
    assert reply == {
        "flowId": reply["flowId"],
        "status": "InProgress",
        "type": "Viber",
        "flow": [pin(1, label="login"), code(2)],
        "createdAt": "2030-01-01T12:00:00Z",
        "statusCode": None,
    }
    assert track(mock, tracking_id) == track(mock, reply["flowId"])
    assert track(mock, reply["flowId"]) == {
        "flowId": reply["flowId"],
        "status": "InProgress",
        "statusCode": None,
        "total_cost": 0.016,
        "steps": [
            {
                "trackingId": tracking_id,
                "role": "primary",
                "flowId": reply["flowId"],
                "status": "queued",
                "channel": "viber",
                "phone_number": TO[1:],
                "label": "login",
                "created_at": "2030-01-01T12:00:00Z",
                "price": 0.016,
                "country": "GR",
                "operator": "M-STAT",
            }
        ],
    }


# rules otp.reply-status, otp.tracked-status
def test_one_step_has_succeeded_at_once_by_its_reply_and_is_in_progress_by_tracking(mock: Mock) -> None:
    play(mock, sms="undelivered")
    reply = send(mock, code())
    assert (reply["status"], reply["type"]) == ("Succeeded", "Sms")
    assert track(mock, reply["flowId"])["status"] == "InProgress"
    mock.advance(until="idle")
    assert (track(mock, reply["flowId"])["status"], track(mock, reply["flowId"])["statusCode"]) == ("Failed", 2)


# rules otp.webhooks, otp.webhook-order, otp.queued, otp.begun-steps, otp.detailed-status, otp.sent-at
# rules otp.viber-triggers
def test_it_is_posted_what_changed_and_nothing_else(mock: Mock) -> None:
    play(mock, viber="expired", sms="delivered")
    with receiving() as receiver:
        flow = send(mock, pin(ttl=30), code(2), url=receiver.url)["flowId"]
        mock.advance(until="idle")
        seen = [statuses(each) for each in receiver.payloads]
        last = receiver.payloads[-1]
    assert seen == [["EXPIRED"], ["EXPIRED", "queued"], ["EXPIRED", "Sent"], ["EXPIRED", "Delivered"]]
    assert last == track(mock, flow)
    first, second = last["steps"]
    assert (first["detailed_status"], first["role"], second["role"]) == ("Expired", "primary", "failover")
    assert "not delivered before its time to live" in first["error_message"]
    assert second["failover_from_message_token"] == first["trackingId"]
    assert (first["created_at"], second["created_at"]) == ("2030-01-01T12:00:00Z", "2030-01-01T12:00:30Z")
    taken = datetime.fromisoformat(second["delivered_at"]) - datetime(2030, 1, 1, 12, 0, 30, tzinfo=UTC)
    assert abs(second["latency_ms"] / 1_000 - taken.total_seconds()) <= 1
    assert (last["status"], last["statusCode"], last["total_cost"]) == ("Succeeded", None, 0.061)
    assert "error_message" not in second


# rule otp.no-retry
def test_a_callback_that_fails_is_not_tried_again(mock: Mock) -> None:
    send(mock, pin(), url=NOBODY)
    mock.advance(until="idle")
    [callback] = mock.callbacks()
    assert (callback["state"], len(callback["attempts"]), callback["nextRetry"]) == ("given up", 1, None)
    assert callback["payload"]["steps"][0]["status"] == "DELIVERED"


# rule otp.webhook-faults
def test_faults_befall_its_callbacks_as_any(mock: Mock) -> None:
    play(mock, callbacks={"duplicate": True})
    send(mock, pin(), url=NOBODY)
    mock.advance(until="idle")
    assert [each["copyOf"] for each in mock.callbacks()] == [None, 1]


# rules otp.after-delivered, otp.not-seen
def test_with_failover_after_delivered_it_must_be_seen_within_the_ttl_from_then_on(mock: Mock) -> None:
    play(mock, viber=[{"at": 0, "status": "QUEUED"}, {"at": "50s", "status": "DELIVERED"}], sms="delivered")
    flow = send(mock, pin(ttl=60, failoverAfterDelivered=True), code(2), url=NOBODY)["flowId"]
    mock.advance(by="109s")
    assert statuses(track(mock, flow)) == ["DELIVERED"]
    assert mock.client.get(f"/_mock/flows/{flow}").json()["ttlEnds"] == "2030-01-01T12:01:50Z"
    mock.advance(by="1s")
    assert statuses(track(mock, flow)) == ["DELIVERED", "queued"]
    mock.advance(until="idle")
    assert (track(mock, flow)["status"], statuses(track(mock, flow))) == ("Succeeded", ["DELIVERED", "Delivered"])
    assert [statuses(each["payload"])[-1] for each in mock.callbacks()] == ["DELIVERED", "queued", "Sent", "Delivered"]
    told = [each["says"] for each in mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]]
    assert "It was delivered, and not seen within its ttl of 1 min from then on: on to step 2." in told
    assert "was delivered, and not seen in time" in mock.client.get("/_mock/journal", params={"format": "text"}).text
    [unseen] = mock.client.get("/_mock/journal", params={"kind": "unseen"}).json()["entries"]
    assert (unseen["trackingId"], unseen["step"], unseen["channel"]) == (flow, 1, "Viber")


# rule otp.not-seen
def test_seen_in_time_it_does_not_fail_over(mock: Mock) -> None:
    play(mock, viber="seen")
    flow = send(mock, pin(failoverAfterDelivered=True), code(2))["flowId"]
    mock.advance(until="idle")
    assert (track(mock, flow)["status"], statuses(track(mock, flow))) == ("Succeeded", ["SEEN"])


# rule otp.ttl-limits
def test_a_ttl_of_zero_runs_out_at_once(mock: Mock) -> None:
    flow = send(mock, pin(ttl=0), code(2))["flowId"]
    mock.advance(until="next")
    mock.advance(until="next")
    assert statuses(track(mock, flow)) == ["EXPIRED"]
    mock.advance(until="idle")
    assert statuses(track(mock, flow)) == ["EXPIRED", "Delivered"] or track(mock, flow)["status"] == "Succeeded"


# rule otp.parts
def test_an_sms_of_several_parts_is_one_step(mock: Mock) -> None:
    flow = send(mock, code(message={"body": "x" * 400}))["flowId"]
    assert [each["price"] for each in track(mock, flow)["steps"]] == [0.135]


# rules otp.unpaid, otp.passed-over, otp.success-status
def test_without_money_for_any_channel_the_send_fails() -> None:
    with mocking(behaviour=Behaviour(balance=100)) as mock:
        reply = send(mock, pin(), code(2))
        assert reply == {
            "flowId": None,
            "status": "Failed",
            "type": None,
            "flow": [pin(), code(2)],
            "createdAt": "2030-01-01T12:00:00Z",
            "error": "Insufficient balance",
            "statusCode": 1,
        }
        assert mock.client.get(LIST).json()["total"] == 0


# rule otp.passed-over
def test_without_money_for_the_first_channel_the_next_one_is_sent() -> None:
    with mocking(behaviour=Behaviour(balance=200)) as mock:
        reply = send(mock, code(1), pin(2))
        assert (reply["status"], reply["type"]) == ("InProgress", "Viber")
        assert ["trackingId" in step for step in reply["flow"]] == [False, True]
        assert [step["role"] for step in track(mock, reply["flowId"])["steps"]] == ["primary"]


# rule otp.status-codes
def test_what_is_unsent_in_the_end_for_want_of_money_has_code_1() -> None:
    with mocking(behaviour=Behaviour(balance=200)) as mock:
        play(mock, viber="undelivered")
        flow = send(mock, pin(), code(2))["flowId"]
        mock.advance(until="idle")
        document = track(mock, flow)
        assert (document["status"], document["statusCode"], statuses(document)) == (
            "Failed",
            1,
            ["UNDELIVERED", "Unsent"],
        )
        assert document["steps"][1]["error_message"] == "The message was not sent."
        assert "sent_at" not in document["steps"][1]


# rules otp.viber-triggers, otp.other-triggers, otp.status-codes
@pytest.mark.parametrize(
    ("viber", "sms", "said"),
    [
        (
            "expired",
            "undelivered",
            [
                "Its ttl of 30 s ran out.",
                "EXPIRED leads to the next step: on to step 2, Sms.",
                "Undelivered leads to the next step, but no step is left: the flow has Failed, statusCode 2.",
            ],
        ),
        (
            "unsent",
            "unsent",
            [
                "UNSENT leads to the next step: on to step 2, Sms.",
                "Unsent means no balance, and no step is left: the flow has Failed, statusCode 1.",
            ],
        ),
    ],
)
def test_why_it_went_so_is_told_in_the_words_of_its_service(mock: Mock, viber: str, sms: str, said: list[str]) -> None:
    play(mock, viber=viber, sms=sms)
    flow = send(mock, pin(ttl=30), code(2, ttl=90))["flowId"]
    mock.advance(until="idle")
    why = mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]
    told = {each["says"]: each["name"] for each in why}
    assert [sentence for sentence in told if sentence in said] == said
    assert "failoverOnStatuses" not in " ".join(told)
    turned = "otp.viber-triggers" if viber == "expired" else "otp.other-triggers"
    assert (told[said[-2]], told[said[-1]]) == (turned, "otp.status-codes")


# rules otp.played-faults, otp.success-status
@pytest.mark.parametrize(("answer", "code_"), [("500", 0), ("insufficient balance", 1)])
def test_a_send_that_a_scenario_has_fail_is_answered_200(mock: Mock, answer: str, code_: int) -> None:
    play(mock, api={"answer": answer})
    reply = send(mock, pin())
    assert (reply["flowId"], reply["status"], reply["statusCode"]) == (None, "Failed", code_)


# rule otp.other-errors
@pytest.mark.parametrize("answer", ["503", "429"])
def test_a_service_that_cannot_be_reached_refuses(mock: Mock, answer: str) -> None:
    play(mock, api={"answer": answer})
    response = mock.client.post(SEND, json={"flow": [pin()]})
    assert (response.status_code, response.json()["code"][:3]) == (int(answer), answer)


def test_a_late_answer_is_an_answer(mock: Mock) -> None:
    play(mock, api={"delay": "10ms"})
    assert send(mock, pin())["status"] == "Succeeded"


# rule otp.apart
def test_the_services_keep_their_flows_apart(mock: Mock) -> None:
    other, flow = mock.send(sms()), send(mock, pin())["flowId"]
    assert mock.client.get(f"/failover/tracking/{flow}").status_code == 404
    assert mock.client.post("/failover/tracking").json()["totalElements"] == 1
    named = [{"fieldName": "to", "searchTerm": TO}]
    assert mock.client.post("/failover/tracking", json=named).json()["totalElements"] == 0
    assert mock.client.get(f"{LIST}/{other}").status_code == 404
    assert mock.client.get(LIST).json()["total"] == 1


# rules otp.list, otp.list-order
def test_the_list_is_searched(mock: Mock) -> None:
    first = send(mock, pin(label="login"))["flowId"]
    mock.advance(until="idle")
    second = send(mock, pin(to="306900000001"), code(2, to="306900000001", label="other"))["flowId"]

    def found(**query: Any) -> list[str]:
        response = mock.client.get(LIST, params=query)
        assert response.status_code == 200, response.text
        return [each["flowId"] for each in response.json()["results"]]

    assert found() == [second, first]
    assert found(limit=1) == [second]
    assert found(limit=1, offset=1) == [first]
    assert found(status="succeeded") == [first]
    assert found(status="InProgress") == [second]
    assert found(tag="login") == [first]
    assert found(tag="other") == [second]
    assert found(phone_number="+306900000001") == found(phone_number="306900000001") == [second]
    assert [each["flowId"] for each in mock.client.get(f"{LIST}?phone_number=+306900000001").json()["results"]] == [
        second
    ]
    assert found(flow_id=first, tag="") == [first]
    padded = send(mock, pin(label=" a b "))["flowId"]
    assert found(tag=" a b ") == found(tag="a b") == [padded]
    assert found(tag="a  b") == []
    assert found(flow_id=first, tag="other") == []
    assert mock.client.get(LIST, params={"limit": 1, "offset": 5}).json() == {
        "total": 3,
        "limit": 1,
        "offset": 5,
        "results": [],
    }


# rules otp.list-order, otp.errors, otp.errors-form
def test_a_wrong_query_is_named(mock: Mock) -> None:
    response = mock.client.get(LIST, params={"limit": 501, "offset": "x", "status": "suceeded"})
    assert response.status_code == 422
    assert response.json()["detail"] == [
        {"loc": ["query", "limit"], "msg": "must be 1 to 500", "type": "less_than_equal"},
        {"loc": ["query", "offset"], "msg": "must be a whole number", "type": "int_parsing"},
        {
            "loc": ["query", "status"],
            "msg": "must be one of Failed, InProgress, Succeeded; did you mean Succeeded?",
            "type": "enum",
        },
    ]


# rules otp.list-order, otp.errors-form
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("-1", "must be 0 to 1000000000"),
        ("9" * 5_000, "must be 0 to 1000000000"),
        ("-" + "9" * 5_000, "must be 0 to 1000000000"),
        ("1.0", "must be a whole number"),
        ("\u0663", "must be a whole number"),
    ],
)
def test_a_number_out_of_bounds_is_told_the_bounds(mock: Mock, number: str, said: str) -> None:
    response = mock.client.get(LIST, params={"offset": number})
    assert (response.status_code, response.json()["detail"][0]["msg"]) == (422, said)


# rules otp.bearer, otp.no-bearer, otp.invalid-bearer, otp.no-scope
@pytest.mark.parametrize(
    ("method", "path"), [("POST", SEND), ("GET", LIST), ("GET", f"{LIST}/x"), ("GET", "/failover-otp/otp/templates")]
)
def test_who_may_ask(mock: Mock, method: str, path: str) -> None:
    def asked(authorization: str | None) -> tuple[int, Any]:
        headers = {} if authorization is None else {"authorization": authorization}
        mock.client.headers.pop("authorization", None)
        response = mock.client.request(method, path, json={} if method == "POST" else None, headers=headers)
        return response.status_code, response.json()

    assert asked(None) == (403, {"detail": "Not authenticated"})
    assert asked("Basic YTpi") == (403, {"detail": "Not authenticated"})
    status, body = asked("Bearer nonsense")
    assert (status, list(body), body["detail"][:20]) == (401, ["detail"], "Invalid access token")
    narrow = mock.login(scope="sms").json()["access_token"]
    assert asked(f"Bearer {narrow}") == (403, {"detail": "Access Denied"})


# rule otp.unknown
def test_another_applications_flow_is_not_found(mock: Mock) -> None:
    flow = send(mock, pin())["flowId"]
    mock.client.headers["authorization"] = f"Bearer {mock.login('other').json()['access_token']}"
    response = mock.client.get(f"{LIST}/{flow}")
    assert (response.status_code, list(response.json())) == (404, ["detail"])


# rules otp.errors, otp.errors-form
def test_what_is_wrong_is_named_and_journalled(mock: Mock) -> None:
    response = mock.client.post(SEND, json={"flow": [pin(ttl=-1)]})
    assert response.status_code == 422
    assert response.json() == {
        "detail": [{"loc": ["body", "flow", 0, "ttl"], "msg": "must be at least 0", "type": "greater_than_equal"}]
    }
    [entry] = mock.client.get(response.headers["mock-report"]).json()["entries"]
    assert (entry["status"], entry["wrong"]) == (422, {"flow[0].ttl": "must be at least 0"})
    text = mock.client.post(SEND, content=b"<a/>", headers={"content-type": "text/xml"})
    assert (text.status_code, text.json()["detail"][0]["loc"]) == (422, ["body"])
    packed = mock.client.post(SEND, content=b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert (packed.status_code, packed.json()["detail"][0]["loc"]) == (422, ["body"])
    assert "Content-Encoding: gzip" in packed.json()["detail"][0]["msg"]


# rule otp.other-errors
def test_what_is_not_its_own_stays_in_routees_shape(mock: Mock) -> None:
    assert mock.client.get("/failover-otp/otp/nothing").json()["code"] == "404000000"
    assert mock.client.get(SEND).json()["code"] == "405000000"


def test_its_log_is_replayed(mock: Mock) -> None:
    from mockserver.wire.control import replay

    send(mock, pin(failoverAfterDelivered=True), code(2), url=NOBODY)
    mock.advance(until="idle")
    engine = replay.replay(mock.client.get("/_mock/log").content.splitlines())
    assert len(engine.journal) >= 10
    assert [flow.kind for flow in engine.flows.values()] == ["otp"]


def test_a_test_expects_it_as_any_flow(mock: Mock) -> None:
    send(mock, pin(label="login"), code(2))
    mock.advance(until="idle")
    wanted = [
        {"sends": {"to": TO, "kind": "otp", "text": "123456"}},
        {"flow": {"label": "login"}, "status": "Succeeded", "heard": ["Viber QUEUED", "Viber DELIVERED"]},
    ]
    assert mock.client.post("/_mock/verify", json={"expect": wanted}).json()["ok"]


def test_the_control_api_sends_and_checks_and_shows_it_too(mock: Mock) -> None:
    body = {"flow": [pin(failoverAfterDelivered=True), code(2)]}
    sent = mock.client.post("/_mock/flows", params={"kind": "otp"}, json=body)
    assert (sent.status_code, sent.json()["status"]) == (200, "InProgress")
    wrong = mock.client.post("/_mock/flows", params={"kind": "otp"}, json={"flow": [pin(ttl=-1)]})
    assert (wrong.status_code, wrong.json()["properties"]) == (400, {"flow[0].ttl": "must be at least 0"})
    checked = mock.client.post("/_mock/check", json={"send": body, "kind": "otp"}).json()
    assert checked["ok"]
    refused = mock.client.post("/_mock/check", json={"send": {"flow": [pin(ttl=-1)]}, "kind": "otp"}).json()
    assert not refused["ok"]
    assert "flow[0].ttl" in str(refused)
    mock.advance(by="10s")
    shown = mock.client.get(f"/_mock/flows/{sent.json()['flowId']}").json()
    assert shown["document"]["flowId"] == sent.json()["flowId"]
    assert shown["progress"][0]["ttlEnds"] == shown["ttlEnds"]
    mock.advance(until="idle")


@pytest.mark.parametrize(("form", "said"), [("pytest", "routee.send_otp("), ("curl", "kind=otp")])
def test_it_is_written_as_code(mock: Mock, form: str, said: str) -> None:
    flow = send(mock, pin(), code(2), url=NOBODY)["flowId"]
    mock.advance(until="idle")
    response = mock.client.get(f"/_mock/flows/{flow}/as", params={"format": form})
    assert response.status_code == 200, response.text
    assert said in response.text
