"""The journal is only ever added to."""

from mockserver.core.journal import ClockMoved, Entry, Journal


def test_entries_are_numbered_from_one_in_the_order_written() -> None:
    journal = Journal()
    facts = [ClockMoved(since) for since in (3, 1, 2)]
    written = [journal.write(at, fact) for at, fact in zip((10, 10, 20), facts, strict=True)]
    assert written == [Entry(1, 10, facts[0]), Entry(2, 10, facts[1]), Entry(3, 20, facts[2])]
    assert len(journal) == 3


def test_one_can_read_on_from_where_one_stopped() -> None:
    journal = Journal()
    entries = [journal.write(at, ClockMoved(0)) for at in range(4)]
    for number in range(6):
        assert journal.after(number) == tuple(entries[number:])
