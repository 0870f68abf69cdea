"""The table of mutants stays true to the source; running them takes minutes: `make mutants`."""

from tests.core.mutants import MUTANTS, ROOT, Mutant


def is_true(mutant: Mutant) -> bool:
    """Whether it changes exactly one place of the source, and changes it."""
    source = (ROOT / "mockserver" / "core" / f"{mutant.file}.py").read_text()
    return source.count(mutant.old) == 1 and mutant.new != mutant.old


def test_every_mutant_changes_one_place() -> None:
    assert [mutant for mutant in MUTANTS if not is_true(mutant)] == []


def test_mutants_have_names_of_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
