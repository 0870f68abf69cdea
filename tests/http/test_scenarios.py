"""Scenarios over a real socket: put, played, used up, dropped, and read again when their files change."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms, viber, voice

NOBODY = "+15555550100"
"""No magic recipient: it is reached unless a scenario says otherwise."""


def put(mock: Mock, rank: dict[str, str] | None = None, **scenario: Any) -> dict[str, Any]:
    response = mock.client.post("/_mock/scenarios", json=scenario, params=rank)
    assert response.status_code == 201, response.text
    return dict(response.json())


def play(mock: Mock, *steps: Any, url: str | None = None, strategy: str = "OnStep") -> dict[str, Any]:
    """Send a flow and let everything happen; its document."""
    flow = mock.send(*steps, url=url, strategy=strategy)
    mock.advance(until="idle")
    return mock.track(flow)


def reasons(mock: Mock) -> list[str]:
    entries = mock.client.get("/_mock/journal", params={"kind": "step"}).json()["entries"]
    return [entry["why"] for entry in entries]


def heard(document: dict[str, Any]) -> list[str]:
    return [message["status"]["name"] for message in document["messages"]]


def test_an_outcome_by_name_and_in_detail(mock: Mock) -> None:
    put(mock, viber="not a viber user", sms={"outcome": "delivered", "after": "4s", "operator": "Vodafone"})
    document = play(mock, viber(NOBODY), sms(NOBODY))
    assert heard(document) == ["UNDELIVERED", "Delivered"]
    assert document["messages"][0]["status"]["reason"]["detailedStatus"] == "Not Viber User"
    assert (document["messages"][1]["operator"], document["messages"][1]["latency"]) == ("Vodafone", 4)
    assert reasons(mock) == [
        "scenario 'scenario-1' (to: *): 'not a viber user'",
        "scenario 'scenario-1' (to: *): 'delivered'",
    ]


def test_a_timeline_of_its_own_in_yaml(mock: Mock) -> None:
    text = (
        "name: slow\nsms:\n  - {at: 0s, status: Queued}\n  - {at: 3s, status: Sent}\n  - {at: 40m, status: Delivered}\n"
    )
    assert mock.client.post("/_mock/scenarios", content=text).status_code == 201
    flow = mock.send(sms(NOBODY))
    moved = mock.advance(until="idle")["transitions"]
    told = [(each["at"], each["status"]) for each in moved if "status" in each]
    assert told == [
        ("2030-01-01T12:00:00Z", "Queued"),
        ("2030-01-01T12:00:03Z", "Sent"),
        ("2030-01-01T12:40:00Z", "Delivered"),
    ]
    assert mock.track(flow)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("when", "matching", "other"),
    [
        ({"to": "+15555550100"}, sms("+15555550100"), sms("+15555550101")),
        ({"to": 15555550100}, sms("+15555550100"), sms("+15555550101")),
        ({"to": "+1555*"}, sms("+15555550100"), sms("+15125550100")),
        ({"to": r"/00$/"}, sms("+15555550100"), sms("+15555550101")),
        ({"from": "Parcels"}, sms(NOBODY, **{"from": "Parcels"}), sms(NOBODY)),
        ({"label": "a-*"}, sms(NOBODY, message={"body": "x", "label": "a-1"}), sms(NOBODY)),
        ({"text": "*code*"}, sms(NOBODY, message={"body": "your code is 1"}), sms(NOBODY)),
        ({"channel": "sms"}, sms(NOBODY), viber(NOBODY)),
        ({"step": 1, "text": "hello"}, voice(NOBODY), sms(NOBODY, message={"body": "bye"})),
    ],
)
def test_a_matcher_chooses_the_messages(mock: Mock, when: Any, matching: Any, other: Any) -> None:
    put(mock, name="chosen", when=when, viber="failed", sms="failed", voice="failed")
    assert play(mock, matching)["status"] == "Failed"
    assert play(mock, other)["status"] == "Succeeded"
    chosen, passed_over = reasons(mock)
    assert chosen.startswith("scenario 'chosen' (")
    assert "no scenario matched, the nearest was 'chosen': " in passed_over


# rule scenarios.order
def test_match_goes_before_magic_before_default_before_success(mock: Mock) -> None:
    magic = "+306900000222"
    assert heard(play(mock, sms(magic))) == ["Failed"]
    put(mock, {"default": "true"}, name="default", sms="roaming")
    assert heard(play(mock, sms(magic))) == ["Failed"]
    assert heard(play(mock, sms(NOBODY))) == ["Undelivered"]
    put(mock, name="match", when={"to": magic}, sms="delivered")
    assert heard(play(mock, sms(magic))) == ["Delivered"]
    assert [why.split(": '")[0] for why in reasons(mock)] == [
        "magic number: Sms digit 2 is 'failed'",
        "magic number: Sms digit 2 is 'failed'",
        "default scenario 'default'",
        f"scenario 'match' (to: {magic})",
    ]


def test_one_that_is_put_without_when_speaks_for_all_messages(mock: Mock) -> None:
    put(mock, name="everybody", sms="roaming")
    assert heard(play(mock, sms("+306900000222"))) == ["Undelivered"]
    put(mock, {"default": "false"}, name="everybody", sms="failed")
    assert heard(play(mock, sms(NOBODY))) == ["Failed"]
    assert [each["when"] for each in mock.client.get("/_mock/scenarios").json()["scenarios"]] == ["to: *"]


@pytest.mark.parametrize(("query", "words"), [("default=yes", "is true or false"), ("defualt=true", "default?")])
def test_a_wrong_rank_is_refused(mock: Mock, query: str, words: str) -> None:
    response = mock.client.post(f"/_mock/scenarios?{query}", json={"sms": "failed"})
    assert response.status_code == 400
    assert words in str(response.json()["properties"])


def test_of_several_matches_the_highest_priority_wins_and_then_the_latest(mock: Mock) -> None:
    put(mock, name="first", when={"to": "+1*"}, sms="failed")
    put(mock, name="second", when={"to": "+15*"}, sms="roaming")
    assert heard(play(mock, sms(NOBODY))) == ["Undelivered"]
    put(mock, name="urgent", when={"to": "*"}, sms="delivered", priority=1)
    assert heard(play(mock, sms(NOBODY))) == ["Delivered"]
    names = [each["name"] for each in mock.client.get("/_mock/scenarios").json()["scenarios"]]
    assert names == ["urgent", "second", "first"]


# rule scenarios.uses
def test_uses_are_counted_by_flow_and_run_out(mock: Mock) -> None:
    put(mock, name="once", uses=1, when={"to": "+1*"}, viber="expired", sms="failed")
    assert heard(play(mock, viber(NOBODY), sms(NOBODY))) == ["EXPIRED", "Failed"]
    assert heard(play(mock, viber(NOBODY), sms(NOBODY))) == ["DELIVERED"]
    assert reasons(mock)[-1].endswith("the nearest was 'once': its 1 uses are spent")
    assert mock.client.get("/_mock/scenarios/once").json()["used"] == 1


# rule scenarios.uses
def test_a_sequence_is_counted_by_recipient(mock: Mock) -> None:
    put(mock, name="again", voice={"sequence": ["busy", "completed"]})
    ends = [heard(play(mock, voice(to))) for to in (NOBODY, "+15555550101", NOBODY, NOBODY)]
    assert ends == [["Busy"], ["Busy"], ["Completed"], ["Completed"]]
    assert "turn 2 of 2" in reasons(mock)[2]


def test_steps_are_told_apart(mock: Mock) -> None:
    put(mock, steps=[{"voice": "busy"}, {"voice": "no answer"}, {"sms": "delivered"}], voice="failed")
    document = play(mock, voice(NOBODY), voice(NOBODY), sms(NOBODY))
    assert heard(document) == ["Busy", "NoAnswer", "Delivered"]


def test_weights_are_drawn_from_the_seed_and_come_out_as_they_should(mock: Mock) -> None:
    put(mock, sms={"delivered": 80, "failed": 20, "roaming": 0})
    ends = [heard(play(mock, sms(f"+1555555{number:04}")))[0] for number in range(200)]
    assert 20 <= ends.count("Failed") <= 60
    assert "Undelivered" not in ends
    with mocking() as again:
        put(again, sms={"delivered": 80, "failed": 20, "roaming": 0})
        assert [heard(play(again, sms(f"+1555555{number:04}")))[0] for number in range(20)] == ends[:20]


# rules statuses.server-error, statuses.server-error-played
def test_a_server_error_ends_the_flow_with_code_0_though_steps_are_left(mock: Mock) -> None:
    put(mock, viber="server error")
    flow = play(mock, viber(NOBODY), sms(NOBODY))
    assert (flow["status"], flow["statusCode"], flow["terminationChannel"]) == ("Failed", "0", "Viber")
    told = mock.client.get(f"/_mock/flows/{flow['trackingId']}/why").json()["why"]
    assert 'statusCode "0"' in told[-1]["rule"]


# Faults of the API


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (500, 500, "500000000"),
        ("503", 503, "503000000"),
        (429, 429, "429000000"),
        ("insufficient balance", 400, "400001009"),
    ],
)
def test_the_next_sends_are_answered_with_an_error(mock: Mock, answer: Any, status: int, code: str) -> None:
    put(mock, name="trouble", api=answer, uses=2)
    for _ in range(2):
        response = mock.client.post("/failover", json={"flow": [sms()]})
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["mock-report"].startswith("/_mock/sandboxes/default/journal?")
    assert mock.client.post("/failover", json={"flow": [sms()]}).status_code == 200
    faults = mock.client.get("/_mock/journal", params={"kind": "fault"}).json()["entries"]
    assert [each["why"] for each in faults] == ["scenario 'trouble'"] * 2
    assert mock.client.post("/failover", json={"flow": []}).status_code == 400


def test_a_connection_is_reset_before_or_after_the_flow_was_accepted(mock: Mock) -> None:
    for answer, flows in (("reset", 0), ("lost", 1)):
        put(mock, name=answer, api=answer, uses=1)
        with pytest.raises(httpx2.TransportError):
            mock.client.post("/failover", json={"flow": [sms(NOBODY)]})
        assert len(mock.client.get("/_mock/flows").json()["flows"]) == flows
    assert mock.client.post("/failover", json={"flow": [sms(NOBODY)]}).status_code == 200
    assert mock.advance(until="idle")["stopped"] == "idle"
    assert {each["status"] for each in mock.client.get("/_mock/flows").json()["flows"]} == {"Succeeded"}
    noted = [
        each["status"] for each in mock.client.get("/_mock/requests").json()["requests"] if each["path"] == "/failover"
    ]
    assert noted == [0, 0, 200]


def test_a_slow_answer_is_slow_in_real_time_and_the_flow_waits_for_it(mock: Mock, receiver: Receiver) -> None:
    put(mock, api={"delay": "300ms"})
    began = time.monotonic()
    mock.send(sms(NOBODY), url=receiver.url)
    assert time.monotonic() - began >= 0.3
    assert mock.clock()["now"] == "2030-01-01T12:00:00Z"
    mock.advance(until="idle")
    assert len(receiver.requests) == 3


# rule scenarios.callback-faults
def test_faults_match_by_any_step(mock: Mock) -> None:
    put(mock, api=503, when={"to": NOBODY})
    assert mock.client.post("/failover", json={"flow": [sms("+15555550101")]}).status_code == 200
    assert mock.client.post("/failover", json={"flow": [sms("+15555550101"), sms(NOBODY)]}).status_code == 503


# Faults of the callbacks


def statuses(receiver: Receiver) -> list[str]:
    return [body["messages"][-1]["status"]["name"] for body in receiver.payloads]


# rules scenarios.duplicates, scenarios.timeouts
@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({"duplicate": True}, ["Queued", "Queued", "Sent", "Sent", "Delivered", "Delivered"]),
        ({"duplicate": [2]}, ["Queued", "Sent", "Sent", "Delivered"]),
        ({"drop": True}, []),
        ({"drop": "last"}, ["Queued", "Sent"]),
        ({"drop": [1, 2]}, ["Delivered"]),
        ({"reorder": True}, ["Sent", "Queued", "Delivered"]),
        ({"reorder": 2}, ["Queued", "Delivered", "Sent"]),
        ({"reorder": [3]}, ["Queued", "Sent", "Delivered"]),
        ({"delay": "5m"}, ["Queued", "Sent", "Delivered"]),
        ({"timeouts": 1}, ["Queued", "Sent", "Delivered", "Queued", "Sent", "Delivered"]),
        ({"duplicate": [1], "reorder": [1]}, ["Sent", "Queued", "Queued", "Delivered"]),
        ({"drop": "0%", "duplicate": "0%", "reorder": False}, ["Queued", "Sent", "Delivered"]),
    ],
    ids=str,
)
def test_callbacks_go_wrong(mock: Mock, receiver: Receiver, faults: Any, expected: list[str]) -> None:
    put(mock, callbacks=faults)
    document = play(mock, sms(NOBODY), url=receiver.url)
    assert document["status"] == "Succeeded"
    assert statuses(receiver) == expected
    assert mock.clock()["pending"] == 0


def test_what_happened_to_a_callback_can_be_seen(mock: Mock, receiver: Receiver) -> None:
    put(mock, name="bad line", callbacks={"drop": [1], "reorder": [2], "duplicate": [2], "delay": "10s", "timeouts": 1})
    mock.send(sms(NOBODY), url=receiver.url)
    mock.advance(by="1m10s")
    states = [(each["state"], each["faults"], each["copyOf"]) for each in mock.callbacks()]
    assert states == [
        ("dropped", ["dropped"], None),
        ("delivered", ["duplicated", "reordered"], None),
        ("delivered", ["duplicated", "reordered"], 2),
        ("delivered", [], None),
    ]
    faults = [each["fault"] for each in mock.client.get("/_mock/journal", params={"kind": "fault"}).json()["entries"]]
    assert faults == ["dropped", "held back", "held back", "a duplicate of callback 2", *["delayed by 10 s"] * 3]
    first = mock.callbacks()[1]["attempts"][0]
    assert (first["status"], first["error"]) == (None, "the scenario has it that this answer came too late")


def test_on_completion_the_one_callback_can_be_dropped_and_doubled(mock: Mock, receiver: Receiver) -> None:
    put(mock, name="twice", when={"to": NOBODY}, callbacks={"duplicate": "last"})
    put(mock, name="never", when={"to": "+15555550101"}, callbacks={"drop": "last"})
    for to in (NOBODY, "+15555550101"):
        play(mock, sms(to), url=receiver.url, strategy="OnCompletion")
    assert statuses(receiver) == ["Delivered", "Delivered"]


# Put, read, dropped


def test_scenarios_are_put_read_and_dropped(mock: Mock) -> None:
    made = put(mock, name="mine", why="because", when={"to": NOBODY}, sms="failed", uses=3)
    expected = {"name": "mine", "why": "because", "when": f"to: {NOBODY}", "priority": 0, "uses": 3, "used": 0}
    assert {key: made[key] for key in expected} == expected
    assert made["says"] == {"name": "mine", "why": "because", "when": {"to": NOBODY}, "sms": "failed", "uses": 3}
    assert mock.client.get("/_mock/scenarios/mine").json() == made
    put(mock, name="mine", sms="delivered")
    listed = mock.client.get("/_mock/scenarios").json()
    assert [each["says"] for each in listed["scenarios"]] == [{"name": "mine", "sms": "delivered", "when": {"to": "*"}}]
    assert listed["problems"] == []
    assert mock.client.delete("/_mock/scenarios/mine").status_code == 204
    assert mock.client.delete("/_mock/scenarios/mine").status_code == 404
    put(mock, sms="failed")
    assert mock.client.delete("/_mock/scenarios").status_code == 204
    assert mock.client.get("/_mock/scenarios").json()["scenarios"] == []
    kinds = mock.client.get("/_mock/journal", params={"kind": "scenario"}).json()["entries"]
    assert [(each["scenario"], each["change"]) for each in kinds] == [
        ("mine", "added"),
        ("mine", "added"),
        ("mine", "dropped"),
        ("scenario-1", "added"),
        (None, "dropped"),
    ]


def test_the_library_is_played_by_name(mock: Mock) -> None:
    listed = mock.client.get("/_mock/library").json()["scenarios"]
    assert len(listed) >= 12
    assert all(each["why"] for each in listed)
    made = put(mock, use="viber-not-installed", when={"to": NOBODY})
    assert (made["name"], made["when"]) == ("viber-not-installed", f"to: {NOBODY}")
    assert heard(play(mock, viber(NOBODY), sms(NOBODY))) == ["UNDELIVERED", "Delivered"]
    read = mock.client.get("/_mock/scenarios/phone-off-over-night").json()
    assert read["says"]["viber"] == "expired"
    assert (
        mock.client.get("/_mock/scenarios/phone-of-over-night")
        .json()["developerMessage"]
        .endswith("did you mean phone-off-over-night?")
    )


def test_a_sandbox_and_a_server_can_begin_with_a_scenario() -> None:
    with mocking(scenario="carrier-filtering") as mock:
        assert heard(play(mock, sms(NOBODY))) == ["Failed"]
        assert mock.client.post("/_mock/reset").json()["flows"] == 0
        assert [each["name"] for each in mock.client.get("/_mock/scenarios").json()["scenarios"]] == [
            "carrier-filtering"
        ]
        made = mock.client.post("/_mock/sandboxes", json={"id": "other", "scenario": "nobody-reached"})
        assert made.status_code == 201
        playing = mock.client.get("/_mock/sandboxes/other/scenarios").json()["scenarios"]
        assert [(each["name"], each["when"]) for each in playing] == [("nobody-reached", "to: *")]
        playing = mock.client.get("/_mock/scenarios").json()["scenarios"]
        assert [each["when"] for each in playing] == [None]
        refused = mock.client.post("/_mock/sandboxes", json={"scenario": "nobody-reachd"})
        assert (refused.status_code, "did you mean nobody-reached?" in refused.text) == (400, True)


# rule scenarios.uses
def test_sandboxes_do_not_share_scenarios(mock: Mock) -> None:
    mock.client.post("/_mock/sandboxes", json={"id": "other"})
    put(mock, name="mine", sms="failed")
    assert mock.client.get("/_mock/sandboxes/other/scenarios").json()["scenarios"] == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "must be an object"),
        ("[]", "must be an object"),
        ("sms: delivred", "did you mean delivered?"),
        ("smss: delivered", "did you mean sms?"),
        ("sms: delivered\nsms: failed", "stands on line 1 already"),
        ("sms: [", "this is not YAML"),
        ("a: &a [1]\nb: *a", "anchors are not followed here"),
        ("a: " + "[" * 5_000, "this is"),
        ("\x00", "this is not YAML"),
        ("name: a/b\nsms: failed", "name"),
        ("{}", "says nothing"),
        ("use: nothing", "There is no scenario 'nothing'; `routee-mock scenarios` lists them."),
        ("use: [1]", "use: must be a text"),
        ("sms: {outcome: expired, after: 4s}", "ended by the ttl"),
        ("sms: {outcome: delivered, after: 9s to 4s}", "from the shorter to the longer"),
        ("sms: {outcome: delivered, after: soon}", "is not a duration"),
        ("sms: {outcome: failed, reason: Opted Out}", "is no reason of Sms"),
        ("voice: {outcome: failed, reason: Roaming}", "reason: is not known here"),
        ("sms: {delivered: 0}", "at least one outcome with a weight above 0"),
        ("sms: {delivered: -1}", "must be at least 0"),
        ("sms: [{at: 1s, status: Queued}]", "its delay is 0"),
        ("sms: [{at: 0, status: Queued}, {at: 5, status: Sent}, {at: 4, status: Delivered}]", "before the entry above"),
        ("viber: {sequence: []}", "at least one"),
        ("when: {to: '/(/'}\nsms: failed", "no regular expression"),
        ("when: {}\nsms: failed", "asks for nothing"),
        ("when: {step: 0}\nsms: failed", "at least 1"),
        ("api: 304", "must be a status from 400 to 599, or one of reset"),
        ("api: {delay: 2h}", "60 seconds at the most"),
        ("api: {}", "must have an answer, a delay, or both"),
        ("callbacks: {drop: 130%}", "must be true, a share such as 30%"),
        ("callbacks: {timeouts: 14}", "at most 13"),
        ("callbacks: {}\nuses: 0\nsms: failed", "at least 1"),
        ("steps: []", "at least one"),
        ("? [a]\n: b", "a key must be a word"),
        ("sms: failed\npriority: high", "must be a whole number"),
    ],
)
def test_a_bad_scenario_is_refused_in_words_and_changes_nothing(mock: Mock, body: str, words: str) -> None:
    response = mock.client.post("/_mock/scenarios", content=body)
    assert response.status_code == 400
    assert words in response.json()["developerMessage"]
    assert mock.client.get("/_mock/scenarios").json()["scenarios"] == []


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a-failing.yaml").write_text("when: {to: '+1555*'}\nsms: failed\n")
    return tmp_path


@pytest.fixture
def filed(folder: Path) -> Iterator[Mock]:
    with mocking(scenarios=folder) as mock:
        yield mock


def test_files_are_read_again_when_they_change_and_a_bad_one_does_not_break_the_others(
    filed: Mock, folder: Path
) -> None:
    assert heard(play(filed, sms(NOBODY))) == ["Failed"]
    (folder / "a-failing.yaml").write_text("when: {to: '+1555*'}\nsms: call barred\n")
    assert heard(play(filed, sms(NOBODY))) == ["Undelivered"]
    (folder / "b-bad.yaml").write_text("sms:\n  outcome: delivred\n")
    assert heard(play(filed, sms(NOBODY))) == ["Undelivered"]
    problems = filed.client.get("/_mock/scenarios").json()["problems"]
    assert problems == [f"{folder}/b-bad.yaml:2: sms.outcome: 'delivred' is no outcome of Sms; did you mean delivered?"]
    (folder / "a-failing.yaml").unlink()
    assert filed.client.post("/_mock/scenarios/reload").json()["scenarios"] == []
    assert heard(play(filed, sms(NOBODY))) == ["Delivered"]


def test_a_scenario_put_by_hand_outlives_the_file_it_replaced(filed: Mock, folder: Path) -> None:
    put(filed, name="a-failing", sms="roaming")
    (folder / "a-failing.yaml").unlink()
    assert heard(play(filed, sms(NOBODY))) == ["Undelivered"]


def test_files_may_use_the_library(folder: Path) -> None:
    (folder / "mine.yaml").write_text("use: carrier-filtering\nwhen: {to: '+1*'}\npriority: 5\n")
    with mocking(scenarios=folder) as mock:
        assert play(mock, sms(NOBODY))["messages"][0]["status"]["reason"]["detailedStatus"] == "Carrier Violation"


def test_a_new_sandbox_plays_the_files_as_they_are_then(filed: Mock, folder: Path) -> None:
    (folder / "b.yaml").write_text("sms: failed\n")
    filed.client.post("/_mock/scenarios/reload")
    filed.client.post("/_mock/sandboxes", json={"id": "later"})
    playing = filed.client.get("/_mock/sandboxes/later/scenarios").json()["scenarios"]
    assert [each["name"] for each in playing] == ["a-failing", "b"]
