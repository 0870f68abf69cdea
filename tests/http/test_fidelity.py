"""The rules over the control API, and what was learnt of them from a recording of a service."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.app import create_app
from mockserver.core.dialect import DEFAULT
from mockserver.fidelity.table import RULES, SWITCHES
from mockserver.settings import Settings
from tests.http.mocks import Json, Mock, mocking, sms, viber

LEARNT = {
    "statuses.ttl-start": {"confirmed": 2, "contradicted": 3},
    "statuses.trigger": {"confirmed": 12, "contradicted": 0},
}


def written(folder: Path, rules: Any = LEARNT) -> Path:
    """A file of what was learnt."""
    file = folder / "learnt.json"
    file.write_text(json.dumps({"format": 1, "rules": rules}))
    return file


def rules(mock: Mock) -> dict[str, Json]:
    answer = mock.client.get("/_mock/fidelity")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["rules"]}


def reasons(mock: Mock) -> list[Json]:
    flow = mock.send(viber("+306900000300"), sms())
    mock.advance(until="idle")
    why: list[Json] = mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]
    assert mock.client.get(f"/_mock/flows/{flow}", params={"with": "why"}).json()["why"] == why
    return why


def test_every_rule_says_where_it_comes_from_and_how_it_can_be_otherwise(mock: Mock) -> None:
    told = rules(mock)
    assert [*told] == [*RULES]
    assert told["send.success-status"] == {
        "name": "send.success-status",
        "rule": "Success is 200.",
        "mark": "choice",
        "switch": {
            "name": "successStatus",
            "default": 200,
            "alternatives": [{"value": 201, "rule": "Success is 201."}],
        },
    }
    assert told["statuses.ttl-end"]["switch"] is None
    assert {name for name, each in told.items() if each["switch"]} == {rule.id for rule in SWITCHES.values()}
    assert told["callbacks.retries"]["switch"]["default"] == [*DEFAULT.retry_plan]
    assert not any("learnt" in each for each in (*told.values(), *reasons(mock)))


def test_what_was_learnt_stands_beside_its_rule_and_nowhere_else(tmp_path: Path) -> None:
    with mocking(learnt=written(tmp_path)) as mock:
        assert {name: each["learnt"] for name, each in rules(mock).items() if "learnt" in each} == LEARNT
        why = reasons(mock)
    assert {each["name"]: each["learnt"] for each in why if "learnt" in each} == LEARNT
    assert {each["name"] for each in why} > LEARNT.keys()
    with mocking() as mock:
        assert [{**each, "at": ""} for each in reasons(mock)] == [
            {name: value for name, value in {**each, "at": ""}.items() if name != "learnt"} for each in why
        ]


def test_a_mock_does_not_start_with_a_file_that_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"learnt\.json: rules\.x is no rule of this mock.*writes one"):
        create_app(Settings(learnt=written(tmp_path, {"x": {}})))
    with pytest.raises(ValueError, match=r"none\.json cannot be read: No such file.*writes one"):
        create_app(Settings(learnt=tmp_path / "none.json"))
