"""The reference pages say what the code says: tools/reference.py writes them from it."""

import json

import pytest

from mockserver.wire.scenario import language
from tools import fidelity
from tools.reference import PAGES, SAMPLES, WRITERS, page, refusals


@pytest.mark.parametrize("name", WRITERS)
def test_a_reference_page_says_what_the_code_says(name: str) -> None:
    assert (PAGES / name).read_text(encoding="utf-8") == page(name), "run `make generate`"


def test_the_page_of_rules_says_what_the_table_says() -> None:
    assert fidelity.PAGE.read_text(encoding="utf-8") == fidelity.page(), "run `make generate`"


def test_there_is_no_reference_page_the_code_knows_nothing_of() -> None:
    assert {path.name for path in PAGES.glob("*.md")} == WRITERS.keys()


def test_every_kind_of_error_is_shown() -> None:
    assert refusals().keys() == SAMPLES.keys()


def test_every_key_of_a_scenario_is_told() -> None:
    told = page("scenarios.md")
    assert all(f"`{key}`" in told for key in language.KEYS - {"sequence", "timeline"})
    assert json.dumps(language.schema())
