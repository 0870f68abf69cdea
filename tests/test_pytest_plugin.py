"""The pytest plugin, in test suites of its users."""

import json
import re
import textwrap
from contextlib import ExitStack

import httpcore2  # noqa: F401 -- httpx2 imports it late, and pytester forgets what an inner run has imported
import pytest

from mockserver.client import Server
from mockserver.testing import process, report
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
            "*callback * callback 1 to http://127.0.0.1:*/webhook: answered 200",
            "*status * Sms Undelivered*",
            "*flow * is Failed over Sms, statusCode 2",
            "*callback * callback 3: answered 200",
        ]
    )


@pytest.mark.parametrize(
    "line",
    [
        'routee.send([SMS | {"to": "12"}])',
        'routee.clock.advance("soon")',
        'routee.when().sms("exploded")',
        'routee.play("nowhere")',
        'routee.push("SEEN", to="+306900000000")',
        'routee.expect.flow(status="Succeded")',
        'routee.set_balance("a lot")',
    ],
)
def test_a_refusal_is_shown_at_the_line_that_asked(suite: pytest.Pytester, line: str) -> None:
    result = run(suite, f"def test_it(routee):\n    {line}", "--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *problems.[RM]*: *"])
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


APPLICATION = '''
    import httpx2
    import pytest

    KEPT = []

    def send(routee, id=None, secret=None, token=None, path="/failover", webhook=None, to="+306900000000"):
        """What an application does, as far as it gets."""
        base = routee.api_url
        if token is None:
            credentials = (id or routee.application_id, secret or routee.application_secret)
            answer = httpx2.post(f"{base}/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials)
            if answer.is_error:
                return None
            token = answer.json()["access_token"]
        KEPT.append(token)
        body = {"flow": [SMS | {"to": to}]} | ({"callback": {"strategy": "OnStep", "url": webhook}} if webhook else {})
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.post(f"{base}{path}", json=body, headers=headers).json().get("trackingId")
    '''


