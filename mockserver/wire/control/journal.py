"""The journal as the control API shows it: every entry with its kind, its instant and its fields."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.core import facts
from mockserver.core.chance import flow_id
from mockserver.core.commands import NoteRequest
from mockserver.core.facts import Fact
from mockserver.core.journal import Entry
from mockserver.wire import Json, errors
from mockserver.wire.control import views
from mockserver.wire.instants import stamp
from mockserver.wire.problems import Wrong, nearest

Teller = Callable[[int, Any], Json]


def _request(request: NoteRequest) -> Json:
    return {
        "method": request.method,
        "path": request.path,
        "status": request.status,
        "applicationId": request.application,
        "error": request.error,
        "wrong": dict(request.wrong),
    }


def _revoked(fact: facts.TokensRevoked) -> Json:
    return {"expired" if fact.expired else "revoked": fact.count, "applicationId": fact.application}


def _scenarios(name: str | None, source: bytes | None) -> Json:
    if source is None:
        return {"scenario": name, "change": "dropped"}
    return {"scenario": name, "change": "added", "says": orjson.loads(source)}


def _fault(fact: facts.FaultPlayed) -> Json:
    told: Json = {"trackingId": fact.flow, "callback": fact.callback, "fault": fact.fault, "why": fact.why}
    return told if fact.endpoint is None else told | {"endpoint": str(fact.endpoint)}


KINDS: Mapping[type, tuple[str, Teller]] = {
    facts.TokenIssued: (
        "token",
        lambda _, fact: {"applicationId": fact.application, "scope": " ".join(fact.scopes), "again": fact.again},
    ),
    facts.RequestAnswered: ("request", lambda _, fact: _request(fact.request)),
    facts.TokensRevoked: ("token", lambda _, fact: _revoked(fact)),
    facts.BalanceSet: ("balance", lambda _, fact: {"balance": views.euro(fact.balance)}),
    facts.SendRefused: ("refused", lambda _, fact: {"applicationId": fact.application, "why": fact.why}),
    facts.ScenariosChanged: ("scenario", lambda _, fact: _scenarios(fact.name, fact.source)),
    facts.FaultPlayed: ("fault", lambda _, fact: _fault(fact)),
    facts.FlowAccepted: (
        "send",
        lambda _, fact: {
            "trackingId": fact.flow,
            "applicationId": fact.application,
            "channels": [str(channel) for channel in fact.channels],
        },
    ),
    facts.StepBegun: (
        "step",
        lambda _, fact: {
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "channel": str(fact.channel),
            "messageId": fact.message,
            "to": fact.to,
            "outcome": fact.outcome,
            "why": fact.why,
        },
    ),
    facts.StatusChanged: ("status", views.transition),
    facts.ReportIgnored: (
        "ignored",
        lambda _, fact: {
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "channel": str(fact.channel),
            "messageId": fact.message,
            "status": fact.status,
            "standing": fact.standing,
        },
    ),
    facts.NotSeen: (
        "unseen",
        lambda _, fact: {
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "channel": str(fact.channel),
            "messageId": fact.message,
        },
    ),
    facts.StepHeld: (
        "hold",
        lambda _, fact: {
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "channel": str(fact.channel),
            "messageId": fact.message,
            "dropped": fact.dropped,
        },
    ),
    facts.FlowMoved: ("flow", views.transition),
    facts.InboundReceived: (
        "inbound",
        lambda _, fact: {
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "messageId": fact.message,
            "message": fact.text,
            "callback": fact.callback,
        },
    ),
    facts.CallAnswered: (
        "answered",
        lambda _, fact: {
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "messageId": fact.message,
            "answeredBy": str(fact.by),
            "callback": fact.callback,
        },
    ),
    facts.CallbackAttempted: ("callback", views.attempt),
    facts.ClockSet: ("clock", lambda _, fact: {"mode": str(fact.mode), "rate": fact.rate}),
    facts.ClockMoved: ("clock", lambda _, fact: {"from": stamp(fact.since)}),
    facts.Restarted: ("restart", lambda _, fact: {"downMs": fact.down, "again": list(fact.again)}),
}
"""The name of each kind of fact in the journal, and the function that writes it as JSON."""

NAMES = tuple(dict.fromkeys(name for name, _ in KINDS.values()))

MOST = 1_000
"""The most entries in one answer; `after` asks for the next ones."""

ENDLESS = 10**9
"""The most entries sent to one follower."""

FOLLOWING = "sse"
"""The format for following the journal: server-sent events."""

FORMATS = ("json", "jsonl", "text", "mermaid", FOLLOWING)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Which entries a request asks for: those after this number, of this flow, of these kinds, up to the limit.

    last: only so many before the end; None for all. signals: whether a follower wants more events than entries.
    """

    after: int = 0
    flow: str | None = None
    kinds: tuple[str, ...] = ()
    limit: int = MOST
    last: int | None = None
    signals: bool = False

    def begun(self, written: int) -> int:
        """The number after which the entries begin, of so many that are written."""
        return self.after if self.last is None else max(self.after, written - self.last)


