"""Writing a scenario in a test, with both clients."""

import asyncio
import warnings
from typing import Any

import pytest

from mockserver.client import AsyncServer, MockError, Server
from mockserver.server import Addresses
from tests.http.mocks import sms, viber, voice


@pytest.fixture
def sandbox(mock: Addresses) -> Any:
    with Server(mock.url) as server, server.create_sandbox() as sandbox:
        yield sandbox


def statuses(sandbox: Any, *steps: Any) -> list[str]:
    flow = sandbox.send(list(steps))
    sandbox.clock.until_final(flow)
    return list(sandbox.flow(flow).statuses)


def test_every_word_plays(sandbox: Any) -> None:
    sandbox.when(to="+3069*").viber("expired").sms("failed").voice("busy")
    assert statuses(sandbox, viber(), sms(), voice()) == ["EXPIRED", "Failed", "Busy"]


def test_without_a_matcher_it_is_for_all_messages_even_to_magic_numbers(sandbox: Any) -> None:
    sandbox.when().sms("failed")
    assert statuses(sandbox, sms("+306900000000")) == ["Failed"]


def test_a_played_scenario_without_a_matcher_is_for_all_messages(sandbox: Any) -> None:
    magic, other = "+306900000000", "+15555550100"
    for told in ("sms: failed", {"sms": "failed"}, {"use": "carrier-filtering"}):
        name = sandbox.play(told, name="it")
        assert [statuses(sandbox, sms(to)) for to in (magic, other)] == [["Failed"], ["Failed"]]
        assert sandbox.scenarios == [name]
        sandbox.stop(name)
    sandbox.play("carrier-filtering")
    assert statuses(sandbox, sms(magic)) == ["Failed"]
    sandbox.play({"sms": "unknown number", "when": {"to": other}})
    assert [statuses(sandbox, sms(to)) for to in (magic, other)] == [["Failed"], ["Undelivered"]]


def test_it_is_for_the_messages_that_match(sandbox: Any) -> None:
    sandbox.when(label="otp-*", from_="Sender", text="hel*", channel="Sms", step=1, priority=2, uses=1).sms("failed")
    otp = sms(message={"body": "hello", "label": "otp-1"})
    assert statuses(sandbox, sms()) == ["Delivered"]
    assert statuses(sandbox, otp) == ["Failed"]
    assert statuses(sandbox, otp) == ["Delivered"]


def test_outcomes_come_in_turn_in_detail_by_weight_and_by_timeline(sandbox: Any) -> None:
    sandbox.when().sms("failed", "delivered")
    assert [statuses(sandbox, sms()) for _ in range(3)] == [["Failed"], ["Delivered"], ["Delivered"]]
    sandbox.when().sms("undelivered", after="4s", reason="Roaming", operator="Vodafone")
    flow = sandbox.send([sms()])
    moved = sandbox.clock.until_final(flow)
    assert (moved.to - moved.since).seconds == 4
    assert [each.reason for each in moved.transitions if getattr(each, "status", "") == "Undelivered"] == ["Roaming"]
    sandbox.when().sms({"failed": 1})
    assert statuses(sandbox, sms()) == ["Failed"]
    sandbox.when().sms([{"at": "0s", "status": "Queued"}, {"at": "3s", "status": "Failed"}])
    assert statuses(sandbox, sms()) == ["Failed"]
    sandbox.when().steps({"voice": "busy"}, {"voice": "no answer"}, {"sms": "failed"})
    assert statuses(sandbox, voice(), voice(), sms()) == ["Busy", "NoAnswer", "Failed"]


def test_callbacks_and_answers_go_wrong(sandbox: Any, receiver: Any) -> None:
    sandbox.when().callbacks(duplicate=True, timeouts=0)
    flow = sandbox.send([sms()], callback=receiver.url, strategy="OnCompletion")
    sandbox.clock.until_idle()
    assert [each.copy_of for each in sandbox.callbacks] == [None, 1]
    assert [body["trackingId"] for body in receiver.payloads] == [flow.tracking_id] * 2
    sandbox.when(uses=1).api(503)
    with pytest.raises(MockError) as error:
        sandbox.send([sms()])
    assert error.value.status == 503
    sandbox.when(uses=1).api("insufficient balance", delay="1ms")
    with pytest.raises(MockError, match="nsufficient"):
        sandbox.send([sms()])


