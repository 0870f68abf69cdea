"""The page in a real browser: what people do on it, and that what it shows is true."""

from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import PATIENCE, Sight, looking

TO = "+306900042000"
UNTRUSTED = "<img src=//evil.example/x onerror=alert(1)>\u202eevil\u2066 <script>alert(2)</script>"


def viber(to: str = TO, text: str = "Your parcel is at the door.", **more: Any) -> dict[str, Any]:
    return {"type": "Viber", "to": to, "ttl": 10, "senderInfoTrackingId": "shop", "message": {"text": text}} | more


def sms(to: str = TO, text: str = "Your parcel is at the door.", **more: Any) -> dict[str, Any]:
    return {"type": "Sms", "to": to, "from": "Shop", "ttl": 60, "message": {"body": text}} | more


def voice(to: str = TO, text: str = "Hello.", **more: Any) -> dict[str, Any]:
    dialplan = {"verbs": [{"type": "SAY", "message": {"text": text}}]}
    return {"type": "Voice", "to": to, "from": "+302100000000", "dialplan": dialplan} | more


def planned(mock: Mock, **outcomes: str) -> None:
    answer = mock.client.post("/_mock/scenarios", json={"name": "planned", "when": {"to": TO}, **outcomes})
    assert answer.status_code == 201, answer.text


def test_a_flow_that_is_sent_appears_open_with_its_verdict(mock: Mock, sight: Sight) -> None:
    sight.sees("h1", "No flow yet")
    sight.sees(".address", mock.url)
    mock.send(sms("+306900010000"), url=f"{mock.url}/_mock/sink/page")
    sight.sees("h1", "+30 690 001 0000")
    sight.sees(".verdict", "Under way")
    mock.advance(until="idle")
    sight.sees(".verdict", "Reached over Sms")
    sight.sees(".row[aria-selected=true] .pill", "Delivered")


def test_a_story_is_told_by_keyboard_alone(mock: Mock, sight: Sight) -> None:
    sight.sees("h1", "No flow yet")
    sight.press("c")
    sight.sees("dialog", "Send a flow")
    sight.page.locator("dialog input").first.fill(TO)
    sight.press("Enter")
    sight.sees(".verdict", "Under way")
    sight.press("t")
    sight.sees(".told", "later")
    sight.press("n")
    sight.sees("#glass .sms-app", "On its way")
    sight.press("4")
    sight.sees("#glass .call-app", "Calling")
    sight.press("1")
    sight.sees("#glass", "Incoming call")
    sight.press("2")
    sight.sees("#glass", "In call")
    sight.press("3")
    sight.sees(".verdict", "Reached over Voice")
    focused = sight.page.evaluate("document.activeElement.tagName")
    assert focused != "INPUT"


def test_what_was_sent_is_text_and_nothing_else(mock: Mock, sight: Sight) -> None:
    dialogs: list[str] = []
    sight.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    mock.send(viber(text=UNTRUSTED, label=UNTRUSTED[:50]), sms(text=UNTRUSTED * 3), voice(text=UNTRUSTED))
    sight.sees("#glass .bubble", "<img src=//evil.example/x")
    for tab in ("webhook", "journal", "test"):
        sight.page.locator(f"#tab-{tab}").click()
        sight.page.locator("#panel").wait_for()
    assert sight.page.locator("img:not([src='icon.svg']), main script").count() == 0
    assert dialogs == []
    assert sight.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_link_opens_the_flow_the_step_and_the_tab(browser: Any, mock: Mock, sight: Sight) -> None:
    planned(mock, viber="expired")
    first = mock.send(viber(), sms())
    mock.advance(until="idle")
    mock.send(sms("+306900010000"))
    sight.sees("h1", "+30 690 001 0000")
    sight.page.locator(".row", has_text="+30 690 004 2000").click()
    sight.sees("h1", "+30 690 004 2000")
    sight.page.locator("#tab-journal").click()
    sight.page.locator("#step-1").click()
    assert first in sight.page.url
    with looking(browser, sight.page.url) as other:
        other.sees("h1", "+30 690 004 2000")
        other.sees("[role=tab][aria-selected=true]", "Viber")
        other.sees("[role=tab][aria-selected=true]", "Journal")
        other.page.go_back()
        assert other.console == []
    sight.page.go_back()
    sight.sees("h1", "+30 690 001 0000")
    sight.page.go_forward()
    sight.sees("h1", "+30 690 004 2000")


