"""The journal for people: a line for each entry, under the instant when it happened. All of it is ours (choice).

What was said is not said again: where callbacks go, what is wrong with a receiver, a retry that failed as the attempt
before it, and a scenario that the next entry says with one more word.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from mockserver.core.outcome import Cause
from mockserver.wire import Json, visible
from mockserver.wire.instants import read_instant, stamp

LONGEST = 200
"""The most characters of a scenario that are shown."""

LONG_ERROR = 50
"""What went wrong with a callback is told once for all callbacks if it has more characters than this."""

Teller = Callable[[Json], str]

SHORT = 8
"""How many characters of a trackingId are shown; enough to tell flows apart."""


def _request(entry: Json) -> str:
    asked = f"{entry['method']} {visible(entry['path'])} answered {entry['status']}"
    if entry["error"] is None:
        return asked
    wrong = "".join(f"\n{visible(f'{place} {text}')}" for place, text in entry["wrong"].items())
    return f"{asked}: {visible(entry['error'])}{wrong}"


def _token(entry: Json) -> str:
    for gone in ("revoked", "expired"):
        if gone in entry:
            return f"{entry[gone]} of {entry['applicationId'] or 'all applications'} {gone}"
    return f"{'handed out again' if entry['again'] else 'issued'} to {entry['applicationId']}"


def _status(entry: Json) -> str:
    told = entry["cause"] == Cause.TTL or entry["reason"] == entry["status"]
    reason = None if told else entry["reason"]
    causes = {Cause.REPORT: None, Cause.TTL: "its ttl ran out", Cause.PUSHED: "pushed by hand"}
    notes = (reason, causes.get(entry["cause"], entry["cause"]), "late" if entry["late"] else None)
    aside = ", ".join(note for note in notes if note)
    return f"{_flow(entry)} {entry['channel']} {entry['status']}{f' ({aside})' if aside else ''}"


def _moved(entry: Json) -> str:
    over = f" over {entry['terminationChannel']}" if entry["terminationChannel"] else ""
    code = f", statusCode {entry['statusCode']}" if entry["statusCode"] else ""
    return f"{_flow(entry)} is {entry['flowStatus']}{over}{code}"


def _callback(entry: Json) -> str:
    where = f" to {entry['url']}" if entry["url"] else ""
    again = f"; again at {entry['nextRetry']}" if entry["nextRetry"] else ""
    given_up = "; given up" if not entry["delivered"] and not entry["nextRetry"] else ""
    attempt = f", attempt {entry['attempt']}" if entry["attempt"] > 1 else ""
    if "retried" in entry:
        attempt = f", {entry['retried']}"
    return f"{_flow(entry)} callback {entry['callback']}{attempt}{where}: {_met(entry)}{again}{given_up}"


def _met(entry: Json) -> str:
    if entry["delivered"]:
        return f"answered {entry['status']}"
    return visible(str(entry["error"]).removeprefix(f"{entry['url']}: "))


def _fault(entry: Json) -> str:
    what = f" callback {entry['callback']}" if entry["callback"] else f" {entry.get('endpoint', '')}".rstrip()
    whose = _flow(entry) if entry["trackingId"] else "a request for" if "endpoint" in entry else "a send"
    return f"{whose}{what}: {entry['fault']} ({entry['why']})"


def _clock(entry: Json) -> str:
    if "from" in entry:
        return f"moved here from {entry['from']}"
    return f"{entry['mode']}, at rate {entry['rate']:g}"


def _restart(entry: Json) -> str:
    again = entry["again"]
    posted = f"; posted again: callback{'s' * (len(again) > 1)} {', '.join(map(str, again))}" if again else ""
    return f"the server was down for {entry['downMs'] / 1_000:g} s{posted}"


def _scenario(entry: Json) -> str:
    told = {key: value for key, value in entry.get("says", {}).items() if key not in ("name", "why")}
    says = f": {orjson.dumps(told).decode()}" if told else ""
    return f"{entry['scenario'] or 'all'} {entry['change']}{says if len(says) <= LONGEST else f'{says[:LONGEST]}...'}"


def _step(entry: Json) -> str:
    goes = "goes by a timeline" if entry["outcome"] == "timeline" else f"will be {entry['outcome']}"
    return f"{_flow(entry)} {entry['channel']} to {entry['to']} {goes}: {entry['why']}"


def _dropped(number: int) -> str:
    return f"{number or 'no'} planned {'status' if number == 1 else 'statuses'} dropped"


def _flow(entry: Json) -> str:
    return str(entry["trackingId"])[:SHORT]


TELLERS: Mapping[str, Teller] = {
    "token": _token,
    "request": _request,
    "balance": lambda entry: f"{entry['balance']} euro",
    "refused": lambda entry: f"a send of {entry['applicationId']}: {entry['why']}",
    "scenario": _scenario,
    "fault": _fault,
    "send": lambda entry: f"{_flow(entry)} {', then '.join(entry['channels'])}",
    "step": _step,
    "status": _status,
    "ignored": lambda entry: (
        f"{_flow(entry)} {entry['channel']} cannot become {entry['status']}: it is {entry['standing'] or 'not sent'}"
    ),
    "unseen": lambda entry: f"{_flow(entry)} {entry['channel']} was delivered, and not seen in time",
    "hold": lambda entry: f"{_flow(entry)} {entry['channel']} is taken over by hand: {_dropped(entry['dropped'])}",
    "flow": _moved,
    "answered": lambda entry: f"{_flow(entry)} a {entry['answeredBy']} answered the call: callback {entry['callback']}",
    "inbound": lambda entry: f"{_flow(entry)} was answered {entry['message']!r}: callback {entry['callback']}",
    "callback": _callback,
    "clock": _clock,
    "restart": _restart,
}
"""For each kind of entry, the function that writes it in words."""


@dataclass(slots=True)
class _Run:
    """Attempts of one callback that failed alike, one after the other. last: the latest; untold: how many it ends."""

    began: int
    last: Json
    untold: int = 0

    def takes(self, entry: Json) -> bool:
        """Whether an attempt goes on with this run; then it is counted, and not told."""
        same = all(entry[name] == self.last[name] for name in ("error", "url", "delivered"))
        if same and entry["attempt"] == self.last["attempt"] + 1:
            self.last, self.untold = entry, self.untold + 1
            return True
        return False

    def told(self) -> Json:
        """The attempts that were counted, as one entry."""
        last, until = self.last["attempt"], _span(read_instant(self.last["at"]) - self.began)
        first = last - self.untold + 1
        retried, when = (f"attempts {first} to {last}", "until") if first < last else (f"attempt {last}", "at")
        self.untold = 0
        return {**self.last, "url": "", "retried": retried, "error": f"the same, {when} {until}"}


def _span(duration: int) -> str:
    """A duration in its two largest units, as in +42 h 3 min."""
    parts, left = [], duration
    for unit, size in (("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)):
        number, left = divmod(left, size)
        parts += [f"{number} {unit}"] if number else []
    return f"+{' '.join(parts[:2]) or '0 s'}"


def _whole(entries: Iterable[Json | None]) -> Iterator[Json | None]:
    """The entries, without a scenario that the very next one says too, and more of it."""
    held: Json | None = None
    for entry in entries:
        if held is not None:
            yield None if entry is not None and _goes_on(held, entry) else held
        held = entry if entry is not None and entry["kind"] == "scenario" else None
        if held is None:
            yield entry
    if held is not None:
        yield held


def _goes_on(scenario: Json, entry: Json) -> bool:
    """Whether an entry adds a scenario that is already there, with more words."""
    if entry["kind"] != "scenario" or any(entry[name] != scenario[name] for name in ("scenario", "change")):
        return False
    before, after = scenario.get("says", {}), entry.get("says", {})
    return bool(before) and all(after.get(word) == said for word, said in before.items())


def _condensed(entries: Iterable[Json | None]) -> Iterator[Json | None]:
    """The entries, without what was said before."""
    url, at = "", ""
    failures: dict[str, int] = {}
    runs: dict[int, _Run] = {}
    for entry in _whole(entries):
        at = entry["at"] if entry else at
        if entry is None or entry["kind"] != "callback":
            yield entry
            continue
        run = runs.get(entry["callback"])
        if run is not None and run.takes(entry):
            yield None if entry["nextRetry"] else run.told()
            continue
        if run is not None and run.untold:
            yield {**run.told(), "at": at}
        runs[entry["callback"]] = _Run(read_instant(entry["at"]) if run is None else run.began, entry)
        error = _met(entry)
        before = failures.setdefault(error, entry["callback"])
        known = {"url": ""} if entry["url"] == url else {}
        if before != entry["callback"] and len(error) > LONG_ERROR:
            known["error"] = f"the same as callback {before}"
        url = entry["url"]
        yield entry if not known else {**entry, "error": error, **known}
    yield from ({**run.told(), "at": at} for run in runs.values() if run.untold)


def timeline(entries: Iterable[Json | None]) -> Iterator[str]:
    """Entries of the journal, as `entry_json` gives them, in lines. The day and the time are shown when they change.

    None stands for an entry that is passed over, and makes an empty text.
    """
    day = time = ""
    for entry in _condensed(entries):
        if entry is None:
            yield ""
            continue
        today, now = _when(entry["at"])
        if today != day:
            yield today
        first, *rest = TELLERS[entry["kind"]](entry).split("\n")
        yield f"{now if (today, now) != (day, time) else '':<12}  {entry['kind']:<8}  {visible(first)}"
        yield from (f"{'':<12}  {'':<8}    {visible(line)}" for line in rest)
        day, time = today, now


def _when(at: str) -> tuple[str, str]:
    instant = read_instant(at)
    day, _, time = stamp(instant - instant % 1_000).rstrip("Z").partition("T")
    return day, f"{time}.{instant % 1_000:03}"
