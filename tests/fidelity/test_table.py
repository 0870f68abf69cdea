"""The table of rules agrees with the code: its modules exist, and its switches are those of a dialect."""

import re
from importlib.util import find_spec
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.fidelity.rule import Mark, Rule
from mockserver.fidelity.table import CHAPTERS, RULES, SWITCHES

EVERY = [pytest.param(rule, id=rule.id) for rule in RULES.values()]


def test_every_rule_has_a_name_of_its_own() -> None:
    ids = [rule.id for chapter in CHAPTERS for rule in chapter.rules]
    assert len(ids) == len(set(ids))
    assert not [id_ for id_ in ids if not re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", id_)]


@pytest.mark.parametrize("rule", EVERY)
def test_every_rule_is_enforced_in_a_module_that_exists(rule: Rule) -> None:
    assert find_spec(f"mockserver.{rule.at}") is not None


def test_every_switch_has_its_rule_and_every_rule_of_a_switch_is_a_choice() -> None:
    assert SWITCHES.keys() == set(Dialect.__struct_fields__)
    assert {rule.mark for rule in SWITCHES.values()} == {Mark.CHOICE}


@pytest.mark.parametrize("field", SWITCHES)
def test_the_alternatives_of_a_switch_are_the_other_values_of_its_field(field: str) -> None:
    alternatives, default = SWITCHES[field].alternatives, getattr(DEFAULT, field)
    kind: Any = get_type_hints(Dialect)[field]
    if get_origin(kind) is Literal:
        assert {default, *alternatives} == set(get_args(kind))
    assert alternatives
    assert default not in alternatives
