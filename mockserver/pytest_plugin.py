"""The pytest plugin: `routee` is the test's own sandbox, on a mock that runs for the whole session.

pytest imports this file at every start, so everything else is imported inside the fixtures.
"""

import os
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.client import Server
    from mockserver.testing.mock import AsyncRoutee, Routee

URL = "ROUTEE_MOCK_URL"
TITLE = "routee: what happened in the sandbox of this test"

MOST_LINES = 300
"""The most lines of the timeline that a failed test shows. They are the last ones."""

MARKER = (
    "routee(clock, scenario, seed, start, rate, token_life, balance, balance_mode, transcode, strict_fields, strict):"
    " what the sandbox of the `routee` fixture is like; strict=True fails the test for refused sends and lost callbacks"
)
RENAMED = {"strict": "strict_fields"}
"""Settings of a sandbox that have another name in the marker, because `strict` there is about the test."""

_ROUTEE = pytest.StashKey["Routee"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini options."""
    parser.addini("routee_strict", "fail a test whose sends were refused or whose callbacks were lost", "bool", False)
    parser.addini("routee_clock", "how time moves in a sandbox: manual, instant or realtime", "string", "manual")
    parser.addini("routee_scenarios", "a directory where routee.load() finds scenario files", "string", "")
    parser.addini("routee_receiver_host", "the host by which the mock reaches this machine", "string", "127.0.0.1")


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def routee_server() -> Iterator["Server"]:
    """A running mock: the one that ROUTEE_MOCK_URL names, or a new one for this session and this worker."""
    from mockserver.client import Server
    from mockserver.testing.process import started

    if os.environ.get(URL):
        with Server() as server:
            server.ready()
            yield server
    else:
        with started() as url, Server(url) as server:
            yield server


@pytest.fixture
def routee(request: pytest.FixtureRequest, routee_server: "Server") -> Iterator["Routee"]:
    """This test's own sandbox, with a manual clock, tokens that never expire, and a webhook receiver."""
    from mockserver.testing.mock import Receivers, Routee, each_of

    wanted, config = _wanted(request.node), request.config
    scenarios = each_of(wanted.pop("scenario", None))
    receivers = Receivers(str(config.getini("routee_receiver_host")))
    with routee_server.create_sandbox(_name(request.node.name), **wanted) as sandbox:
        routee = Routee(sandbox, receivers, _directory(config))
        for scenario in scenarios:
            routee.load(scenario)
        request.node.stash[_ROUTEE] = routee
        yield routee
        receivers.close()


@pytest.fixture
def async_routee(routee: "Routee") -> "AsyncRoutee":
    """The same sandbox as `routee`, with methods to await: an asynchronous test lets its application run meanwhile."""
    from mockserver.client.environment import TOKEN
    from mockserver.testing.mock import AsyncRoutee

    return AsyncRoutee.beside(routee, os.environ.get(TOKEN))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a strict test that had problems which it did not notice."""
    yield
    routee = item.stash.get(_ROUTEE, None)
    if routee is not None and _is_strict(item):
        unnoticed_problems = routee.unnoticed_problems()
        if unnoticed_problems:
            pytest.fail("routee is strict, and there were problems:\n" + "\n".join(unnoticed_problems), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the timeline to the report of a failed test."""
    report = yield
    routee = item.stash.get(_ROUTEE, None)
    if report.when != "teardown" and report.failed and routee is not None:
        report.sections.append((TITLE, _timeline(routee)))
    return report


def _timeline(routee: "Routee") -> str:
    from mockserver.client import MockError

    try:
        lines = routee.timeline().splitlines()
    except MockError as error:
        return f"(the timeline cannot be read: {error})"
    left_out = len(lines) - MOST_LINES
    head = [f"... {left_out} lines before; routee.timeline() has them all"] if left_out > 0 else []
    return "\n".join(head + lines[-MOST_LINES:]) or "nothing at all"


def keywords() -> dict[str, str]:
    """The settings of a sandbox, by their names in the marker."""
    from mockserver.settings import SANDBOX

    return {RENAMED.get(setting, setting): setting for setting in SANDBOX}


def _wanted(node: pytest.Item) -> dict[str, Any]:
    """The settings of the sandbox, from the markers of the test; the closest marker wins."""
    import difflib

    settings = keywords()
    words = (*settings, "strict")
    asked: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("routee"))):
        asked |= marker.kwargs
        if marker.args:
            pytest.fail("@pytest.mark.routee takes keywords only, such as clock='instant'", pytrace=False)
    for word in asked.keys() - set(words):
        near = difflib.get_close_matches(word, words, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        pytest.fail(f"@pytest.mark.routee knows no {word}{hint} (it knows {', '.join(words)})", pytrace=False)
    wanted = {"clock": node.config.getini("routee_clock"), "token_life": "unlimited"}
    # The seed comes from the name of the test: it gets the same ids wherever it runs, and whatever runs before it.
    wanted |= {"seed": zlib.crc32(node.nodeid.encode())}
    return wanted | {settings[word]: value for word, value in asked.items() if word in settings}


def _is_strict(item: pytest.Item) -> bool:
    marked = [marker.kwargs["strict"] for marker in item.iter_markers("routee") if "strict" in marker.kwargs]
    return bool(marked[0] if marked else item.config.getini("routee_strict"))


def _directory(config: pytest.Config) -> Path | None:
    wanted = str(config.getini("routee_scenarios"))
    return config.rootpath / wanted if wanted else None


def _name(test: str) -> str:
    """A name for the sandbox that shows its test, and that no other run has."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in test)
    return f"{words.strip('-')[:50] or 'test'}-{os.urandom(4).hex()}"
