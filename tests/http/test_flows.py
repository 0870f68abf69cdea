"""The main job over a real socket: a flow is sent, fails over on the virtual clock, and calls back."""

import asyncio
import json
import select
import socket
import threading
import time
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from mockserver.app import create_app
from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Mode
from mockserver.settings import Settings
from mockserver.testing.receiver import Received, Receiver
from tests import receivers
from tests.http.mocks import START, Mock, mocking, sms, viber, voice

WORST_FIRST = "+306900000310"


def statuses(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(message["type"], message["status"]["name"]) for message in document["messages"]]


# rules callbacks.strategies, callbacks.first
def test_viber_expires_sms_is_undelivered_voice_completes(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber(WORST_FIRST), sms(WORST_FIRST), voice(WORST_FIRST), url=receiver.url)
    assert mock.track(flow)["status"] == "Queued"
    moved = mock.advance(until="idle")
    document = mock.track(flow)
    assert statuses(document) == [("Viber", "EXPIRED"), ("Sms", "Undelivered"), ("Voice", "Completed")]
    assert (document["status"], document["terminationChannel"], document["statusCode"]) == (
        "Succeeded",
        "Voice",
        None,
    )
    assert [body["messages"][-1]["status"]["name"] for body in receiver.payloads] == [
        *("QUEUED", "EXPIRED"),
        *("Queued", "Sent", "Undelivered"),
        *("Queued", "Initiated", "Ringing", "InProgress", "Completed"),
    ]
    assert receiver.payloads[-1] == document
    assert [each["delivered"] for each in moved["callbacks"]] == [True] * 10
    assert document["messages"][0]["status"]["updatedDate"] == "2030-01-01T12:10:00Z"


def test_on_completion_calls_back_once(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber("+306900000500"), url=receiver.url, strategy="oncompletion")
    mock.advance(until="idle")
    assert [statuses(body) for body in receiver.payloads] == [[("Viber", "DELIVERED")]]
    assert statuses(mock.track(flow)) == [("Viber", "SEEN")]


def test_the_same_seed_and_requests_give_the_same_documents() -> None:
    def documents() -> list[Any]:
        with mocking(behaviour=Behaviour(seed=7)) as mock:
            sent = [mock.send(viber(WORST_FIRST), voice(WORST_FIRST)), mock.send(sms())]
            mock.advance(until="idle")
            return [mock.track(flow) for flow in sent]

    assert documents() == documents()


def test_another_seed_gives_other_ids() -> None:
    with mocking(behaviour=Behaviour(seed=1)) as one, mocking(behaviour=Behaviour(seed=2)) as other:
        assert one.send(sms()) != other.send(sms())


@pytest.mark.parametrize(
    ("reaction", "error"),
    [
        (receivers.answer(500), "answered 500"),
        (receivers.reset, "reset"),
        (receivers.garbage, "not HTTP"),
        (receivers.hang_up, "without an answer"),
        (receivers.answer(301, location="http://127.0.0.1/"), "redirect"),
    ],
)
def test_a_faulty_receiver_is_tried_again_with_the_same_body(
    mock: Mock, raw_receiver: receivers.Receiver, reaction: receivers.Reaction, error: str
) -> None:
    raw_receiver.reactions.extend([reaction, reaction])
    flow = mock.send(sms(), url=raw_receiver.url, strategy="OnCompletion")
    mock.advance(until="idle")
    assert raw_receiver.bodies == [mock.track(flow)] * 3
    [callback] = mock.callbacks()
    assert callback["state"] == "delivered"
    assert [attempt["delivered"] for attempt in callback["attempts"]] == [False, False, True]
    assert error in callback["attempts"][0]["error"]
    assert callback["payload"] == mock.track(flow)


def test_twelve_retries_and_then_no_more(mock: Mock, receiver: Receiver) -> None:
    receiver.always(503)
    mock.send(sms(), url=receiver.url, strategy="OnCompletion")
    mock.advance(until="idle")
    [callback] = mock.callbacks()
    assert (len(receiver.requests), callback["state"], callback["nextRetry"]) == (13, "given up", None)


def test_nothing_is_lost_when_no_webhook_listens(mock: Mock) -> None:
    flow = mock.send(sms(), url="http://127.0.0.1:9/hook")
    moved = mock.advance(by="10s")
    assert mock.track(flow)["status"] == "Succeeded"
    assert ["nothing listens there" in each["error"] for each in moved["callbacks"]] == [True] * 3
    assert [callback["state"] for callback in mock.callbacks(trackingId=flow)] == ["waiting to retry"] * 3


# rule callbacks.timeout
def test_a_hanging_receiver_is_left_after_two_seconds(mock: Mock, receiver: Receiver) -> None:
    receiver.answers("hang")
    mock.send(sms(), url=receiver.url, strategy="OnCompletion")
    moved = mock.advance(by="10s")
    assert [each["error"] for each in moved["callbacks"]] == ["no answer within 2 s"]
    assert mock.advance(until="idle")["callbacks"][0]["delivered"]


