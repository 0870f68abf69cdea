"""The samples in the README and the manual that are typed by hand: each runs, and each scenario can be played."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.core.commands import Mode
from mockserver.loader import ScenarioLibrary
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.wire.openapi import routee
from mockserver.wire.scenario.texts import read_text
from tests.http.mocks import START, Mock, mocking, sms

ROOT = Path(__file__).parents[1]
TOUR = ROOT / "docs" / "tour.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

WIDEST = 124
"""Characters of a line of prose, at the most; tables, code and what is generated have lines of their own."""

NEEDED = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="samples need curl and bash"
)


def samples(language: str, begins: str = "") -> list[Any]:
    """The blocks of a language in every page but the tour; those that are included run where they come from."""
    return [
        pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
        for page in PAGES
        if page != TOUR
        for number, (included, block) in enumerate(
            re.findall(rf"(<!-- include .*-->\n)?```{language}\n({begins}.*?)```", page.read_text(), re.DOTALL)
        )
        if not included
    ]


CUT = "\n=== the next block ===\n"


TYPED = [page for page in PAGES if page.parent.name != "reference"]


@pytest.mark.parametrize("page", TYPED, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_of_prose_is_overlong(page: Path) -> None:
    prose = re.sub(r"^( *)```.*?^\1```$|^(\||!|<).*?$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert [line for line in prose.splitlines() if len(line) > WIDEST] == []


@NEEDED
def test_the_tour_says_what_it_shows() -> None:
    text = TOUR.read_text()
    first, *blocks = re.findall(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", text, re.DOTALL)
    assert "routee-mock serve --clock manual --start 2030-01-01T12:00:00Z" in first[0]
    with running(Settings(port=0, clock=Mode.MANUAL, start=START)) as mock:
        script = "set -eu\n" + f"printf '{CUT}'\n".join(block for block, _ in blocks)
        script = script.replace("http://127.0.0.1:8080", mock.url)
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    told = done.stdout.replace(mock.url, "http://127.0.0.1:8080").split(CUT)
    if os.environ.get("WRITE_EXAMPLES"):
        for (block, shown), each in zip(blocks, told, strict=True):
            text = text.replace(f"{block}```\n\n```text\n{shown}", f"{block}```\n\n```text\n{each}")
        TOUR.write_text(text)
        blocks = re.findall(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", text, re.DOTALL)[1:]
    assert [shown for _, shown in blocks] == told, "run this test with WRITE_EXAMPLES=1"


@NEEDED
@pytest.mark.parametrize("sample", samples("sh", "curl"))
def test_every_other_sample_runs_on_a_flow_just_sent(sample: str, tmp_path: Path) -> None:
    with mocking() as mock:
        mock.send(sms("+306900000300"))
        script = sample.replace("http://127.0.0.1:8080", mock.url)
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-euc", script], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
        )
    documents = _documents(done.stdout)
    assert documents
    assert not [document for document in documents if "developerMessage" in document]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "tests" / "examples").glob("front_door/*.yaml")), ids=lambda path: path.stem
)
def test_every_scenario_at_the_front_door_can_be_played(file: Path) -> None:
    assert read_text(file.read_text(), str(file), file.stem, ScenarioLibrary().source).parts


# The fields of a send

FIELDS = ROOT / "docs" / "fields.md"
SENDS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "tests" / "examples" / "fields").glob("*.json")}

SECTIONS = {
    "The body": ("Send", "Callback"),
    "Sms": ("SmsStep", "SmsMessage", "UrlShortener"),
    "Viber": ("ViberStep", "ViberMessage", "Action", "ViberFile", "ViberVideo"),
    "Voice": ("VoiceStep", "VoiceTo", "DialPlan", "Say", "SayMessage", "Play", "MachineDetection"),
    "Transactional": ("TemplateStep",),
    "One-time passwords": ("OtpSend", "OtpCallback"),
    "ViberOtp": ("ViberOtpStep",),
    "Sms with a password": ("OtpSmsStep", "OtpSmsMessage"),
}
"""The schemas of which a section of the page has the fields."""


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.mark.parametrize("name", SENDS)
def test_every_example_of_a_step_is_accepted_with_all_its_fields(mock: Mock, name: str) -> None:
    whole = "flow" in SENDS[name]
    sent = SENDS[name] if whole else {"flow": [SENDS[name]]}
    ends = {"template": "/transactional", "otp": "-otp/otp/send-failover"}
    answer = mock.client.post(f"/failover{ends.get(name.partition('-')[0], '')}", json=sent)
    assert answer.status_code == 200, answer.text
    told = answer.json() if whole else answer.json()["flow"][0]
    echoed = {"dialPlans" if field == "dialPlan" else field for field in SENDS[name]}
    assert echoed - ({"callback"} if name == "otp" else set()) <= told.keys()


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_of_fields_names_every_field_and_whether_it_is_required(section: str) -> None:
    [text] = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", FIELDS.read_text(), re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", text, re.MULTILINE)
    told = {path.rpartition(".")[2]: required for names, required in rows for path in re.findall("`(.*?)`", names)}
    for name in SECTIONS[section]:
        schema = routee.document()["components"]["schemas"][name]
        assert not schema["properties"].keys() - told.keys() - {"urlShortener"}, name
        assert not [field for field in schema.get("required", ()) if not told[field].startswith("yes")], name


def test_every_field_is_in_an_example() -> None:
    shown = set(re.findall(r'"(\w+)":', " ".join(map(json.dumps, SENDS.values()))))
    schemas = routee.document()["components"]["schemas"]
    known = {field for names in SECTIONS.values() for name in names for field in schemas[name]["properties"]}
    assert not known - shown - {"viber", "sip"}  # other ways to say whom to call


def _documents(text: str) -> list[Any]:
    """Every JSON document in a text, one after the other."""
    documents, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
    return documents
