"""The journal as a diagram: who says what to whom, and nothing that ends a label early."""

from typing import Any

from mockserver.wire.control.diagram import mermaid
from mockserver.wire.control.journal import NAMES
from tests.wire.control.test_timeline import CALLBACK, TOLD

AT = {"at": "2030-01-01T12:00:00Z", "number": 1}


def drawn(*entries: dict[str, Any] | None) -> list[str]:
    lines = list(mermaid(entry and AT | entry for entry in entries))
    assert lines[0] == "sequenceDiagram"
    return [line.strip() for line in lines[6:]]


def test_every_kind_of_entry_is_drawn_on_a_line_of_its_own() -> None:
    for entry, _ in TOLD:
        when, *lines = drawn(entry)
        assert when == "participant Hook as webhook" or when.startswith("Note over App,Hook")
        assert lines
        assert not [line for line in lines if "\n" in line or ";" in line.replace("#59;", "").replace("#35;", "")]
    assert {entry["kind"] for entry, _ in TOLD} == set(NAMES)


def test_requests_steps_and_callbacks_are_arrows() -> None:
    refused = {"kind": "request", "method": "POST", "path": "/failover", "status": 401, "error": "no; #1", "wrong": {}}
    lines = drawn(refused, None, CALLBACK, CALLBACK | {"attempt": 2, "delivered": False, "error": "hung\nup"})
    assert lines[-6:] == [
        "Routee--xApp: 401: no#59; #35;1",
        "",
        "Routee->>Hook: 677e6a17 callback 3",
        "Hook-->>Routee: 200",
        "Routee->>Hook: 677e6a17 callback 3, attempt 2",
        "Hook--xRoutee: hung up",
    ]
    step = {"kind": "step", "trackingId": "677e6a17-1", "channel": "Sms", "to": "+30"}
    assert drawn(step)[-1] == "Routee->>Sms: 677e6a17 to +30"
