"""The table of mutants stays true to the source; running them takes minutes: `python -m tests.core.mutants`."""

import pytest

from tests.core.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_changes_one_place(mutant: Mutant) -> None:
    source = (ROOT / "mockserver" / "core" / f"{mutant.file}.py").read_text()
    assert source.count(mutant.old) == 1
    assert mutant.new != mutant.old


def test_mutants_have_names_of_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