def read_excerpt(query: Mapping[str, str], formats: Sequence[str] = ("json", "jsonl")) -> Excerpt:
    """The entries that a GET /_mock/journal asks for. Raises Refusal, which names every wrong parameter."""
    known = ("after", "last", "flow", "kind", "limit", "format", "signals")
    wrong = Wrong()
    wrong.unknown(sorted(query.keys() - set(known)), known)
    wrong.note(wrong_choices(query, formats))
    numbers = {"after": 0, "limit": ENDLESS if query.get("format") == FOLLOWING else MOST}
    for name in query.keys() & {"after", "last", "limit"}:
        if views.is_whole(query[name]):
            numbers[name] = int(query[name])
        else:
            wrong[name] = "must be a whole number of at most nine digits"
    if wrong:
        raise errors.malformed(f"The journal takes the parameters {', '.join(known)}.", wrong)
    signals = query.get("signals") == "true"
    flow = flow_id(query["flow"]) if "flow" in query else None
    return Excerpt(numbers["after"], flow, _kinds(query), numbers["limit"], numbers.get("last"), signals)


def wrong_choices(query: Mapping[str, str], formats: Sequence[str] = ("json", "jsonl")) -> Mapping[str, str]:
    """What is wrong with the parameters `kind` and `format`."""
    wrong: dict[str, str] = {}
    if strange := [kind for kind in _kinds(query) if kind not in NAMES]:
        wrong["kind"] = f"must be of {', '.join(NAMES)}{nearest(strange[-1], NAMES)}"
    if query.get("signals", "false") not in ("true", "false"):
        wrong["signals"] = "is true or false"
    if query.get("format", "json") not in formats:
        wrong["format"] = f"must be {', '.join(formats[:-1])} or {formats[-1]}"
    return wrong


def _kinds(query: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(query.get("kind", "").replace(",", " ").split()))


def read_following(query: Mapping[str, str], last: str, written: int) -> Excerpt:
    """The entries for a follower of the journal. Raises Refusal, which names what is wrong.

    last: the Last-Event-ID of a follower that connects again; it counts instead of `after`. An id higher than `written`
    is ignored: it is from an older journal, before a reset.
    """
    wanted = read_excerpt({**query, "format": FOLLOWING}, (FOLLOWING,))
    if last and not views.is_whole(last):
        wrong = {"Last-Event-ID": "must be a whole number"}
        raise errors.malformed("A follower comes back with the id of the last event it has seen.", wrong)
    return replace(wanted, after=int(last) if last and int(last) <= written else wanted.begun(written))


def event(entry: Json) -> bytes:
    """An entry as a server-sent event."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (entry["number"], entry["kind"].encode(), orjson.dumps(entry))


def flow_of(fact: Fact) -> str | None:
    """The id of the flow that a fact is about, or None."""
    return getattr(fact, "flow", None)


def excerpt(entries: Iterable[Entry], wanted: Excerpt) -> Iterator[Json | None]:
    """The entries that match an excerpt, as JSON; None for each entry that is passed over."""

    def asked(entry: Entry) -> bool:
        return wanted.flow in (None, flow_of(entry.fact)) and (not wanted.kinds or kind(entry) in wanted.kinds)

    return (None if entry is None else entry_json(entry) for entry in views.chosen(entries, asked, wanted.limit))


def line(entry: Json) -> bytes:
    """An entry as a line of JSON."""
    return orjson.dumps(entry) + b"\n"


def kind(entry: Entry) -> str:
    """The kind of an entry, by its name."""
    return KINDS[type(entry.fact)][0]


def entry_json(entry: Entry) -> Json:
    """One entry as JSON; its number, instant and kind come first."""
    name, teller = KINDS[type(entry.fact)]
    return {"number": entry.number, "at": stamp(entry.at), "kind": name} | teller(entry.at, entry.fact)
