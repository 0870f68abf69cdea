"""Reading a send as the server does, and holding it against the careful reading alone: both must come to the same."""

from collections.abc import Iterable
from typing import Any

from mockserver.core.commands import SendFlow
from mockserver.core.flow import Flow
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import requests, search
from mockserver.wire.routee.careful import read_carefully
from mockserver.wire.routee.document import document
from mockserver.wire.routee.matching import Columns
from mockserver.wire.routee.search import Search


def page_document(wanted: Search, flows: Iterable[Flow]) -> dict[str, Any]:
    """The page of those flows that answer to a search, as the server puts it together."""
    found = Columns().matching(wanted, tuple(flows))
    first = wanted.page * wanted.size
    shown = found[first : first + wanted.size]
    return search.page_document(wanted, shown, len(found), lambda flows: [document(flow) for flow in flows])


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
