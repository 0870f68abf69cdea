"""TLS for Routee's own names: each run of the mock makes a new authority, and a certificate signed by it.

The key of the authority is never written to a file, so nobody can sign anything else with it. Whoever trusts the
authority trusts this one run of the mock, and nothing more.
"""

import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

ROUTEE = ("auth.routee.net", "connect.routee.net")

NAMES = (*ROUTEE, "localhost", "127.0.0.1", "::1")
"""The names that every certificate is valid for; the user can add more."""

FILE = "ca.pem"

CA_PATH = f"/_mock/{FILE}"
"""Where a server answers with the certificate of its authority."""

HANDSHAKE = 10.0
"""Real seconds that a client has for the handshake of TLS."""

MADE_BY = "routee-failover-mock, a throw-away authority"

LIFE = timedelta(days=800)
"""How long a certificate is good for: Apple's clients take none of more than 825 days."""

SKEW = timedelta(days=1)
"""By how much the clock of a client may be behind."""

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

NAME = re.compile(rf"{LABEL}(\.{LABEL})*", re.IGNORECASE)


class TlsError(ValueError):
    """TLS cannot be set up as asked. The text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server shows to its clients, and the certificate (PEM) of the authority that signed it."""

    context: ssl.SSLContext
    ca: bytes


@dataclass(frozen=True, slots=True)
class TlsListener:
    """A listening socket for TLS, and the certificate that clients see."""

    listening: socket.socket
    identity: Identity


def identify(names: Iterable[str]) -> Identity:
    """Make a new authority, and a certificate signed by it for `NAMES` and these names and addresses.

    By ALPN it offers only HTTP/1.1. Raises TlsError if trustme is not installed or the certificate cannot be made, and
    ValueError for a text that is not a name.
    """
    try:
        import trustme
    except ImportError:
        raise TlsError("--tls needs the package trustme: pip install 'routee-failover-mock[tls]'") from None
    authority = trustme.CA(organization_name=MADE_BY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    wanted = dict.fromkeys((*NAMES, *map(read_name, names)))
    began = datetime.now(UTC) - SKEW
    try:
        authority.issue_cert(*wanted, not_before=began, not_after=began + LIFE).configure_cert(context)
    except UnicodeError as error:
        raise TlsError(f"no certificate can be made for {', '.join(wanted)}: {error}") from None
    except OSError as error:  # ssl reads keys only from files
        raise TlsError(f"--tls needs a directory for a file of an instant, named by TMPDIR: {error}") from None
    return Identity(context, authority.cert_pem.bytes())


def read_name(text: str) -> str:
    """Read a host name or IP address for a certificate. Raises ValueError if it is neither."""
    name = text.strip().removeprefix("[").removesuffix("]").removesuffix(".").lower()
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    if not NAME.fullmatch(name) or len(name) > 253 or name.rpartition(".")[2].isdecimal():
        raise ValueError(
            f"{text!r} is neither a host name of letters, digits, dots and dashes, for example mock.example.com, nor an"
            " IP address; scheme, port and path do not belong to it"
        )
    return name


def own_name(host: str) -> tuple[str, ...]:
    """The name that this host to listen on gives the server; none if it means every address, or is not a name."""
    try:
        return () if ip_address(host).is_unspecified else (host,)
    except ValueError:
        return (host,) if NAME.fullmatch(host) else ()


def write_ca(ca: bytes, path: Path) -> Path:
    """Write the authority's certificate to a file, or as `ca.pem` into a directory. Return the file.

    A certificate of an earlier run is replaced. Raises TlsError if the file holds anything else, or cannot be written.
    """
    file = path / FILE if path.is_dir() else path
    try:
        if file.exists() and file.stat().st_size and not _ours(file.read_bytes()):
            raise TlsError(f"--tls-ca would overwrite {file}, and no routee-mock wrote it; name another file")
        file.write_bytes(ca)
    except OSError as error:
        raise TlsError(
            f"--tls-ca cannot write {file}: {error.strerror or error}; name a file, or a directory that is there"
        ) from None
    return file


def _ours(content: bytes) -> bool:
    """Whether this is one certificate of an authority that the mock made, and nothing else."""
    try:
        text = content.decode("ascii")
        return text.count("-----BEGIN") == 1 and MADE_BY.encode() in ssl.PEM_cert_to_DER_cert(text)
    except ValueError:
        return False
