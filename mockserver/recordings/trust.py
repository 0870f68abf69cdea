"""Which certificates are trusted when a service is asked, and why one cannot be reached, in words."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

UNSIGNED = {18, 19, 20, 21}
"""OpenSSL's numbers for a certificate that nobody signed who is trusted."""

NO_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}
"""OpenSSL's reasons where something else than TLS came back."""


def trusting(ca: Path | None = None) -> ssl.SSLContext:
    """What trusts the authorities of this machine, and those in a file (PEM) too. Raises ValueError, in words."""
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except ssl.SSLError:
            raise ValueError(f"{ca} has no certificate in it (PEM)") from None
        except OSError as error:
            raise ValueError(f"{ca} cannot be read: {error.strerror or error}") from None
    return context


def fault(error: BaseException, host: str) -> str:
    """What is wrong with the connection to a host, in words, from what any library raised."""
    chain = [*_chain(error)]
    for kind, words in _FAULTS:
        found = next((each for each in chain if isinstance(each, kind)), None)
        if found is not None:
            return words(found, host)
    return str(error) or type(error).__name__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    told = f"the certificate of {host} is not trusted: {error.verify_message.rstrip('.')}"
    return f"{told}. --ca FILE names the authority that signed it" if error.verify_code in UNSIGNED else told


def _tls(error: ssl.SSLError, host: str) -> str:
    reason = error.reason or "UNKNOWN"
    told = reason.replace("_", " ").lower()
    return f"{host} does not speak TLS there: is it http?" if reason in NO_TLS else f"no TLS with {host}: {told}"


_FAULTS: tuple[tuple[type[BaseException], Callable[[Any, str], str]], ...] = (
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _tls),
    (socket.gaierror, lambda _, host: f"there is no machine of the name {host}"),
    (TimeoutError, lambda _, host: f"{host} did not answer in time"),
    (OSError, lambda error, host: f"{host}: {error.strerror or error}"),
)
"""What a library raises, the most special first; and what it means."""
