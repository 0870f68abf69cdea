"""What strangers send is text on the page, and nothing else: whatever it holds, and however long it is."""

from typing import Any

import pytest

from mockserver.http.page import FILES
from tests.http.mocks import Json, Mock
from tests.page.browser import THEMES, Sight, looking
from tests.page.flows import TO, planned

MARKUP = "<img src=//evil.example/x onerror=alert(1)>\u202eevil\u2066 <script>alert(2)</script>"
LONG = (MARKUP + "W" * 400) * 20

STEPS: list[Json] = [
    {
        "type": "Viber",
        "to": TO,
        "ttl": 10,
        "label": MARKUP,
        "senderInfoTrackingId": MARKUP,
        "inboundUrl": "http://127.0.0.1:9/<svg/onload=alert(4)>",
        "message": {
            "text": LONG[:1_000],
            "imageUrl": "https://evil.example/x.png",
            "action": {"caption": MARKUP[:30], "targetUrl": "https://evil.example/?<script>"},
        },
    },
    {"type": "Sms", "to": TO, "ttl": 60, "from": "Shop", "message": {"body": LONG[:7_000], "label": MARKUP}},
    {
        "type": "Voice",
        "to": TO,
        "from": "+302100000000",
        "dialPlan": {"verbs": [{"type": "SAY", "message": {"text": LONG[:900]}}]},
    },
]


def accepted(mock: Mock, steps: list[Json], url: str) -> None:
    """Send a flow."""
    body: Json = {"flow": steps, "callback": {"strategy": "OnStep", "url": url}}
    answer = mock.client.post("/_mock/flows", json=body)
    assert answer.status_code == 200, answer.text


def fill(mock: Mock) -> None:
    """Strange words in every field that is shown: flows, refused requests, scenarios, applications, replies."""
    planned(mock, viber="expired", sms="undelivered", voice="by hand")
    strange = {"name": "strange", "why": MARKUP, "when": {"to": "+1"}, "sms": "failed"}
    assert mock.client.post("/_mock/scenarios", json=strange).status_code == 201
    accepted(mock, STEPS, f"{mock.url}/_mock/sink/%3Cimg%20src=x%20onerror=alert(5)%3E?q=%E2%80%AE")
    mock.advance(by="2h")
    mock.login(MARKUP)
    mock.client.post("/_mock/flows", json={"flow": [{"type": MARKUP, "to": LONG[:7_000], MARKUP: [LONG]}]})
    mock.client.post("/failover", content=LONG.encode(), headers={"content-type": "application/json"})
    mock.client.get(f"/{MARKUP}")


@pytest.mark.parametrize("width", [1400, 320])
@pytest.mark.parametrize("theme", THEMES)
def test_what_was_sent_is_text_and_nothing_else(browser: Any, mock: Mock, theme: str, width: int) -> None:
    fill(mock)
    window = {"width": width, "height": 900}
    with looking(browser, f"{mock.url}/_mock/ui/", viewport=window, color_scheme=theme) as sight:
        sight.sees("h1", "+30 690 004 2000")
        for step in (1, 2, 3):
            sight.page.locator(f"#step-{step}").click()
            sight.sees("#glass", "evil")
            harmless(sight, mock)
        for tab in ("why", "webhook", "journal", "test"):
            sight.page.locator(f"#tab-{tab}").click()
            sight.page.locator("#panel").wait_for()
            harmless(sight, mock)
        sight.page.locator("#tab-webhook").click()
        sight.page.locator("#panel summary").first.click()
        sight.sees("#panel pre", "trackingId")
        harmless(sight, mock)
        sight.runs("location.hash = '#/default?only=refused'")
        sight.sees(".refusal", "evil")
        for each in sight.page.locator(".refusal summary").all():
            each.click()
        harmless(sight, mock)
        sight.press("s")
        sight.sees("dialog", "evil")
        harmless(sight, mock)
        sight.press("Escape")


def test_a_flow_to_be_sent_again_is_still_text(mock: Mock, sight: Sight) -> None:
    fill(mock)
    sight.sees("h1", "+30 690 004 2000")
    sight.page.get_by_text("Send again").click()
    sight.sees("dialog pre", "evil")
    for language in ("curl", "Python", "scenario", "pytest"):
        sight.page.locator("dialog .formats button", has_text=language).click()
        harmless(sight, mock)


def harmless(sight: Sight, mock: Mock) -> None:
    """Nothing ran, nothing was loaded from elsewhere, the browser had nothing to report, and nothing overflows."""
    ours = ", ".join(f"img[src='{file.name}']" for file in FILES.glob("*.svg"))
    assert sight.page.locator(f"img:not({ours}), #app script, iframe, object, embed, a[href]").count() == 0
    assert sight.dialogs == []
    assert sight.console == []
    assert [url for url in sight.requests if not url.startswith(mock.url)] == []
    assert sight.fits()
