"""Where callbacks go instead: reads and applies `FROM=TO` rules. This file looks up and sends nothing.

The host in a callback's URL may mean something else where the mock runs: for a mock in a container, `localhost` is that
container. A rule applies if FROM fits the URL. TO replaces it, and the rest of the URL stays as it is. (choice)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import SplitResult, urlsplit

PLACE = re.compile(
    r"(?:(?P<scheme>https?)://)?(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?))"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE,
)

PORTS = {"http": 80, "https": 443}

EXAMPLES = (
    "write FROM=TO, each a host, with a port or a scheme if need be: localhost=host.docker.internal,"
    " localhost:8000=app:80, https://shop.example.com=http://app:8000; a path stays as it is"
)


@dataclass(frozen=True, slots=True)
class Place:
    """The scheme, host and port in a rule; None where the rule does not say. With a scheme there is always a port."""

    scheme: str | None
    host: str
    port: int | None

    def fits(self, url: SplitResult) -> bool:
        """Whether this is the place of a URL."""
        return (
            self.scheme in (None, url.scheme)
            and self.host == (url.hostname or "").removesuffix(".")
            and self.port in (None, url.port or PORTS.get(url.scheme))
        )

    def put_into(self, url: SplitResult) -> SplitResult:
        """The URL with this place in it. It keeps its scheme and port if the place has none."""
        scheme = self.scheme or url.scheme
        port = self.port or url.port
        host = f"[{self.host}]" if ":" in self.host else self.host
        return url._replace(scheme=scheme, netloc=host if port in (None, PORTS.get(scheme)) else f"{host}:{port}")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rule: callbacks for `source` go to `target`."""

    source: Place
    target: Place


def read_rewrite(text: str) -> Rewrite:
    """Read a rule. Raises ValueError if the text is not one."""
    source, equals, target = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is no rewrite: {EXAMPLES}")
    return Rewrite(_read_place(source.strip(), text), _read_place(target.strip(), text))


class Rewrites:
    """Rules in their order. The first that fits a URL applies, and only that one."""

    def __init__(self, rules: Iterable[str] = ()) -> None:
        self._rules = tuple(map(read_rewrite, rules))

    def apply(self, url: str) -> str:
        """Where a callback for this URL goes; the same text if no rule fits, or if it is not a URL."""
        if not self._rules:
            return url
        try:
            parts = urlsplit(url)
            rule = next((each for each in self._rules if each.source.fits(parts)), None)
        except ValueError:
            return url
        return url if rule is None else rule.target.put_into(parts).geturl()


def _read_place(text: str, rule: str) -> Place:
    found = PLACE.fullmatch(text)
    port = None if found is None or found["port"] is None else int(found["port"])
    if found is None or port == 0 or (port or 0) > 65_535:
        raise ValueError(f"{rule!r} is no rewrite: {text!r} cannot stand in one; {EXAMPLES}")
    scheme = None if found["scheme"] is None else found["scheme"].lower()
    if port is None and scheme is not None:
        port = PORTS[scheme]
    try:
        host = found["host"].lower() if found["v6"] is None else str(IPv6Address(found["v6"]))
    except ValueError:
        raise ValueError(f"{rule!r} is no rewrite: {found['v6']!r} is no IPv6 address; {EXAMPLES}") from None
    return Place(scheme, host.removesuffix("."), port)
