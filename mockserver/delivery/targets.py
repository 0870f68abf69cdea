"""What the URL of a callback asks for: whom to connect to, and how the request begins. Nothing is looked up here."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from string import punctuation
from typing import NamedTuple
from unicodedata import category
from urllib.parse import quote, urlsplit

from mockserver.settings import VERSION

NAME = "routee-failover-mock"

PORTS = {"http": 80, "https": 443}

PLACE = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<name>[^\[\]:\\]+))(?::(?P<port>[0-9]*))?")

LABEL = 63
"""Characters between two dots of a host name, at the most."""

FORMAT = "Cf"
"""The category of the characters that are not seen, and that would vanish from a host name."""


class Origin(NamedTuple):
    """Whom to connect to. host: an ASCII name in lower case, or an address; one of IPv6 without brackets."""

    tls: bool
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post. head: the request's, up to the number that says how long its body is."""

    origin: Origin
    head: bytes

    def request(self, body: bytes) -> bytes:
        """The request, as it goes on the wire."""
        return b"%b%d\r\n\r\n%b" % (self.head, len(body), body)


@lru_cache(maxsize=1_024)
def read_target(url: str) -> Target:
    """Read a URL. Raises ValueError for what is none to post to.

    A user it names is left out. What can go on the wire goes as it was given, a `%2F` or a doubled slash too; the rest
    is percent-encoded.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError("it must start with http:// or https://")
    found = PLACE.fullmatch(parts.netloc.rpartition("@")[2])
    if found is None:
        raise ValueError("its host or port cannot be read")
    host = _name(found["name"]) if found["v6"] is None else _zoned(found["v6"])
    port = int(found["port"] or PORTS[parts.scheme])
    if not 1 <= port <= 65_535:
        raise ValueError("ports go from 1 to 65535")
    path = quote(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", safe=punctuation)
    named = f"[{host.partition('%')[0]}]" if ":" in host else host.rstrip(".")
    place = named if port == PORTS[parts.scheme] else f"{named}:{port}"
    return Target(Origin(parts.scheme == "https", host.lower(), port), _head(path, place))


def _head(path: str, place: str) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {place}",
        "Content-Type: application/json",
        f"User-Agent: {NAME}/{VERSION}",
        "Accept: */*",
        "Content-Length: ",
    )
    return "\r\n".join(lines).encode("ascii")


def _name(name: str) -> str:
    """A host name, or an address of IPv4, as it is asked for. Raises ValueError."""
    if not name.isascii():
        name = _ascii(name)
    if not name.isprintable() or " " in name:
        raise ValueError("its host cannot be read")
    if name.replace(".", "").isdecimal():
        IPv4Address(name)
    if not all(0 < len(label) <= LABEL for label in name.removesuffix(".").split(".")):
        raise ValueError("a label of its host is empty or too long")
    return name


def _ascii(name: str) -> str:
    """A name of any script as the name service knows it. Raises ValueError."""
    import idna  # it takes as long to import as all of this room, and few need it

    if any(category(letter) == FORMAT for letter in name):
        raise ValueError("its host has letters that are not seen")
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError:  # names such as ☃.net, which were good once, are still in use
        return name.encode("idna").decode("ascii")


def _zoned(text: str) -> str:
    """An address of IPv6, its zone set off by `%`. Raises ValueError."""
    address, percent, zone = text.replace("%25", "%").partition("%")
    IPv6Address(address)
    if percent and not zone.isalnum():
        raise ValueError("the zone of its address cannot be read")
    return f"{address}{percent}{zone}"
