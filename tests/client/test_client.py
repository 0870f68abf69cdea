"""The client against a running mock: every test with the plain one and with the asynchronous one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mockserver.client import Misuse, MockError, Refused, Unreachable
from mockserver.testing.receiver import Receiver
from tests.http.mocks import sms, viber, voice
from tests.http.otp import code, pin

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_a_server_is_asked_who_it_is(server: Any) -> None:
    assert server.ready() == server.ready()
    assert server.version().count(".") == 2
    assert [each.id for each in server.sandboxes] == ["default"]
    assert server.sandbox().application_id == "any-application"


def test_a_missing_mock_is_an_error_with_advice(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getattr(server, "_thing", server)._link, "url", "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"no mock answers at http://127\.0\.0\.1:9 .* start one with"):
        server.ready()


@pytest.mark.parametrize("odd", ["a/b", "../clock", "50%", "x?y#z", " "])
def test_odd_names_are_not_found_and_nothing_else_is_asked(sandbox: Any, server: Any, odd: str) -> None:
    for ask in (sandbox.flow, sandbox.stop, server.sandbox):
        with pytest.raises(MockError) as error:
            ask(odd)
        assert error.value.status in (400, 404, 405)  # 400: an old httpx2 makes a query of it, which nothing takes


def test_a_connection_that_a_scenario_breaks_off_is_no_missing_mock(sandbox: Any) -> None:
    sandbox.play({"api": "reset", "uses": 1})
    with pytest.raises(Refused, match=r"broke before POST /failover was answered .* or a scenario breaks it"):
        sandbox.send([sms()])


def test_a_sandbox_is_made_as_asked_found_again_and_deleted(server: Any) -> None:
    made = server.create_sandbox("mine", clock="instant", token_life="unlimited", seed=7, balance=2.5)
    assert (made.id, made.info.seed, made.info.clock.mode, made.balance) == ("mine", 7, "instant", 2.5)
    assert repr(getattr(made, "_thing", made)).endswith(f"Sandbox 'mine' of {made.url}>")
    again = server.sandbox("mine")
    assert (again.application_id, again.application_secret) == (made.application_id, made.application_secret)
    made.delete()
    with pytest.raises(MockError, match="mine") as error:
        server.sandbox("mine")
    assert error.value.status == 404


def test_an_impossible_sandbox_is_refused_field_by_field(server: Any) -> None:
    with pytest.raises(MockError) as error:
        server.create_sandbox(clock="sundial", token_life="x")
    assert error.value.wrong.keys() == {"clock", "tokenLife"}
    assert str(error.value).splitlines() == [
        "create_sandbox(clock=...): must be one of realtime, manual, instant",
        'create_sandbox(token_life=...): must be a number from 1 up, or "unlimited"',
    ]
    with pytest.raises(Misuse) as error:
        server.create_sandbox(dialect={"succes_status": 201, "retry_plan": [0]})
    assert "create_sandbox(dialect=...).succes_status: is not known here; did you mean success_status?" in str(
        error.value
    )
    assert "create_sandbox(dialect=...).retry_plan[0]: " in str(error.value)
    with server.create_sandbox(dialect={"success-status": 201}) as written_as_in_toml:
        assert written_as_in_toml.info.dialect == {"successStatus": 201}
    with pytest.raises(TypeError, match=r"create_sandbox\(\) knows no sceanrio=; did you mean scenario=\?"):
        server.create_sandbox(sceanrio="x")


def test_a_sandbox_that_is_there_is_not_made_again(server: Any) -> None:
    with server.create_sandbox("twice"):
        with pytest.raises(
            Misuse, match=r"create_sandbox\(id=...\): there is a sandbox twice already: delete or reset it"
        ) as error:
            server.create_sandbox("twice")
        assert error.value.status == 412
        with pytest.raises(
            Misuse, match="an id is 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
        ):
            server.create_sandbox("a b")


def test_a_sandbox_is_made_once_whoever_asks_for_it(server: Any) -> None:
    made = server.ensure_sandbox("shared", clock="instant", start=datetime(2031, 1, 1), balance=5)
    made.set_balance(2)
    again = server.ensure_sandbox("shared", clock="instant", start="2031-01-01T00:00:00Z")
    assert (again.id, again.balance, again.application_id) == ("shared", 2, made.application_id)
    with pytest.raises(Misuse, match="the sandbox shared was made with another: leave this out") as error:
        server.ensure_sandbox("shared", clock="manual", seed=5)
    assert error.value.wrong.keys() == {"clock", "seed"}
    with pytest.raises(Misuse, match=r"ensure_sandbox\(clock=...\): must be one of realtime, manual, instant"):
        server.ensure_sandbox("other", clock="sundial")
    with pytest.raises(TypeError, match=r"ensure_sandbox\(\) knows no sceanrio=; did you mean scenario=\?"):
        server.ensure_sandbox("other", sceanrio="x")
    made.delete()


def test_as_a_context_manager_a_sandbox_is_gone_in_the_end(server: Any) -> None:
    with server.create_sandbox("brief") as brief:
        assert "brief" in [each.id for each in server.sandboxes]
    assert "brief" not in [each.id for each in server.sandboxes]
    assert brief is not None


def test_an_application_is_configured_by_its_environment(sandbox: Any) -> None:
    assert sandbox.env() == {
        "ROUTEE_AUTH_URL": sandbox.url,
        "ROUTEE_API_URL": sandbox.url,
        "ROUTEE_APPLICATION_ID": sandbox.application_id,
        "ROUTEE_APPLICATION_SECRET": sandbox.application_secret,
    }
    named = sandbox.env(auth_url=None, api_url="SMS_URL", application_id="SMS_USER")
    assert named.keys() == {"SMS_URL", "SMS_USER", "ROUTEE_APPLICATION_SECRET"}
    with pytest.raises(TypeError, match=r"there is no appid \(what can be named: auth_url, api_url"):
        sandbox.env(appid="X")


def test_a_flow_is_sent_and_seen_through_to_its_end(sandbox: Any, receiver: Receiver) -> None:
    flow = sandbox.send([viber("+306900000300", ttl=10), sms("+306900000300")], callback=receiver.url)
    assert (flow.status, flow.channels, flow.to) == ("Queued", ("Viber", "Sms"), ("+306900000300",))
    assert (flow.created_at, flow.ttl_ends) == (NOON, NOON + minutes(10))
    moved = sandbox.clock.until_final(flow)
    assert (moved.since, moved.stopped) == (NOON, "final")
    assert [(each.channel, each.status) for each in moved.transitions if hasattr(each, "channel")][:2] == [
        ("Viber", "QUEUED"),
        ("Viber", "EXPIRED"),
    ]
    after = sandbox.flow(flow)
    assert (after.status, after.termination_channel, after.final, after.ttl_ends) == ("Succeeded", "Sms", True, None)
    assert sandbox.flows == [after]
    assert sandbox.document(flow)["terminationChannel"] == "Sms"
    assert [each.payload for each in sandbox.callbacks] == receiver.payloads
    first = sandbox.callbacks[0]
    assert (first.number, first.delivered, first.attempts[0].status, first.copy_of) == (1, True, 200, None)
    assert "expired" in " ".join(each["says"] for each in sandbox.why(flow)).lower()


def test_a_whole_body_is_sent_as_it_is_and_a_wrong_one_named_field_by_field(sandbox: Any) -> None:
    body = {"flow": [sms()], "callback": {"strategy": "OnCompletion", "url": "http://127.0.0.1:9/hook"}}
    assert sandbox.send(body).channels == ("Sms",)
    with pytest.raises(MockError) as error:
        sandbox.send([sms(to="12")])
    assert error.value.wrong.keys() == {"flow[0].to"}
    [token, good, bad] = sandbox.requests
    assert (token.path, good.status, bad.status, bad.wrong.keys()) == ("/oauth/token", 200, 400, {"flow[0].to"})
    transactional = viber("+306900000000")
    del transactional["message"]
    with pytest.raises(Refused, match="templateId"):
        sandbox.send([transactional], transactional=True)


def test_a_token_that_is_no_longer_valid_is_replaced(sandbox: Any) -> None:
    sandbox.send([sms()])
    assert sandbox.revoke_tokens() == 1
    sandbox.send([sms()])
    assert sandbox.revoke_tokens(expire=True) == 1
    sandbox.send([sms()])
    assert len(sandbox.flows) == 3
    assert [each.status for each in sandbox.requests if each.path == "/failover"] == [200, 401, 200, 401, 200]


def test_a_one_time_password_is_sent_and_its_errors_are_told(server: Any, receiver: Receiver) -> None:
    sandbox = server.create_sandbox(balance=0.01)
    with pytest.raises(MockError, match="the send failed: Insufficient balance, statusCode 1"):
        sandbox.send_otp([pin()])
    sandbox.set_balance(None)
    flow = sandbox.send_otp([pin(label="login"), code(2)], callback=receiver.url)
    sandbox.clock.until_idle()
    assert [each["status"] for each in receiver.payloads] == ["Succeeded"]
    assert (flow.channels, sandbox.flow(flow).statuses) == (("Viber", "Sms"), ("DELIVERED",))
    assert sandbox.document(flow)["flowId"] == flow.tracking_id
    sandbox.expect.send(kind="otp", text="123456", label="login")
    with pytest.raises(MockError, match=r"Validation Error!\n  flow\[0\]\.ttl: must be at least 0") as caught:
        sandbox.send_otp({"flow": [pin(ttl=-1)]})
    assert caught.value.wrong == {"flow[0].ttl": "must be at least 0"}
    sandbox.delete()


def test_a_send_that_is_refused_twice_raises(server: Any) -> None:
    sandbox = server.create_sandbox(balance=0, balance_mode="at-once")
    with pytest.raises(MockError, match="nsufficient"):
        sandbox.send([sms()])
    sandbox.set_balance(None)
    assert sandbox.balance is None
    sandbox.send([sms()])
    sandbox.delete()


@pytest.mark.parametrize(
    ("how", "passed"),
    [
        ({"minutes": 10}, minutes(10)),
        ({"days": 1, "hours": 1, "seconds": 1.5, "milliseconds": 1}, timedelta(1, 3601, milliseconds=501)),
        ({"by": timedelta(hours=3)}, timedelta(hours=3)),
        ({"by": "1h30m"}, minutes(90)),
        ({}, timedelta()),
    ],
)
def test_time_moves_by_durations(sandbox: Any, how: Any, passed: timedelta) -> None:
    moved = sandbox.clock.advance(**how)
    assert (moved.since, moved.to, sandbox.clock.now) == (NOON, NOON + passed, NOON + passed)


def test_time_goes_to_an_instant_and_not_back(sandbox: Any) -> None:
    east = datetime.fromisoformat("2030-01-01T15:00:00+02:00")
    assert sandbox.clock.to(east).to == NOON + minutes(60)
    assert sandbox.clock.to(datetime(2030, 1, 1, 14)).to == NOON + minutes(120)
    assert sandbox.clock.to("2030-01-01T15:00Z").to == NOON + minutes(180)
    with pytest.raises(Misuse, match="it only moves forward") as error:
        sandbox.clock.to("2030-01-01T12:00Z")
    assert error.value.wrong.keys() == {"to"}
    with pytest.raises(Misuse, match="not a duration"):
        sandbox.clock.advance(minutes=-1)
    with pytest.raises(TypeError, match="either as text or as numbers"):
        sandbox.clock.advance("10m", minutes=1)
    with pytest.raises(TypeError, match=r"advance\(10\) has no unit: say advance\(minutes=10\), or seconds="):
        sandbox.clock.advance(10)
    with pytest.raises(TypeError, match=r"^10 is no instant: give a datetime, or a text such as"):
        sandbox.clock.to(10)


def test_things_happen_one_by_one_or_all(sandbox: Any) -> None:
    sandbox.send([sms()])
    assert [each.status for each in sandbox.clock.next().transitions if each.tracking_id and hasattr(each, "step")] == [
        "Queued"
    ]
    assert sandbox.clock.read().pending > 0
    assert sandbox.clock.until_idle().stopped == "idle"
    assert (sandbox.clock.read().pending, sandbox.clock.read().next) == (0, None)


def test_a_move_that_does_not_come_to_its_end_is_an_error(sandbox: Any) -> None:
    sandbox.send([sms()])
    with pytest.raises(MockError, match=r"after 1 events, with more to come: give a larger limit="):
        sandbox.clock.until_idle(limit=1)


def test_the_clock_is_set(sandbox: Any) -> None:
    assert sandbox.clock.set("realtime", rate=60).mode == "realtime"
    assert sandbox.clock.set(rate=2).rate == 2
    with pytest.raises(Misuse, match="realtime, manual, instant"):
        sandbox.clock.set("sundial")


def test_time_stands_just_before_and_just_after_a_ttl(sandbox: Any) -> None:
    flow = sandbox.send([viber("+306900000330", ttl=10), sms("+306900000330", ttl=20), voice("+306900000330")])
    assert sandbox.clock.just_before_ttl(flow).to == NOON + minutes(10) - timedelta(milliseconds=1)
    assert sandbox.flow(flow).statuses == ("QUEUED",)
    assert sandbox.clock.just_after_ttl(flow).to == NOON + minutes(10) + timedelta(milliseconds=1)
    assert sandbox.flow(flow).statuses == ("EXPIRED", "Queued")
    sandbox.clock.just_before_ttl(flow.tracking_id)
    assert sandbox.flow(flow).statuses == ("EXPIRED", "Sent")
    sandbox.clock.just_after_ttl(flow)
    assert sandbox.flow(flow).channels[len(sandbox.flow(flow).statuses) - 1] in ("Sms", "Voice")
    with pytest.raises(Misuse, match="its running step has none, or has ended"):
        sandbox.clock.just_before_ttl(flow)
    sandbox.clock.until_idle()
    with pytest.raises(Misuse, match="it is Succeeded"):
        sandbox.clock.just_after_ttl(flow)


def test_what_is_due_is_told_in_order(sandbox: Any) -> None:
    assert sandbox.clock.due() == []
    flow = sandbox.send([viber(), sms()], callback="http://127.0.0.1:9/hook")
    told = sandbox.clock.due()
    assert [(each.kind, each.says) for each in told] == [
        ("status", "Viber QUEUED"),
        ("status", "Viber DELIVERED"),
        *[("ttl", "the Viber ttl runs out")] * (len(told) - 2),
    ]
    assert {each.tracking_id for each in told} == {flow.tracking_id}
    assert told[0].at == sandbox.clock.now < told[1].at
    sandbox.clock.next()
    assert "callback 1 is posted, attempt 2" in [each.says for each in sandbox.clock.due()]


def test_scenarios_are_played_loaded_and_dropped(sandbox: Any, tmp_path: Path) -> None:
    file = tmp_path / "no-sms.yaml"
    file.write_text("sms: failed\n")
    assert sandbox.play(file) == "no-sms"
    assert sandbox.play("lost-reply") == "lost-reply"
    assert sandbox.play("viber: expired", name="old-phone") == "old-phone"
    assert sandbox.play({"name": "own", "voice": "busy"}, name="other") == "own"
    assert set(sandbox.scenarios) == {"no-sms", "lost-reply", "old-phone", "own"}
    sandbox.play("name: rest\nsms: failed", default=True)
    assert sandbox.link.ask("GET", f"/_mock/sandboxes/{sandbox.id}/scenarios/rest")["when"] is None
    sandbox.stop("rest")
    sandbox.stop("lost-reply")
    assert "lost-reply" not in sandbox.scenarios
    with pytest.raises(
        MockError, match=r"play\(scenario=...\): There is no scenario 'lost-repli'; did you mean lost-reply"
    ):
        sandbox.play("lost-repli")
    with pytest.raises(MockError, match="smss"):
        sandbox.play("smss: failed")


def test_events_are_pushed_and_messages_answered(sandbox: Any, receiver: Receiver) -> None:
    sandbox.send([viber(label="order-1", inboundUrl=receiver.url)])
    sandbox.clock.advance()
    pushed = sandbox.push("DELIVERED", label="order-1")
    assert [each.status for each in pushed.transitions if hasattr(each, "cause")] == ["DELIVERED"]
    with pytest.raises(ValueError, match="can become"):
        sandbox.push("QUEUED", label="order-1")
    answered = sandbox.inbound("Thank you", to="+306900000000")
    assert [each.delivered for each in answered.callbacks] == [True]
    assert "Thank you" in str(receiver.payloads[-1])


def test_the_journal_is_read_whole_in_part_and_in_words(sandbox: Any) -> None:
    one, other = sandbox.send([sms()]), sandbox.send([sms()])
    sandbox.clock.until_idle()
    assert [each["number"] for each in sandbox.journal()] == list(range(1, len(sandbox.journal()) + 1))
    assert {each["trackingId"] for each in sandbox.journal(flow=one)} == {one.tracking_id}
    assert {each["kind"] for each in sandbox.journal(kind="send,flow")} == {"send", "flow"}
    assert other.tracking_id[:8] not in sandbox.timeline(one)
    assert len(sandbox.timeline().splitlines()) > len(sandbox.journal())
    assert sandbox.log().startswith('{"format":1')


def test_lists_are_read_page_by_page(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mockserver.client.asynchronous import sandbox as asynchronous
    from mockserver.client.synchronous import sandbox as synchronous

    for room in (asynchronous, synchronous):
        monkeypatch.setattr(room, "PAGE", 2)
    sent = [sandbox.send([sms()]).tracking_id for _ in range(5)]
    assert [each.tracking_id for each in sandbox.flows] == sent
    assert [each["number"] for each in sandbox.journal()] == list(range(1, len(sandbox.journal()) + 1))


def test_a_reset_sandbox_begins_again(sandbox: Any) -> None:
    sandbox.send([sms()])
    sandbox.clock.advance(minutes=5)
    sandbox.reset()
    assert (sandbox.flows, sandbox.clock.now) == ([], NOON)
    assert sandbox.send([sms()]).status == "Queued"


def test_what_is_expected_is_found(sandbox: Any, receiver: Receiver) -> None:
    flow = sandbox.send([viber("+306900000300", label="order-1"), sms("+306900000300")], callback=receiver.url)
    sandbox.clock.until_idle()
    expect = sandbox.expect
    assert expect.send(to="+306900000300", channels=["Viber", "Sms"], text="hel*", count=1) == 1
    assert expect.send(label="order-1", channel="viber", kind="failover", callback_url="*/webhook") == 1
    assert expect.send(from_="Sender", at_least=1, at_most=2) == 1
    assert (
        expect.flow(flow, status="Succeeded", termination_channel="Sms", heard=["Viber EXPIRED", "Sms Delivered"]) == 1
    )
    assert expect.flow(
        to="+306900000300", exactly=["Viber QUEUED", "Viber EXPIRED", "Sms Queued", "Sms Sent", "Sms Delivered"]
    )
    assert expect.callback(flow, delivered=True, attempts=1, count=5) == 5
    assert expect.callback(message_status="Viber EXPIRED", url="*/webhook", status="InProgress", within="1s") == 1
    assert expect.request(method="POST", path="/failover", status=200, count=1) == 1
    assert expect.request(error="*", count=0) == 0


def test_a_failed_expectation_names_the_nearest_misses(sandbox: Any) -> None:
    sandbox.send([sms("+306900000300")])
    sandbox.send([sms("+306900000301")])
    with pytest.raises(MockError):
        sandbox.send([sms(to="12")])
    with pytest.raises(AssertionError) as near:
        sandbox.expect.flow(to="+306900000399", status="Succeeded", within=0.05)
    assert "expected at least 1 flow" in str(near.value)
    assert str(near.value).count("near: trackingId") == 2
    assert "status is 'Queued', not 'Succeeded'" in str(near.value)
    with pytest.raises(AssertionError, match=r"refused: POST /failover: Validation Error! flow\[0\].to"):
        sandbox.expect.send(to="+306900000302")
    with pytest.raises(AssertionError, match="found: flow 1, trackingId"):
        sandbox.expect.send(to="+306900000300", count=0)
    with pytest.raises(MockError, match="must be one of Viber, Sms, Voice"):
        sandbox.expect.send(channel="Pigeon")
    with pytest.raises(TypeError, match="neither at_least= nor at_most="):
        sandbox.expect.send(count=1, at_least=1)


def test_messages_are_taken_over_by_hand_and_hear_several_statuses_at_once(sandbox: Any) -> None:
    flow = sandbox.send([viber(label="order-1"), voice()])
    assert [each.status for each in sandbox.hold(label="order-1").transitions if hasattr(each, "cause")] == ["QUEUED"]
    sandbox.hold(flow, step=2)
    sandbox.clock.advance(minutes=9)
    assert sandbox.flow(flow).statuses == ("QUEUED",)
    pushed = sandbox.push(["UNDELIVERED", "Ringing", "InProgress"], flow)
    assert {each.at for each in pushed.transitions} == {NOON + minutes(9)}
    assert sandbox.flow(flow).statuses == ("UNDELIVERED", "InProgress")
    with pytest.raises(MockError) as error:
        sandbox.push(["Completed", "Busy"], flow)
    assert error.value.wrong.keys() == {"events[1].status"}


def test_a_flow_is_checked_and_written_as_code(sandbox: Any) -> None:
    told = sandbox.check([sms("+306900000020")], scenario={"when": {"to": "*"}, "sms": "roaming"})
    assert (told["ok"], told["steps"][0]["outcome"]) == (True, "roaming")
    assert sandbox.check({"flow": [sms("12")]})["wrong"].keys() == {"flow[0].to"}
    flow = sandbox.send([sms("+306900000020")])
    sandbox.clock.until_final(flow)
    assert sandbox.code(flow).startswith("def test_nobody_is_reached(routee):")
    assert sandbox.code(flow.tracking_id, "scenario").endswith("sms: failed\n")
    with pytest.raises(MockError, match="pytest, python, curl, scenario"):
        sandbox.code(flow, format="java")


def test_a_request_has_the_flow_it_made_and_its_body(sandbox: Any) -> None:
    flow = sandbox.send([sms()])
    token, sent = sandbox.requests
    assert (sent.tracking_id, sent.took_ms is not None, "Sender" in sent.body) == (flow.tracking_id, True, True)
    assert (token.tracking_id, token.body) == (None, "")


MISTAKES: dict[str, tuple[type[Exception], str, Any]] = {
    "a status that there is not": (
        Misuse,
        "expect.flow(status=...): must be one of Queued, InProgress, Succeeded, Failed; did you mean Succeeded?",
        lambda it: it.expect.flow(status="Succeded"),
    ),
    "a channel": (
        Misuse,
        "expect.flow(termination_channel=...): must be one of Viber, Sms, Voice; did you mean Viber?",
        lambda it: it.expect.flow(termination_channel="Vibr"),
    ),
    "a status heard": (
        Misuse,
        'expect.flow(heard=...)[0]: must be a channel and a status of it, such as "Viber EXPIRED"; did you mean Sms Failed?',
        lambda it: it.expect.flow(heard=["Sms Faild"]),
    ),
    "a single status": (
        Misuse,
        "expect.flow(heard=...): must be a list",
        lambda it: it.expect.flow(heard="Sms Failed"),
    ),
    "a callback with its strategy": (
        TypeError,
        "callback= is a URL, and strategy= says when it is called",
        lambda it: it.send([sms()], callback={"strategy": "OnStep", "url": "http://localhost/"}),
    ),
    "a truth": (
        Misuse,
        "expect.callback(delivered=...): must be True or False",
        lambda it: it.expect.callback(delivered="yes"),
    ),
    "a list": (Misuse, "expect.send(from_=...): must be a string", lambda it: it.expect.send(from_=["Shop"])),
    "a duration": (
        Misuse,
        "clock.advance(by=...): 'ten minutes' is not a duration such as 600 (seconds)",
        lambda it: it.clock.advance("ten minutes"),
    ),
    "an instant": (
        Misuse,
        "clock.to(instant=...): 'noon' is not an instant such as 2030-01-31T12:00:00Z",
        lambda it: it.clock.to("noon"),
    ),
    "a balance": (
        Misuse,
        'set_balance(euro=...): must be 0 to 1,000,000,000 euro, or "unlimited"',
        lambda it: it.set_balance("a lot"),
    ),
    "an outcome": (
        Misuse,
        "play(): sms: 'exploded' is no outcome of Sms",
        lambda it: it.play({"sms": "exploded"}),
    ),
    "a flow": (
        Misuse,
        "There is no such flow: trackingId 'abc'. There is none at all: nothing was accepted here.",
        lambda it: it.flow("abc"),
    ),
    "a recipient": (
        Misuse,
        "There is no such flow: to '+3069'. There is none at all: nothing was accepted here.",
        lambda it: it.push("SEEN", to="+3069"),
    ),
    "a keyword": (
        TypeError,
        "send() knows no too=; did you mean to=? (it knows to=, channel=, channels=, label=, text=, ",
        lambda it: it.expect.send(too="+30"),
    ),
    "a keyword of the clock": (
        TypeError,
        "set() knows no mod=; did you mean mode=? (it knows mode=, rate=)",
        lambda it: it.clock.set(mod="manual"),
    ),
    "a method": (AttributeError, "Clock has no until_idel; did you mean until_idle?", lambda it: it.clock.until_idel()),
    "an attribute": (AttributeError, "Sandbox has no clok; did you mean clock?", lambda it: it.clok),
    "a method like no other": (
        AttributeError,
        "Expect has no to_be_happy (it has callback, flow, request, send)",
        lambda it: it.expect.to_be_happy(),
    ),
    "what is no flow": (
        TypeError,
        "a flow is given as a Flow or by its trackingId, not as {'trackingId': 'abc'}",
        lambda it: it.document({"trackingId": "abc"}),
    ),
    "no flow": (
        TypeError,
        "push() is about one flow: give a flow, to= or label=, one of them",
        lambda it: it.push("SEEN"),
    ),
    "two flows": (
        TypeError,
        "inbound() is about one flow: give a flow, to= or label=, only one of them",
        lambda it: it.inbound("Thanks", "abc", to="+30"),
    ),
    "a name of nothing": (
        TypeError,
        "there is no api_ur; did you mean api_url? (what can be named: auth_url, api_url, application_id",
        lambda it: it.env(api_ur="ROUTEE"),
    ),
    "no mode": (
        TypeError,
        'clock.set() needs a mode ("realtime", "manual" or "instant"), a rate=, or both',
        lambda it: it.clock.set(),
    ),
    "a strategy of nothing": (
        TypeError,
        "strategy= says when callback= is called: give both, or put both into the flow's own body",
        lambda it: it.send([sms()], strategy="OnCompletion"),
    ),
    "a count": (TypeError, "count= is a number of matches, 0 or more, not '1'", lambda it: it.expect.send(count="1")),
    "bounds": (TypeError, "at_least=3 is more than at_most=1", lambda it: it.expect.send(at_least=3, at_most=1)),
    "a path as a name": (
        TypeError,
        "a file is given as a Path: play(Path('own.yaml'))",
        lambda it: it.play("own.yaml"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_the_words_of_python_and_once(sandbox: Any, mistake: str) -> None:
    kind, words, make = MISTAKES[mistake]
    with pytest.raises(kind) as error:
        make(sandbox)
    assert str(error.value).startswith(words)
    assert "\n" not in str(error.value)
    assert "send {" not in str(error.value)


def test_a_flow_that_there_is_not_is_told_beside_those_there_are(sandbox: Any) -> None:
    only = sandbox.send([sms("+15555550101")]).tracking_id
    with pytest.raises(MockError, match=f"There is one: {only} to \\+15555550101\\.$"):
        sandbox.document("abc")
    for last in range(2, 6):
        sandbox.send([sms(f"+1555555010{last}")])
    with pytest.raises(MockError, match=r"There are 5, the latest of them: \S+ to \+15555550105; .*0104; .*0103\.$"):
        sandbox.clock.until_final("abc")


def test_a_wrong_scenario_file_is_told_with_its_lines(sandbox: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("why: it is ours\nwhen: {to: '*'}\nviber: exploded\nsmss: failed\n")
    with pytest.raises(MockError) as error:
        sandbox.play(file)
    assert str(error.value).splitlines() == [
        f"{file}:3: viber: 'exploded' is no outcome of Viber; did you mean expired?",
        f"{file}:4: smss: is not known here; did you mean sms?",
    ]
    file.write_text("sms: [failed\n")
    with pytest.raises(MockError, match=r"own\.yaml:2: this is not YAML: "):
        sandbox.play(file)
    file.write_bytes(b"sms: \xff")
    with pytest.raises(MockError, match=r"own\.yaml:1: this is not UTF-8, at byte 6"):
        sandbox.play(file)
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yaml"):
        sandbox.play(tmp_path / "nowhere.yaml")
