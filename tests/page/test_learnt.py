"""What was learnt of a service, on the page: beside the mark of a rule, in a few plain words."""

from pathlib import Path
from typing import Any

from tests.http.mocks import Mock, mocking
from tests.http.test_fidelity import written
from tests.page.browser import Sight, looking
from tests.page.flows import planned, sms, viber

RULES = {
    "statuses.ttl-start": {"confirmed": 2, "contradicted": 3},
    "statuses.trigger": {"confirmed": 12, "contradicted": 0},
    "statuses.success": {"confirmed": 1, "contradicted": 0},
}


def told(sight: Sight, mock: Mock) -> None:
    planned(mock, viber="expired", sms="delivered")
    mock.send(viber(), sms())
    mock.advance(until="idle")
    sight.sees(".verdict", "Reached over Sms")
    sight.sees("#panel", "Its ttl of 10 min ran out.")


def test_a_recording_agrees_or_differs(browser: Any, theme: str, tmp_path: Path) -> None:
    with (
        mocking(learnt=written(tmp_path, RULES)) as mock,
        looking(browser, f"{mock.url}/_mock/ui/", color_scheme=theme) as sight,
    ):
        told(sight, mock)
        sight.sees(".why li:has-text('ran out') .differs", "your recording differs, 3 of 5")
        sight.sees(".why li:has-text('on to step 2') .source", "your recording agrees, 12 times")
        sight.sees(".why li:has-text('has Succeeded') .source", "your recording agrees, once")
        assert sight.page.locator(".why li:has-text('Step 1 begins') .source:has-text('your recording')").count() == 0
        assert sight.fits()
        assert sight.console == []


def test_without_a_recording_nothing_is_said_of_one(mock: Mock, sight: Sight) -> None:
    told(sight, mock)
    assert "your recording" not in sight.text("#panel")
