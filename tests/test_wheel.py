"""The sdist and the wheel, as they are published: what is inside, and that the wheel works on its own."""

import email
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from mockserver.loader import LIBRARY
from mockserver.settings import VERSION

ROOT = Path(__file__).parents[1]

EXTRAS = {"faker", "hypothesis", "testcontainers", "tls"}


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a command says; a test that cannot reach a package index is skipped, loudly."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ROUTEE_", "VIRTUAL_"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=600
    )
    said = done.stdout + done.stderr
    if done.returncode and ("No matching distribution" in said or "Could not find a version" in said):
        pytest.skip("pip reaches no package index here, so sdist and wheel are not tried")
    assert done.returncode == 0, said
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it and from nothing else."""
    folder = Path(tmp_path_factory.mktemp("dist"))
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment that holds the wheel and what it asks for, and nothing else."""
    folder = Path(tmp_path_factory.mktemp("clean"))
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return programs


def test_the_wheel_holds_the_package_its_types_and_its_library_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    source = {str(path.relative_to(ROOT)) for path in (ROOT / "mockserver").rglob("*.py")}
    library = {f"mockserver/library/{path.name}" for path in LIBRARY.iterdir() if path.is_file()}
    assert len(library) > 20
    inside = {name for name in names if ".dist-info/" not in name}
    assert inside == source | library | {"mockserver/py.typed"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_sdist_holds_what_a_packager_needs(built: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "Dockerfile", "compose.yaml"} <= names
    assert {"scenarios/schema.json", "tests/test_wheel.py", "docs/README.md", "mockserver/py.typed"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", ".mypy", "dist"))]


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        told = email.message_from_bytes(archive.read(name))
        [name] = [each for each in archive.namelist() if each.endswith(".dist-info/entry_points.txt")]
        entries = archive.read(name).decode()
    assert (told["Name"], told["Version"], told["Requires-Python"]) == ("routee-failover-mock", VERSION, ">=3.11")
    assert set(told.get_all("Provides-Extra", [])) == EXTRAS
    assert "routee-mock = mockserver.cli:main" in entries
    assert "[pytest11]\nroutee-mock = mockserver.pytest_plugin" in entries


def test_the_wheel_works_on_its_own(clean: Path, tmp_path: Path) -> None:
    assert run(clean / "routee-mock", "--version", cwd=tmp_path) == f"routee-mock, version {VERSION}\n"
    assert "phone-off-over-night" in run(clean / "routee-mock", "scenarios", cwd=tmp_path)
    assert "Succeeded over Voice" in run(clean / "routee-mock", "demo", cwd=tmp_path)
    program = (
        "from mockserver import RouteeMock\n"
        "with RouteeMock() as routee:\n"
        "    step = {'type': 'Sms', 'to': '+306900000000', 'from': 'Shop', 'message': {'body': 'Hi'}}\n"
        "    flow = routee.send([step], callback=routee.receiver.url)\n"
        "    routee.clock.until_idle()\n"
        "    print(routee.flow(flow).status, len(routee.receiver.payloads))\n"
    )
    assert run(clean / "python", "-W", "error", "-c", program, cwd=tmp_path) == "Succeeded 3\n"


@pytest.mark.parametrize("room", ["strategies", "fakes", "testcontainers"])
def test_without_its_extra_a_room_says_which_it_needs(clean: Path, tmp_path: Path, room: str) -> None:
    extra = {"strategies": "hypothesis", "fakes": "faker"}.get(room, room)
    program = f"try:\n    import mockserver.{room}\nexcept ImportError as error:\n    print(error)"
    assert f"routee-failover-mock[{extra}]" in run(clean / "python", "-c", program, cwd=tmp_path)
