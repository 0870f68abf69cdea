"""Reading a send as the server does, and holding it against the careful reading alone: both must come to the same."""

from typing import Any

from mockserver.core.commands import SendFlow
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import requests
from mockserver.wire.routee.careful import read_carefully


def read_send(body: bytes, application: str, **options: Any) -> SendFlow:
    """The send in a body. Raises Refusal, as both readings do."""
    try:
        carefully = read_carefully(body, application, **options)
    except Refusal as refusal:
        try:
            requests.read_send(body, application, **options)
        except Refusal as again:
            assert (again.status, again.body) == (refusal.status, refusal.body)
            raise
        raise AssertionError(f"taken, though it is refused: {refusal}") from refusal
    assert requests.read_send(body, application, **options) == carefully
    return carefully
