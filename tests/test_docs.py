"""The samples in the README and the manual that are typed by hand: each runs, and each scenario can be played."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.loader import ScenarioLibrary
from mockserver.wire.scenario.texts import read_text
from tests.http.mocks import mocking, sms

ROOT = Path(__file__).parents[1]
TOUR = ROOT / "docs" / "tour.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

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


@NEEDED
def test_the_tour_runs_without_surprises() -> None:
    first, *blocks = re.findall(r"```sh\n(.*?)```", TOUR.read_text(), re.DOTALL)
    assert "--clock manual --start 2030-01-01T12:00:00Z" in first
    with mocking() as mock:
        script = "set -eu\n" + "\n".join(blocks).replace("http://127.0.0.1:8080", mock.url)
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    sent, *moves, sink, callbacks, tracked, wrong = _documents(done.stdout)
    assert [step["ttl"] for step in sent["flow"]] == [10, 1200]
    assert [move["stopped"] for move in moves] == ["next", "reached", "idle"]
    assert len(sink["requests"]) == len(callbacks["callbacks"]) == 5
    assert tracked["content"] == [sink["requests"][-1]["body"]]
    assert tracked["content"][0]["status"] == "Succeeded"
    assert wrong["properties"].keys() == {
        *("flow[0].to", "flow[0].from", "flow[0].ttl", "flow[0].message.body", "callback.strategy", "callback.url")
    }


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


def _documents(text: str) -> list[Any]:
    """Every JSON document in a text, one after the other."""
    documents, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
    return documents
