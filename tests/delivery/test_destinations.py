"""Where callbacks may go: patterns are read, hosts and addresses are checked."""

import asyncio
import socket

import pytest

from mockserver.core.commands import Answer
from mockserver.delivery.destinations import Destinations, Forbidden, read_pattern
from mockserver.delivery.http import HttpSender
from mockserver.delivery.resolver import Address, Resolver
from mockserver.testing.receiver import Receiver


def judged(host: str, port: int = 80, *, allow: str = "", deny: str = "") -> str | None:
    """Whether a host is allowed, before it is looked up."""
    try:
        Destinations(allow.split(), deny.split()).check(host, port)
    except Forbidden as forbidden:
        return str(forbidden)
    return None


BEFORE_LOOKING_UP: list[tuple[str, int, str, str, bool]] = [
    ("anything.example", 1, "", "", True),
    ("webhook.test", 80, "webhook.test", "", True),
    ("WEBHOOK.test.", 80, "Webhook.Test", "", True),
    ("webhook.test", 80, "webhook.test:80", "", True),
    ("webhook.test", 81, "webhook.test:80", "", False),
    ("other.test", 80, "webhook.test", "", False),
    ("other.test", 80, "webhook.test 10.0.0.0/8", "", True),  # its addresses decide
    ("other.test", 80, "webhook.test 10.0.0.0/8:81", "", False),
    ("a.b.webhook.test", 80, "*.webhook.test", "", True),
    ("webhook.test", 80, "*.webhook.test", "", False),
    ("webhook.test.evil.example", 80, "*.webhook.test", "", False),
    ("evilwebhook.test", 80, "*.webhook.test", "", False),
    ("webhook.test", 80, "", "webhook.test", False),
    ("webhook.test", 80, "webhook.test", "webhook.test", False),
    ("webhook.test", 443, "webhook.test", "*:80", True),
    ("webhook.test", 80, "webhook.test", "*:80", False),
    ("10.1.2.3", 80, "10.0.0.0/8", "", True),
    ("10.1.2.3", 80, "10.9.9.9/8", "", True),
    ("11.1.2.3", 80, "10.0.0.0/8", "", False),
    ("10.1.2.3", 80, "10.0.0.0/8", "10.1.2.3", False),
    ("10.1.2.3", 80, "*", "", True),
    ("10.1.2.3", 80, "", "*", False),
    ("::1", 8080, "[::1]:8080", "", True),
    ("::1", 8081, "[::1]:8080", "", False),
    ("fd00::7", 80, "fd00::/8", "", True),
    ("fe80::1%eth0", 80, "fe80::/10", "", True),
    ("::ffff:10.1.2.3", 80, "", "10.0.0.0/8", False),
    ("0.0.0.0", 80, "", "127.0.0.0/8", False),
    ("::ffff:0.0.0.0", 80, "", "127.0.0.1", False),
    ("64:ff9b::a00:1", 80, "", "10.0.0.0/8", False),  # NAT64
    ("64:ff9b::a00:1", 80, "10.0.0.0/8", "", False),  # led on, and not there itself
    ("64:ff9b::b00:1", 80, "", "10.0.0.0/8", True),
    ("64:ff9b::", 80, "", "127.0.0.1", False),
    ("64:ff9b:1::a00:1", 80, "", "10.0.0.0/8", False),
    ("2002:a00:1::", 80, "", "10.0.0.0/8", False),  # 6to4
    ("2002:a00:1:5::9", 80, "", "10.0.0.0/8", False),
    ("2002:b00:1::", 80, "", "10.0.0.0/8", True),
    ("2001:0:1:2:3:4:f5ff:fffe", 80, "", "10.0.0.1", False),  # Teredo
    ("2001:0:1:2:3:4:f5ff:fffd", 80, "", "10.0.0.1", True),
    ("::10.0.0.1", 80, "", "10.0.0.0/8", False),  # IPv4-compatible
    ("::ffff:0:10.0.0.1", 80, "", "10.0.0.0/8", False),  # IPv4-translated
    ("::1", 80, "", "0.0.0.0/8", True),
    ("::", 80, "", "127.0.0.1", True),
    ("::", 80, "", "::1", False),
    ("::", 80, "", "127.0.0.0/8", True),
    ("127.0.0.1.", 80, "", "127.0.0.1", False),
    ("127.1", 80, "", "192.0.2.1", False),
    ("2130706433", 80, "", "192.0.2.1", False),
    ("0177.0.0.1", 80, "*", "", False),
]


@pytest.mark.parametrize(("host", "port", "allow", "deny", "may"), BEFORE_LOOKING_UP)
def test_a_host_is_judged_by_what_is_known_of_it(host: str, port: int, allow: str, deny: str, may: bool) -> None:
    assert (judged(host, port, allow=allow, deny=deny) is None) is may


