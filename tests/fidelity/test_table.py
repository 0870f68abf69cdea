"""The table of rules agrees with the code: its modules exist, and its switches are those of a dialect."""

import re
from importlib.util import find_spec
from pathlib import Path
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


# Which test exercises which rule

TESTS = Path(__file__).parents[1]

NAMED = re.compile(r"((?:^# rules? .+\n)+)(.*)", re.MULTILINE)
"""Rules that a test names in comments above itself, as in `# rule send.plus`; and the line after them."""

BEGINS = re.compile(r"@|def test_|async def test_")
"""How a test begins."""


def named() -> list[tuple[str, str, str]]:
    """The rules that tests name: the file, the rule, and the line after the comment."""
    found = [
        (path, comments, after)
        for path in sorted(TESTS.rglob("test_*.py"))
        for comments, after in NAMED.findall(path.read_text(encoding="utf-8"))
    ]
    return [
        (path.name, rule, after)
        for path, comments, after in found
        for line in comments.splitlines()
        for rule in line.removeprefix("# rules ").removeprefix("# rule ").split(", ")
    ]


def test_every_rule_is_named_by_a_test_that_exercises_it() -> None:
    assert RULES.keys() - {rule for _, rule, _ in named()} == set()


def test_what_a_test_names_is_a_rule_and_stands_above_the_test() -> None:
    assert [(file, rule) for file, rule, _ in named() if rule not in RULES] == []
    assert [(file, rule) for file, rule, after in named() if not BEGINS.match(after)] == []