@pytest.fixture
def strict(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's folder, whose tests start their own mock."""
    monkeypatch.delenv("ROUTEE_MOCK_URL", raising=False)
    return pytester


def test_what_reached_the_mock_and_not_the_sandbox_is_told(strict: pytest.Pytester) -> None:
    tests = (
        APPLICATION
        + """
    def test_id(routee):
        send(routee, id="my-app")
        routee.expect.send()

    def test_secret(routee):
        send(routee, secret="my-secret")
        routee.expect.send()

    def test_first(routee):
        send(routee)

    def test_token(routee):
        send(routee, token=KEPT[-1])
        routee.expect.send()

    def test_header(routee):
        send(routee, token="")
        routee.expect.send()

    def test_path(routee):
        send(routee, token="", path="/v1/failover")
        routee.expect.send()

    def test_base(routee):
        httpx2.post(routee.info.control_url + "/failover", json={})
        routee.expect.send()

    def test_nothing(routee):
        routee.expect.send()
    """
    )
    result = run(strict, tests, "--tb=short")
    result.assert_outcomes(passed=1, failed=7)
    outside = ["*what happened in the sandbox*", "outside this sandbox, during this test:"]
    nothing = ["no request reached this sandbox.", "The application should send everything to http://127.0.0.1:*"]
    own = [
        "*what happened in the sandbox*",
        "*POST /oauth/token answered 401: Bad credentials: the secret of '*' is another",
    ]
    result.stdout.fnmatch_lines(
        [
            *outside,
            "  POST /oauth/token answered 401: Bad credentials: there is no application 'my-app' here, and no other is accepted",
            *nothing,
            "routee.application_id, here '*', and routee.application_secret; routee.env() has",
            *own,
            *outside,
            "  POST /failover answered 401: Invalid access token: it is of the sandbox test-first-*, which is gone; *",
            *nothing,
            *outside,
            "  POST /failover answered 401: Full authentication is required *: there is no Authorization header",
            *nothing,
            *outside,
            "  POST /v1/failover answered 404: Nothing lives at POST /v1/failover; close to it: POST /failover, *",
            *nothing,
            *outside,
            "  POST /_mock/sandboxes/test-base-*/failover answered 404: Nothing lives at *; close to it: POST /failover.",
            *nothing,
            "*what happened in the sandbox*",
            "no request reached this sandbox or the mock during this test.",
            "The application should send everything to http://127.0.0.1:*",
        ]
    )
    result.stdout.no_fnmatch_line("nothing at all")


def test_a_clock_that_was_not_moved_is_told(suite: pytest.Pytester) -> None:
    tests = (
        APPLICATION
        + """
    def test_now(routee):
        routee.expect.flow(send(routee), status="Succeeded")

    def test_later(routee):
        flow = send(routee)
        routee.clock.next()
        routee.expect.flow(flow, status="Succeeded")

    @pytest.mark.routee(clock="realtime")
    def test_real(routee):
        flow = routee.send([SMS])
        assert False

    def test_idle(routee):
        flow = send(routee)
        routee.clock.until_idle()
        assert False
    """
    )
    result = run(suite, tests)
    result.assert_outcomes(failed=4)
    manual = "The clock moves only when the test moves it: routee.clock.until_idle() lets all of it happen,"
    result.stdout.fnmatch_lines(
        [
            "due next, now, for *: Sms Queued (* things are due).",
            f"{manual} routee.clock.next() the next.",
            "due next, in * s at *, for *: Sms Sent (* things are due).",
            f"{manual} routee.clock.advance(seconds=*) the next.",
            "due next, *, for *: Sms *",
            'The clock is realtime: wait with within=, as in routee.expect.flow(..., within="5s"), or routee.clock.*',
            "*_ test_idle _*",
        ]
    )
    assert result.stdout.str().count("due next") == 3


def test_a_webhook_that_no_flow_names_is_told(suite: pytest.Pytester) -> None:
    tests = (
        APPLICATION
        + """
    def test_state(routee):
        routee.receiver.always(204)
        send(routee)
        routee.clock.until_idle()
        assert routee.receiver.payloads

    def test_expected(routee):
        send(routee)
        routee.clock.until_idle()
        routee.expect.callback()

    def test_named(routee):
        send(routee, webhook=routee.receiver.url)
        assert routee.receiver.payloads

    def test_at_the_end(routee):
        routee.send([SMS], callback=routee.receiver.url, strategy="OnCompletion")
        routee.clock.next()
        assert routee.receiver.payloads
    """
    )
    result = run(suite, tests, "--tb=short")
    result.assert_outcomes(failed=4)
    told = "no flow was sent with callback.url, so nothing is posted to routee.receiver."
    result.stdout.fnmatch_lines(
        ["*_ test_state _*", told, "*_ test_expected _*", "*no callback at all: no flow was *url"]
    )
    assert result.stdout.str().count(told) == 1
    only = "the only callback of * comes when it ends, for callback.strategy is OnCompletion,"
    result.stdout.fnmatch_lines(["*_ test_at_the_end _*", only, "which is the default; OnStep asks for *"])
    assert result.stdout.str().count("the only callback") == 1


def test_an_unreachable_webhook_fits_a_screen_and_the_flow_of_the_failure_comes_first(suite: pytest.Pytester) -> None:
    tests = (
        APPLICATION
        + """
    def test_it(routee):
        flows = [send(routee, webhook="http://127.0.0.1:9/hook", to=f"+30690000000{last}") for last in range(5)]
        routee.clock.until_idle()
        routee.expect.callback(flows[2], delivered=True)
    """
    )
    result = run(suite, tests)
    result.assert_outcomes(failed=1)
    told = result.stdout.str().partition("what happened in the sandbox")[2].partition("=====")[0]
    lines = told.splitlines()
    assert len(lines) < 60
    assert len(told) < 8_000
    assert lines[1].startswith("the flow of this failure, ")
    own = lines[: lines.index("")]
    assert sum("attempts 2 to 13: the same, until +40 h 3 min; given up" in line for line in own) == 3
    assert sum("http://127.0.0.1:9/hook" in line for line in own) == 1
    assert "in a container" not in told
    assert any(line.startswith("everything, with 4 more flows:") for line in lines)


def test_what_a_webhook_handler_raises_fails_the_test_that_would_pass(suite: pytest.Pytester) -> None:
    tests = (
        APPLICATION
        + """
    def hook(received):
        return {}["status"]

    @pytest.fixture
    def webhook(routee):
        routee.receiver.always(hook)
        return routee.receiver.url

    def test_passes(routee, webhook):
        send(routee, webhook=webhook)
        routee.clock.advance(minutes=1)

    def test_fails(routee, webhook):
        send(routee, webhook=webhook)
        routee.clock.advance(minutes=1)
        assert routee.callbacks[0].delivered

    def test_returns_nonsense(routee):
        routee.receiver.always(lambda received: (200, "ok"))
        send(routee, webhook=routee.receiver.url)
        routee.clock.next()

    def test_on_purpose(routee, webhook):
        send(routee, webhook=webhook)
        routee.clock.next()
        assert [type(each) for each in routee.receiver.take_failures()] == [KeyError]

    def test_too_late(routee, late, webhook):
        pass

    @pytest.fixture
    def late(routee):
        yield
        send(routee, webhook=routee.receiver.url)
        routee.clock.next()
    """
    )
    result = run(suite, tests, "--tb=short")
    result.assert_outcomes(passed=2, failed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at teardown of test_too_late _*",
            "test_*.py:*: in hook",
            "E   KeyError: 'status'",
            "*_ test_passes _*",
            "test_*.py:*: in hook",
            '    return {}["status"]',
            "E   KeyError: 'status'",
            "E   The webhook handler hook raised this, for POST /webhook.",
            "*_ test_fails _*",
            "*assert routee.callbacks[[]0[]].delivered",
            "*routee: what the webhook handler raised*",
            "Traceback (most recent call last):",
            "*in hook",
            "KeyError: 'status'",
            "*_ test_returns_nonsense _*",
            "TypeError: a webhook handler cannot return (200, 'ok'): return a status, *; the body comes before the status",
        ]
    )
    result.stdout.no_fnmatch_line("*receiver.py:*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py:*")
    result.stdout.no_fnmatch_line("*entries are hidden*")


