"""The journal is only ever added to."""

import weakref

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.commands import Answer, NoteRequest
from mockserver.core.engine import Engine
from mockserver.core.facts import (
    CallbackAttempted,
    ClockMoved,
    Fact,
    FlowAccepted,
    InboundReceived,
    RequestAnswered,
    ScenariosChanged,
    StatusChanged,
    StepBegun,
    TokensRevoked,
)
from mockserver.core.journal import HEAVIEST, WEIGHTS, Entry, Journal
from mockserver.core.outcome import Cause


def test_entries_are_numbered_from_one_in_the_order_written() -> None:
    journal = Journal(100)
    facts = [ClockMoved(since) for since in (3, 1, 2)]
    written = [journal.entry(journal.write(at, fact)) for at, fact in zip((10, 10, 20), facts, strict=True)]
    assert written == [Entry(1, 10, facts[0]), Entry(2, 10, facts[1]), Entry(3, 20, facts[2])]
    assert len(journal) == 3


def test_reading_goes_on_after_the_last_entry_read() -> None:
    journal = Journal(100)
    entries = [journal.entry(journal.write(at, ClockMoved(0))) for at in range(4)]
    for number in range(6):
        assert journal.after(number) == tuple(entries[number:])


def test_the_oldest_entries_make_room_and_the_numbers_go_on() -> None:
    journal = Journal(3)
    entries = [journal.entry(journal.write(instant, ClockMoved(0))) for instant in range(5)]
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert (len(journal), journal.forgotten) == (5, 2)
    assert journal.after(0) == journal.after(2) == tuple(entries[2:])
    assert journal.after(4) == (entries[4],)
    assert journal.after(5) == journal.after(9) == ()


def test_the_entries_of_a_flow_are_found_without_reading_the_others() -> None:
    journal = Journal(4)
    numbers = [journal.write(at, FlowAccepted(flow, "app", ())) for at, flow in enumerate("abaab")]
    assert numbers == [1, 2, 3, 4, 5]
    assert [entry.number for entry in journal.of_flow("a")] == [3, 4], "the first is forgotten"
    assert [entry.number for entry in journal.of_flow("b")] == [2, 5]
    assert journal.of_flow("c") == ()
    journal.let_go("a")
    assert journal.of_flow("a") == ()
    assert len(journal.after(0)) == 4, "what is let go is kept all the same"


def refused(size: int) -> RequestAnswered:
    return RequestAnswered(NoteRequest("POST", "/failover", 400, wrong=(("a", "b" * (size - 1)),)))


@pytest.mark.parametrize(
    "fact",
    [
        refused(40),
        TokensRevoked("a" * 40, 0),
        ScenariosChanged("a", b"b" * 40),
        InboundReceived("flow", 0, "message", "t" * 40, 1),
        CallbackAttempted("flow", 1, 1, "url", Answer(200, None, 1.0, "b" * 40), None, True),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_long_texts_from_outside_make_the_oldest_entries_go(fact: Fact) -> None:
    journal = Journal(100, heaviest=100)
    for at in range(5):
        journal.write(at, fact)
        journal.write(at, ClockMoved(at))
    assert journal.forgotten == 5
    assert journal.overweight
    assert journal.after(0) == (Entry(6, 2, ClockMoved(2)), *journal.after(6))
    assert [entry.fact for entry in journal.after(6)] == [fact, ClockMoved(3), fact, ClockMoved(4)]


def test_every_fact_with_a_long_text_is_weighed() -> None:
    assert len(WEIGHTS) == 5
    said = RequestAnswered(NoteRequest("GET", "/", 404, error="e" * 9))
    assert WEIGHTS[RequestAnswered](said) == 9
    assert WEIGHTS[TokensRevoked](TokensRevoked(None, 1)) == WEIGHTS[ScenariosChanged](ScenariosChanged(None)) == 0


def test_an_entry_is_kept_that_is_too_heavy_by_itself_until_the_next_one() -> None:
    journal = Journal(3, heaviest=10)
    for at in range(9):
        assert journal.entry(journal.write(at, refused(50))).at == at
        assert len(journal.after(0)) == 1
    journal.write(9, ClockMoved(0))
    assert len(journal.after(0)) == 2


def test_what_is_forgotten_for_its_number_weighs_no_more_and_is_let_go() -> None:
    journal = Journal(2, heaviest=100)
    for at in range(9):
        journal.write(at, refused(50))
    assert (journal.forgotten, journal.overweight) == (7, False)


class Text(str):
    """A text that tells when it is let go."""


def test_a_text_that_is_forgotten_is_let_go() -> None:
    journal, text = Journal(50, heaviest=100), Text("b" * 60)
    held = weakref.ref(text)
    journal.write(0, InboundReceived("flow", 0, "message", text, 1))
    del text
    assert held() is not None
    journal.write(1, refused(50))
    assert held() is None


def test_a_log_is_given_up_when_its_commands_are_too_heavy() -> None:
    engine = Engine(Behaviour(), 0)
    note = refused(HEAVIEST // 2).request
    engine.submit(note)
    engine.submit(note)
    assert engine.log.entries == (note, note)
    engine.submit(note)
    assert engine.log.entries is None
    assert (engine.journal.forgotten, len(engine.journal.after(0))) == (1, 2)


def changed(flow: str, message: str, status: str) -> StatusChanged:
    return StatusChanged(flow, 0, Channel.SMS, message, status, None, Cause.REPORT, False)


def test_changes_that_are_alike_are_kept_once_and_read_as_they_were_written() -> None:
    journal = Journal(5)
    facts: list[Fact] = [
        *(StepBegun(flow, 0, Channel.SMS, f"m-{flow}", "+306900000000", "delivered", "why") for flow in "ab"),
        *(changed(flow, f"m-{flow}", status) for status in ("Queued", "Sent") for flow in "ab"),
        changed("a", "another message", "Sent"),
        changed("c", "m-c", "Sent"),
    ]
    for fact in facts:
        journal.write(0, fact)
    assert [entry.fact for entry in journal.after(0)] == facts[-5:], "the beginnings are forgotten"
    assert [entry.fact for entry in journal.of_flow("a")] == [facts[4], facts[6]]
    journal.write(0, changed("b", "m-b", "Delivered"))
    assert journal.entry(9).fact == changed("b", "m-b", "Delivered")
    alike = {id(journal._changes[change]) for change in journal._change if change}
    assert len(alike) == 2, "Sent of b and a; Delivered"
