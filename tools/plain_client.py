"""Makes the plain client from the asynchronous one, without async and await: `python -m tools.plain_client`."""

import re
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "mockserver" / "client"
PLAIN = CLIENT / "synchronous"
SOURCES = sorted(path for path in (CLIENT / "asynchronous").glob("*.py") if path.name != "__init__.py")

WORDS = (
    (r"\basync (?=def|with|for)", ""),
    (r"\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(?=enter|exit)", "__"),
    (r"\baclose\b", "close"),
    (r"\bclient\.asynchronous\b", "client.synchronous"),
    ("asynchronous programs", "plain programs"),
    (r" +# No connection is kept: .*\n +limits = .*\n(.*), limits=limits,", r"\1,"),
)
"""Patterns, and their replacements in the plain client."""

NOTE = "# Made from ../asynchronous/{name} by `python -m tools.plain_client`: change that one.\n"


def plain(source: Path) -> str:
    """The text of a file of the plain client, made from a file of the asynchronous one."""
    text = source.read_text(encoding="utf-8")
    for pattern, replacement in WORDS:
        text = re.sub(pattern, replacement, text)
    for command in (("check", "--quiet", "--fix", "--exit-zero"), ("format", "--quiet")):
        text = _ruff(text, *command, "--stdin-filename", str(PLAIN / source.name), "-")
    return NOTE.format(name=source.name) + text


def _ruff(text: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603


if __name__ == "__main__":
    for each in SOURCES:
        (PLAIN / each.name).write_text(plain(each), encoding="utf-8")
