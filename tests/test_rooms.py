"""The small rooms of the shell: the pacer, the sinks, the socket, the tour in the README."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.app import create_app
from mockserver.cli import serve
from mockserver.core.clock import LAST, Clock
from mockserver.core.commands import Mode
from mockserver.loader import Shelf, read_text
from mockserver.pacer import Pace
from mockserver.server import address, bind
from mockserver.sink import KEPT, SINKS, Sinks
from mockserver.wire.scenarios import KEYS
from tests.http.mocks import mocking, sms

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_pace_is_real_time_times_the_rate() -> None:
    seconds = [100.0]
    clock = Clock(1_000, Mode.REALTIME, 60.0)
    pace = Pace(clock, lambda: seconds[0])
    assert (pace.now(), pace.wait(61_000), pace.wait(0)) == (1_000, 1.0, 0.0)
    seconds[0] += 0.5
    assert (pace.now(), pace.wait(61_000)) == (31_000, 0.5)
    clock.move(50_000)
    assert pace.now() == 50_000
    pace.anchor()
    seconds[0] += 1
    assert pace.now() == 110_000
    seconds[0] += 1e15
    assert pace.now() == LAST


def test_sinks_are_bounded() -> None:
    sinks = Sinks()
    for number in range(KEPT + 5):
        sinks.put("one", "now", str(number).encode())
    assert [each["body"] for each in sinks.read("one")] == list(range(5, KEPT + 5))
    for number in range(SINKS - 1):
        sinks.put(f"sink-{number}", "now", b"{}")
    sinks.put("one", "now", b"1")
    sinks.put("another", "now", b"1")
    assert sinks.read("sink-0") == []
    assert len(sinks.read("one")) == KEPT


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_the_address_of_a_socket(host: str, url: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        listening = bind(host, 0)
    except OSError:
        pytest.skip(f"{host} cannot be listened on here")
    with listening:
        assert address(listening) == f"{url}{listening.getsockname()[1]}"


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="the tour needs curl and bash")
def test_the_tour_in_the_readme_runs_without_surprises() -> None:
    tour = README.split("## A tour with curl")[1].split("\n## ")[0]
    first, *blocks = re.findall(r"```sh\n(.*?)```", tour, re.DOTALL)
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


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="samples need curl and bash")
def test_every_other_sample_in_the_readme_runs_on_a_flow_just_sent(tmp_path: Path) -> None:
    head, rest = README.split("## A tour with curl")
    samples = re.findall(r"```sh\n(curl.*?)```", head + rest.split("\n## ", 1)[1], re.DOTALL)
    assert len(samples) >= 2
    for sample in samples:
        with mocking() as mock:
            mock.send(sms("+306900000300"))
            script = sample.replace("http://127.0.0.1:8080", mock.url)
            done = subprocess.run(
                ["bash", "-euc", script], capture_output=True, text=True, check=True, cwd=tmp_path, env=_environment()
            )
        documents = _documents(done.stdout)
        assert documents
        assert not [document for document in documents if "developerMessage" in document]


def _environment() -> dict[str, str]:
    """Where `routee-mock` is the one under test."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("sample", re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
def test_every_scenario_in_the_readme_can_be_played(sample: str) -> None:
    assert read_text(sample, "README.md", "sample", Shelf().told).parts


def test_every_key_of_the_scenario_language_is_in_the_readme() -> None:
    section = README.split("## Scenarios")[1].split("\n## ")[0]
    assert not {key for key in KEYS if not re.search(rf"\b{key}\b", section)}


def _documents(text: str) -> list[Any]:
    """Every JSON document in a text, one after the other."""
    documents, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
    return documents


def test_every_route_stands_in_the_readme() -> None:
    app = create_app()
    for route in app.routes:
        path = getattr(route, "path", "")
        if path.startswith("/_mock/sandboxes/{sandbox}/") or path.endswith("token/"):
            continue
        assert f"{path}`" in README, f"{path} is not in the README"


def test_every_option_of_serve_says_what_it_is_for() -> None:
    for option in serve.params:
        assert getattr(option, "help", None), f"{option.name} has no help"
