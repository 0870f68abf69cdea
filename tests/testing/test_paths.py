"""The list of paths: as many as the sweep plays, each with the end that a flow comes to."""

from typing import Any

import pytest

from mockserver.core.catalogue import ENDS, OUTCOMES
from mockserver.core.channels import Channel
from mockserver.testing import RouteeMock, every_path, process
from tests.http.mocks import sms, viber, voice
from tests.plugins import LEAN

ON = [name for name in ENDS[Channel.VIBER] if name not in {"delivered", "seen", "unsent"}]


def test_every_path_is_there_once_and_is_called_by_what_happens_on_it() -> None:
    names = [str(path) for path in every_path("Viber", "Sms")]
    over = [f"viber-{name}" for name in ENDS[Channel.VIBER] if name not in ON]
    both = [f"viber-{one},sms-{two}".replace(" ", "-") for one in ON for two in ENDS[Channel.SMS]]
    assert sorted(names) == sorted(over + both)
    assert len(every_path("Voice", every_outcome=True)) == len(OUTCOMES[Channel.VOICE])


def test_triggers_of_your_own_are_kept() -> None:
    paths = every_path(flow={"flow": [viber(), sms(failoverOnStatuses="Failed")]})
    assert paths == every_path(viber(), sms(failoverOnStatuses="Failed"))
    ends = {str(path): (path.status, path.status_code, path.termination_channel, path.statuses) for path in paths}
    assert ends["viber-expired,sms-undelivered"] == ("Failed", "3", "Sms", ("EXPIRED", "Undelivered"))
    assert ends["viber-seen"] == ("Succeeded", None, "Viber", ("SEEN",))


def test_a_flow_takes_the_path_that_is_played() -> None:
    steps = [viber(), sms(), voice()]
    with RouteeMock(process.shared()) as routee:
        for path in every_path("Viber", "Sms", "Voice")[::15]:
            routee.play(path.scenario)
            flow = routee.send(steps)
            routee.clock.until_idle()
            end = routee.flow(flow)
            told = (
                end.status,
                end.status_code,
                end.termination_channel,
                end.statuses,
                end.channels[: len(end.statuses)],
            )
            assert told == (path.status, path.status_code, path.termination_channel, path.statuses, path.channels)


def test_pytest_names_the_paths(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from mockserver import every_path

        @pytest.mark.parametrize("path", every_path("Sms"))
        def test_it(path): pass
        """
    )
    done = pytester.runpytest_inprocess(*LEAN, "--collect-only", "-q")
    done.stdout.fnmatch_lines(["*::test_it[[]sms-delivered]", "*::test_it[[]sms-delivered-late]"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: every_path(), 'takes steps, as in every_path("Viber", "Sms"), or flow='),
        (lambda: every_path("Sms", flow={"flow": [sms()]}), "or flow="),
        (lambda: every_path("Smss"), "'Smss' is no channel: there are Viber, Sms, Voice"),  # type: ignore[arg-type]
        (lambda: every_path(sms("12")), r"flow\[0\].to: "),
    ],
)
def test_what_is_no_flow_is_told(wrong: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words.replace("(", r"\(").replace(")", r"\)")):
        wrong()
