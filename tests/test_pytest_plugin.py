"""The pytest plugin, in test suites of its users."""

import textwrap

import httpcore2  # noqa: F401 -- httpx2 imports it late, and pytester forgets what an inner run has imported
import pytest

from mockserver.testing import process
from tests.plugins import LEAN

SMS = '{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "hello"}}'


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's folder, whose tests use a running mock: that is faster."""
    monkeypatch.setenv("ROUTEE_MOCK_URL", process.shared())
    return pytester


def run(suite: pytest.Pytester, tests: str, *args: str, ini: str = "") -> pytest.RunResult:
    suite.makeini(f"[pytest]\nfilterwarnings = error\n{ini}")
    suite.makepyfile(textwrap.dedent(tests).replace("SMS", SMS))
    return suite.runpytest_inprocess(*args, *LEAN)


def test_two_lines_are_enough(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        def test_it(routee):
            assert routee.send([SMS]).status == "Queued"
        """,
    )
    result.assert_outcomes(passed=1)


def test_every_test_has_its_own_sandbox_with_the_same_ids_each_time(suite: pytest.Pytester) -> None:
    tests = """
        import pathlib

        def sent(routee):
            assert routee.flows == []
            with pathlib.Path("ids").open("a") as ids:
                print(routee.send([SMS]).tracking_id, file=ids)

        def test_one(routee): sent(routee)
        def test_other(routee): sent(routee)
        """
    for _ in range(2):
        run(suite, tests).assert_outcomes(passed=2)
    first, second, again, once_more = (suite.path / "ids").read_text().split()
    assert (first, second) == (again, once_more)
    assert first != second


def test_a_failed_test_shows_what_happened(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import pytest
        from mockserver.client import MockError

        def test_it(routee):
            with pytest.raises(MockError):
                routee.send([])
            routee.when(to="+3069*").sms("undelivered")
            flow = routee.send([SMS], callback=routee.receiver.url)
            routee.clock.until_idle()
            routee.expect.flow(flow, status="Succeeded")
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E   *AssertionError: expected at least 1 flow with trackingId *, status 'Succeeded', found none*",
            "*routee: what happened in the sandbox of this test*",
            "*request   POST /failover answered 400: Validation Error!",
            "*flow *",
            "*scenario  when-1 added: *",
            "*send * Sms",
            "*status * Sms Undelivered*",
            "*flow * is Failed over Sms, statusCode 2",
            "*callback * callback 3 to http://127.0.0.1:*/webhook: answered 200",
        ]
    )


@pytest.mark.parametrize(
    "line",
    [
        'routee.send([SMS | {"to": "12"}])',
        'routee.clock.advance("soon")',
        'routee.when().sms("exploded")',
        'routee.load("nowhere")',
        'routee.push("SEEN", to="+306900000000")',
    ],
)
def test_a_refusal_is_shown_at_the_line_that_asked(suite: pytest.Pytester, line: str) -> None:
    result = run(suite, f"def test_it(routee):\n    {line}", "--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*MockError*"])
    result.stdout.no_fnmatch_line("*mockserver/client/*.py:*")
    result.stdout.no_fnmatch_line("*mockserver/testing/mock.py:*")


def test_a_fixture_that_fails_shows_what_happened_too(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import pytest

        @pytest.fixture
        def shop(routee):
            routee.send([])

        def test_it(shop): pass
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*what happened in the sandbox of this test*", "*flow must hold at least one step"])


def test_a_test_that_passes_shows_nothing(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_it(routee): routee.send([SMS])", "-rA")
    result.stdout.no_fnmatch_line("*what happened in the sandbox*")


def test_of_a_long_timeline_the_end_is_shown(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.pytest_plugin.MOST_LINES", 3)
    result = run(suite, "def test_it(routee):\n    routee.send([SMS])\n    routee.clock.until_idle()\n    assert False")
    result.stdout.fnmatch_lines(["... * lines before; routee.timeline() has them all"])


def test_markers_make_the_sandbox(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import pytest
        from mockserver.client import MockError

        pytestmark = pytest.mark.routee(seed=5, balance=3.5)

        @pytest.mark.routee(clock="instant", scenario=["carrier-filtering", "slow-receiver"], token_life=3600)
        def test_it(routee):
            assert (routee.info.clock.mode, routee.info.seed, routee.balance) == ("instant", 5, 3.5)
            assert set(routee.scenarios) == {"carrier-filtering", "slow-receiver"}

        @pytest.mark.routee(start="2030-01-01T12:00:00Z", strict_fields=True)
        def test_strictly(routee):
            assert routee.clock.now.isoformat() == "2030-01-01T12:00:00+00:00"
            with pytest.raises(MockError, match="colour"):
                routee.send([SMS | {"colour": "red"}])

        @pytest.mark.routee(token_life=3600, balance="unlimited")
        def test_an_hour(routee):
            routee.send([SMS])
            routee.clock.advance(hours=2)
            routee.send([SMS])
            assert [each.status for each in routee.requests if each.path == "/failover"] == [200, 401, 200]
        """,
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("clok='instant'", "*knows no clok; did you mean clock? (it knows clock, *"),
        ("'instant'", "*takes keywords only, such as clock='instant'"),
        ("clock='sundial'", "*clock: must be*"),
        ("scenario='lost-repli'", "*There is no scenario 'lost-repli'; did you mean lost-reply?*"),
    ],
)
def test_a_wrong_marker_says_why(suite: pytest.Pytester, marker: str, words: str) -> None:
    result = run(suite, f"import pytest\n@pytest.mark.routee({marker})\ndef test_it(routee): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_scenarios_of_ones_own_are_loaded_by_name(suite: pytest.Pytester) -> None:
    folder = suite.mkdir("worlds")
    (folder / "no-sms.yaml").write_text("sms: failed\n")
    (folder / "broken.yml").write_text("sms: exploded\n")
    result = run(
        suite,
        """
        import pytest
        from mockserver.client import MockError

        @pytest.mark.routee(scenario="no-sms")
        def test_it(routee):
            routee.load("viber-opted-out")
            assert routee.scenarios[:2] == ["viber-opted-out", "no-sms"] or set(routee.scenarios) == {"viber-opted-out", "no-sms"}
            with pytest.raises(MockError, match="exploded"):
                routee.load("broken")
        """,
        ini="routee_scenarios = worlds\nroutee_clock = instant",
    )
    result.assert_outcomes(passed=1)


STRICT = """
    import pytest
    from mockserver.client import MockError

    def test_refused(routee):
        with pytest.raises(MockError):
            routee.send([SMS | {"to": "12"}])

    def test_lost(routee):
        routee.receiver.answers(500)
        routee.send([SMS], callback=routee.receiver.url)
        routee.clock.next()

    def test_good(routee):
        routee.send([SMS], callback=routee.receiver.url)
        routee.clock.until_idle()

    @pytest.mark.routee(strict=False)
    def test_on_purpose(routee):
        test_refused.__wrapped__(routee) if hasattr(test_refused, "__wrapped__") else test_refused(routee)
    """


def test_a_strict_test_fails_for_refused_sends_and_lost_callbacks(suite: pytest.Pytester) -> None:
    result = run(suite, STRICT, ini="routee_strict = true")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "routee is strict, and there were problems:",
            "refused: POST /failover answered 400: Validation Error!",
            "  flow[[]0[]].to: *",
            "not delivered: callback 1 to http://127.0.0.1:*/webhook is waiting to retry: answered 500*",
        ]
    )
    run(suite, STRICT).assert_outcomes(passed=4)
    run(suite, STRICT.replace("strict=False", "strict=True")).assert_outcomes(passed=3, failed=1)


