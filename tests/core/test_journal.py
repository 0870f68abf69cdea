"""The journal is only ever added to."""

from mockserver.core.facts import ClockMoved
from mockserver.core.journal import Entry, Journal


def test_entries_are_numbered_from_one_in_the_order_written() -> None:
    journal = Journal(100)
    facts = [ClockMoved(since) for since in (3, 1, 2)]
    written = [journal.write(at, fact) for at, fact in zip((10, 10, 20), facts, strict=True)]
    assert written == [Entry(1, 10, facts[0]), Entry(2, 10, facts[1]), Entry(3, 20, facts[2])]
    assert len(journal) == 3


def test_one_can_read_on_from_where_one_stopped() -> None:
    journal = Journal(100)
    entries = [journal.write(at, ClockMoved(0)) for at in range(4)]
    for number in range(6):
        assert journal.after(number) == tuple(entries[number:])


def test_the_oldest_entries_make_room_and_the_numbers_go_on() -> None:
    journal = Journal(3)
    entries = [journal.write(instant, ClockMoved(0)) for instant in range(5)]
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert (len(journal), journal.forgotten) == (5, 2)
    assert journal.after(0) == journal.after(2) == tuple(entries[2:])
    assert journal.after(4) == (entries[4],)
    assert journal.after(5) == journal.after(9) == ()
