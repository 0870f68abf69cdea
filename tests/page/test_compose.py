"""Sending from the page: what is wrong is said while it is typed, and the code beside the form works as it stands."""

import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import Sight, looking

TEXT = 'It\'s "quoted", has a \\ and <b>, ευχαριστούμε'

YAML = {"content-type": "application/yaml"}

PLANS = {
    "by hand": ("by hand", "by hand", "by hand"),
    "reached": ("expired", "undelivered", "completed"),
    "not reached": ("expired", "undelivered", "busy"),
    "a code": ("by hand", "by hand"),
    "a code that is not seen": ("delivered", "failed"),
}


def opened(sight: Sight) -> None:
    sight.sees(".link", "live")
    sight.press("c")
    sight.sees("dialog", "Send a flow")


def written(sight: Sight, language: str) -> str:
    sight.page.locator("dialog .formats").get_by_role("button", name=language, exact=True).click()
    return sight.text("dialog .code pre") + "\n"


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def written_for(sight: Sight, plan: tuple[str, ...]) -> dict[str, str]:
    """The form filled in for a plan, in every language."""
    sight.press("c")
    sight.sees("dialog", "Send a flow")
    if len(plan) == 2:
        sight.page.get_by_role("button", name="A one-time password").click()
    sight.page.locator("dialog textarea").first.fill(TEXT)
    for number, outcome in enumerate(plan):
        sight.page.locator("dialog fieldset select").nth(number).select_option(outcome)
    texts = {language: written(sight, language) for language in ("pytest", "Python", "curl", "scenario")}
    sight.press("Escape")
    sight.page.locator("dialog").wait_for(state="detached")
    return texts


def test_the_code_beside_the_form_works_as_it_stands(mock: Mock, sight: Sight, tmp_path: Path) -> None:
    sight.sees(".link", "live")
    codes = {name: written_for(sight, plan) for name, plan in PLANS.items()}
    for name, code in codes.items():
        said = TEXT if len(PLANS[name]) == 3 else "739154"
        (tmp_path / f"test_{name.replace(' ', '_')}.py").write_text(code["pytest"])
        (tmp_path / "it.py").write_text(code["Python"])
        runpy.run_path(str(tmp_path / "it.py"))
        if shutil.which("curl"):
            (tmp_path / "it.sh").write_text(code["curl"])
            run(tmp_path, "sh", "-e", "it.sh")
        read = mock.client.post("/_mock/scenarios?dry=true", content=code["scenario"].encode(), headers=YAML)
        assert read.status_code == 200, read.text
        texts = {flow["text"] for flow in mock.client.get("/_mock/flows").json()["flows"]}
        assert texts == {said}
        mock.client.post("/_mock/reset").raise_for_status()
    run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


OUTCOMES = (
    """() => [...document.querySelector("dialog select").options].map((each) => each.value).filter((each) => each)"""
)
NUMBERS = ("+306900000100", "+306900000010", "+306900000001")
"""Numbers at which Viber, Sms and Voice fail."""


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_test_beside_the_form_expects_what_happens(sight: Sight, tmp_path: Path, step: int) -> None:
    opened(sight)
    for other in sorted({1, 2, 3} - {step}, reverse=True):
        sight.page.get_by_role("button", name=f"Leave out step {other}").click()
    choice = sight.page.locator("dialog select").first
    choice.locator("option", has_text="unsent").wait_for(state="attached")
    for outcome in sight.runs(OUTCOMES):
        choice.select_option(outcome)
        sight.sees("dialog .code pre", f'("{outcome}")')
        (tmp_path / f"test_{outcome.replace(' ', '_')}.py").write_text(written(sight, "pytest"))
    choice.select_option("")
    sight.page.get_by_label("To", exact=True).fill(NUMBERS[step - 1])
    sight.sees("dialog .code pre", 'status="Failed"')
    (tmp_path / "test_as_the_number_says.py").write_text(written(sight, "pytest"))
    run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_of_two_steps_of_a_channel_the_number_decides_one(mock: Mock, sight: Sight, tmp_path: Path) -> None:
    opened(sight)
    for number in (3, 1):
        sight.page.get_by_role("button", name=f"Leave out step {number}").click()
    sight.page.get_by_role("button", name="Sms", exact=True).click()
    sight.page.locator("dialog fieldset select").nth(0).select_option("failed")
    sight.page.locator("dialog fieldset select").nth(1).select_option("")
    sight.page.get_by_label("To", exact=True).fill(NUMBERS[1])
    sight.sees("dialog .code pre", 'status="Failed"')
    (tmp_path / "test_it.py").write_text(written(sight, "pytest"))
    assert '.steps({"sms": "failed"}, {})' in (tmp_path / "test_it.py").read_text()
    run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    yaml = written(sight, "scenario")
    read = mock.client.post("/_mock/scenarios?dry=true", content=yaml.encode(), headers=YAML)
    assert read.json()["says"]["steps"] == [{"sms": "failed"}, {}]


