"""Everybody can use the page: axe-core finds nothing in any state, and the story can be read without the plot."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from tests.http.mocks import Json, Mock
from tests.page.browser import PATIENCE, THEMES, Sight, looking
from tests.page.flows import PARCEL, planned, sms, viber, voice

AXE = "axe_playwright_python"
"""The package that carries axe-core (MPL-2.0); nothing else of it is used."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

JUDGE = """async (rules) => {
  const {violations} = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
  return violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}"""


def failed_over(mock: Mock) -> None:
    planned(mock, viber="expired", sms="by hand")
    mock.send(viber(), sms(), voice(), url=f"{mock.url}/_mock/nowhere")
    mock.advance(by="2h")
    mock.client.post("/_mock/flows", json={"flow": [{"type": "Sms", "to": "12", "ttl": 2_000, "message": {}}]})


def chosen(selector: str, there: str, text: str) -> Callable[[Sight], None]:
    """Click on something, and wait for what it leads to."""

    def enter(sight: Sight) -> None:
        sight.page.locator(selector).click()
        sight.sees(there, text)

    return enter


def refused(sight: Sight) -> None:
    sight.page.locator(".chips .alarm").click()
    sight.page.locator(".refusal summary").first.click()


def missing(sight: Sight) -> None:
    sight.runs("location.hash = '#/default/flow/nothing-of-that-name'")
    sight.sees("h1", "This flow is not here")


def keyed(key: str, selector: str, text: str) -> Callable[[Sight], None]:
    """Press a key, and wait for what it leads to."""

    def enter(sight: Sight) -> None:
        sight.press(key)
        sight.sees(selector, text)

    return enter


STATES: dict[str, Callable[[Sight], None]] = {
    "why": chosen("#tab-why", "#panel", "ttl"),
    "webhook": chosen("#tab-webhook", "#panel", "nowhere"),
    "journal": chosen("#tab-journal", "#panel td", "send"),
    "test": chosen("#tab-test", "#panel pre", "def test_"),
    "viber": chosen("#step-1", "#glass.Viber", PARCEL),
    "voice": chosen("#step-3", "#glass.Voice", ""),
    "refused": refused,
    "compose": keyed("c", "dialog .size", "1 part"),
    "scenarios": keyed("s", "dialog .scenario", "planned"),
    "help": keyed("?", "dialog", "The keys"),
    "missing": missing,
}
WINDOWS: dict[str, Json] = {
    "wide": {},
    "narrow": {"viewport": {"width": 320, "height": 800}},
    "at 200 %": {"viewport": {"width": 700, "height": 450}, "device_scale_factor": 2},
    "forced colours": {"forced_colors": "active"},
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_nothing_in_any_state(browser: Any, mock: Mock, window: str, theme: str) -> None:
    failed_over(mock)
    axe = files(AXE).joinpath("axe.min.js").read_text()
    found: dict[str, list[str]] = {}
    with looking(browser, f"{mock.url}/_mock/ui/", color_scheme=theme, **WINDOWS[window]) as sight:
        sight.sees("h1", "+30 690 004 2000")
        sight.runs(f"{axe}; 0")
        for state, enter in STATES.items():
            enter(sight)
            sight.settles()
            found[state] = sight.runs(JUDGE, RULES)
            sight.press("Escape")
            sight.page.locator("dialog").wait_for(state="detached", timeout=PATIENCE)
        assert [line for line in sight.console if "404 (Not Found)" not in line] == []  # a missing flow is asked for
    assert {state: each for state, each in found.items() if each} == {}


def test_before_there_is_a_flow_axe_finds_nothing(mock: Mock, sight: Sight) -> None:
    sight.sees("h1", "No flow yet")
    sight.runs(f"{files(AXE).joinpath('axe.min.js').read_text()}; 0")
    assert sight.runs(JUDGE, RULES) == []


def test_the_story_can_be_read_without_the_plot(mock: Mock, sight: Sight) -> None:
    failed_over(mock)
    sight.sees("#panel", "ttl")
    tree = sight.page.locator("body").aria_snapshot()
    for said in ("+30 690 004 2000", "Under way", "Its ttl of 10 min ran out", "on to step 2", "Just before ttl"):
        assert said in tree
