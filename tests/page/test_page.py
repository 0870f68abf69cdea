"""The page in a real browser: what people do on it, and that what it shows is true."""

from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import PATIENCE, Sight, looking
from tests.page.flows import planned, sms, viber, voice


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


@pytest.mark.parametrize("more", [0, 25])
def test_a_sandbox_of_another_server_is_in_the_menu_with_its_owner(mock: Mock, sight: Sight, more: int) -> None:
    there = {"id": "there", "applicationId": None, "owner": "process 7 on mock-1", "until": "2030-01-01T12:00:00.000Z"}
    for _ in range(more):
        mock.client.post("/_mock/sandboxes")

    def answer(route: Any) -> None:
        route.fulfill(json=route.fetch().json() | {"elsewhere": [there]})

    sight.page.route("**/sandboxes", answer)
    sight.page.reload()
    sight.page.locator(".sandbox input" if more else ".sandbox select").focus()
    sight.page.locator(".sandbox option", has_text="process 7 on mock-1").wait_for(state="attached")


def test_what_was_typed_into_the_menu_does_not_stay_there(mock: Mock, sight: Sight) -> None:
    for _ in range(25):
        mock.client.post("/_mock/sandboxes")
    sight.page.reload()
    menu = sight.page.locator(".sandbox input")
    menu.fill("sand")
    sight.page.locator("#search").focus()
    sight.waits(lambda: menu.input_value() == "")
    menu.fill("sandbox-7")
    sight.sees(".nothing", "No flow yet")
    sight.waits(lambda: "#/sandbox-7" in sight.page.url and menu.input_value() == "")


def test_a_sandbox_without_a_flow_says_how_one_gets_there(mock: Mock, sight: Sight) -> None:
    sight.sees(".nothing", "Give your application this address, or press")
    sandbox = mock.client.post("/_mock/sandboxes", json={"id": "other"}).json()
    sight.page.evaluate("location.hash = '#/other'")
    for credential in ("applicationId", "applicationSecret"):
        sight.sees(".nothing code", sandbox[credential])


def test_there_is_no_flow_only_where_none_was_sent(browser: Any, mock: Mock) -> None:
    mock.send(sms())
    with looking(browser, "about:blank") as sight:
        sight.page.route("**/flows?*", lambda route: None)  # is never answered
        sight.page.goto(f"{mock.url}/_mock/ui/")
        sight.sees(".chips", "All 1")
        sight.settles()
        assert sight.text(".nothing") == "Reading …"


BEGINS_RIGHT = """(selector) => {
  const words = document.querySelector(selector).firstChild;
  const [first, last] = [0, words.length - 1].map((at) => {
    const letter = document.createRange();
    letter.setStart(words, at);
    letter.setEnd(words, at + 1);
    return letter.getBoundingClientRect();
  });
  return last.right <= first.left;
}"""


def test_a_text_from_right_to_left_begins_at_the_right(mock: Mock, sight: Sight) -> None:
    text = "\u05e9\u05dc\u05d5\u05dd."
    for to, step in {"+306900042001": viber, "+306900042002": sms, "+306900042003": voice}.items():
        mock.send(step(to, text))
        sight.sees("#glass p", text)
        sight.sees("#row-0 .words", text)
        assert sight.runs(BEGINS_RIGHT, "#glass p")
        assert sight.runs(BEGINS_RIGHT, "#row-0 .words")


@pytest.mark.parametrize("step", [viber, sms, voice])
def test_what_can_happen_is_in_sight_below_the_phone(browser: Any, mock: Mock, step: Any) -> None:
    mock.send(step())
    with looking(browser, f"{mock.url}/_mock/ui/", viewport={"width": 1280, "height": 900}) as sight:
        sight.page.locator(".deed.hand").wait_for()
        sight.settles()
        assert sight.runs("document.querySelector('.deed.hand').getBoundingClientRect().bottom <= innerHeight")


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


@pytest.mark.parametrize("width", [1400, 900, 320])
def test_beside_a_webhook_in_trouble_the_text_can_still_be_read(browser: Any, mock: Mock, width: int) -> None:
    mock.send(sms(), url=f"{mock.url}/_mock/nowhere")
    mock.send(sms())
    mock.advance(by="2h")
    with looking(browser, f"{mock.url}/_mock/ui/", viewport={"width": width, "height": 900}) as sight:
        sight.sees(".hook", "3")
        words = [each.bounding_box()["width"] for each in sight.page.locator(".row .words").all()]
        assert len(words) == 2
        assert words[0] == words[1] > 40


def test_a_call_that_did_not_last_says_nothing_of_how_long(mock: Mock, sight: Sight) -> None:
    planned(mock, voice="completed")
    mock.send(voice())
    mock.advance(until="idle")
    sight.sees("#glass .line", "Call ended · ")
    planned(mock, voice="by hand")
    mock.send(voice())
    sight.sees("#glass .line", "Calling")
    sight.press("3")
    sight.sees("#glass .line", "Call ended")
    assert sight.text("#glass .line") == "Call ended"


def test_the_last_words_of_the_timeline_can_be_read(browser: Any, mock: Mock) -> None:
    planned(mock, viber="expired", sms="undelivered", voice="completed")
    mock.send(viber(), sms(), voice(), url=f"{mock.url}/_mock/nowhere")
    mock.advance(by="2h")
    with looking(browser, f"{mock.url}/_mock/ui/", viewport={"width": 1440, "height": 900}) as sight:
        sight.sees(".mark b", "Completed")
        plot, words = (sight.page.locator(each).last.bounding_box() for each in (".plot", ".mark:not(.due) b"))
        assert plot["x"] <= words["x"]
        assert words["x"] + words["width"] <= plot["x"] + plot["width"]


def test_what_was_planned_is_not_drawn_once_it_cannot_be_heard(mock: Mock, sight: Sight) -> None:
    planned(mock, viber="seen")
    mock.send(viber())
    mock.advance(by="1s")
    sight.sees(".mark.due b", "Delivered")
    sight.press("1")
    sight.sees(".mark.good b", "Delivered")
    assert sight.page.locator(".mark.due").all_inner_texts() == ["Seen"]
    sight.press("2")
    sight.sees(".mark.good b", "Seen")
    assert sight.page.locator(".mark.due").count() == 0