def test_a_form_that_is_sent_twice_sends_one_flow(mock: Mock, sight: Sight) -> None:
    opened(sight)
    sight.runs("() => { for (const _ of 'ab') document.querySelector('dialog .send').click(); }")
    sight.sees("h1", "+30 690")
    sight.page.locator("dialog").wait_for(state="detached")
    assert len([url for url in sight.requests if url.endswith("/scenarios")]) == 1
    assert mock.client.get("/_mock/flows").json()["total"] == 1


def test_a_form_that_is_refused_leads_to_what_is_wrong(sight: Sight) -> None:
    opened(sight)
    sight.page.locator("dialog input").first.fill("+30")
    sight.sees("dialog label.has-wrong", "must be a number in E.164 form")
    sight.page.locator("dialog .send").focus()
    sight.press("Enter")
    sight.sees("dialog footer", "Validation Error!")
    sight.waits(lambda: bool(sight.runs("document.activeElement.matches('dialog [data-first]')")))
    assert sight.console.pop().endswith("400 (Bad Request)")


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_names_the_control_token_where_there_is_one(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTEE_MOCK_CONTROL_TOKEN", "secret")
    with mocking(control_token="secret") as mock, looking(browser, f"{mock.url}/_mock/ui/") as sight:
        sight.sees("h1", "Routee mock")
        sight.page.keyboard.type("secret")
        sight.press("Enter")
        opened(sight)
        (tmp_path / "it.sh").write_text(written(sight, "curl"))
        run(tmp_path, "sh", "-e", "it.sh")
        sight.press("Escape")
        sight.sees("h1", "+30 690")


def test_a_form_that_is_closed_and_opened_at_once_is_there(sight: Sight) -> None:
    opened(sight)
    sight.runs("""() => {
      const dialog = document.querySelector('dialog');
      dialog.addEventListener('close', () => document.querySelector('[data-key="c"]').click(), {once: true});
      dialog.close();
    }""")
    sight.sees("dialog", "Send a flow")
    sight.press("Escape")
    sight.page.locator("dialog").wait_for(state="detached")


def test_what_is_wrong_stands_beside_its_field(sight: Sight) -> None:
    opened(sight)
    sight.page.locator("dialog input").first.fill("+30")
    sight.sees("dialog label.has-wrong", "must be a number in E.164 form")
    sight.page.locator("dialog fieldset", has_text="2 Sms").locator("textarea").fill("")
    sight.sees("dialog fieldset label.has-wrong", "Text")
    assert sight.page.locator("dialog [aria-invalid=true]").count() == 2


def test_a_flow_is_sent_again_and_the_form_remembers_it(mock: Mock, sight: Sight) -> None:
    opened(sight)
    sight.page.locator("dialog textarea").first.fill(TEXT)
    sight.page.locator("dialog .drop").last.click()
    sight.page.get_by_role("button", name="Send", exact=True).click()
    sight.sees("#glass .bubble", TEXT)
    sight.page.get_by_role("button", name="Send again").click()
    sight.sees("dialog", "Send a flow")
    assert sight.page.locator("dialog textarea").first.input_value() == TEXT
    sight.press("Escape")
    sight.page.reload()
    opened(sight)
    assert sight.page.locator("dialog textarea").first.input_value() == TEXT
    assert sight.page.locator("dialog fieldset").count() == 2
    assert mock.client.get("/_mock/flows").json()["flows"][0]["channels"] == ["Viber", "Sms"]


def test_what_was_typed_is_there_again_until_it_is_sent_or_discarded(sight: Sight) -> None:
    def opened(*keys: str) -> str:
        """Open the form, and close it again. What its first field says."""
        sight.press("c")
        sight.sees("dialog", "Send a flow")
        to = str(sight.page.locator("[data-first]").input_value())
        for key in keys:
            sight.page.keyboard.type(key) if key.isdigit() else sight.press(key)
        sight.page.locator("dialog").wait_for(state="detached")
        return to

    sight.sees("h1", "No flow yet")
    first = opened("End", "7", "Escape")
    assert opened("Escape") == f"{first}7"
    assert opened("End", "Backspace", "Enter") == f"{first}7"  # it is sent
    sight.sees("h1", "+30 690")
    opened("End", "8", "Escape")
    sight.press("c")
    sight.page.get_by_role("button", name="Discard").click()
    sight.page.locator("dialog").wait_for(state="detached")
    assert opened("Escape") == first