def test_a_link_to_a_forgotten_flow_says_so(browser: Any, mock: Mock) -> None:
    mock.send(sms())
    with looking(browser, f"{mock.url}/_mock/ui/#/default/flow/nothing-of-that-name") as sight:
        sight.sees("h1", "This flow is not here")
        sight.page.get_by_text("Show the newest flow").click()
        sight.sees("h1", "+30 690 004 2000")


def test_a_reset_and_a_deletion_are_noticed(mock: Mock, sight: Sight) -> None:
    mock.send(sms())
    sight.sees("h1", "+30 690 004 2000")
    mock.client.post("/_mock/reset")
    sight.sees("h1", "No flow yet")
    mock.client.post("/_mock/flows", json={"flow": [sms("+306900010000")]})
    sight.sees("h1", "+30 690 001 0000")
    mock.client.post("/_mock/sandboxes", json={"id": "other"})
    mock.client.post("/_mock/sandboxes/other/flows", json={"flow": [sms("+306900010001")]})
    sight.page.evaluate("location.hash = '#/other'")
    sight.sees("h1", "+30 690 001 0001")
    mock.client.delete("/_mock/sandboxes/other")
    sight.sees("h1", "The sandbox is not here")
    sight.page.get_by_text("Open the sandbox default").click()
    sight.sees("h1", "+30 690 001 0000")


def test_refused_requests_are_explained(mock: Mock, sight: Sight) -> None:
    mock.client.post("/failover", json={"flow": [{"type": "Sms", "to": "12", "ttl": 2_000, "message": {}}]})
    sight.sees(".nothing .alarm", "1 request was refused")
    sight.page.locator(".nothing .alarm").click()
    sight.sees(".refusal dt", "flow[0].to")
    sight.page.locator(".refusal summary").click()
    sight.sees("mark", '"12"')


def test_the_tabs_are_turned_with_arrows(mock: Mock, sight: Sight) -> None:
    mock.send(sms())
    sight.page.locator("#tab-why").focus()
    sight.press("ArrowRight")
    sight.sees("[role=tab][aria-selected=true]", "Webhook")
    sight.press("End")
    sight.sees("[role=tabpanel]", "def test_")
    assert sight.page.evaluate("document.activeElement.id") == "tab-test"


def test_the_control_token_is_asked_for_once(browser: Any) -> None:
    with mocking(control_token="secret") as mock:
        mock.client.headers["x-mock-token"] = "secret"
        with looking(browser, f"{mock.url}/_mock/ui/") as sight:
            sight.sees("h1", "Routee mock")
            sight.page.locator("input[type=password]").fill("wrong")
            sight.press("Enter")
            sight.sees("[role=alert]", "not the token")
            sight.page.locator("input[type=password]").fill("secret")
            sight.press("Enter")
            sight.sees("h1", "No flow yet")
            mock.client.post("/_mock/flows", json={"flow": [sms()]})
            sight.sees("h1", "+30 690 004 2000")
            sight.page.reload()
            sight.sees("h1", "+30 690 004 2000")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 900, 320])
def test_nothing_overflows(browser: Any, mock: Mock, width: int, theme: str) -> None:
    planned(mock, viber="expired", sms="by hand")
    mock.send(viber(), sms(), voice(), url=f"{mock.url}/_mock/nowhere")
    mock.advance(by="2h")
    with looking(
        browser, f"{mock.url}/_mock/ui/", viewport={"width": width, "height": 900}, color_scheme=theme
    ) as sight:
        sight.sees("h1", "+30 690 004 2000")
        sight.page.locator(".phone").wait_for(timeout=PATIENCE)
        assert sight.page.evaluate("document.documentElement.scrollWidth") == width
        assert sight.page.locator("*").count() <= 1_200
        sight.press("c")
        sight.sees("dialog", "Send a flow")
        assert sight.page.evaluate("document.documentElement.scrollWidth") == width
        assert sight.console == []
