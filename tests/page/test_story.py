"""What people do first: a flow appears by itself, a story is told by keyboard and becomes a test, and a link opens it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.http.mocks import Mock
from tests.page.browser import Sight, looking
from tests.page.flows import TO, planned, sms, viber, voice

FOCUSED = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  const places = [focused, focused.closest('label'), focused.parentElement].filter(Boolean);
  const look = () => places.map((place) => {
    const {outlineStyle, outlineWidth, boxShadow, borderColor} = getComputedStyle(place);
    return [outlineStyle === 'none' ? 'none' : outlineWidth, boxShadow, borderColor].join(' ');
  }).join('; ');
  const focusedLook = look();
  focused.blur();
  const usual = look();
  focused.focus({focusVisible: true, preventScroll: true});
  return {what: focused.id || focused.className || focused.outerHTML.slice(0, 80), seen: focusedLook !== usual};
}"""
"""What has the focus, and whether one can see it: without the focus it looks otherwise."""

ONCE = "document.body.dataset.opened = 'once'"
"""A mark that is gone when the page is loaded again."""


def test_a_flow_sent_by_curl_appears_by_itself_open_with_its_verdict(mock: Mock, sight: Sight) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    sight.sees("h1", "No flow yet")
    sight.sees(".address", mock.url)
    sight.runs(ONCE)
    body = '{"flow": [{"type": "Sms", "to": "+306900010000", "from": "Shop", "message": {"body": "It is ready."}}]}'
    subprocess.run([curl, "-sf", f"{mock.url}/_mock/flows", "-d", body], check=True, capture_output=True)
    sight.sees("h1", "+30 690 001 0000")
    sight.sees(".verdict", "Under way")
    mock.advance(until="idle")
    sight.sees(".verdict", "Reached over Sms")
    sight.sees(".row[aria-selected=true] .pill", "Delivered")
    assert sight.runs("document.body.dataset.opened") == "once"


def tell(sight: Sight) -> None:
    """Viber expires at its ttl, the phone is off, the call is answered and heard: by keyboard alone."""
    sight.sees("h1", "No flow yet")
    sight.press("c")
    sight.sees("dialog", "Send a flow")
    sight.press("Control+A")
    sight.page.keyboard.type(TO)
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


def written(sight: Sight) -> str:
    """The text of *As a test*, once it tells how the flow ended."""
    sight.page.locator("#tab-test").click()
    sight.sees("#panel pre", "def test_")
    sight.sees("#panel pre", "Succeeded")
    return str(sight.page.locator("#panel pre").text_content())


def run(test: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Save a text as a test, and run pytest on it."""
    file = folder / "test_from_the_page.py"
    file.write_text(test)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROUTEE_MOCK")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", file.name]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_story_told_by_keyboard_alone_is_a_test_that_passes(sight: Sight, tmp_path: Path) -> None:
    tell(sight)
    assert sight.runs("document.activeElement.tagName") != "INPUT"
    test = written(sight)
    done = run(test, tmp_path)
    assert done.returncode == 0, f"{test}\n{done.stdout}"
    assert "1 passed" in done.stdout


def test_a_flow_as_a_test_fails_under_another_plan(mock: Mock, sight: Sight, tmp_path: Path) -> None:
    planned(mock, viber="expired", sms="delivered")
    mock.send(viber(), sms())
    mock.advance(until="idle")
    sight.sees(".verdict", "Reached over Sms")
    test = written(sight)
    assert '"delivered"' in test
    again = test.replace('"delivered"', '"failed"').replace("def test_", "def test_otherwise_")
    done = run(f"{test}\n\n{again}", tmp_path)
    assert done.returncode == 1, f"{test}\n{done.stdout}"
    assert "1 failed, 1 passed" in done.stdout
    assert "FAILED test_from_the_page.py::test_otherwise_" in done.stdout


def test_tabs_and_steps_have_keys_of_their_own(mock: Mock, sight: Sight) -> None:
    mock.send(viber(), sms())
    sight.sees("#glass .viber-app", "On its way")
    for tab in ("Webhook", "Journal", "As a test", "Why"):
        sight.press("w")
        sight.sees(".tabs [aria-selected=true]", tab)
    sight.press("p")
    sight.sees("#glass .sms-app", "Waits its turn")
    sight.press("p")
    sight.sees("#glass .viber-app", "On its way")


def test_whatever_has_the_focus_shows_it(mock: Mock, sight: Sight) -> None:
    planned(mock, viber="expired", sms="by hand")
    mock.send(viber(), sms(), voice(), url=f"{mock.url}/_mock/nowhere")
    mock.advance(by="2h")
    sight.sees("h1", "+30 690 004 2000")
    for tab in ("why", "webhook", "journal", "test"):
        sight.page.locator(f"#tab-{tab}").click()
        if tab == "test":
            sight.sees("#panel pre", "def test_")  # what is written anew under the focus ends the lap
        sight.runs("document.activeElement.blur()")
        stops = tabbed(sight)
        assert len(stops) > 20
        assert [stop["what"] for stop in stops if not stop["seen"]] == []
    sight.press("c")
    sight.sees("dialog", "Send a flow")
    stops = tabbed(sight)
    assert len(stops) > 20
    assert [stop["what"] for stop in stops if not stop["seen"]] == []


def tabbed(sight: Sight, most: int = 90) -> list[dict[str, Any]]:
    """Everything that the Tab key comes to, from the top of the page to its end."""
    stops: list[dict[str, Any]] = []
    laps = 0
    for _ in range(2 * most):
        sight.press("Tab")
        stop = sight.runs(FOCUSED)
        laps += stop is None
        stops += [stop] if stop and laps == 1 else []
        if laps == 2 or len(stops) == most:
            break
    return stops


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
        assert other.console == []
    sight.page.go_back()
    sight.sees("h1", "+30 690 001 0000")
    sight.page.go_forward()
    sight.sees("h1", "+30 690 004 2000")


def test_a_link_to_a_forgotten_flow_says_so(browser: Any, mock: Mock, theme: str) -> None:
    mock.send(sms())
    link = f"{mock.url}/_mock/ui/#/default/flow/nothing-of-that-name"
    with looking(browser, link, color_scheme=theme) as sight:
        sight.sees("h1", "This flow is not here")
        sight.page.get_by_text("Show the newest flow").click()
        sight.sees("h1", "+30 690 004 2000")
