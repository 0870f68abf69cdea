"""The pytest plugin: `routee` is the test's own sandbox, on a mock that runs for the whole session.

pytest imports this file at every start, so everything else is imported inside the fixtures.
PYTEST_DONT_REWRITE: it has no assert, and is loaded by its path (see routee_mock_pytest.py).
"""

import inspect
import os
import re
import sys
import warnings
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from mockserver.client import Request, Sandbox, Server
    from mockserver.testing.mock import AsyncRoutee, Routee

URL = "ROUTEE_MOCK_URL"
CLOCK = "clock"
TITLE = "routee: what happened in the sandbox of this test"

UNAWAITED = "routee: what was never awaited"

NEVER_AWAITED = re.compile(
    r"coroutine 'Async(?:(Clock|Expect)|\w+)\.(\w+)' was never awaited|a (scenario) was written but never played"
)
"""The warnings for a call of `async_routee` without `await`: Python's own, and that of a scenario."""

RAISED = "routee: what the webhook handler raised"

MARKER = (
    "routee(clock, scenario, seed, start, rate, token_life, balance, balance_mode, transcode, strict_fields, dialect,"
    " strict): what the sandbox of the `routee` fixture is like; strict=True fails the test for refused sends and lost"
    " callbacks"
)
_ROUTEE = pytest.StashKey["Routee"]()
_STRAYS = pytest.StashKey["Strays"]()
_UNAWAITED = pytest.StashKey[list[str]]()
_SHOWN = pytest.StashKey[bool]()
"""Set for a test whose report links to its sandbox, so that the sandbox is not deleted."""

PAGE = "/_mock/ui/"


