"""The small rooms of the shell: the pacer, the sinks, the socket, the tour in the README."""

import socket

import pytest

from mockserver.cli import serve
from mockserver.core.clock import LAST, Clock
from mockserver.core.commands import Mode
from mockserver.pacer import Pace
from mockserver.server import address, bind
from mockserver.sink import KEPT, SINKS, Sinks


def test_the_pace_is_real_time_times_the_rate() -> None:
    seconds = [100.0]
    clock = Clock(1_000, Mode.REALTIME, 60.0)
    pace = Pace(clock, lambda: seconds[0])
    assert (pace.now(), pace.wait(61_000), pace.wait(0)) == (1_000, 1.0, 0.0)
    seconds[0] += 0.5
    assert (pace.now(), pace.wait(61_000)) == (31_000, 0.5)
    clock.move(50_000)
    assert pace.now() == 50_000
    pace.anchor()
    seconds[0] += 1
    assert pace.now() == 110_000
    seconds[0] += 1e15
    assert pace.now() == LAST


def test_sinks_are_bounded() -> None:
    sinks = Sinks()
    for number in range(KEPT + 5):
        sinks.put("one", "now", str(number).encode())
    assert [each["body"] for each in sinks.read("one")] == list(range(5, KEPT + 5))
    for number in range(SINKS - 1):
        sinks.put(f"sink-{number}", "now", b"{}")
    sinks.put("one", "now", b"1")
    sinks.put("another", "now", b"1")
    assert sinks.read("sink-0") == []
    assert len(sinks.read("one")) == KEPT


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_the_address_of_a_socket(host: str, url: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        listening = bind(host, 0)
    except OSError:
        pytest.skip(f"{host} cannot be listened on here")
    with listening:
        assert address(listening) == f"{url}{listening.getsockname()[1]}"


def test_every_option_of_serve_says_what_it_is_for() -> None:
    for option in serve.params:
        assert getattr(option, "help", None), f"{option.name} has no help"
