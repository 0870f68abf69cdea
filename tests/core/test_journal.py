"""The journal is only ever added to."""

from mockserver.core.channels import Channel
from mockserver.core.facts import ClockMoved, Fact, FlowAccepted, StatusChanged, StepBegun
from mockserver.core.journal import Entry, Journal
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
    alike = {id(fact) for fact in journal._facts if isinstance(fact, StatusChanged) and not fact.flow}
    assert len(alike) == 2, "Sent of b and a; Delivered"