def hidden() -> str | None:
    """What to tell when the name `mockserver` belongs to somebody else, such as a folder of the project under test."""
    ours = Path(__file__).parent
    module = sys.modules.get(ours.name)
    spec = find_spec(ours.name) if module is None else None
    found = [*getattr(module, "__path__", ()), getattr(module, "__file__", None)]
    found += [] if spec is None else [*(spec.submodule_search_locations or ()), spec.origin]
    places = [place for place in found if place is not None]
    if any(Path(place).resolve() == ours.resolve() for place in places):
        return None
    return (
        f"routee: {places[0] if places else 'another module'} hides the package `{ours.name}` of routee-failover-mock,"
        f" which is in {ours}: rename it, or keep its folder out of sys.path (`pytest --import-mode=importlib`, and not"
        " `python -m pytest`)"
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini options."""
    parser.addini("routee_strict", "fail a test whose sends were refused or whose callbacks were lost", "bool", False)
    parser.addini("routee_clock", "how time moves in a sandbox: manual, instant or realtime", "string", "manual")
    parser.addini("routee_scenarios", "a directory where routee.play() finds scenario files", "string", "")
    parser.addini("routee_receiver_host", "the host by which the mock reaches this machine", "string", "127.0.0.1")


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def routee_server() -> Iterator["Server"]:
    """A running mock: the one that ROUTEE_MOCK_URL names, or a new one for this session and this worker."""
    if (line := hidden()) is not None:
        pytest.fail(line, pytrace=False)

    from mockserver.client import MockError, Server
    from mockserver.testing.process import NotStarted, started

    with ExitStack() as opened:
        try:
            server = opened.enter_context(Server(os.environ.get(URL) or opened.enter_context(started())))
            server.ready()
            server.sandbox()  # which takes the token of the control API, if the mock has one
        except (MockError, NotStarted) as error:
            wrong = f"{type(error).__name__}: {error}"
        else:
            yield server
            return
    pytest.fail(wrong, pytrace=False)


@pytest.fixture
def routee(request: pytest.FixtureRequest, routee_server: "Server") -> Iterator["Routee"]:
    """This test's own sandbox, with a manual clock, tokens that never expire, and a webhook receiver."""
    from mockserver.testing.mock import Receivers, Routee, each_of

    wanted, config = _wanted(request.node), request.config
    scenarios = each_of(wanted.pop("scenario", None))
    request.node.stash[_STRAYS] = Strays(routee_server)
    with (
        _kept(_made(routee_server, request.node, wanted), request.node) as sandbox,
        Receivers(str(config.getini("routee_receiver_host"))) as receivers,
    ):
        routee = Routee(sandbox, receivers, _directory(config))
        _load(routee, scenarios)
        request.node.stash[_ROUTEE] = routee
        yield routee


def _made(server: "Server", node: pytest.Item, wanted: dict[str, Any]) -> "Sandbox":
    """The sandbox of a test. An error names the marker or the option, where it was written."""
    from mockserver.client import MockError

    try:
        return server.create_sandbox(_name(node.name), **wanted)
    except MockError as error:
        said = str(error)
        if not any(CLOCK in marker.kwargs for marker in node.iter_markers("routee")):
            said = said.replace("create_sandbox(clock=...)", f"routee_clock = {wanted[CLOCK]}")
        said = said.replace("create_sandbox(", "@pytest.mark.routee(")
        wrong = said if error.wrong else f"{type(error).__name__}: {said}"
    pytest.fail(wrong, pytrace=False)


@contextmanager
def _kept(sandbox: "Sandbox", node: pytest.Item) -> Iterator["Sandbox"]:
    """Delete a sandbox at the end, unless a report links to it: then stop its clock, so that nothing is posted."""
    with ExitStack() as ending:
        ending.push(sandbox)
        yield sandbox
        if node.stash.get(_SHOWN, False):
            sandbox.clock.set("manual")
            ending.pop_all()


def _load(routee: "Routee", scenarios: Sequence[str | Path]) -> None:
    """Play the scenarios of a marker."""
    from mockserver.client import MockError

    wrong = None
    for scenario in scenarios:
        try:
            routee.play(scenario)
        except (MockError, OSError, TypeError) as error:
            said = str(error).removeprefix("play(scenario=...): ")
            wrong = wrong or f"@pytest.mark.routee(scenario={str(scenario)!r}): {said}"
    if wrong is not None:
        pytest.fail(wrong, pytrace=False)


class Strays:
    """The requests from now on that reach a mock but none of its sandboxes: `default` keeps them."""

    def __init__(self, server: "Server") -> None:
        self._default = server.sandbox()
        self._before = self._default.info.journal

    @property
    def requests(self) -> "list[Request]":
        """The requests so far, oldest first."""
        return [each for each in self._default.requests if each.number > self._before]


@pytest.fixture
def async_routee(request: pytest.FixtureRequest, routee: "Routee") -> "AsyncRoutee":
    """The same sandbox as `routee`, with methods to await: an asynchronous test lets its application run meanwhile."""
    from mockserver.client.environment import TOKEN
    from mockserver.testing.mock import AsyncRoutee

    request.node.stash[_UNAWAITED] = []
    return AsyncRoutee.beside(routee, os.environ.get(TOKEN))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test whose webhook handler raised, and a strict test with problems that it did not notice."""
    __tracebackhide__ = True
    with _heeded(item.stash.get(_UNAWAITED, None), plain=not _is_coroutine(item)):
        yield
    routee = item.stash.get(_ROUTEE, None)
    if routee is None:
        return
    if unawaited := item.stash.get(_UNAWAITED, None):
        item.stash[_UNAWAITED] = []
        _fail("\n".join(unawaited))
    _check(routee)
    unnoticed_problems = routee.unnoticed_problems() if _is_strict(item) else ()
    if unnoticed_problems:
        _fail("routee is strict, and there were problems:\n" + "\n".join(unnoticed_problems))


@contextmanager
def _heeded(unawaited: list[str] | None, *, plain: bool) -> Iterator[None]:
    """Note what the test does not await; None for a plain test. Other warnings are passed on.

    plain: whether the test is no coroutine, and so can await nothing itself.
    """
    if unawaited is None:
        yield
        return
    hint = "; a test that is no `async def` takes the fixture `routee` instead" if plain else ""
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            yield
    finally:
        for each in caught:
            if said := NEVER_AWAITED.match(str(each.message)):
                room, method, scenario = said.groups()
                call = "when" if scenario else f"{room.lower()}.{method}" if room else method
                unawaited.append(
                    f"{call}() was never awaited, and did nothing ({each.filename}:{each.lineno}): await it{hint}"
                )
            else:
                warnings.showwarning(each.message, each.category, each.filename, each.lineno)


def _is_coroutine(item: pytest.Item) -> bool:
    """Whether a test is written as `async def`, whatever a plugin that runs it has made of it."""
    test = getattr(item, "obj", None)
    return callable(test) and inspect.iscoroutinefunction(inspect.unwrap(test))


def _check(routee: "Routee") -> None:
    """Raise what a webhook handler raised, and fail for a scenario that says nothing."""
    __tracebackhide__ = True
    from mockserver.testing.receiver import first
    from mockserver.testing.report import handler_trace

    raised = first(routee.receivers.take())
    trace = handler_trace(raised)
    if raised is not None and trace is None:  # it returned what is no answer, and no line of it is to blame
        _fail("\n".join((f"{type(raised).__name__}: {raised}", *raised.__notes__)))
    if raised is not None:
        raise raised.with_traceback(trace)
    if (silent := routee.begun.take()) is not None:
        _fail(silent)


def _fail(wrong: str) -> NoReturn:
    """Fail a test with these words alone. This frame is not hidden: where all are, pytest says so in a line."""
    pytest.fail(wrong, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what happened to the report of a failed test."""
    report = yield
    routee = item.stash.get(_ROUTEE, None)
    if report.when != "teardown" and report.failed and routee is not None:
        page = item.stash[_SHOWN] = _has_page(routee)
        if routee.receivers.used:
            report.sections = [*_shortened(report.sections)]
        if unawaited := item.stash.get(_UNAWAITED, None):
            report.sections.append((UNAWAITED, "\n".join(unawaited)))
        report.sections += _sections(routee, item.stash[_STRAYS], report.longreprtext, call, page=page)
    return report


def _shortened(sections: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What pytest captured, without what an application has logged again and again."""
    from mockserver.testing.report import without_repeats

    for title, text in sections:
        yield title, without_repeats(text) if title.startswith("Captured log") else text


def _has_page(routee: "Routee") -> bool:
    """Whether there is a page, on a mock that stays up when the tests have ended."""
    from mockserver.client import MockError

    if not os.environ.get(URL):
        return False
    try:
        routee.link.ask("GET", PAGE)
    except (MockError, TypeError):
        return False
    return True


def _sections(
    routee: "Routee", strays: Strays, text: str, call: pytest.CallInfo[None], *, page: bool
) -> Iterator[tuple[str, str]]:
    from mockserver.client import MockError
    from mockserver.client.problems import FLOWS
    from mockserver.testing.report import handler_errors, report

    failures = routee.receivers.take()
    if failures:
        yield RAISED, handler_errors(failures)
    routee.begun.take()
    error = None if call.excinfo is None else call.excinfo.value
    about = "\n".join((*getattr(error, FLOWS, ()), text))
    try:
        where = routee.url + PAGE if page else None
        shared = bool(os.environ.get(URL))
        told = report(
            routee,
            about,
            strays.requests,
            shared=shared,
            misuse=_is_misuse(call),
            receiver=routee.receivers.used,
            page=where,
        )
    except MockError as unread:
        told = f"(what happened cannot be read: {unread})"
    if told:
        yield TITLE, told


def _is_misuse(call: pytest.CallInfo[None]) -> bool:
    """Whether a test failed because it called the mock wrongly, not because of the application."""
    if call.excinfo is None or call.excinfo.errisinstance((AssertionError, pytest.fail.Exception)):
        return False
    ours = Path(call.excinfo.traceback[-1].path).is_relative_to(Path(__file__).parent)
    return ours and getattr(call.excinfo.value, "status", 400) != 404


def _wanted(node: pytest.Item) -> dict[str, Any]:
    """The settings of the sandbox, from the markers of the test; the closest marker wins."""
    from mockserver.client.spelling import unknown_keyword
    from mockserver.settings import SANDBOX

    words = (*SANDBOX, "strict")
    asked: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("routee"))):
        asked |= marker.kwargs
        if marker.args:
            pytest.fail("@pytest.mark.routee takes keywords only, such as clock='instant'", pytrace=False)
    for word in asked.keys() - set(words):
        pytest.fail(unknown_keyword("@pytest.mark.routee", word, words), pytrace=False)
    wanted = {CLOCK: node.config.getini("routee_clock"), "token_life": "unlimited"}
    # The seed comes from the name of the test: it gets the same ids wherever it runs, and whatever runs before it.
    wanted |= {"seed": zlib.crc32(node.nodeid.encode())}
    return wanted | {word: value for word, value in asked.items() if word != "strict"}


def _is_strict(item: pytest.Item) -> bool:
    marked = [marker.kwargs["strict"] for marker in item.iter_markers("routee") if "strict" in marker.kwargs]
    return bool(marked[0] if marked else item.config.getini("routee_strict"))


def _directory(config: pytest.Config) -> Path | None:
    wanted = str(config.getini("routee_scenarios"))
    directory = config.rootpath / wanted
    if not directory.is_dir():
        pytest.fail(f"routee_scenarios = {wanted}: there is no directory {directory}", pytrace=False)
    return directory if wanted else None


def _name(test: str) -> str:
    """A name for the sandbox that shows its test, and that no other run has."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in test)
    return f"{words.strip('-')[:50] or 'test'}-{os.urandom(4).hex()}"
