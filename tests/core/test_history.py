"""The command log: the same start and the same log give the same journal."""

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.commands import IssueToken, Mode, MoveClock, SendFlow, SetClock
from mockserver.core.engine import Engine
from mockserver.core.history import Start
from tests.core.worlds import FOREVER, SMS, START, finish


def test_every_command_and_every_event_is_logged_in_order() -> None:
    engine = Engine(Behaviour(seed=3), START, Mode.MANUAL, 2.0)
    send = SendFlow("app", (SMS,))
    engine.submit(send)
    engine.poll(FOREVER)
    engine.poll(FOREVER)
    engine.submit(MoveClock(engine.clock.now + 1))
    engine.poll(FOREVER)
    assert engine.log.start == Start(Behaviour(seed=3), START, Mode.MANUAL, 2.0)
    entries = engine.log.entries
    assert entries is not None
    assert entries[:2] == (send, 2)
    assert isinstance(entries[2], MoveClock)
    assert entries[3:] == (1,)
    assert engine.poll(0) is None
    assert engine.log.entries == entries


def test_real_time_passing_leaves_one_mark_and_not_thousands() -> None:
    engine = Engine(Behaviour(), START, Mode.REALTIME)
    for later in range(1, 100):
        engine.submit(MoveClock(START + later))
    engine.submit(IssueToken("app", ()))
    engine.submit(MoveClock(START + 200))
    engine.submit(SetClock(Mode.MANUAL))
    engine.submit(MoveClock(START + 300))
    engine.submit(MoveClock(START + 400))
    assert engine.log.entries == (
        MoveClock(START + 99),
        IssueToken("app", ()),
        MoveClock(START + 200),
        SetClock(Mode.MANUAL),
        MoveClock(START + 300),
        MoveClock(START + 400),
    )


def test_a_move_that_leaves_a_mark_is_kept_before_one_that_leaves_none() -> None:
    engine = Engine(Behaviour(), START)
    engine.submit(MoveClock(START + 1))
    engine.submit(MoveClock(START + 1))
    engine.submit(MoveClock(START + 2))
    again = Engine(Behaviour(), START)
    for entry in engine.log.entries or ():
        assert not isinstance(entry, int)
        again.submit(entry)
    assert again.journal.after(0) == engine.journal.after(0)


def test_a_log_that_grows_too_long_or_speaks_of_what_is_forgotten_is_given_up() -> None:
    long = Engine(Behaviour(limits=Limits(entries=3)), START)
    for _ in range(3):
        long.submit(IssueToken("app", ()))
    assert long.log.entries is not None
    long.submit(IssueToken("app", ()))
    assert long.log.entries is None
    long.submit(IssueToken("app", ()))
    long.poll(FOREVER)
    assert long.log.entries is None
    full = Engine(Behaviour(limits=Limits(flows=1)), START)
    finish(full, SMS)
    assert full.log.entries is not None
    finish(full, SMS)
    assert full.log.entries is None