def test_a_scenario_that_says_nothing_fails_the_test_that_would_pass(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        def test_it(routee):
            routee.send([SMS])
            routee.when(to="+3069*")

        def test_asynchronous(async_routee):
            async_routee.when(to="+3069*").sms("failed")._played = True
            async_routee.when(label="x")._played = True
        """,
        "--tb=short",
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "when(to='+3069[*]') says nothing (*test_a_scenario_that_says_nothing*.py:3): add an outcome, *",
            "when(label='x') says nothing (*.py:7): add an outcome, *",
        ]
    )
    result.stdout.no_fnmatch_line("*mockserver/*.py:*")


def test_a_test_that_passes_shows_nothing(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_it(routee): routee.send([SMS])", "-rA")
    result.stdout.no_fnmatch_line("*what happened in the sandbox*")


VIBER = '{"type": "Viber", "to": "+306900000300", "senderInfoTrackingId": "Shop", "message": {"text": "hello"}}'


def test_a_failure_that_rests_on_a_choice_of_ours_says_so(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        f"""
        def test_choice(routee):
            routee.send([{VIBER}, SMS])
            routee.clock.until_idle()
            assert False

        def test_choices(routee):
            flow = routee.send([{VIBER}])
            routee.send([SMS])
            routee.clock.advance(minutes=10)
            routee.push(["DELIVERED", "SEEN"], flow)
            assert False, flow.tracking_id

        def test_documented(routee):
            routee.send([SMS])
            routee.clock.until_idle()
            routee.expect.send(to="+1")
        """,
    )
    told = result.stdout.str()
    said = "this depends on a rule that is our choice, and not documented by Routee; see docs/fidelity.md:"
    assert told.count(said) == 2
    assert told.count("  The ttl counts from the moment the step begins. (statuses.ttl-start)") == 2
    assert "scenarios.push" not in told
    assert "our choice" not in told.partition("test_documented ___")[2]


@pytest.mark.parametrize(
    ("confirmed", "contradicted", "said"),
    [(2, 3, "differs, 3 of 5"), (12, 0, "agrees, 12 times"), (1, 0, "agrees, once")],
)
def test_what_was_learnt_of_a_choice_stands_beside_it(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, confirmed: int, contradicted: int, said: str
) -> None:
    rules = {"statuses.ttl-start": {"confirmed": confirmed, "contradicted": contradicted}}
    learnt = suite.path / "learnt.json"
    learnt.write_text(json.dumps({"format": 1, "rules": rules}))
    monkeypatch.setenv("ROUTEE_MOCK_LEARNT", str(learnt))
    with process.started() as url:
        monkeypatch.setenv("ROUTEE_MOCK_URL", url)
        result = run(
            suite, f"def test_it(routee):\n    routee.send([{VIBER}])\n    routee.clock.until_idle()\n    assert 0"
        )
    line = f"  The ttl counts from the moment the step begins. (statuses.ttl-start): your recording {said}"
    assert line in result.outlines


def test_of_many_choices_the_first_are_shown(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "CHOICES", 0)
    result = run(
        suite, f"def test_it(routee):\n    routee.send([{VIBER}])\n    routee.clock.until_idle()\n    assert 0"
    )
    result.stdout.fnmatch_lines(["this depends on a rule that is our choice*", "  ... and 1 more"])


def test_of_a_long_timeline_the_end_is_shown(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "SCREEN", 3)
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
        ("clok='instant'", "@pytest.mark.routee() knows no clok=; did you mean clock=? (it knows clock=, *"),
        ("'instant'", "*takes keywords only, such as clock='instant'"),
        ("clock='sundial'", "@pytest.mark.routee(clock=...): must be one of realtime, manual, instant"),
        ("strict_fields='yes'", "@pytest.mark.routee(strict_fields=...): must be *"),
        (
            "scenario='lost-repli'",
            "@pytest.mark.routee(scenario='lost-repli'): There is no scenario 'lost-repli'; did you mean lost-reply?",
        ),
    ],
)
def test_a_wrong_marker_says_why(suite: pytest.Pytester, marker: str, words: str) -> None:
    result = run(suite, f"import pytest\n@pytest.mark.routee({marker})\ndef test_it(routee): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])
    result.stdout.no_fnmatch_line("All traceback entries are hidden*")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (
            "routee_clock = manul",
            "routee_clock = manul: must be one of realtime, manual, instant; did you mean manual?",
        ),
        ("routee_scenarios = nowhere", "routee_scenarios = nowhere: there is no directory *nowhere"),
    ],
)
def test_a_wrong_option_says_which(suite: pytest.Pytester, option: str, words: str) -> None:
    result = run(suite, "def test_it(routee): pass", ini=option)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_a_call_that_is_wrong_is_told_without_what_the_application_should_do(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_it(routee):\n    routee.expect.send(too='+30')")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *TypeError: send() knows no too=; did you mean to=? *"])
    result.stdout.no_fnmatch_line("*no request reached*")
    result.stdout.no_fnmatch_line("*what happened in the sandbox*")


def test_on_a_mock_that_takes_any_credentials_wrong_ones_are_told_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = (
        APPLICATION
        + """
    def test_it(routee):
        send(routee, id="my-app")
        routee.expect.send()
    """
    )
    with process.started([]) as url:
        monkeypatch.setenv("ROUTEE_MOCK_URL", url)
        result = run(pytester, tests)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "outside this sandbox, during this test (or by others who use this mock):",
            "  POST /oauth/token answered 200, for the application id 'my-app'",
            "  POST /failover answered 200, for the application id 'my-app'",
            "no request reached this sandbox.",
        ]
    )


def test_the_report_leads_to_the_page_of_a_mock_that_stays_and_keeps_what_it_shows(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import pytest

        @pytest.mark.routee(clock="instant")
        def test_it(routee):
            flow = routee.send([SMS])
            routee.clock.until_idle()
            routee.expect.flow(flow, status="Failed")

        def test_other(routee):
            routee.send([SMS])
        """,
    )
    result.assert_outcomes(failed=1, passed=1)
    (line,) = [line for line in result.outlines if line.startswith("see it on the page")]
    place, _, hash_ = line.split(": ", 1)[1].partition("#")
    assert place == f"{process.shared()}/_mock/ui/"
    sandbox, flow = re.fullmatch(r"/(test-it-[0-9a-f]{8})/flow/([0-9a-f-]{36})", hash_).groups()  # type: ignore[union-attr]
    with Server(process.shared()) as server:
        kept = server.sandbox(sandbox)
        assert kept.flow(flow).status == "Succeeded"
        assert kept.clock.read().mode == "manual"
        assert not [each.id for each in server.sandboxes if each.id.startswith("test-other")]
        kept.delete()


