"""The mock installs beside what its users have: uv resolves it with the frameworks of the last two years."""

import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]

NO_INDEX = ("error sending request", "Failed to fetch", "dns error", "client error", "was not found in the cache")

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

FASTAPI = [
    f"fastapi=={version}.*"
    for version in ("0.111", "0.115", "0.120", "0.124", "0.128", "0.130", "0.140", "0.150", "0.160")
]
FRAMEWORKS = ["django==4.2.*", "django==5.0.*", "django==5.1.*", "django==5.2.*", "flask==3.0.*", "flask==3.1.*"]
LIBRARIES = [
    "typer==0.12.*",
    "typer==0.15.*",
    "typer==0.20.*",
    "typer==0.25.*",
    "click==8.1.*",
    "pydantic==2.7.*",
    "pydantic==2.10.*",
    "pydantic==2.11.*",
    "starlette==0.37.*",
    "starlette==0.41.*",
    "uvicorn==0.30.*",
    "uvicorn==0.34.*",
    "phonenumbers==8.13.0",
    "phonenumbers==8.13.*",
    "phonenumbers==9.*",
    "prometheus-client==0.17.*",
    "prometheus-client==0.21.*",
    "prometheus-client==0.23.*",
    "httpx==0.28.*",
    "pytest==8.*",
    "pytest==9.*",
]
LATER = [("3.12", "django==6.0.*"), ("3.13", "fastapi"), ("3.14", "fastapi[standard]")]
"""What needs a later Python, and Pythons themselves, which uv resolves for without having them."""


def shipped() -> list[str]:
    """The dependencies in pyproject.toml, with those of the extras."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]


def everything() -> str:
    """The mock with all its extras."""
    extras = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return f"routee-failover-mock[{','.join(extras)}] @ {HOME.as_uri()}"


def resolve(*wanted: str, python: str = PYTHON) -> str:
    """The versions that uv finds for the mock with all its extras beside these. Skips without uv or an index."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("UV IS NOT INSTALLED: nobody tried whether the mock installs beside other packages")
    asked = "\n".join([everything(), *wanted])
    command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", python, "-"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, cwd="/", timeout=300)
    if done.returncode and any(words in done.stderr for words in NO_INDEX):
        pytest.skip(f"NO PACKAGE INDEX CAN BE REACHED: nobody tried {', '.join(wanted)}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("other", [*FASTAPI, *FRAMEWORKS, *LIBRARIES])
def test_it_installs_beside(other: str) -> None:
    assert other.partition("==")[0] + "==" in resolve(other)


@pytest.mark.parametrize(("python", "other"), LATER)
def test_it_installs_beside_what_needs_a_later_python(python: str, other: str) -> None:
    assert other.partition("=")[0].partition("[")[0] + "==" in resolve(other, python=python)


def test_it_installs_beside_an_application_of_two_years_ago() -> None:
    """As one finds them: all of it pinned at once."""
    pins = [
        "fastapi==0.115.0",
        "starlette==0.38.6",
        "pydantic==2.9.2",
        "uvicorn==0.30.6",
        "typer==0.12.5",
        "click==8.1.7",
    ]
    found = resolve(
        *pins, "orjson==3.10.7", "idna==3.10", "pyyaml==6.0.2", "pytest==8.3.3", "prometheus-client==0.21.0"
    )
    assert set(pins) <= set(found.splitlines())


def test_nothing_has_a_ceiling() -> None:
    """A cap in the application's own environment refuses an upgrade that would have worked."""
    assert [each for each in shipped() if "<" in each or ">=" not in each] == []


def test_the_page_on_footprint_names_every_dependency_with_its_floor() -> None:
    page = (HOME / "docs" / "footprint.md").read_text(encoding="utf-8")
    for each in shipped():
        name, _, floor = each.partition(";")[0].partition(">=")
        assert f"| `{name}` | {floor.strip()} |" in page, each
