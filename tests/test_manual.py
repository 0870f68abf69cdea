"""The manual: its samples are files that the suite runs, its links lead somewhere, and it leaves nothing out."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.client import Server
from mockserver.client.synchronous.clock import Clock
from mockserver.client.synchronous.expect import Expect
from mockserver.client.when import When
from mockserver.pytest_plugin import pytest_addoption
from mockserver.settings import SANDBOX
from mockserver.testing.mock import Routee, RouteeMock
from mockserver.testing.receiver import Receiver, Reply
from tools.manual import BLOCK, EXAMPLES, HEAD, MARKER, PAGES, ROOT, parts, written

INDEX = ROOT / "docs" / "README.md"

ALWAYS_FILES = {"python", "yaml", "js"}
"""Languages whose blocks are never written by hand."""

NOT_SHOWN = {
    "cluster/haproxy.cfg",
    "compose/check.py",
    "compose/shop.py",
    "go/go.mod",
    "incident/recording.jsonl",
    "java/pom.xml",
    "mistakes/test_mistakes.py",
    "unmodified/Client.java",
    "unmodified/client.mjs",
    "unmodified/client.py",
    "unmodified/client_httpx2.py",
    "unmodified/client_requests.py",
}
"""Files that are no samples: clients a recipe is tried with, and what builds a sample."""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Samples


def shown() -> Iterator[tuple[str, str | None]]:
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
            if block["file"] is not None:
                yield block["file"], block["part"]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_sample_is_a_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert text == written(page), "a sample differs from its file: run `make generate`"
    assert len(re.findall(MARKER, text)) == sum(block["file"] is not None for block in blocks), (
        "a marker is to stand on the line before its block"
    )
    by_hand = [block["text"] for block in blocks if block["file"] is None and block["language"] in ALWAYS_FILES]
    assert not by_hand, f"make this a file under tests/examples, and include it:\n{by_hand[0]}"


def test_every_file_is_shown_in_a_page() -> None:
    seen = set(shown())
    for path in sorted(path for path in EXAMPLES.rglob("*") if path.is_file()):
        file = path.relative_to(EXAMPLES).as_posix()
        if "__pycache__" in file or file in NOT_SHOWN or (file, None) in seen:
            continue
        pieces = parts(path.read_text(encoding="utf-8")) if path.suffix == ".py" else {}
        left_out = [name for name in pieces if name != HEAD and (file, name) not in seen]
        assert pieces, f"no page shows tests/examples/{file}"
        assert not left_out, f"no page shows {', '.join(left_out)} of tests/examples/{file}"


def test_a_part_is_a_function_with_its_decorators() -> None:
    text = "import x\n\n\n@mark\ndef one():\n    pass\n\n\nclass Two:\n    three = 3\n"
    one, two = "@mark\ndef one():\n    pass\n", "class Two:\n    three = 3\n"
    assert parts(text) == {"head": "import x\n", "one": one, "Two": two}


# Links


def anchors(page: Path) -> set[str]:
    """The anchors GitHub gives the headings of a page."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def links(page: Path) -> list[str]:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{link}: there is no {target}"
        assert not anchor or anchor in anchors(target), f"{link}: {named(target)} has no such heading"


def test_every_page_is_in_the_index() -> None:
    found = {(INDEX.parent / link.partition("#")[0]).resolve() for link in links(INDEX)}
    missing = [named(page) for page in PAGES if page not in {INDEX, ROOT / "README.md", *found}]
    assert not missing, f"give it a line in docs/README.md: {', '.join(missing)}"


# Nothing is left out

HANDLES: dict[str, type[Any]] = {
    "routee.": Routee,
    "routee.clock.": Clock,
    "routee.expect.": Expect,
    "routee.receiver.": Receiver,
    "routee.when().": When,
    "server.": Server,
}
"""The classes that tests use, by their names in the page."""


def methods() -> Iterator[tuple[str, list[str]]]:
    """Everything public of it, by its name in the page, with the parameters it takes."""
    for handle, cls in HANDLES.items():
        for name in (name for name in dir(cls) if not name.startswith("_")):
            thing = inspect.getattr_static(cls, name)
            taken = [*inspect.signature(thing).parameters][1:] if inspect.isfunction(thing) else []
            yield handle + name, taken
    yield "RouteeMock", [*inspect.signature(RouteeMock).parameters]
    yield "Reply", [*inspect.signature(Reply).parameters]


INTERNAL = {"routee.receiver.take", "routee.receiver.closing", "routee.receiver.close", "routee.link"}
"""Public only for other rooms of the package."""


@pytest.mark.parametrize(("name", "taken"), [each for each in methods() if each[0] not in INTERNAL])
def test_the_client_page_names_every_method_and_parameter(name: str, taken: list[str]) -> None:
    page = (ROOT / "docs" / "howto" / "client.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(rf"\| `(await )?{re.escape(name)}\b", line)]
    assert rows, f"docs/howto/client.md has no row for {name}"
    told = " ".join(rows)
    assert not [each for each in taken if not re.search(rf"\b{each}\b", told)], f"{name} takes more: {taken}"


class Options:
    """Notes the names of ini options."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def addini(self, name: str, *_: object) -> None:
        self.names.append(name)


def test_the_pytest_page_names_every_keyword_of_the_marker_and_every_option() -> None:
    page = (ROOT / "docs" / "howto" / "pytest.md").read_text(encoding="utf-8")
    options = Options()
    pytest_addoption(options)  # type: ignore[arg-type]
    assert len(options.names) >= 4
    assert not [word for word in (*SANDBOX, "strict", *options.names) if f"| `{word}` |" not in page]
