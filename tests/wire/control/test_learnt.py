"""The file of what was learnt: written and read as the same, and whatever is wrong with one is said."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.fidelity.table import RULES
from mockserver.wire.control.learnt import BadLearnt, of_rule, read_file, read_text, rule_json, write_text

COUNTS = st.fixed_dictionaries({"confirmed": st.integers(0), "contradicted": st.integers(0)})
GOOD = {"format": 1, "rules": {"send.success-status": {"confirmed": 0, "contradicted": 2}}}
MORE = "`routee-mock learn RECORDING... --write DIRECTORY` writes one."


@given(st.dictionaries(st.sampled_from([*RULES]), COUNTS))
def test_what_is_written_is_read_as_the_same(learnt: dict[str, dict[str, int]]) -> None:
    assert read_text(write_text(learnt), "learnt.json") == learnt


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "it is not a JSON object"),
        ("{}", "format is missing, and this mock reads 1"),
        ('{"format": 2, "rules": {}}', "format is 2, and this mock reads 1"),
        ('{"format": 1}', "rules is missing, and must be an object"),
        ('{"format": 1, "rules": [1]}', "rules is [1], and must be an object"),
        (
            '{"format": 1, "rules": {"send.sucess-status": {}}}',
            "rules.send.sucess-status is no rule of this mock; did you mean send.success-status?",
        ),
        (
            '{"format": 1, "rules": {"send.plus": 1}}',
            "rules.send.plus must be an object with confirmed and contradicted",
        ),
        (
            '{"format": 1, "rules": {"send.plus": {"confirmed": 1}}}',
            "rules.send.plus.contradicted is missing, and must be a whole number of 0 or more",
        ),
        (
            '{"format": 1, "rules": {"send.plus": {"confirmed": true, "contradicted": 0}}}',
            "rules.send.plus.confirmed is true, and must be a whole number of 0 or more",
        ),
        (
            '{"format": 1, "rules": {"send.plus": {"confirmed": -1, "contradicted": 0}}}',
            "rules.send.plus.confirmed is -1, and must be a whole number of 0 or more",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_the_key_and_what_to_do(text: str, said: str) -> None:
    with pytest.raises(BadLearnt) as error:
        read_text(text, "learnt.json")
    assert str(error.value) == f"learnt.json: {said}. {MORE}".replace("?.", "?")


@pytest.mark.parametrize("text", ["", "nonsense", "[" * 100_000])
def test_what_is_no_json_says_so(text: str) -> None:
    with pytest.raises(BadLearnt, match=r"^learnt\.json is not JSON: .*writes one"):
        read_text(text, "learnt.json")


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "learnt.json"
    file.write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert read_file(file) == GOOD["rules"]
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadLearnt, match="is not UTF-8"):
        read_file(file)
    with pytest.raises(BadLearnt, match="cannot be read: Is a directory"):
        read_file(tmp_path)


def test_a_rule_has_what_was_learnt_of_it_and_nothing_if_nothing_was() -> None:
    learnt = {"statuses.first": {"confirmed": 1, "contradicted": 0}}
    assert of_rule(learnt, "statuses.first") == {"learnt": learnt["statuses.first"]}
    assert of_rule(learnt, "send.plus") == {}
    told = [rule_json(each, learnt) for each in RULES.values()]
    assert [each["name"] for each in told if "learnt" in each] == ["statuses.first"]
    assert {each["mark"] for each in told} == {"doc", "seen", "choice"}
