"""What is learnt of a recording of the mock itself: nothing under its own dialect, and what differs under another."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.core.catalogue import recipient
from mockserver.core.facts import StatusChanged
from mockserver.core.step import FlowKind
from mockserver.learning.learner import Learner
from mockserver.learning.sightings import Recorded, told_by
from mockserver.learning.stories import Key, play, tell
from mockserver.recordings.values import Callback, Exchange
from mockserver.strategies.flows import flows, transactional_flows
from mockserver.strategies.otp import otp_flows
from tests.learning.worlds import HOOK, START, World

OUTCOMES = {
    "viber": ["delivered", "expired", "seen", "failed"],
    "sms": ["delivered", "undelivered"],
    "voice": ["completed", "busy"],
}

EXPIRES = recipient(viber="expired")
TIED: dict[str, Any] = {
    "flow": [
        {
            "type": "Viber",
            "to": EXPIRES,
            "ttl": 0.5,
            "senderInfoTrackingId": "shop",
            "message": {"text": "Text"},
        },
        {
            "type": "Voice",
            "to": {"phone": EXPIRES},
            "from": "Shop",
            "dialPlan": {"verbs": [{"type": "SAY", "message": {"text": "Text", "language": "en-GB"}}]},
        },
    ],
    "callback": {"url": HOOK, "strategy": "OnStep"},
}
"""The first step expires at the instant of the first retry."""


def drift(learner: Learner) -> dict[str, Any]:
    return {
        rule: [(each.about, each.expected, each.found) for each in learner.findings.tallies[rule].examples.values()]
        for rule in learner.findings.contradicted
    }


@given(flows(), st.data())
def test_a_recording_of_the_mock_shows_no_drift(send: dict[str, Any], data: st.DataObject) -> None:
    world = World(
        answers=data.draw(
            st.dictionaries(st.integers(1, 5), st.lists(st.sampled_from((500, 0)), max_size=3), max_size=2)
        )
    )
    flow = world.send(send)
    assert flow is not None
    world.track(flow)
    world.run()
    world.track(flow)
    over: list[Recorded] = []
    learner = Learner(over=over.append)
    for each in world.records:
        learner.take(each)
    learner.finish()
    assert drift(learner) == {}
    assert learner.adopted() == learner.dialect
    [recorded] = over
    story = tell(recorded)
    assert story is not None
    if send.get("callback", {}).get("strategy") == "OnStep":
        assert story.problem == ""
        assert [each[1:] for each in play(story).heard] == [each[1:] for each in story.heard]


def in_order(posts: Iterable[tuple[int, Key]]) -> list[tuple[int, Key]]:
    """Posts by their instants. At one instant a status of a timeline goes before a retry, and a ttl after it."""
    return sorted(posts, key=lambda post: (post[0], repr(post[1][1:])))


FAULTS = st.fixed_dictionaries(
    {},
    optional={
        "drop": st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True),
        "duplicate": st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True),
        "reorder": st.lists(st.integers(1, 4), min_size=1, max_size=1),
    },
)


@example(TIED, {}, [500])
@given(flows(strategy="OnStep"), FAULTS, st.lists(st.sampled_from((200, 500)), max_size=6))
def test_a_learnt_scenario_replays_to_the_same(
    send: dict[str, Any], faults: dict[str, Any], answers: list[int]
) -> None:
    world = World(queue=answers)
    if faults:
        world.play({"when": {"to": "*"}, "callbacks": faults})
    flow = world.send(send)
    assert flow is not None
    world.run()
    over: list[Recorded] = []
    learner = Learner(over=over.append)
    for each in world.records:
        learner.take(each)
    learner.finish()
    [recorded] = over
    story = tell(recorded)
    if story is None:
        return  # no callback came, so nothing was heard
    facts = [(entry.at - START, entry.fact) for entry in world.engine.journal.of_flow(flow.id)]
    if not faults.keys() & {"drop"}:
        assert story.problem == ""
        happened = tuple((at, each.channel, each.status) for at, each in facts if isinstance(each, StatusChanged))
        assert play(story).heard == happened
    if story.problem == "":
        posted = in_order(
            (each.at or 0, told_by(orjson.loads(each.body))) for each in world.records if isinstance(each, Callback)
        )
        played = in_order(play(story).attempts)
        assert [key[1:] for _, key in played] == [told[1:] for _, told in posted]
        late = [abs(one - other + START) for (one, _), (other, _) in zip(played, posted, strict=True)]
        if "drop" not in faults:  # what was dropped is not known, and what was held back until then cannot be either
            assert max(late) == 0


OTHERS = st.tuples(st.just(FlowKind.OTP), otp_flows()) | st.tuples(
    st.just(FlowKind.TRANSACTIONAL), transactional_flows()
)


@given(OTHERS, st.lists(st.sampled_from((200, 500)), max_size=4))
def test_the_other_services_show_no_drift_either(sent: tuple[FlowKind, dict[str, Any]], answers: list[int]) -> None:
    world = World(queue=answers)
    kind, send = sent
    flow = world.send(send, kind)
    if flow is not None:
        world.track(flow)
    world.run()
    learner = Learner()
    for each in world.records:
        learner.take(each)
    learner.finish()
    assert drift(learner) == {}
    shown = {"otp.document", "otp.reply-status"} if kind is FlowKind.OTP else {"document.keys", "templates.reply"}
    assert shown & set(learner.findings.confirmed)


def test_what_differs_in_one_time_passwords_is_named() -> None:
    world = World()
    world.send(
        {
            "flow": [
                {"type": "Sms", "to": "+306900000000", "order": 1, "ttl": 60, "from": "Bank", "message": {"body": "1"}}
            ],
            "callback": {"url": "https://a.example"},
        },
        FlowKind.OTP,
    )
    world.run()
    learner = Learner()
    for each in world.records:
        if isinstance(each, Exchange):
            learner.take(replace(each, status=201))
        if isinstance(each, Callback):
            odd = each.body.replace(b'"statusCode":null', b'"statusCode":"0"').replace(b'"role":"primary",', b"")
            learner.take(replace(each, body=odd))
            learner.take(replace(each, body=odd, at=(each.at or 0) + 60_000))
    learner.finish()
    assert {"otp.document", "otp.status-code", "otp.no-retry"} == set(learner.findings.contradicted)


def test_a_strategy_that_nobody_knows_is_no_strategy() -> None:
    """What a service makes of it is seen by its callbacks."""
    world, over = World(), list[Recorded]()
    world.send(TIED)
    world.run()
    for strategy in (b'"ONSTEP"', b"null", b"[1]", b'{"a": 1}', b"7"):
        learner = Learner(over=over.append)
        for each in world.records:
            body = each.body or b"" if isinstance(each, Exchange | Callback) else b""
            learner.take(
                replace(each, body=body.replace(b'"OnStep"', strategy)) if isinstance(each, Exchange) else each
            )
        learner.finish()
        story = tell(over.pop())
        assert story is not None
        assert (story.strategy, story.problem) == ("OnStep", "")


def test_who_has_answered_a_call_is_no_callback_of_its_flow() -> None:
    event = {"strategy": "Continue", "eventUrl": "https://shop.example/event"}
    call = {"type": "Voice", "to": "+306900000000", "from": "+302100000000", "machineDetection": event}
    call["dialplan"] = {"verbs": [{"type": "SAY", "message": {"text": "Hello."}}]}
    callback = {"strategy": "OnStep", "url": "https://shop.example/hook"}
    world, over = World(queue=[200, 500]), list[Recorded]()
    world.send({"flow": [call], "callback": callback})
    world.run()
    learner = Learner(over=over.append)
    for each in world.records:
        learner.take(each)
    learner.finish()
    [story] = map(tell, over)
    assert story is not None
    assert story.problem == ""
    assert len(play(story).attempts) == sum(isinstance(each, Callback) for each in world.records)