# rule callbacks.order
def test_callbacks_of_one_flow_come_one_at_a_time_and_in_order(raw_receiver: receivers.Receiver) -> None:
    raw_receiver.always = receivers.after(0.02, receivers.answer(200))
    with mocking(clock=Mode.REALTIME, rate=1_000.0, start=None) as mock:
        mock.send(voice(), url=raw_receiver.url)
        raw_receiver.wait_for(5)
    assert raw_receiver.most_open == 1
    assert [statuses(body)[0][1] for body in raw_receiver.bodies] == [
        *("Queued", "Initiated", "Ringing", "InProgress", "Completed")
    ]


@pytest.mark.parametrize("clock", [Mode.INSTANT, Mode.REALTIME])
def test_the_reply_is_on_the_wire_before_the_first_callback(receiver: Receiver, clock: Mode) -> None:
    """When a callback arrives, the reply must already lie in the client's socket, unread."""
    waiting: list[bool] = []
    arrived = threading.Semaphore(0)
    with mocking(clock=clock, rate=1_000.0) as mock:
        for _ in range(20):
            with socket.create_connection(_address(mock)) as client:

                def look(_: Received, client: socket.socket = client) -> None:
                    waiting.append(bool(select.select([client], [], [], 0)[0]))
                    arrived.release()

                receiver.always(look)
                client.sendall(_raw_send(mock, receiver.url, "OnCompletion"))
                assert arrived.acquire(timeout=60)
    assert waiting == [True] * 20


@pytest.mark.parametrize("clock", [Mode.INSTANT, Mode.REALTIME])
def test_a_client_slow_to_take_its_reply_has_it_before_the_first_callback_even_in_process(
    receiver: Receiver, clock: Mode
) -> None:
    order: list[str] = []
    receiver.always(lambda _: order.append("callback"))

    async def scene() -> None:
        app = create_app(Settings(clock=clock, start=START))
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://mock")
        async with app.router.lifespan_context(app), client:
            login = await client.post("/oauth/token", auth=("a", "b"), data={"grant_type": "client_credentials"})
            headers = {"authorization": f"Bearer {login.json()['access_token']}"}
            body = json.dumps({"flow": [sms()], "callback": {"url": receiver.url, "strategy": "OnStep"}})
            await _slowly(app, headers, body.encode(), order)
            await asyncio.to_thread(receiver.wait, 1, 60)

    asyncio.run(scene())
    assert order[:2] == ["reply", "callback"]


