"""The library: every scenario is played over a real socket, and its whole journal is what it was.

The journals stand in tests/library, a file each, an entry a line. `python -m tests.test_library` writes them anew, for
a change to be read and then committed.
"""

import json
import sys
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from mockserver.loader import LIBRARY, ScenarioLibrary
from mockserver.testing.receiver import Receiver, receiving
from tests.http.mocks import mocking, sms, viber, voice

JOURNALS = Path(__file__).parent / "library"
PLAYABLE = ScenarioLibrary()

TO = "+15555550100"
BUSY = frozenset({"Busy", "NoAnswer", "Failed"})
ALL = [viber(TO), sms(TO), voice(TO)]

FLOWS: dict[str, list[list[Any]]] = {
    "answering-machine": [[voice(TO), sms(TO)]],
    "busy-then-no-answer-then-sms": [[voice(TO), voice(TO), sms(TO)]],
    "carrier-filtering": [[sms(TO), viber(TO)]],
    "delivered-but-never-seen": [[viber(TO, expireOnDelivery=True), sms(TO)]],
    "everyday-traffic": [[viber(to), sms(to), voice(to)] for to in (f"+1555555{number:04}" for number in range(8))],
    "lost-reply": [ALL, ALL],
    "provider-outage": [ALL] * 4,
    "second-call-gets-through": [[voice(TO)], [voice(TO)]],
    "too-many-requests": [ALL] * 3,
}
"""What is sent, where it is not one flow over all three channels."""


def play(name: str, receiver: Receiver) -> str:
    """The journal of a scenario as text: what is sent is called back on every change, until nothing is due."""
    with mocking(scenario=name) as mock:
        for steps in FLOWS.get(name, [ALL]):
            body = {"flow": steps, "callback": {"strategy": "OnStep", "url": receiver.url}}
            try:
                mock.client.post("/failover", json=body)
            except httpx2.TransportError as broken_off:
                assert name == "lost-reply", broken_off
        mock.advance(until="idle")
        entries = mock.client.get("/_mock/journal").json()["entries"]
    for entry in entries:
        entry.pop("tookMs", None)
    return "".join(json.dumps(entry) + "\n" for entry in entries).replace(receiver.url, "http://app/hook")


@pytest.mark.parametrize("name", PLAYABLE.shipped)
def test_the_whole_journal_is_what_it_was(name: str, receiver: Receiver) -> None:
    assert play(name, receiver) == (JOURNALS / f"{name}.jsonl").read_text()


def test_there_is_a_journal_of_every_scenario_and_of_no_other() -> None:
    assert {file.stem for file in JOURNALS.iterdir()} == set(PLAYABLE.shipped)
    assert len(PLAYABLE.shipped) == len(list(LIBRARY.glob("*.yaml"))) >= 12


@pytest.mark.parametrize("name", PLAYABLE.shipped)
def test_every_scenario_says_why_it_matters(name: str) -> None:
    why = PLAYABLE.shipped[name].why
    assert why.endswith((".", "?"))
    assert len(why.split()) >= 10


def test_the_published_schema_is_the_models() -> None:
    from mockserver.wire.scenario.language import schema

    published = json.loads((LIBRARY / "schema.json").read_text())
    assert published == schema()
    valid = jsonschema_rs.validator_for(published).is_valid
    assert all(valid(json.loads(scenario.source)) for scenario in PLAYABLE.shipped.values())
    assert not valid({"sms": "delivred"})
    assert not valid({"smss": "delivered"})
    assert not valid({"sms": [{"at": "0s", "status": "Snt"}]})


if __name__ == "__main__":
    with receiving() as sink:
        for each in sys.argv[1:] or PLAYABLE.shipped:
            (JOURNALS / f"{each}.jsonl").write_text(play(each, sink))
