"""What is kept of requests besides the journal: the latest, and no more bytes than there is room for."""

import pytest

from mockserver.sandbox import exchanges
from mockserver.sandbox.exchanges import Exchange, Exchanges


def test_a_request_is_found_by_its_entry_and_by_the_flow_it_made() -> None:
    kept = Exchanges()
    kept.put(3, "flow", 1.5, b"body")
    kept.put(5, None, 0.5, b"")
    assert kept.get(3) == Exchange(3, "flow", 1.5, b"body", 4)
    assert (kept.maker("flow"), kept.maker("other"), kept.get(4), kept.get(9)) == (3, None, None, None)


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "KEPT", 2)
    kept = Exchanges()
    for number in (1, 2, 3):
        kept.put(number, f"flow-{number}", 0, b"")
    assert [kept.get(number) is None for number in (1, 2, 3)] == [True, False, False]
    assert [kept.maker(f"flow-{number}") for number in (1, 2, 3)] == [None, 2, 3]


def test_bodies_are_cut_and_have_only_so_much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges, "LONGEST", 4)
    monkeypatch.setattr(exchanges, "LARGEST", 6)
    kept = Exchanges()
    kept.put(1, None, 0, b"123456")
    assert kept.get(1) == Exchange(1, None, 0, b"1234", 6)
    kept.put(2, None, 0, b"12")
    assert kept.get(1) is not None
    kept.put(3, None, 0, b"1")
    assert (kept.get(1), kept.get(3)) == (None, Exchange(3, None, 0, b"1", 1))