async def _slowly(app: Starlette, headers: dict[str, str], body: bytes, order: list[str]) -> None:
    """POST /failover as an ASGI server passes it on, with a client that reads slowly."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        await asyncio.sleep(0.1)
        if message["type"] == "http.response.body":
            order.append("reply")

    scope = {"type": "http", "method": "POST", "path": "/failover", "query_string": b"", "http_version": "1.1",
             "headers": [(name.encode(), value.encode()) for name, value in {"host": "mock", **headers}.items()]}  # fmt: skip
    await app(scope, receive, send)


def test_a_receiver_may_call_the_mock_back_from_inside_its_handler(mock: Mock, receiver: Receiver) -> None:
    seen: list[tuple[str, str, str]] = []

    def call_back_in(request: Received) -> None:
        body = request.json
        clock = mock.clock()["now"]
        tracked = mock.track(body["trackingId"])
        assert tracked == body
        seen.append((clock, body["updatedAt"], body["messages"][-1]["status"]["name"]))
        if len(seen) == 1:
            mock.send(sms("+306900001000"), url=receiver.url, strategy="OnCompletion")

    receiver.always(call_back_in)
    mock.send(sms(), url=receiver.url)
    moved = mock.advance(until="idle")
    assert [each["error"] for each in moved["callbacks"]] == [None] * 4
    assert all(clock == updated for clock, updated, _ in seen)
    assert sorted(status for _, _, status in seen) == ["Delivered", "Delivered", "Queued", "Sent"]


def test_a_handler_that_moves_the_clock_it_is_called_by_times_out_and_nothing_hangs(
    mock: Mock, receiver: Receiver
) -> None:
    moves: list[Any] = []

    def move(_: Received) -> None:
        if not moves:
            moves.append(None)
            moves[0] = mock.advance(until="next")

    receiver.always(move)
    mock.send(sms(), url=receiver.url, strategy="OnCompletion")
    moved = mock.advance(by="20s")
    assert [each["error"] for each in moved["callbacks"]] == ["no answer within 2 s"]
    while moves[0] is None:
        time.sleep(0.01)
    assert moves[0]["callbacks"][0]["delivered"]


# rule document.virtual-instants
def test_instant_flows_run_to_their_end_with_virtual_instants_intact(receiver: Receiver) -> None:
    with mocking(clock=Mode.INSTANT) as mock:
        flow = mock.send(viber(WORST_FIRST), sms(WORST_FIRST), voice(WORST_FIRST), url=receiver.url)
        receiver.wait(10, timeout=60)
        mock.advance(until="idle")
        document = mock.track(flow)
        assert document["status"] == "Succeeded"
        assert document["messages"][0]["status"]["updatedDate"] == "2030-01-01T12:10:00Z"
        assert receiver.payloads[-1] == document


def test_real_time_needs_nobody_to_move_the_clock(receiver: Receiver) -> None:
    with mocking(clock=Mode.REALTIME, rate=100.0) as mock:
        mock.send(sms(), url=receiver.url)
        receiver.wait(3, timeout=60)
    assert [statuses(body)[0][1] for body in receiver.payloads] == ["Queued", "Sent", "Delivered"]


def test_many_clients_at_once_lose_nothing(receiver: Receiver) -> None:
    with mocking(clock=Mode.INSTANT) as mock:
        clients = [threading.Thread(target=lambda: [mock.send(sms(), url=receiver.url) for _ in range(5)])
                   for _ in range(8)]  # fmt: skip
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        receiver.wait(120, timeout=60)
        mock.advance(until="idle")
        found = mock.client.post("/failover/tracking", params={"size": 100}).json()
        assert [document["status"] for document in found["content"]] == ["Succeeded"] * 40
    by_flow: dict[str, list[str]] = {}
    for body in receiver.payloads:
        by_flow.setdefault(body["trackingId"], []).append(statuses(body)[0][1])
    assert list(by_flow.values()) == [["Queued", "Sent", "Delivered"]] * 40


def test_the_sink_receives_and_is_read(mock: Mock) -> None:
    flow = mock.send(sms(), url=f"{mock.url}/_mock/sink/mine", strategy="OnCompletion")
    mock.advance(until="idle")
    [kept] = mock.client.get("/_mock/sink/mine").json()["requests"]
    assert kept == {"at": mock.clock()["now"], "body": mock.track(flow)}
    assert mock.client.post("/_mock/sink/mine", content=b"\xff not json").status_code == 200
    assert mock.client.get("/_mock/sink/mine").json()["requests"][1]["body"] == "\ufffd not json"
    packed = {"content-encoding": "gzip"}
    assert mock.client.post("/_mock/sink/mine", content=b"\x1f\x8b\x08", headers=packed).status_code == 200
    assert mock.client.get("/_mock/sink/mine").json()["requests"][2]["body"] == "\x1f\ufffd\x08"
    assert mock.client.delete("/_mock/sink/mine").status_code == 204
    assert mock.client.get("/_mock/sink/mine").json() == {"sink": "mine", "requests": []}


# rules send.no-balance, send.insufficient-balance
@pytest.mark.parametrize("mode", ["later", "at-once"])
def test_a_balance_too_low_fails_the_flow_later_or_refuses_it_at_once(mode: str) -> None:
    behaviour = Behaviour(balance=460, refuse_at_once=mode == "at-once")
    with mocking(behaviour=behaviour) as mock:
        first = mock.send(sms())
        response = mock.client.post("/failover", json={"flow": [sms()]})
        mock.advance(until="idle")
        assert mock.track(first)["status"] == "Succeeded"
        if mode == "at-once":
            assert response.status_code == 400
            assert response.json() == {"code": "400001009", "developerMessage": "Insufficient Balance"}
        else:
            document = mock.track(response.json()["trackingId"])
            assert (document["status"], document["statusCode"], document["totalPrice"]) == ("Failed", "1", 0)


def test_a_client_that_leaves_before_its_reply_does_not_hold_up_time(mock: Mock, receiver: Receiver) -> None:
    with socket.create_connection(_address(mock)) as impatient:
        impatient.sendall(_raw_send(mock, receiver.url, "OnCompletion"))
    deadline = time.monotonic() + 60
    while mock.clock()["pending"] == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    mock.advance(until="idle")
    assert [statuses(body) for body in receiver.payloads] == [[("Sms", "Delivered")]]


def _address(mock: Mock) -> tuple[str, int]:
    return str(mock.client.base_url.host), int(mock.client.base_url.port or 0)


def _raw_send(mock: Mock, url: str, strategy: str) -> bytes:
    body = json.dumps({"flow": [sms()], "callback": {"url": url, "strategy": strategy}}).encode()
    token = mock.client.headers["authorization"]
    head = f"POST /failover HTTP/1.1\r\nHost: mock\r\nAuthorization: {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_a_transactional_flow_goes_all_the_way(mock: Mock, receiver: Receiver) -> None:
    template = {
        "type": "Viber",
        "to": WORST_FIRST,
        "senderInfoTrackingId": "id",
        "templateId": "t",
        "templateLang": "el",
    }
    body = {"flow": [template, sms()], "callback": {"url": receiver.url}}
    sent = mock.client.post("/failover/transactional", json=body)
    assert (sent.status_code, sent.json()["flowKind"]) == (200, "transactional")
    mock.advance(until="idle")
    assert statuses(receiver.payloads[0]) == [("Viber", "EXPIRED"), ("Sms", "Delivered")]
    refused = mock.client.post("/failover", json=body)
    assert list(refused.json()["properties"]) == ["flow[0].templateId", "flow[0].templateLang", "flow[0].message"]
