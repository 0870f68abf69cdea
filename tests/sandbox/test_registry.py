"""The registry of sandboxes. tests/http/test_sandboxes.py has what can be seen from outside."""

import time

from mockserver.core.commands import Answer
from mockserver.core.engine import Engine
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import services

SETTINGS = Settings()


async def nowhere(_: str, __: bytes) -> Answer:
    return Answer(200, None, 1.0)


def make(settings: Settings) -> Driver:
    return Driver(Engine(settings.behaviour, 0), nowhere, services.payload, time.monotonic)


def test_what_comes_back_takes_the_place_of_one_with_its_id_that_was_made_meanwhile() -> None:
    sandboxes = Sandboxes(SETTINGS, make)
    mine = sandboxes.create("one", SETTINGS, None)
    theirs = Sandbox("one", SETTINGS, make(SETTINGS), mine.application, mine.secret)
    sandboxes.enter(theirs, ())
    assert (mine.driver.lost, theirs.driver.lost) == (True, False)
    assert sandboxes.find("one") is theirs
    assert mine.application is not None
    assert sandboxes.of_application(mine.application) is theirs
    assert [each.id for each in sandboxes] == ["default", "one"]