@pytest.mark.parametrize("options", [None, ["--no-ui"]], ids=["a mock of its own", "a mock without a page"])
def test_the_report_leads_to_no_page_that_is_not_there_or_will_be_gone(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: list[str] | None
) -> None:
    monkeypatch.delenv("ROUTEE_MOCK_URL", raising=False)
    with ExitStack() as opened:
        if options is not None:
            monkeypatch.setenv("ROUTEE_MOCK_URL", opened.enter_context(process.started(options)))
        result = run(pytester, "def test_it(routee):\n    routee.send([SMS])\n    routee.expect.send(to='+1')")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*what happened in the sandbox*"])
    result.stdout.no_fnmatch_line("*on the page*")


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
            routee.play("viber-opted-out")
            assert routee.scenarios[:2] == ["viber-opted-out", "no-sms"] or set(routee.scenarios) == {"viber-opted-out", "no-sms"}
            with pytest.raises(MockError, match="exploded"):
                routee.play("broken")
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


def test_a_mock_whose_token_is_not_set_is_an_error_that_names_the_variable(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROUTEE_MOCK_CONTROL_TOKEN", raising=False)
    with process.started(["--control-token", "Sesame"]) as url:
        monkeypatch.setenv("ROUTEE_MOCK_URL", url)
        refused = run(pytester, "def test_it(routee): pass")
        monkeypatch.setenv("ROUTEE_MOCK_CONTROL_TOKEN", "Sesame")
        run(pytester, "def test_it(routee): pass").assert_outcomes(passed=1)
    refused.assert_outcomes(errors=1)
    refused.stdout.fnmatch_lines(
        ["Misuse: the mock was started with *: set ROUTEE_MOCK_CONTROL_TOKEN, or give it as *"]
    )
    refused.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_pytest_lists_the_options(suite: pytest.Pytester) -> None:
    result = run(suite, "", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.routee(clock, scenario, seed, *"])


COROUTINES = """
    import asyncio, pytest
    from mockserver import RouteeMock

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend(): return "asyncio"

    async def test_send(routee):
        routee.send([SMS])

    async def test_read(routee):
        return routee.flows

    def test_run(routee):
        async def story():
            routee.clock.until_idle()
        asyncio.run(story())

    async def test_mock():
        with RouteeMock():
            pass

    async def test_right(async_routee):
        await async_routee.send([SMS], callback=async_routee.receiver.url)
        await async_routee.clock.until_idle()

    def test_beside(routee, async_routee):
        asyncio.run(async_routee.send([SMS]))
        assert len(routee.flows) == 1
    """


def test_the_plain_fixture_refuses_coroutines_at_once_and_names_the_other(suite: pytest.Pytester) -> None:
    result = run(suite, COROUTINES, "--tb=short")
    result.assert_outcomes(failed=4, passed=2)
    result.stdout.fnmatch_lines(
        [
            f"E   RuntimeError: `{name}` is asynchronous, and the plain `routee` would stop its event loop: *`async_routee`*"
            for name in ("test_send", "test_read", "story", "test_mock")
        ]
    )
    result.stdout.no_fnmatch_line("*mockserver/testing/mock.py:*")


def test_a_loop_that_runs_beside_a_plain_test_is_no_reason_to_refuse(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import asyncio, threading

        def test_it(routee):
            loop = asyncio.new_event_loop()
            asyncio._set_running_loop(loop)  # as Playwright's plain interface leaves it
            try:
                routee.send([SMS])
            finally:
                asyncio._set_running_loop(None)
                loop.close()

        def test_in_a_thread(routee):
            async def story():
                return await asyncio.to_thread(routee.send, [SMS])
            assert asyncio.run(story()).status == "Queued"
        """,
    )
    result.assert_outcomes(passed=2)


def test_an_application_is_served_in_one_line_and_its_fault_is_in_the_report(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        from flask import Flask, request

        app = Flask("shop")
        heard = []

        @app.post("/hook")
        def hook():
            heard.append(request.get_json()["status"])
            return "", 204

        @app.post("/broken")
        def broken():
            return request.get_json()["no such field"]

        def test_it(routee):
            routee.send([SMS], callback=routee.receiver.app(app) + "/hook")
            routee.clock.until_idle()
            assert heard[-1] == "Succeeded"

        def test_broken(routee):
            routee.send([SMS], callback=routee.receiver.app(app) + "/broken")
            routee.clock.next()
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*def broken():",
            ">*return request.get_json()*",
            "E *KeyError: 'no such field'",
            "E *The webhook handler Flask raised this.",
        ]
    )


def test_what_a_webhook_logs_at_every_attempt_stands_in_the_report_once(suite: pytest.Pytester) -> None:
    tests = """
        import logging

        def hook(received):
            logging.getLogger("shop").info("called")
            try:
                raise KeyError("status")
            except KeyError:
                logging.getLogger("shop").exception("Exception on %s", received.path)
            return 500

        def test_it(routee):
            routee.receiver.always(hook)
            routee.send([SMS], callback=routee.receiver.url)
            routee.clock.until_idle()
            assert routee.callbacks[0].delivered
        """
    result = run(suite, tests, "--log-level=info")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["ERROR * Exception on /webhook", "Traceback *", "KeyError: 'status'", "... and 38 times more"]
    )
    told = result.stdout.str()
    assert (told.count("Traceback (most"), told.count("INFO     shop:")) == (1, 39)


def test_what_was_never_awaited_fails_the_test_that_would_pass(suite: pytest.Pytester) -> None:
    """In a process of its own: where warnings are errors, pytest itself tells of it at some other place."""
    tests = """
        import asyncio
        import warnings

        def test_expectation(async_routee):
            async_routee.expect.flow(status="Failed")

        def test_others(async_routee):
            async_routee.set_balance(0)
            async_routee.when().sms("failed")

        def test_awaited(async_routee):
            async def whole():
                await async_routee.when().sms("failed")
                await asyncio.gather(async_routee.clock.until_idle(), asyncio.create_task(async_routee.set_balance(1)))

            asyncio.run(whole())
            warnings.warn("passed on")

        def test_fails(async_routee):
            async_routee.clock.until_idle()
            assert False
        """
    suite.makepyfile(textwrap.dedent(tests))
    result = suite.runpytest_subprocess(*LEAN, "--tb=short")
    result.assert_outcomes(passed=1, failed=3, warnings=1)
    never, plain = (
        "was never awaited, and did nothing (*.py:",
        "a test that is no `async def` takes the fixture `routee`",
    )
    result.stdout.fnmatch_lines(
        [
            "*_ test_expectation _*",
            f"expect.flow() {never}5): await it; {plain} instead",
            "*_ test_others _*",
            f"set_balance() {never}8): await it; {plain} instead",
            f"when() {never}9): await it; {plain} instead",
            "*_ test_fails _*",
            "*routee: what was never awaited*",
            f"clock.until_idle() {never}20): await it; {plain} instead",
            "*UserWarning: passed on",
        ]
    )
