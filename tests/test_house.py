"""Checks of the house itself: imports go down only, files and functions stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "mockserver"
FILES = sorted(HOUSE.rglob("*.py"))

FLOORS = {
    "core": 0,
    "numbering": 0,
    "wire": 1,
    "sink": 2,
    "pacer": 2,
    "callbacks": 2,
    "inside": 2,
    "loader": 2,
    "resolver": 2,
    "destinations": 1,
    "rewrites": 1,
    "tls": 1,
    "driver": 2,
    "settings": 1,
    "logs": 2,
    "sandboxes": 2,
    "simulation": 2,
    "strategies": 2,
    "fakes": 2,
    "http": 3,
    "app": 4,
    "server": 4,
    "client": 4,
    "process": 4,
    "receiver": 4,
    "testing": 5,
    "testcontainers": 5,
    "pytest_plugin": 6,
    "demo": 5,
    "sweep": 5,
    "cli": 5,
    "__main__": 6,
    "__init__": 6,
}

STAIRS = {
    ("driver", "pacer"),
    ("sandboxes", "driver"),
    ("sandboxes", "sink"),
    ("cli", "demo"),
    ("cli", "sweep"),
    ("callbacks", "resolver"),
    ("inside", "callbacks"),
    ("server", "app"),
    ("strategies", "simulation"),
    ("fakes", "simulation"),
}
"""Rooms on one floor of which one may know the other."""

CORE_KNOWS = {
    "collections",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "re",
    "typing",
}


def room(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names if node.module == "mockserver" else [str(node.module)]


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in FILES} == FLOORS.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_down_only(path: Path) -> None:
    here = room(path)
    for name in imports(path):
        if name.startswith("mockserver."):
            there = name.split(".")[1]
            allowed = there == here or FLOORS[there] < FLOORS[here] or (here, there) in STAIRS
            assert allowed, f"{here} (floor {FLOORS[here]}) must not know {there} (floor {FLOORS[there]})"


@pytest.mark.parametrize("path", sorted((HOUSE / "core").glob("*.py")), ids=lambda path: path.stem)
def test_the_core_knows_nothing_but_pure_pieces_of_the_standard_library(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} <= CORE_KNOWS | {"mockserver"}
    assert "await " not in path.read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_files_and_functions_are_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= (200 if room(path) == "core" else 400)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is too long"


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
    assert all(name in plan for name in FLOORS if not name.startswith("__"))
