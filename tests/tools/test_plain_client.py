"""The plain client is the asynchronous one without the waiting, as tools/plain_client.py makes it."""

from pathlib import Path

import pytest

from tools.plain_client import PLAIN, SOURCES, plain


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_plain_client_is_made_from_the_asynchronous_one(source: Path) -> None:
    pytest.importorskip("ruff", reason="ruff formats what is made, and `make check` brings it")
    assert (PLAIN / source.name).read_text(encoding="utf-8") == plain(source), "run `make generate`"


def test_neither_client_has_a_file_the_other_lacks() -> None:
    names = {path.name for path in SOURCES}
    assert {path.name for path in PLAIN.glob("*.py")} - {"__init__.py"} == names
