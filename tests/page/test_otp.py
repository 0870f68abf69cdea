"""One-time passwords on the page: the code is on the phone, who does not see it gets an Sms, and it becomes a test."""

from pathlib import Path

from tests.http.mocks import Mock
from tests.http.otp import code, pin
from tests.page.browser import Sight
from tests.page.flows import otp
from tests.page.test_story import run, written


def test_a_code_that_nobody_sees_comes_by_sms_and_all_of_it_is_a_test(mock: Mock, sight: Sight, tmp_path: Path) -> None:
    otp(mock, pin(1, failoverAfterDelivered=True, businessName="Our bank"), code(2))
    sight.sees(".flow-head", "one-time password")
    sight.sees("#glass .pin", "123456")
    sight.sees("#glass", "businessName: Our bank")
    sight.sees("#glass", "On its way")
    sight.press("1")
    sight.sees(".mark b", "Delivered")
    sight.press("t")
    sight.sees(".told", "later")
    sight.press("n")
    sight.sees(".mark b", "Not seen")
    sight.sees("#panel", "not seen within its ttl of 1 min")
    sight.sees("#glass .sms-app", "Your code is 123456.")
    sight.press("2")
    sight.sees(".verdict", "Reached over Sms")
    sight.page.locator("#step-1").click()
    sight.sees("#glass", "not opened before its ttl")
    assert sight.page.locator("#glass .ghost").count() == 0
    test = written(sight)
    assert "send_otp" in test
    done = run(test, tmp_path)
    assert done.returncode == 0, f"{test}\n{done.stdout}"


def test_a_code_is_sent_from_the_page_and_seen_on_its_phone(mock: Mock, sight: Sight) -> None:
    sight.sees(".link", "live")
    sight.press("c")
    sight.page.get_by_role("button", name="A one-time password").click()
    sight.page.get_by_role("textbox", name="Code").fill("80551")
    sight.page.get_by_label("ttl, seconds").first.fill("x")
    sight.sees("dialog label.has-wrong", "must be a whole number")
    sight.page.get_by_label("ttl, seconds").first.fill("45")
    sight.sees("dialog .code", '"ttl": 45')
    sight.page.get_by_role("button", name="Send", exact=True).click()
    sight.sees("#glass .pin", "80551")
    sight.press("2")
    sight.sees(".verdict", "Reached over Viber")
    flow = mock.client.get("/failover-otp/otp/failover").json()
    assert flow["total"] == 0, "it was sent for the page's application, not for ours"
    assert mock.client.get("/_mock/flows").json()["flows"][0]["text"] == "80551"
