"""The flow by itself: values in, values out."""

import pytest

from mockserver.core.channels import RULES, Channel
from mockserver.core.flow import (
    Flow,
    FlowStatus,
    Message,
    Verdict,
    begin,
    expire,
    judge,
    legal,
    receive,
    settle,
    ttl_ends,
)
from mockserver.core.step import Step
from mockserver.core.values import replace
from tests.core.worlds import SMS, START, TTL, VIBER, VOICE


# rules statuses.intermediate, statuses.success, statuses.no-step-left, statuses.not-a-trigger, statuses.no-balance
def test_what_a_status_means() -> None:
    voice = replace(VOICE, triggers=frozenset({"Completed", "Terminated"}))
    assert judge(voice, "Ringing", steps_left=True) is Verdict.GOES_ON
    assert judge(voice, "Completed", steps_left=True) is Verdict.NEXT
    assert judge(voice, "Completed", steps_left=False) is Verdict.SUCCEEDED
    assert judge(voice, "Terminated", steps_left=False) is Verdict.NO_STEP_LEFT
    assert judge(VOICE, "Terminated", steps_left=True) is Verdict.NO_BALANCE
    assert judge(VOICE, "Failed", steps_left=True) is Verdict.NOT_A_TRIGGER


# rule statuses.expire-on-delivery
def test_being_delivered_is_not_enough_with_expire_on_delivery() -> None:
    step = replace(VIBER, expire_on_delivery=True)
    assert judge(step, "DELIVERED", steps_left=True) is Verdict.GOES_ON
    assert judge(step, "SEEN", steps_left=True) is Verdict.SUCCEEDED
    message = Message("m", START, status="DELIVERED", updated=START + 1)
    flow = Flow("f", 1, "app", (step,), START, START, messages=(message,), status=FlowStatus.IN_PROGRESS)
    expired = expire(flow, 0, START + TTL).messages[0]
    assert (expired.status, expired.reason, expired.expired_on_delivery) == ("EXPIRED", "TTL Expired", START + TTL)
    assert receive(flow, 0, "UNDELIVERED", None, START + 5) is None


# rule statuses.kept-delivery
@pytest.mark.parametrize(
    ("expire_on_delivery", "left_behind", "ended", "can_become"),
    [
        (True, False, False, {"SEEN", "EXPIRED"}),
        (False, False, False, {"SEEN"}),
        (True, True, False, {"SEEN"}),
        (True, False, True, {"SEEN"}),
    ],
)
def test_a_delivery_is_taken_back_only_while_its_step_waits_for_more(
    expire_on_delivery: bool, left_behind: bool, ended: bool, can_become: set[str]
) -> None:
    step = replace(VIBER, expire_on_delivery=expire_on_delivery)
    messages = (Message("m", START, status="DELIVERED"), *(Message("n", START),) * left_behind)
    status = FlowStatus.FAILED if ended else FlowStatus.IN_PROGRESS
    flow = Flow("f", 1, "app", (step, SMS), START, START, messages=messages, status=status)
    assert legal(flow, 0) == can_become


def test_an_undelivered_viber_expires_without_having_expired_on_delivery() -> None:
    message = Message("m", START, status="QUEUED", updated=START)
    flow = Flow("f", 1, "app", (VIBER,), START, START, messages=(message,))
    assert expire(flow, 0, START + TTL).messages[0].expired_on_delivery is None


# rule statuses.first
def test_a_message_starts_with_its_first_status_and_its_flow_with_it() -> None:
    flow = Flow("f", 1, "app", (SMS,), START, START, messages=(Message("m", START),))
    assert receive(flow, 0, "Sent", None, START + 1) is None
    queued = receive(flow, 0, RULES[Channel.SMS].first, None, START + 1)
    assert queued is not None
    assert (queued.status, queued.updated, queued.final, queued.running) == (
        FlowStatus.IN_PROGRESS,
        START + 1,
        False,
        0,
    )


