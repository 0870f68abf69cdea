"""Sandboxes over a real socket: isolated worlds on one server."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Mode
from mockserver.core.slots import slot
from mockserver.settings import Policy
from mockserver.testing import RouteeMock
from mockserver.testing.receiver import Receiver, Reply
from tests.http.mocks import Mock, mocking, sms, unverified, viber


def create(mock: Mock, **wanted: Any) -> dict[str, Any]:
    response = mock.client.post("/_mock/sandboxes", json=wanted)
    assert response.status_code == 201, response.text
    return dict(response.json())


Enter = Callable[[Mock, dict[str, Any]], Mock]


@pytest.fixture
def enter() -> Iterator[Enter]:
    """The mock as a client of a sandbox sees it; its control paths lead there too."""
    with ExitStack() as stack:

        def inside(mock: Mock, sandbox: dict[str, Any]) -> Mock:
            hooks = {"request": [_into(sandbox["id"])]}
            client = unverified(sandbox["apiUrl"], event_hooks=hooks)
            stack.callback(client.close)
            entered = Mock(client)
            token = entered.login(sandbox["applicationId"], sandbox["applicationSecret"]).json()["access_token"]
            client.headers["authorization"] = f"Bearer {token}"
            return entered

        yield inside


def _into(id_: str) -> Any:
    def redirect(request: httpx2.Request) -> None:
        path = request.url.path
        if path.startswith("/_mock/"):
            request.url = request.url.copy_with(path=path.replace("/_mock/", f"/_mock/sandboxes/{id_}/", 1))

    return redirect


def test_a_sandbox_is_a_world_of_its_own(mock: Mock, enter: Enter) -> None:
    made = create(mock, id="mine", start="2031-01-01T00:00:00Z", seed=3)
    assert made["id"] == "mine"
    assert made["controlUrl"] == f"{mock.url}/_mock/sandboxes/mine"
    assert len(made["applicationId"]) == 24
    inside = enter(mock, made)
    flow = inside.send(sms())
    inside.advance(until="idle")
    assert inside.track(flow)["status"] == "Succeeded"
    assert inside.track(flow)["applicationId"] == made["applicationId"]
    assert inside.clock()["now"].startswith("2031-01-01T00:00:0")
    assert mock.clock()["now"] == "2030-01-01T12:00:00Z"
    assert mock.client.get(f"/failover/tracking/{flow}").status_code == 404
    assert mock.client.post("/failover/tracking").json()["totalElements"] == 0
    listed = mock.client.get("/_mock/sandboxes").json()["sandboxes"]
    assert [(each["id"], each["flows"]) for each in listed] == [("default", 0), ("mine", 1)]


def test_a_sandbox_has_the_settings_it_was_made_with(mock: Mock, enter: Enter) -> None:
    made = create(
        mock, clock="instant", rate=60, strictFields=True, tokenLife=60, balance=0.01, balanceMode="at-once", seed=9
    )
    assert (made["id"], made["seed"]) == ("sandbox-1", 9)
    assert (made["clock"]["mode"], made["clock"]["rate"]) == ("instant", 60)
    inside = enter(mock, made)
    assert inside.login(made["applicationId"], made["applicationSecret"]).json()["expires_in"] <= 59
    assert inside.client.post("/failover", json={"flow": [sms(label="")]}).json()["properties"]
    assert inside.client.post("/failover", json={"flow": [sms()]}).json()["code"] == "400001009"
    assert create(mock)["id"] == "sandbox-2"
    plain = create(mock)
    nothing = create(mock, **dict.fromkeys(("tokenLife", "balance", "start", "seed", "dialect", "strictFields")))
    assert nothing.keys() == plain.keys()
    assert nothing["clock"]["mode"] == plain["clock"]["mode"], "what is null is left out"
    assert create(mock, tokenLife="unlimited", balance="unlimited", clock=None)["clock"]["mode"] == "manual"


def test_a_sandbox_that_is_made_is_as_that_of_the_fixture(enter: Enter) -> None:
    with mocking(clock=Mode.REALTIME) as mock, RouteeMock(mock.url) as fixture:
        made = create(mock)
        clocks = [mock.client.get(f"/_mock/sandboxes/{id_}/clock").json() for id_ in (made["id"], fixture.id)]
        assert [each["mode"] for each in clocks] == ["manual", "manual"]
        assert mock.clock()["mode"] == "realtime"
        inside = enter(mock, made)
        inside.advance(by="100d")
        assert inside.client.post("/failover", json={"flow": [sms()]}).status_code == 200
        assert mock.login().json()["expires_in"] == 3_599


def test_what_a_server_is_told_holds_for_the_sandboxes_that_are_made(enter: Enter) -> None:
    with mocking(clock=Mode.INSTANT, behaviour=Behaviour(token_life=60_000)) as mock:
        made = create(mock)
        assert made["clock"]["mode"] == "instant"
        assert enter(mock, made).login(made["applicationId"], made["applicationSecret"]).json()["expires_in"] <= 60


def test_seeds_differ_between_sandboxes_and_follow_from_the_name(mock: Mock, enter: Enter) -> None:
    one, other = create(mock, id="one"), create(mock, id="other")
    assert one["seed"] != other["seed"] != 0
    assert enter(mock, one).send(sms()) != enter(mock, other).send(sms())
    with mocking() as again:
        assert create(again, id="one")["seed"] == one["seed"]


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ({"id": "a b"}, set()),
        ({"id": "default"}, set()),
        ({"id": "x" * 65}, {"id"}),
        ({"id": 5, "clock": "fast", "rate": 0, "seed": "x"}, {"id", "clock", "rate", "seed"}),
        ({"start": "soon", "tokenLife": 0, "balance": -1}, {"start", "tokenLife", "balance"}),
        ({"tokenLife": True, "balanceMode": "never", "colour": 1}, {"tokenLife", "balanceMode", "colour"}),
        ([], set()),
    ],
)
def test_a_sandbox_that_cannot_be_made_says_why(mock: Mock, wanted: Any, paths: set[str]) -> None:
    response = mock.client.post("/_mock/sandboxes", json=wanted)
    assert response.status_code == 400
    assert response.json().get("properties", {}).keys() == paths


def test_a_sandbox_is_put_where_its_id_is_and_is_there_from_then_on(mock: Mock) -> None:
    place, wanted = "/_mock/sandboxes/mine", {"clock": "instant", "balance": 5, "tokenLife": "unlimited"}
    made = mock.client.put(place, json=wanted)
    assert (made.status_code, made.json()["id"], made.json()["clock"]["mode"]) == (201, "mine", "instant")
    mock.client.put(f"{place}/balance", json={"balance": 1})
    for body in (wanted, {"id": "mine"}, {}, None):
        again = mock.client.put(place, json=body) if body is not None else mock.client.put(place)
        assert (again.status_code, again.json()) == (200, made.json() | {"clock": again.json()["clock"], "journal": 1})
    assert mock.client.get(f"{place}/balance").json() == {"balance": 1}
    assert mock.client.put("/_mock/sandboxes/default").status_code == 200
    new = {"if-none-match": "*"}
    assert mock.client.put(place, headers=new).status_code == 412
    assert mock.client.put("/_mock/sandboxes/other", headers=new).status_code == 201


def test_a_sandbox_that_was_made_otherwise_is_left_as_it_is(mock: Mock) -> None:
    create(mock, id="mine", seed=3, strictFields=True)
    other = mock.client.put("/_mock/sandboxes/mine", json={"seed": 4, "strictFields": True, "tokenLife": 60})
    assert (other.status_code, other.json()["code"]) == (409, "409000000")
    assert other.json()["developerMessage"].startswith(
        "There is a sandbox mine already, made with another seed and another tokenLife: "
    )
    assert mock.client.get("/_mock/sandboxes/mine").json()["seed"] == 3


def test_what_cannot_be_put_says_why(mock: Mock) -> None:
    for place, body, said in (
        ("a%20b", {}, "an id is 1 to 64 letters"),
        ("-a", {}, "the first a letter or digit"),
        ("mine", {"id": "yours"}, "The path names the sandbox 'mine', and the body another"),
        ("mine", {"clok": "manual"}, "The sandbox cannot be made like that"),
        ("mine", {"scenario": "lost-repli"}, "did you mean lost-reply?"),
    ):
        refused = mock.client.put(f"/_mock/sandboxes/{place}", json=body)
        assert (refused.status_code, said in refused.json()["developerMessage"]) == (400, True), refused.text
    assert [each["id"] for each in mock.client.get("/_mock/sandboxes").json()["sandboxes"]] == ["default"]


def test_a_server_keeps_a_limited_number_of_sandboxes() -> None:
    with mocking(most_sandboxes=2, sandboxes=Policy.AUTO) as mock:
        full = mock.client.post("/_mock/sandboxes", json={})
        assert full.status_code == 400
        assert "2 sandboxes and no more" in full.json()["developerMessage"]
        refused = mock.login("somebody-else")
        assert (refused.status_code, refused.json()["code"]) == (503, "503000000")
        assert mock.login("app").status_code == 200


def test_a_reset_needs_no_room() -> None:
    with mocking(most_sandboxes=1) as mock:
        for path in ("/_mock/reset", "/_mock/sandboxes/default/reset"):
            assert mock.client.post(path).status_code == 200


def test_unknown_sandboxes_are_404_with_the_nearest_names(mock: Mock) -> None:
    create(mock, id="parcels")
    for path in ("/_mock/sandboxes/parcel/clock", "/_mock/sandboxes/parcel"):
        response = mock.client.get(path)
        assert response.status_code == 404
        assert "close to it: parcels" in response.json()["developerMessage"]


def test_a_wrong_secret_does_not_lead_into_a_sandbox(mock: Mock) -> None:
    made = create(mock)
    assert mock.login(made["applicationId"], "wrong").json()["message"] == "Bad credentials"


def noted(mock: Mock, sandbox: str = "default") -> list[str]:
    """What was wrong with the requests that a sandbox has noted."""
    listed = mock.client.get(f"/_mock/sandboxes/{sandbox}/requests").json()["requests"]
    return [f"{each['path']}: {each['error']}" for each in listed if each["error"]]


def test_the_journal_says_why_a_request_led_nowhere() -> None:
    with mocking(sandboxes=Policy.STRICT) as mock:
        made = create(mock, id="parcels")
        token = mock.login(made["applicationId"], made["applicationSecret"]).json()["access_token"]
        mock.login(made["applicationId"], "wrong")
        assert noted(mock, "parcels") == [
            f"/oauth/token: Bad credentials: the secret of '{made['applicationId']}' is another"
        ]
        mock.client.delete("/_mock/sandboxes/parcels")
        mock.login("app")
        mock.login(made["applicationId"], made["applicationSecret"])
        for authorization in (f"Bearer {token}", "Basic YTpi", "Bearer"):
            mock.client.post("/failover", json={}, headers={"Authorization": authorization})
        httpx2.post(f"{mock.url}/failover", json={}, trust_env=False)
        httpx2.post(f"{mock.url}/oauth/token", trust_env=False)
        mock.client.post("/_mock/sandboxes/x/failover/", json={})
        mock.client.get("/_mock/oauth/token")
        none = "Full authentication is required to access this resource"
        gone = "is of the sandbox parcels, which is gone"
        assert noted(mock)[-9:] == [
            "/oauth/token: Bad credentials: there is no application 'app' here, and no other is accepted",
            f"/oauth/token: Bad credentials: '{made['applicationId']}' {gone}",
            f"/failover: Invalid access token: it {gone}; POST /oauth/token issues one",
            f"/failover: {none}: its Authorization is of another scheme, not Bearer",
            f"/failover: {none}: its Authorization is Bearer without a value, not Bearer",
            f"/failover: {none}: there is no Authorization header",
            f"/oauth/token: {none}: there is no Authorization header",
            "/_mock/sandboxes/x/failover/: Nothing lives at POST /_mock/sandboxes/x/failover/; close to it: POST /failover.",
            "/_mock/oauth/token: Nothing lives at GET /_mock/oauth/token; close to it: POST /oauth/token.",
        ]


def test_a_server_remembers_so_many_of_the_tokens_that_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.registry.MOST_FORMER", 2)
    with mocking() as mock:
        tokens = []
        for name in ("one", "two"):
            made = create(mock, id=name)
            tokens.append(mock.login(made["applicationId"], made["applicationSecret"]).json()["access_token"])
            mock.client.delete(f"/_mock/sandboxes/{name}")
        told = []
        for token in tokens:
            answer = mock.client.post("/failover", json={}, headers={"Authorization": f"Bearer {token}"})
            told.append(answer.json()["error_description"].partition(";")[0])
        assert told == [
            "Invalid access token: it was not issued here",
            "Invalid access token: it is of the sandbox two, which is gone",
        ]


def test_auto_gives_every_application_a_world_named_after_it() -> None:
    with mocking(sandboxes=Policy.AUTO) as mock:
        assert mock.client.get("/_mock/sandboxes/app").json()["flows"] == 0
        mock.send(sms())
        assert mock.client.get("/_mock/sandboxes/app").json()["flows"] == 1
        assert mock.login("other", "x").status_code == mock.login("other", "y").status_code == 200
        assert mock.login("strange id/1").status_code == 200
        listed = [each["id"] for each in mock.client.get("/_mock/sandboxes").json()["sandboxes"]]
        assert listed[:3] == ["default", "app", "other"]
        assert slot(listed[3]) == slot("strange id/1")
        assert listed[3].startswith("app-")


# rule token.slot
def test_a_sandbox_its_application_and_their_tokens_are_of_one_slot(mock: Mock) -> None:
    for id_ in ("mine", "A.b_c-1", "x" * 64):
        made = create(mock, id=id_)
        token = mock.login(made["applicationId"], made["applicationSecret"]).json()["access_token"]
        assert slot(made["applicationId"]) == slot(id_) == int(token[:3], 16)
        assert mock.client.post(f"/_mock/sandboxes/{id_}/reset").json()["applicationId"] == made["applicationId"]


def test_an_application_named_as_another_sandbox_has_one_with_another_name() -> None:
    with mocking(sandboxes=Policy.AUTO) as mock, mocking(sandboxes=Policy.AUTO) as elsewhere:
        for server in (mock, elsewhere):
            server.login("default")
        [name] = {each["id"] for each in mock.client.get("/_mock/sandboxes").json()["sandboxes"]} - {"default", "app"}
        assert slot(name) == slot("default")
        assert elsewhere.client.get(f"/_mock/sandboxes/{name}").json()["applicationId"] == "default"


def test_a_name_that_is_taken_is_not_taken_twice() -> None:
    with mocking(sandboxes=Policy.AUTO) as first, mocking(sandboxes=Policy.AUTO) as mock:
        first.login("a b")
        name = first.client.get("/_mock/sandboxes").json()["sandboxes"][-1]["id"]
        create(mock, id=name)
        mock.login("a b")
        other = mock.client.get("/_mock/sandboxes").json()["sandboxes"][-1]
        assert (other["applicationId"], other["id"] != name, slot(other["id"])) == ("a b", True, slot("a b"))


def test_strict_refuses_applications_without_a_sandbox() -> None:
    with mocking(sandboxes=Policy.STRICT) as mock:
        assert mock.login().status_code == 401
        made = create(mock)
        assert mock.login(made["applicationId"], made["applicationSecret"]).status_code == 200


def test_reset_empties_a_sandbox_and_delete_forgets_it_and_the_others_do_not_notice(
    mock: Mock, receiver: Receiver, enter: Enter
) -> None:
    one, other = create(mock, id="one"), create(mock, id="other")
    inside, beside = enter(mock, one), enter(mock, other)
    inside.send(sms(), url=receiver.url)
    kept = beside.send(sms(), url=receiver.url, strategy="OnCompletion")
    assert mock.client.post("/_mock/sandboxes/one/reset").json()["flows"] == 0
    assert inside.client.post("/failover/tracking").json()["error"] == "invalid_token"
    assert inside.login(one["applicationId"], one["applicationSecret"]).status_code == 200
    assert mock.client.delete("/_mock/sandboxes/one").status_code == 204
    assert mock.client.get("/_mock/sandboxes/one").status_code == 404
    beside.advance(until="idle")
    assert [body["trackingId"] for body in receiver.payloads] == [kept]
    assert mock.client.delete("/_mock/sandboxes/default").status_code == 400
    mock.send(viber())
    assert mock.client.post("/_mock/reset").json()["flows"] == 0


def test_deleting_a_sandbox_in_mid_callback_lets_the_callback_finish_and_stops_the_rest(
    mock: Mock, receiver: Receiver, enter: Enter
) -> None:
    receiver.always(Reply(delay=0.2))
    made = create(mock, id="doomed")
    inside = enter(mock, made)
    inside.send(sms(), url=receiver.url)
    moves: list[Any] = []
    mover = threading.Thread(target=lambda: moves.append(inside.advance(until="idle")))
    mover.start()
    receiver.wait(1, timeout=60)
    assert mock.client.delete("/_mock/sandboxes/doomed").status_code == 204
    mover.join()
    assert (moves[0]["stopped"], len(receiver.requests)) == ("closed", 1)
    assert moves[0]["callbacks"][0]["delivered"]


def test_fifty_parallel_clients_never_see_each_other(mock: Mock, receiver: Receiver, enter: Enter) -> None:
    problems: list[BaseException] = []

    def live(number: int) -> None:
        try:
            inside = enter(mock, create(mock, id=f"test-{number}"))
            flows = [inside.send(viber("+306900000300"), sms(), url=f"{receiver.url}/{number}") for _ in range(3)]
            inside.advance(by=605 + number)
            found = inside.client.post("/failover/tracking").json()
            assert [each["trackingId"] for each in found["content"]] == flows[::-1]
            assert {each["status"] for each in found["content"]} == {"Succeeded"}
            now = f"2030-01-01T12:{10 + (5 + number) // 60}:{(5 + number) % 60:02}Z"
            assert inside.clock()["now"] == now
            assert {each["trackingId"] for each in inside.callbacks()} == set(flows)
        except BaseException as problem:
            problems.append(problem)

    clients = [threading.Thread(target=live, args=(number,)) for number in range(50)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert problems == []
    heard: dict[str, set[str]] = {request.path: set() for request in receiver.requests}
    for request in receiver.requests:
        heard[request.path].add(request.json["trackingId"])
    assert len(heard) == 50
    assert all(len(flows) == 3 for flows in heard.values())
    assert len(set().union(*heard.values())) == 150


def test_requests_stand_in_the_journal_of_the_sandbox_their_credentials_lead_to(mock: Mock) -> None:
    made = mock.client.post("/_mock/sandboxes", json={"id": "own"}).json()
    id_, secret = made["applicationId"], made["applicationSecret"]
    token = mock.login(id_, secret).json()["access_token"]
    assert mock.login(id_, "wrong").status_code == 401
    mock.client.delete("/_mock/sandboxes/own/tokens")
    mock.client.post("/failover", json={}, headers={"authorization": f"Bearer {token}"})
    requests = mock.client.get("/_mock/sandboxes/own/requests").json()["requests"]
    assert [(each["path"], each["status"], each["applicationId"]) for each in requests] == [
        ("/oauth/token", 200, id_),
        ("/oauth/token", 401, id_),
        ("/failover", 401, None),
    ]
