"""The extras: a missing one is named, and a server never imports them."""

import subprocess
import sys

import pytest


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("room", "library"), [("mockserver.strategies", "hypothesis"), ("mockserver.fakes", "faker")])
def test_without_its_library_a_room_says_which_extra_to_install(room: str, library: str) -> None:
    done = python(f"import sys; sys.modules[{library!r}] = None; import {room}")
    assert done.returncode == 1
    assert f"ImportError: {room} needs {library.capitalize()}" in done.stderr
    assert f"pip install 'routee-failover-mock[{library}]'" in done.stderr


def test_a_server_imports_neither() -> None:
    rooms = ("hypothesis", "faker", "mockserver.strategies", "mockserver.fakes", "mockserver.simulation")
    done = python(
        "import sys, mockserver.cli, mockserver.server; app = mockserver.server.create_app();"
        f"print([name for name in {rooms!r} if name in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_fakes_and_strategies_do_not_need_each_other() -> None:
    assert python("import sys; sys.modules['hypothesis'] = None; import mockserver.fakes").returncode == 0
    assert python("import sys; sys.modules['faker'] = None; import mockserver.strategies").returncode == 0
