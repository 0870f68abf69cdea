"""What is said of a recording has nothing of anybody in it, whatever differs."""

import json
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.learning import report, texts
from mockserver.learning.learner import Learner
from mockserver.learning.sightings import Recorded
from mockserver.learning.stories import tell
from mockserver.recordings.fields import OPEN
from mockserver.recordings.masking import Mask
from mockserver.recordings.values import Callback, Exchange
from tests.http.mocks import sms
from tests.learning.worlds import World
from tests.recordings.test_masking import NUMBER, TEXT, URL, personal, sends, story


def swapped(data: Any, values: list[str], name: str = "") -> Any:
    """The same with other values of somebody in place of every text. Words of the service's own fields stay."""
    if isinstance(data, dict):
        return {each: swapped(value, values, each) for each, value in data.items()}
    if isinstance(data, list):
        return [swapped(each, values, name) for each in data]
    somebody = isinstance(data, str) and len(data) > 5 and name not in OPEN
    return values[len(data) % len(values)] if somebody else data


@settings(max_examples=25)
@given(sends(), st.lists(NUMBER | TEXT | URL, min_size=1, max_size=5))
def test_nothing_of_anybody_is_said_of_what_differs(send: dict[str, Any], values: list[str]) -> None:
    over: list[Recorded] = []
    learner, mask = Learner(over=over.append), Mask(b"key")
    for each in story(send):
        body = orjson.loads(each.body or b"")
        odd = orjson.dumps(swapped(body, values) | {"trackingId": body["trackingId"]})
        learner.take(replace(each, body=odd))
        if isinstance(each, Exchange):
            error = {
                "code": "400000000",
                "developerMessage": f"wrong: {values[0]}",
                "properties": {"flow[0].to": values[-1]},
            }
            learner.take(replace(each, status=400, body=orjson.dumps(error)))
            learner.take(replace(each, body=each.body))
        assert isinstance(each, Exchange | Callback)
    learner.finish()
    told = [
        *report.text(learner, mask, everything=True),
        orjson.dumps(report.document(learner, mask), default=str).decode(),
    ]
    for flow in over:
        found = tell(flow)
        if found is not None and not found.problem:
            masked = replace(found, body=mask.json(found.body))
            told += [texts.scenario_text(masked, masked.name, "why"), texts.test_text(masked, masked.name)]
    written = "\n".join(told)
    theirs = [part for value in values for part in personal(value)] + [*personal(send)]
    assert [row for row in written.split("\n") if any(each in row for each in theirs)][:6] == []


@given(st.sampled_from(["Maria Papadopoulou", "+30 694 192 7384", "\u202ePapadopoulou", "Papadopoulou " * 20]))
def test_the_name_of_a_field_that_is_somebodys_is_not_said(name: str) -> None:
    world = World()
    world.track(world.send({"flow": [sms() | {name: 1}], name: {"a": 1}}))
    world.run()
    learner, mask = Learner(), Mask(b"key")
    for each in world.records:
        assert isinstance(each, Exchange)
        answer = orjson.loads(each.body or b"")
        answer["flow"] = [{**step, name: 2} for step in answer.get("flow", [])]
        learner.take(replace(each, body=orjson.dumps({name: 3, **answer})))
    learner.finish()
    said = "\n".join(report.text(learner, mask, everything=True)) + json.dumps(
        report.document(learner, mask), default=str
    )
    assert "papadopoulou" not in said.lower()
    assert "694 192" not in said
    assert "..." in said
