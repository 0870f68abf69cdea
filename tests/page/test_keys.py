"""The page by keyboard alone, as somebody does who knows only its help."""

from functools import partial
from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import Sight, looking
from tests.page.flows import TO, planned, sms, viber, voice

OTHER = "+306900042001"
CHOSEN = "[aria-label=Steps] [aria-selected=true]"


def test_a_search_is_kept_and_what_it_finds_is_opened(mock: Mock, sight: Sight) -> None:
    for to in (TO, OTHER):
        mock.send(sms(to))
    sight.sees("h1", "+30 690 004 2001")
    sight.waits(lambda: sight.page.locator(".row").count() == 2)
    sight.press("/")
    sight.page.keyboard.type("2000")
    sight.waits(lambda: sight.page.locator(".row").count() == 1)
    sight.press("Escape")
    sight.settles()
    assert sight.page.locator("#search").input_value() == "2000"
    assert sight.page.locator(".row").count() == 1
    sight.press("/", "ArrowDown", "ArrowDown")
    sight.sees("h1", "+30 690 004 2000")
    sight.press("/")
    sight.page.keyboard.type("2001")
    sight.sees(".row", "+30 690 004 2001")
    assert sight.page.locator("#search").input_value() == "2001"


def test_nothing_can_happen_to_a_step_that_has_not_begun(mock: Mock, sight: Sight) -> None:
    mock.send(viber(), sms())
    sight.sees("#glass", "On its way")
    sight.press("p")
    sight.sees("#glass", "Waits its turn")
    sight.press("2")
    sight.sees(".told", "This step has not begun.")
    assert sight.page.locator(".problem").count() == 0


def test_the_phone_goes_on_with_the_flow_once_the_latest_step_is_shown_again(mock: Mock, sight: Sight) -> None:
    planned(mock, viber="by hand", sms="by hand")
    mock.send(viber(), sms(), voice())
    sight.sees("#glass", "On its way")
    sight.press("p", "p")
    sight.sees(CHOSEN, "Voice")
    sight.press("p")
    sight.sees(CHOSEN, "Viber")
    sight.press("3")
    sight.sees(CHOSEN, "Sms")


def test_a_reply_is_typed_to_its_end_whatever_happens_meanwhile(mock: Mock, sight: Sight) -> None:
    planned(mock, viber="by hand", sms="by hand")
    flow = mock.send(viber(inboundUrl=f"{mock.url}/_mock/sink/page"), sms())
    sight.sees("#glass", "On its way")
    sight.press("7")
    sight.page.locator(".reply input:focus").wait_for()
    mock.send(sms(OTHER))
    event = {"trackingId": flow, "step": 1, "events": [{"status": "UNDELIVERED"}]}
    mock.client.post("/_mock/events", json=event).raise_for_status()
    sight.sees(".row .pill.Viber", "Undelivered")
    sight.sees(".row", "+30 690 004 2001")
    sight.settles()
    sight.page.locator(".reply input:focus").wait_for()
    sight.sees("h1", "+30 690 004 2000")


def test_the_control_token_is_typed_at_once_and_again(browser: Any) -> None:
    with mocking(control_token="secret") as mock, looking(browser, f"{mock.url}/_mock/ui/") as sight:
        sight.sees("h1", "Routee mock")
        sight.page.keyboard.type("wrong")
        sight.press("Enter")
        sight.sees("[role=alert]", "not the token")
        sight.page.keyboard.type("secret")
        sight.press("Enter")
        sight.sees("h1", "No flow yet")


def test_a_mock_that_is_away_is_said_in_words(browser: Any, mock: Mock) -> None:
    with looking(browser, f"{mock.url}/_mock/ui/") as sight:
        mock.send(sms())
        sight.sees("h1", "+30 690 004 2000")
        sight.page.context.set_offline(True)
        sight.press("n")
        sight.sees(".problem", "The mock does not answer.")


@pytest.mark.parametrize("width", [760, 900, 1180])
def test_the_phone_and_what_happens_on_it_fit_beside_each_other(browser: Any, mock: Mock, width: int) -> None:
    mock.send(viber(), sms(), voice())
    with looking(browser, f"{mock.url}/_mock/ui/", viewport={"width": width, "height": 900}) as sight:
        sight.sees(".deed", "Not a Viber user")
        assert (
            sight.runs("(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(document.querySelector('.side'))")
            == 0
        )


def test_an_attempt_on_the_plot_leads_to_its_callback(mock: Mock, sight: Sight) -> None:
    mock.send(sms(), url=f"{mock.url}/_mock/sink/page")
    mock.advance(until="idle")
    sight.sees(".verdict", "Reached over Sms")
    sight.page.locator(".post").last.click()
    sight.sees(".tabs [aria-selected=true]", "Webhook")


def test_the_focus_goes_on_with_the_scenario_that_was_played_or_stopped(mock: Mock, sight: Sight) -> None:
    planned(mock, sms="failed")
    sight.press("s")
    for does, then in (("Play", "Stop carrier-filtering"), ("Stop", "Play carrier-filtering")):
        sight.page.get_by_role("button", name=f"{does} carrier-filtering").focus()
        sight.press("Enter")
        sight.waits(partial(focused, sight, then))
    sight.page.get_by_role("button", name="Stop planned").focus()
    sight.press("Enter")  # it is not in the library, so it is gone
    sight.waits(partial(focused, sight, "Play "))


def test_a_scenario_that_is_stopped_twice_is_stopped_once(mock: Mock, sight: Sight) -> None:
    planned(mock, sms="failed")
    sight.press("s")
    sight.page.get_by_role("button", name="Stop planned").dblclick()
    sight.sees("dialog .empty", "Nothing plays")


def focused(sight: Sight, name: str) -> bool:
    return str(sight.runs("document.activeElement.ariaLabel ?? ''")).startswith(name)
