"""Checks of the house itself: imports go down only, files and functions stay small."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "mockserver"
FILES = sorted(HOUSE.rglob("*.py"))

FLOORS = {
    "core": 0,
    "numbering": 0,
    "choices": 0,
    "fidelity": 0,
    "forms": 0,
    "wire": 1,
    "wire.errors": 1,
    "wire.instants": 1,
    "wire.problems": 1,
    "wire.types": 1,
    "wire.dialect": 1,
    "wire.routee": 1,
    "wire.otp": 1,
    "wire.services": 1,
    "wire.scenario": 1,
    "wire.state": 1,
    "wire.control": 1,
    "wire.verify": 1,
    "wire.code": 1,
    "wire.openapi": 1,
    "settings": 1,
    "tls": 1,
    "delivery": 2,
    "sandbox": 2,
    "keeping": 2,
    "recordings": 2,
    "simulation": 2,
    "loader": 2,
    "logs": 2,
    "learning": 3,
    "strategies": 3,
    "fakes": 3,
    "http": 3,
    "client": 4,
    "app": 4,
    "server": 5,
    "testing": 5,
    "testcontainers": 5,
    "pytest_plugin": 6,
    "cli": 6,
    "__main__": 7,
    "__init__": 7,
}

WIRE_SHARED = {"wire", "wire.errors", "wire.instants", "wire.problems", "wire.types"}
"""What every room of the wire may know."""

STAIRS = {
    ("forms", "core"),
    ("wire.dialect", "wire.problems"),
    ("wire.dialect", "wire.types"),
    ("wire.dialect", "wire"),
    ("wire.control", "wire.dialect"),
    ("wire.problems", "wire.errors"),
    ("wire.problems", "wire"),
    ("wire.otp", "wire.routee"),
    ("wire.services", "wire.routee"),
    ("wire.services", "wire.otp"),
    ("wire.control", "wire.scenario"),
    ("wire.control", "settings"),
    ("wire.control", "wire.state"),
    ("wire.state", "wire.scenario"),
    ("keeping", "sandbox"),
    ("wire.verify", "wire.control"),
    ("wire.code", "wire.services"),
    ("wire.code", "wire.scenario"),
    ("wire.openapi", "wire.routee"),
    ("wire.openapi", "wire.otp"),
    ("wire.openapi", "wire.scenario"),
    ("wire.openapi", "wire.control"),
    ("wire.openapi", "wire.verify"),
}
"""Rooms on one floor of which one may know the other: a one-time password is a message of the mocked API, a replayed log
has scenarios in it, and so has a state, which a log can begin with, a sandbox is asked for by its settings, kept sandboxes are made again, a
verdict shows flows and entries as the control API does, a
flow as code is sent and planned again, and the OpenAPI documents describe what the other rooms read and write."""

OF_NOBODY = {
    "client": "mockserver.client",
    "testing/process.py": "",
    "testing/receiver.py": "mockserver.testing.application",
}
"""Places that import nobody of ours, or only their own room: a user's process needs no server to talk to one."""

CALLED_IN_TESTS = [
    *sorted((HOUSE / "client").rglob("*.py")),
    *(HOUSE / "testing" / f"{name}.py" for name in ("mock", "process", "receiver")),
]
"""What a test calls: pytest shows its line, and none of these files."""

PACKAGES = {"mockserver", "mockserver.core", "mockserver.wire"}
"""What is imported from these is a file of its own."""

CORE_KNOWS = {
    "array",
    "collections",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "msgspec",
    "operator",
    "re",
    "typing",
    "zlib",
}


def room(path: Path) -> str:
    """The room of a file; inside wire/, its sub-room."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    deep = parts[0] == "wire" and parts[1] != "__init__"
    return ".".join(parts[:2]) if deep else parts[0]


def room_of(name: str) -> str:
    """The room of an imported name, such as `mockserver.wire.routee.search`."""
    parts = name.split(".")[1:]
    return ".".join(parts[:2]) if ".".join(parts[:2]) in FLOORS else parts[0]


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names if node.module in PACKAGES else [str(node.module)]


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in FILES} == FLOORS.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_down_only(path: Path) -> None:
    here = room(path)
    for name in imports(path):
        if name.startswith("mockserver."):
            there = room_of(name)
            shared = here.startswith("wire.") and there in WIRE_SHARED
            lower = FLOORS[there] < FLOORS[here]
            assert there == here or lower or (shared and here not in WIRE_SHARED) or (here, there) in STAIRS, (
                f"{here} (floor {FLOORS[here]}) must not know {there} (floor {FLOORS[there]})"
            )


@pytest.mark.parametrize(("place", "own"), OF_NOBODY.items(), ids=list(OF_NOBODY))
def test_what_a_user_imports_alone_imports_nobody_of_ours(place: str, own: str) -> None:
    files = [HOUSE / place] if place.endswith(".py") else sorted((HOUSE / place).rglob("*.py"))
    known = {name for file in files for name in imports(file) if name.startswith("mockserver")}
    assert {name for name in known if not own or not name.startswith(own)} == set()


@pytest.mark.parametrize("path", CALLED_IN_TESTS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_line_of_what_a_test_calls_stands_in_its_traceback(path: Path) -> None:
    works = any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in nodes(path))
    assert not works or "__tracebackhide__ = True" in path.read_text()


@pytest.mark.parametrize("path", sorted((HOUSE / "core").glob("*.py")), ids=lambda path: path.stem)
def test_the_core_knows_nothing_but_pure_pieces_of_the_standard_library(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} <= CORE_KNOWS | {"mockserver"}
    assert "await " not in path.read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_files_and_functions_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= (200 if room(path) == "core" else 400)
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is too long"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_text_by_itself_describes_what_it_follows_or_heads(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        heads = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        body = getattr(node, "body", ())
        for before, text in pairwise([None, *body] if isinstance(body, list) else ()):
            if (
                isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                follows = isinstance(before, ast.Assign | ast.AnnAssign) and before.end_lineno == text.lineno - 1
                assert follows or (before is None and heads), f"line {text.lineno} describes nothing"


def test_modules_are_nouns_with_a_meaning() -> None:
    assert not {path.stem for path in FILES} & {
        "utils",
        "util",
        "helpers",
        "helper",
        "manager",
        "base",
        "common",
        "misc",
    }


def test_the_floor_plan_names_every_room() -> None:
    plan = (HOUSE / "__init__.py").read_text()
    rooms = {name.split(".")[-1] for name in FLOORS if not name.startswith("__")}
    assert {name for name in rooms if name not in plan} == set()


def test_the_core_can_be_read_in_the_order_its_plan_gives() -> None:
    core = HOUSE / "core"
    plan = ast.get_docstring(ast.parse((core / "__init__.py").read_text())) or ""
    order = [line.split()[0] for line in plan.splitlines() if line.startswith("    ")]
    assert sorted(order) == sorted(path.stem for path in core.glob("*.py") if path.stem != "__init__")
    for place, name in enumerate(order):
        known = set(imports(core / f"{name}.py"))
        assert known.isdisjoint(f"mockserver.core.{later}" for later in order[place:]), name
