"""The plain client is the asynchronous one without the waiting. `python -m tests.client.test_synchronous` makes it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "mockserver" / "client"
SOURCES = sorted(path for path in (CLIENT / "asynchronous").glob("*.py") if path.name != "__init__.py")

WORDS = (
    (r"\basync (?=def|with|for)", ""),
    (r"\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(?=enter|exit)", "__"),
    (r"\baclose\b", "close"),
    (r"\bclient\.asynchronous\b", "client.synchronous"),
    ("asynchronous programs", "plain programs"),
    (
        r" +# No connection is kept: .*\n +limits = .*\n( +self\._http = http or httpx2\.Client\(timeout=PATIENCE), limits=limits,",
        r"\1,",
    ),
)
"""What is written differently, and how."""

NOTE = "# Made from ../asynchronous/{name} by `python -m tests.client.test_synchronous`: change that one.\n"


def synchronous(source: Path) -> str:
    """The text of a plain room, from the asynchronous one."""
    text = source.read_text(encoding="utf-8")
    for pattern, replacement in WORDS:
        text = re.sub(pattern, replacement, text)
    command = [sys.executable, "-m", "ruff"]
    name = ["--stdin-filename", str(CLIENT / "synchronous" / source.name), "-"]
    for tool in (["check", "--quiet", "--fix", "--exit-zero"], ["format", "--quiet"]):
        done = subprocess.run([*command, *tool, *name], input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return NOTE.format(name=source.name) + text


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_plain_client_is_made_from_the_asynchronous_one(source: Path) -> None:
    pytest.importorskip("ruff", reason="ruff formats what is made, and `make check` brings it")
    made = CLIENT / "synchronous" / source.name
    assert made.read_text(encoding="utf-8") == synchronous(source), "run `python -m tests.client.test_synchronous`"


def test_neither_client_has_a_room_the_other_lacks() -> None:
    names = {path.name for path in SOURCES}
    assert {path.name for path in (CLIENT / "synchronous").glob("*.py")} - {"__init__.py"} == names


if __name__ == "__main__":
    for each in SOURCES:
        (CLIENT / "synchronous" / each.name).write_text(synchronous(each), encoding="utf-8")