def running(asked: Step, status: str, *, steps: int = 1) -> Flow:
    message = Message("m", START, status=status, updated=START)
    return Flow("f", 1, "app", (asked,) * steps, START, START, messages=(message,), status=FlowStatus.IN_PROGRESS)


@pytest.mark.parametrize(
    ("asked", "status", "steps", "expected"),
    [
        (SMS, "Sent", 1, ("InProgress", None, None, Verdict.GOES_ON)),
        (SMS, "Failed", 2, ("InProgress", None, None, Verdict.NEXT)),
        (SMS, "Failed", 1, ("Failed", "2", "Sms", Verdict.NO_STEP_LEFT)),
        (SMS, "Delivered", 2, ("Succeeded", None, "Sms", Verdict.SUCCEEDED)),
        (SMS, "Unsent", 2, ("Failed", "1", "Sms", Verdict.NO_BALANCE)),
        (VIBER, "FAILED", 2, ("Failed", "3", "Viber", Verdict.NOT_A_TRIGGER)),
    ],
)
def test_a_flow_settles(asked: Step, status: str, steps: int, expected: tuple[object, ...]) -> None:
    flow, verdict = settle(running(asked, status, steps=steps))
    assert (flow.status, flow.code, flow.termination, verdict) == expected


# rule statuses.one-step
def test_a_flow_begins_its_steps_one_after_the_other() -> None:
    flow = replace(running(SMS, "Failed", steps=2), messages=())
    first, second = Message("1", START), Message("2", START)
    assert begin(begin(flow, first), second).messages == (first, second)


def test_a_call_remembers_the_instant_it_was_picked_up() -> None:
    flow = receive(running(VOICE, "Ringing"), 0, "InProgress", None, START + 5)
    assert flow is not None
    flow = receive(flow, 0, "Completed", None, START + 9)
    assert flow is not None
    assert (flow.messages[0].answered, flow.messages[0].updated) == (START + 5, START + 9)
    assert flow.updated == START + 9


def test_a_call_has_no_ttl_to_run_out() -> None:
    with pytest.raises(AssertionError, match="means nothing"):
        expire(running(VOICE, "Ringing"), 0, START)


# rule statuses.late
def test_only_the_message_that_got_the_status_changes() -> None:
    flow = replace(running(SMS, "Undelivered", steps=2), messages=(Message("1", 0, status="Undelivered"),) * 2)
    late = receive(flow, 0, "Delivered", "Delivered", START + 7)
    assert late is not None
    assert late.messages[1] == flow.messages[1]
    assert (late.messages[0].status, late.messages[0].reason, late.status) == (
        *("Delivered", "Delivered"),
        FlowStatus.IN_PROGRESS,
    )


def test_the_ttl_of_the_running_step_ends_when_it_has_lasted_since_the_step_began() -> None:
    second = Message("2", START + 50)
    flow = replace(running(SMS, "Failed"), steps=(SMS, VIBER), messages=(Message("1", START), second))
    assert ttl_ends(flow) == START + 50 + TTL


def test_the_ttl_of_a_message_that_waits_to_be_seen_ends_when_it_has_lasted_since_the_delivery() -> None:
    waiting = replace(VIBER, failover_after_delivered=True)
    flow = receive(running(waiting, "QUEUED", steps=2), 0, "DELIVERED", None, START + 50)
    assert flow is not None
    assert ttl_ends(flow) == START + 50 + TTL


@pytest.mark.parametrize(
    "flow",
    [
        replace(running(SMS, "Queued"), messages=()),
        running(VOICE, "Ringing"),
        running(replace(SMS, ttl=None), "Queued"),
        running(SMS, "Failed"),
        replace(running(SMS, "Queued"), status=FlowStatus.FAILED),
    ],
    ids=["nothing begun", "a call", "no ttl", "step ended", "flow ended"],
)
def test_a_ttl_that_nothing_waits_for_has_no_end(flow: Flow) -> None:
    assert ttl_ends(flow) is None