def test_asynchronous_tests_are_first_class(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import asyncio

        def test_it(async_routee, routee):
            async def story():
                await async_routee.when(to="+3069*").sms("failed")
                flow = await async_routee.send([SMS], callback=async_routee.receiver.url)
                await async_routee.clock.until_idle()
                await async_routee.expect.flow(flow, status="Failed")
                return flow
            flow = asyncio.run(story())
            assert routee.flow(flow).status == "Failed"
            assert [each.tracking_id for each in asyncio.run(flows(async_routee))] == [flow.tracking_id]
            assert async_routee.receiver is routee.receiver

        async def flows(routee):
            return await routee.flows
        """,
    )
    result.assert_outcomes(passed=1)


def test_without_a_mock_that_runs_one_is_started_for_each_worker(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROUTEE_MOCK_URL", raising=False)
    tests = """
        import pathlib, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(routee, number, worker_id):
            routee.send([SMS])
            assert len(routee.flows) == 1
            pathlib.Path(f"{worker_id}-{routee.url.rpartition(':')[2]}.txt").touch()
        """
    run(pytester, tests, "-n", "2").assert_outcomes(passed=6)
    used = [path.stem for path in pytester.path.glob("*-*.txt")]
    assert sorted(name.partition("-")[0] for name in used) == ["gw0", "gw1"]


def test_a_mock_that_was_named_and_does_not_answer_is_an_error_with_advice(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTEE_MOCK_URL", "http://127.0.0.1:9")
    result = run(pytester, "def test_it(routee): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Unreachable: no mock answers at http://127.0.0.1:9 *"])


def test_pytest_lists_the_options(suite: pytest.Pytester) -> None:
    result = run(suite, "", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.routee(clock, scenario, seed, *"])