ADDRESSES = ["10.1.2.3", "192.0.2.1", "::1"]


@pytest.mark.parametrize(
    ("allow", "deny", "admitted"),
    [
        ("", "", ADDRESSES),
        ("webhook.test", "", ADDRESSES),
        ("10.0.0.0/8", "", ["10.1.2.3"]),
        ("10.0.0.0/8 ::1", "", ["10.1.2.3", "::1"]),
        ("webhook.test", "10.0.0.0/8", []),
        ("webhook.test", "10.0.0.0/8:81", ADDRESSES),
        ("", "::1", []),
        ("172.16.0.0/12", "", []),
    ],
)
def test_the_addresses_of_a_name_are_judged_too(allow: str, deny: str, admitted: list[str]) -> None:
    destinations = Destinations(allow.split(), deny.split())
    try:
        assert destinations.admit("webhook.test", 80, ADDRESSES) == admitted
    except Forbidden:
        assert admitted == []


def test_an_error_names_the_option_that_decided() -> None:
    assert judged("webhook.test", deny="*.other *.test") == (
        "--callback-deny *.test keeps callbacks from webhook.test:80; nothing was sent"
    )
    assert judged("::1", allow="webhook.test") == (
        "no --callback-allow lets callbacks go to [::1]:80; nothing was sent: add --callback-allow ::1 if they should"
    )
    with pytest.raises(Forbidden, match=r"10.0.0.0/8 keeps callbacks from a.test:80 \(10.1.2.3\)"):
        Destinations(deny=["10.0.0.0/8"]).admit("a.test", 80, ADDRESSES)
    with pytest.raises(Forbidden, match=r"go to a.test:80 \(10.1.2.3, 192.0.2.1, ::1\); nothing"):
        Destinations(allow=["10.0.0.0/30"]).admit("a.test", 80, ADDRESSES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "http://webhook.test",
        "a b",
        "*.",
        "*a.test",
        "a.*.test",
        "10.0.0",
        "10.0.0.0/33",
        "host:",
        "host:0",
        "host:65536",
        "host:99999999999",
        "host:http",
        "[::1",
        "[::1]80",
        "é.test",
        "1::2::3",
    ],
)
def test_a_bad_pattern_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no destination: .*write a host \(webhook.test,"):
        read_pattern(text)


class Names:
    """A name service that gives another answer each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def look_up(self, host: str, port: int) -> list[Address]:
        return [Address(socket.AF_INET, (self.answers.pop(0), port))]


def test_the_addresses_judged_are_those_connected_to() -> None:
    async def scene() -> None:
        names = Names("192.0.2.1", "127.0.0.1")
        resolver = Resolver(Destinations(deny=["127.0.0.0/8"]), names.look_up)
        assert [each.host for each in await resolver.resolve("rebinding.test", 80)] == ["192.0.2.1"]
        with pytest.raises(Forbidden):
            await resolver.resolve("rebinding.test", 80)

    asyncio.run(scene())


def post(url: str, allow: str = "", deny: str = "") -> Answer:
    async def scene() -> Answer:
        sender = HttpSender(60.0, destinations=Destinations(allow.split(), deny.split()))
        try:
            return await sender.post(url, b"{}")
        finally:
            await sender.close()

    return asyncio.run(scene())


@pytest.mark.parametrize(
    ("allow", "deny", "may"),
    [
        ("127.0.0.0/8", "", True),
        ("localhost", "", True),
        ("*", "10.0.0.0/8", True),
        ("", "127.0.0.0/8", False),
        ("localhost", "127.0.0.1", False),
        ("", "localhost", False),
        ("10.0.0.0/8", "", False),
    ],
)
def test_a_name_is_posted_to_when_its_addresses_may_be(receiver: Receiver, allow: str, deny: str, may: bool) -> None:
    answer = post(receiver.url.replace("127.0.0.1", "LocalHost"), allow, deny)
    assert (answer.ok, len(receiver.requests)) == (may, int(may))
    if not may:
        assert answer.status is None
        assert "nothing was sent" in (answer.error or "")
        assert ("--callback-deny" if deny else "--callback-allow") in (answer.error or "")


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "127.0.0.1."]
)
def test_another_spelling_of_a_denied_address_does_not_slip_through(receiver: Receiver, host: str) -> None:
    assert not post(receiver.url.replace("127.0.0.1", host), deny="127.0.0.0/8").ok
    assert receiver.requests == []


@pytest.mark.parametrize("url", ["mailto:me", "ftp://127.0.0.1/", "http:///hook", "no url"])
def test_a_bad_url_is_an_error_whatever_is_allowed(url: str) -> None:
    assert post(url, allow="127.0.0.1", deny="10.0.0.0/8").status is None
