"""Values as source: what is read back is what was written, whatever is in it."""

import ast
import json
import subprocess
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.code.literals import Expression, Variable, compact, python, quoted, shell, yaml

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([0, 4, 12]))
def test_python_reads_what_was_written(value: Any, indent: int) -> None:
    written = python(value, indent)
    assert ast.literal_eval(written) == value
    assert all(line.isprintable() for line in written.split("\n"))


@given(VALUES)
def test_json_and_yaml_read_what_was_written(value: Any) -> None:
    assert json.loads(compact(value)) == value
    assert compact(value).isprintable()
    assert pyyaml.safe_load(yaml(value)) == value
    assert yaml(value).isprintable()


def test_a_shell_passes_on_what_was_written_and_fills_in_its_variables() -> None:
    value = {"flow": Variable("FLOW"), "text": 'It\'s $HOME `x` "y" \\ \u202e é \U000e0001', "list": [1, None, True]}
    printed = subprocess.run(
        ["sh", "-c", f"FLOW=a-b; printf %s {shell(value)}"], capture_output=True, text=True, check=True
    )
    assert json.loads(printed.stdout) == value | {"flow": "a-b"}


@pytest.mark.parametrize("word", ["yes", "No", "null", "true", "y", "1", "a: b", "- a", "", " a", "#a", "~", "NULL"])
def test_what_yaml_would_take_for_something_else_is_quoted(word: str) -> None:
    assert pyyaml.safe_load(yaml(word)) == word


def test_short_values_are_on_one_line_and_long_ones_are_not() -> None:
    assert python({"a": [1, "b"], "c": Expression("x.y")}) == '{"a": [1, "b"], "c": x.y}'
    assert python(["x" * 60, {"y": "z" * 60}], 4) == (
        f'[\n        "{"x" * 60}",\n        {{"y": "{"z" * 60}"}},\n    ]'
    )
    assert python([]) == "[]"
    assert quoted("a\n\u2028\U000e0001") == '"a\\n\\u2028\\U000e0001"'
