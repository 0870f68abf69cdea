"""The journal as a sequence diagram in Mermaid, to paste into a ticket. All of it is ours (choice)."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from mockserver.core.channels import Channel
from mockserver.wire import Json
from mockserver.wire.control.timeline import SHORT, TELLERS

LONGEST = 120
"""The most characters of one label."""

ENTITIES = {"#": "#35;", ";": "#59;", "<": "#60;", ">": "#62;", "\n": " ", "\r": " "}
"""What would end a label, or change it, and how Mermaid writes that."""


def mermaid(entries: Iterable[Json | None]) -> Iterator[str]:
    """The lines of a diagram of these entries; "" for each that is passed over, so that others can be served."""
    yield "sequenceDiagram"
    yield "    participant App as application"
    yield "    participant Routee"
    yield from (f"    participant {channel}" for channel in Channel)
    yield "    participant Hook as webhook"
    instant = ""
    for entry in entries:
        if entry is None:
            yield ""
            continue
        if entry["at"] != instant:
            instant = entry["at"]
            yield f"    Note over App,Hook: {instant}"
        yield from (f"    {line}" for line in ARROWS.get(entry["kind"], _note)(entry))


def _label(text: str) -> str:
    """A text that can stand in a diagram, cut to what a reader can use."""
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(ENTITIES.get(letter, letter) for letter in short)


def _told(entry: Json) -> str:
    return _label(TELLERS[entry["kind"]](entry)) if entry["kind"] in TELLERS else entry["kind"]


def _note(entry: Json) -> Iterator[str]:
    yield f"Note over Routee: {entry['kind']}: {_told(entry)}"


def _request(entry: Json) -> Iterator[str]:
    yield f"App->>Routee: {_label(entry['method'])} {_label(entry['path'])}"
    answer = "no answer" if not entry["status"] else str(entry["status"])
    arrow, error = ("-->>", "") if entry["error"] is None else ("--x", f": {_label(entry['error'])}")
    yield f"Routee{arrow}App: {answer}{error}"


def _callback(entry: Json) -> Iterator[str]:
    again = f", attempt {entry['attempt']}" if entry["attempt"] > 1 else ""
    yield f"Routee->>Hook: {entry['trackingId'][:SHORT]} callback {entry['callback']}{again}"
    if entry["delivered"]:
        yield f"Hook-->>Routee: {entry['status']}"
    else:
        yield f"Hook--xRoutee: {_label(str(entry['error']))}"


ARROWS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "request": _request,
    "step": lambda entry: iter(
        (f"Routee->>{entry['channel']}: {entry['trackingId'][:SHORT]} to {_label(entry['to'])}",)
    ),
    "status": lambda entry: iter((f"{entry['channel']}-->>Routee: {_told(entry)}",)),
    "callback": _callback,
}
"""How entries of a kind are drawn; all others are notes."""
