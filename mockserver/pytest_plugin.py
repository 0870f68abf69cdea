"""The pytest plugin: `routee` is a sandbox of the test's own, on a mock that runs for the whole session.

Everything but pytest is imported inside the fixtures, for this is imported whenever pytest starts.
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
"""Lines of the timeline that a failed test shows; the last ones."""

MARKER = (
    "routee(clock, scenario, seed, start, rate, token_life, balance, balance_mode, strict_fields, strict): what the"
    " sandbox of the `routee` fixture is like; strict=True fails the test for refused sends and lost callbacks"
)
SANDBOX = ("clock", "seed", "start", "rate", "token_life", "balance", "balance_mode", "transcode")
WORDS = (*SANDBOX, "scenario", "strict_fields", "strict")

_ROUTEE = pytest.StashKey["Routee"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini options."""
    parser.addini("routee_strict", "fail a test whose sends were refused or whose callbacks were lost", "bool", False)
    parser.addini("routee_clock", "how time moves in a sandbox: manual, instant or realtime", "string", "manual")
    parser.addini("routee_scenarios", "a directory of scenario files that routee.load() looks into", "string", "")
    parser.addini("routee_receiver_host", "what the mock reaches this machine by", "string", "127.0.0.1")


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def routee_server() -> Iterator["Server"]:
    """A running mock: the one ROUTEE_MOCK_URL names, or one that is started for this session and this worker."""
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
    """A sandbox of this test's own: a manual clock, tokens that live for ever, and a webhook receiver."""
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
    """The same sandbox as `routee`, to be awaited: what an asynchronous test uses, so that its application can run."""
    from mockserver.client.environment import TOKEN
    from mockserver.testing.mock import AsyncRoutee

    return AsyncRoutee.beside(routee, os.environ.get(TOKEN))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test that is strict and had troubles it did not notice."""
    yield
    routee = item.stash.get(_ROUTEE, None)
    if routee is not None and _is_strict(item):
        unnoticed_problems = routee.unnoticed_problems()
        if unnoticed_problems:
            pytest.fail("routee is strict, and there was trouble:\n" + "\n".join(unnoticed_problems), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what happened, in a test that failed."""
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
        return f"(it cannot be told: {error})"
    left_out = len(lines) - MOST_LINES
    head = [f"... {left_out} lines before; routee.timeline() tells them all"] if left_out > 0 else []
    return "\n".join(head + lines[-MOST_LINES:]) or "nothing at all"


def _wanted(node: pytest.Item) -> dict[str, Any]:
    """What the sandbox is to be like, by the markers of the test; the closest says most."""
    import difflib

    asked: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("routee"))):
        asked |= marker.kwargs
        if marker.args:
            pytest.fail("@pytest.mark.routee takes keywords only, such as clock='instant'", pytrace=False)
    for word in asked.keys() - set(WORDS):
        near = difflib.get_close_matches(word, WORDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        pytest.fail(f"@pytest.mark.routee knows no {word}{hint} (it knows {', '.join(WORDS)})", pytrace=False)
    wanted = {"clock": node.config.getini("routee_clock"), "token_life": "unlimited"}
    # Of the test's own name, so that it is sent the same ids whichever tests run before it, and wherever.
    wanted |= {"seed": zlib.crc32(node.nodeid.encode()), "strict": asked.get("strict_fields")}
    return wanted | {word: asked[word] for word in (*SANDBOX, "scenario") if word in asked}


def _is_strict(item: pytest.Item) -> bool:
    marked = [marker.kwargs["strict"] for marker in item.iter_markers("routee") if "strict" in marker.kwargs]
    return bool(marked[0] if marked else item.config.getini("routee_strict"))


def _directory(config: pytest.Config) -> Path | None:
    wanted = str(config.getini("routee_scenarios"))
    return config.rootpath / wanted if wanted else None


def _name(test: str) -> str:
    """A name for the sandbox that tells whose it is, and that no other run has."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in test)
    return f"{words.strip('-')[:50] or 'test'}-{os.urandom(4).hex()}"