def test_words_that_make_no_sense_are_refused(sandbox: Any) -> None:
    with pytest.raises(TypeError, match="which outcome"):
        sandbox.when().sms()
    with pytest.raises(TypeError, match="go with an outcome by its name"):
        sandbox.when().sms({"failed": 1}, after="4s")
    with pytest.raises(MockError, match="exploded"):
        sandbox.when().sms("exploded")


def test_asynchronously_it_is_played_when_awaited_and_warns_when_it_never_is(mock: Addresses) -> None:
    async def tell() -> tuple[list[str], list[str]]:
        async with AsyncServer(mock.url) as server, await server.create_sandbox() as sandbox:
            name = await sandbox.when(to="+3069*").viber("expired").sms("failed")
            with pytest.warns(RuntimeWarning, match="written but never played: await it"):
                sandbox.when().voice("busy")
            return [name], await sandbox.scenarios

    with warnings.catch_warnings(action="error"):
        told, played = asyncio.run(tell())
    assert told == played == ["when-1"]


WORDS: list[tuple[Any, str]] = [
    (
        lambda it: it.when().viber("exipred"),
        "when().viber(...): 'exipred' is no outcome of Viber; did you mean expired?",
    ),
    (lambda it: it.when().sms("failed", after="soon"), "when().sms(after=...): "),
    (lambda it: it.when().callbacks(drop="most"), "when().callbacks(drop=...): must be true, a share"),
    (lambda it: it.when().api(318), "when().api(answer=...): must be a status from 400"),
    (lambda it: it.when().steps({"sms": "failed"}, {"sms": "exploded"}), "when().steps(...)[1].sms: 'exploded' is no"),
    (lambda it: it.when(to="/(/").sms("failed"), "when(to=...): "),
    (lambda it: it.when(from_="/(/").sms("failed"), "when(from_=...): "),
    (lambda it: it.when(uses=0).sms("failed"), "when(uses=...): must be at least 1"),
]


@pytest.mark.parametrize(("write", "words"), WORDS, ids=[words for _, words in WORDS])
def test_a_wrong_word_is_told_as_it_was_written(sandbox: Any, write: Any, words: str) -> None:
    with pytest.raises(MockError) as error:
        write(sandbox)
    assert str(error.value).startswith(words)


def test_what_is_begun_and_says_nothing_is_told_by_what_comes_next(sandbox: Any) -> None:
    sandbox.when(to="+3069*", from_="Shop")
    with pytest.raises(
        TypeError, match=r"^when\(to='\+3069\*', from_='Shop'\) says nothing \(.*test_when\.py:\d+\): add"
    ):
        sandbox.clock.advance(minutes=1)
    sandbox.clock.advance(minutes=1)
    sandbox.when(label="x").sms("failed")
    for word in ("callbacks", "api", "steps"):
        with pytest.raises(TypeError, match=rf"^when\(\)\.{word}\(\) needs to know what"):
            getattr(sandbox.when(), word)()
    assert sandbox.flows == []


def fail_after(_: Any) -> None:
    raise ZeroDivisionError


def test_what_says_nothing_is_told_at_the_end_at_the_latest(mock: Addresses) -> None:
    with Server(mock.url) as server:
        with pytest.raises(TypeError, match="says nothing"), server.create_sandbox("quiet") as sandbox:
            sandbox.when()
        with pytest.raises(ZeroDivisionError), server.create_sandbox("quiet") as sandbox:
            fail_after(sandbox.when())


def test_an_asynchronous_scenario_that_says_nothing_is_told_too(mock: Addresses) -> None:
    async def story() -> None:
        async with AsyncServer(mock.url) as server, await server.create_sandbox() as sandbox:
            with pytest.raises(TypeError, match=r"^when\(label='x'\) says nothing"):
                await sandbox.when(label="x")

    asyncio.run(story())
