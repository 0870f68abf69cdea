"""Where callbacks may go: reads and applies patterns of hosts and networks. This file looks up and sends nothing.

A host is a name or an address. The addresses of a name are checked too, once they are known. Deny wins over allow. If
one address of a name is denied, the whole name is denied.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

ANY = "*"

NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.IGNORECASE)

BRACKETED = re.compile(r"\[([^\[\]]*)\](?::(.*))?")

FOUR_BYTES = 0xFFFF_FFFF

CARRIERS = (
    (IPv6Network("::/96"), 0, 0),  # IPv4-compatible
    (IPv6Network("::ffff:0:0:0/96"), 0, 0),  # IPv4-translated
    (IPv6Network("64:ff9b::/96"), 0, 0),  # NAT64
    (IPv6Network("64:ff9b:1::/48"), 0, 0),  # NAT64 of a network's own
    (IPv6Network("2002::/16"), 80, 0),  # 6to4
    (IPv6Network("2001::/32"), 0, FOUR_BYTES),  # Teredo, written inverted
)
"""Networks of IPv6 whose addresses carry one of IPv4: how far from the right, and what its bits are turned over by."""

EXAMPLES = (
    "write a host (webhook.test, *.webhook.test), an address (127.0.0.1), a network (10.0.0.0/8, fd00::/8) or * for"
    " any, and a port from 1 to 65535 if need be (webhook.test:8080, [::1]:8080)"
)


class Forbidden(OSError):
    """Callbacks may not go there. The text says which option decided. An OSError, because resolvers must raise one."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Hosts, by name or by network. name: `*.NAME` is every host below NAME, `*` is any. port: None is every port."""

    text: str
    name: str | None
    network: IPv4Network | IPv6Network | None
    port: int | None

    def names(self, host: str) -> bool:
        """Whether the pattern names this host."""
        if self.name is None:
            return False
        return self.name in (ANY, host) or (self.name.startswith("*.") and host.endswith(self.name[1:]))

    def holds(self, address: str) -> bool:
        """Whether an address is in the network."""
        return self.network is not None and any(each in self.network for each in _forms(ip_address(address)))

    def touches(self, address: str) -> bool:
        """Whether an address is in the network, or may be led on into it."""
        return self.holds(address) or any(map(self.holds, map(str, _within(ip_address(address)))))


def read_pattern(text: str) -> Pattern:
    """Read a pattern. Raises ValueError if the text is not one."""
    host, port = _split(text.strip())
    if port is not None and not (port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= 65_535):
        raise ValueError(f"{text!r} is no destination: {EXAMPLES}")
    number = None if port is None else int(port)
    try:
        return Pattern(text, None, ip_network(host, strict=False), number)
    except ValueError:
        pass
    if host != ANY and (not NAME.fullmatch(host) or host.rpartition(".")[2].isdecimal()):
        raise ValueError(f"{text!r} is no destination: {EXAMPLES}")
    return Pattern(text, host.lower(), None, number)


class Destinations:
    """Where callbacks may go: anywhere if nothing is given; if anything is allowed, only there."""

    def __init__(self, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> None:
        self._allow = tuple(map(read_pattern, allow))
        self._deny = tuple(map(read_pattern, deny))
        self.bounded = bool(self._allow or self._deny)

    def check(self, host: str, port: int) -> None:
        """Raise Forbidden if callbacks may not go to a host, as far as that is known before the host is looked up."""
        host = _plain(host)
        if not self.bounded:
            return
        if _is_numeric(host):
            self.admit(host, port, (host,))
            return
        self._check_denied(host, port, ())
        if self._allow and not any(each.network or each.names(host) for each in _at(port, self._allow)):
            raise _not_allowed(host, port, ())

    def admit(self, host: str, port: int, addresses: Sequence[str]) -> Sequence[str]:
        """The addresses of a host that callbacks may go to. Raises Forbidden if there are none."""
        host = _plain(host)
        unreadable = next((each for each in addresses if not _is_address(each)), None)
        if unreadable is not None:
            raise Forbidden(f"{unreadable} is an address that cannot be judged; write it in full, as 127.0.0.1")
        self._check_denied(host, port, addresses)
        allow = _at(port, self._allow)
        if not self._allow or any(each.names(host) for each in allow):
            return addresses
        admitted = [address for address in addresses if any(each.holds(address) for each in allow)]
        if not admitted:
            raise _not_allowed(host, port, addresses)
        return admitted

    def _check_denied(self, host: str, port: int, addresses: Sequence[str]) -> None:
        for pattern in _at(port, self._deny):
            held = [address for address in addresses if pattern.touches(address)]
            if held or pattern.names(host):
                where = _place(host, port, held)
                raise Forbidden(f"--callback-deny {pattern.text} keeps callbacks from {where}; nothing was sent")


def _not_allowed(host: str, port: int, addresses: Sequence[str]) -> Forbidden:
    return Forbidden(
        f"no --callback-allow lets callbacks go to {_place(host, port, addresses)}; nothing was sent:"
        f" add --callback-allow {host} if they should"
    )


def _at(port: int, patterns: Iterable[Pattern]) -> list[Pattern]:
    return [each for each in patterns if each.port in (None, port)]


def _place(host: str, port: int, addresses: Sequence[str]) -> str:
    """A host and port, with the addresses that decided if they are not the host itself."""
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"{named} ({', '.join(addresses)})" if addresses and addresses[0] != host else named


def _split(text: str) -> tuple[str, str | None]:
    """Host and port of `host`, `host:port`, `[host]` or `[host]:port`; an IPv6 address needs no brackets."""
    if bracketed := BRACKETED.fullmatch(text):
        return bracketed[1], bracketed[2]
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


def _is_numeric(host: str) -> bool:
    """Whether the system reads a host as an address, as it reads 2130706433 as 127.0.0.1."""
    return ":" in host or host.replace(".", "").isdecimal()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _forms(address: Address) -> set[Address]:
    """An address, and the others that mean the same: IPv4 inside IPv6, and `0.0.0.0` for this machine."""
    forms: set[Address] = {address}
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        forms.add(address.ipv4_mapped)
    if any(each.is_unspecified for each in forms):
        forms.add(ip_address("::1" if forms == {IPv6Address("::")} else "127.0.0.1"))
    return forms


def _within(address: Address) -> set[Address]:
    """The addresses of IPv4 that one of IPv6 may be led on to, by a translator or through a tunnel."""
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return set()
    bits = int(address)
    found = {IPv4Address((bits >> shift ^ mask) & FOUR_BYTES) for net, shift, mask in CARRIERS if address in net}
    return {form for each in found for form in _forms(each)}
