"""What is kept of a sandbox: packed, unpacked, and brought back from any beginning of it."""

from itertools import pairwise

import msgspec
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.clock import LAST, Mode
from mockserver.core.commands import (
    Answer,
    Command,
    DropScenario,
    IssueToken,
    MoveClock,
    NoteRequest,
    NoteRestart,
    PushInbound,
    PutScenario,
    RecordAnswer,
    RevokeTokens,
    SendFlow,
    SetBalance,
    SetClock,
)
from mockserver.core.engine import Engine
from mockserver.core.history import CommandLog
from mockserver.core.step import Callback, FlowKind, Step, Strategy
from mockserver.wire import Json
from mockserver.wire.control import kept, replay
from mockserver.wire.control.kept import Revival, pack, unpack
from mockserver.wire.control.replay import BadLog
from mockserver.wire.scenario.language import Written, nothing, read_scenario

START = 1_893_499_200_000
SMS = Step(Channel.SMS, "+306900000001", frozenset({"Failed"}), 60_000, asked=b'{"type":"Sms"}', text="\u00fc")
VIBER = Step(Channel.VIBER, "+306900000000", frozenset({"UNDELIVERED"}), 60_000)
SCENARIO = read_scenario(Written("late", {"callbacks": {"delay": "5s", "duplicate": True}}), nothing)
SEND = SendFlow("app", (VIBER, SMS), Callback(Strategy.ON_STEP, "http://a/"), b'{"a":1}')
WAITING = Step(Channel.VIBER, "+306900000000", frozenset({"EXPIRED"}), 60_000, failover_after_delivered=True)
PASSWORD = SendFlow("app", (WAITING, SMS), Callback(Strategy.ON_STEP, "http://a/"), kind=FlowKind.OTP)
CALL = SendFlow("app", (Step(Channel.VOICE, "+306900000006", frozenset(), event_url="http://a/events"),))

COMMANDS: tuple[Command, ...] = (
    IssueToken("app", ("failover",)),
    MoveClock(START + 3_000),
    SEND,
    NoteRequest("POST", "/failover", 400, "app", "Wrong", (("flow", "is wrong"),)),
    PutScenario(SCENARIO),
    SEND,
    PASSWORD,
    CALL,
    SetBalance(70),
    SEND,
    RevokeTokens("app", expire=True),
    NoteRestart(5, (1, 2)),
    SetClock(Mode.MANUAL, 2.5),
    DropScenario("late"),
    IssueToken("other", ()),
)


class Everything:
    """Hears a log, and keeps every entry apart, with the length of the journal after it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.entries: list[Command | int] = []
        self.lengths: list[int] = []

    def submitted(self, command: Command, *, silent: bool) -> None:
        self.entries.append(command)

    def happened(self) -> None:
        self.entries.append(1)


def story() -> tuple[Engine, Everything, list[int]]:
    """An engine with a long life, all it was told, and the length of its journal after each of it."""
    engine = Engine(Behaviour(seed=3), START)
    heard, lengths = Everything(engine), list[int]()
    engine.log.tap = heard

    def note() -> None:
        lengths.extend([len(engine.journal)] * (len(heard.entries) - len(lengths)))

    for number, command in enumerate(COMMANDS):
        engine.submit(command)
        note()
        for _ in range(number):
            effect = engine.poll(LAST)
            note()
            for delivery in () if effect is None else effect.deliveries:
                if delivery.number % 3:  # every third has no answer yet
                    status = 200 if delivery.number % 2 else 500
                    engine.submit(RecordAnswer(delivery.number, delivery.attempt, Answer(status, None, 1.5, "\u00fc")))
                    note()
    [first, *_] = engine.flows
    engine.submit(PushInbound(first, 0, "http://a/in", "Yes", "http://a/b.png", "b.png"))
    note()
    return engine, heard, lengths


def head(log: CommandLog) -> Json:
    return replay.head(log.start, "1")


def test_every_command_is_the_same_when_it_is_unpacked() -> None:
    assert list(unpack(pack([*COMMANDS, 5]))) == [*COMMANDS, 5]


def test_from_any_beginning_the_same_comes_back_and_goes_on_alike() -> None:
    engine, heard, lengths = story()
    whole = list(engine.journal.read(0))
    for cut in range(0, len(heard.entries) + 1, 7):
        revival = Revival(head(engine.log))
        revival.feed(pack(heard.entries[:cut]), lengths[cut - 1] if cut else 0)
        assert list(revival.engine.journal.read(0)) == whole[: len(revival.engine.journal)]
        revival.feed(pack(heard.entries[cut:]), len(whole))
        assert list(revival.engine.journal.read(0)) == whole
        assert revival.engine.log.entries == engine.log.entries


def test_a_callback_without_an_answer_is_posted_again_and_one_of_a_forgotten_flow_is_not() -> None:
    engine, heard, lengths = story()
    revival = Revival(head(engine.log))
    revival.feed(pack(heard.entries), lengths[-1])
    again = [each.number for each in revival.again]
    posted = {entry for entry in again if entry % 3}
    assert again
    assert not posted
    assert all(earlier < later for earlier, later in pairwise(again))
    gone = revival.again[0].flow.id
    revival.engine.deliveries.forget(gone)
    assert gone not in {each.flow.id for each in revival.again}


def test_every_token_that_was_issued_is_known_also_one_that_was_revoked() -> None:
    engine, heard, lengths = story()
    revival = Revival(head(engine.log))
    revival.feed(pack(heard.entries), lengths[-1])
    assert {token.application for token in revival.tokens.values()} == {"app", "other"}


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (b"\xc1", "it cannot be read: "),
        (msgspec.msgpack.encode([("Nothing", {})]), "it cannot be read: KeyError: 'Nothing'"),
        (msgspec.msgpack.encode([("SetBalance", {"balance": "x"})]), "it cannot be read: ValidationError"),
        (pack([1]), "it counts more events than are due"),
        (pack([MoveClock(5)]), "it cannot be done here: ClockError"),
        (pack([SetBalance(5)]), "the journal had 0 entries after it, and here has 1"),
    ],
)
def test_what_cannot_be_brought_back_is_told(packed: bytes, why: str) -> None:
    engine = Engine(Behaviour(), START)
    with pytest.raises(BadLog) as caught:
        Revival(head(engine.log)).feed(packed, 0)
    assert str(caught.value).startswith(why)


def test_the_kinds_of_commands_are_all_known() -> None:
    assert kept.DECODERS.keys() == replay.KINDS.keys() - {"PutScenario"}  # which is kept as its author wrote it
