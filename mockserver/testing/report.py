"""The report of a failed test: what happened in its sandbox, what reached the mock beside it, and what is due next.

It fits a screen. The flow that the failure is about stands first.
"""

import re
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from urllib.parse import quote

from mockserver.client import Due, Flow, Request, Sandbox, Time
from mockserver.testing.receiver import __file__ as receiver_file

SCREEN = 40
"""The most lines of timelines in a report."""

RECORD = re.compile(r"^(?=[A-Z]+ +\S+:\S+:\d+ )", re.MULTILINE)
"""Where a record begins in a log that pytest captured, unless its format is another."""

CHOICES = 3
"""The most rules of ours in a report."""

BY_HAND = "scenarios."
"""How names of rules begin that a test itself asked for, such as scenarios; they say nothing of Routee."""

BESIDE = 10
"""The most requests outside the sandbox in a report; they are the last ones."""


def report(
    sandbox: Sandbox,
    about: str,
    strays: Sequence[Request],
    *,
    shared: bool,
    misuse: bool = False,
    receiver: bool = False,
    page: str | None = None,
) -> str:
    """The report of a sandbox.

    about: the text of the failure, which may name flows. strays: requests that reached the mock and not the sandbox.
    shared: others use the mock too. misuse: the test called the mock wrongly, and what the application did or did not
    send has nothing to do with it. receiver: the test has used a receiver of callbacks. page: the URL of the mock's
    page, if it stays and can be looked at later.
    """
    flows = sandbox.flows
    meant = _meant(flows, about)
    parts = (
        _timelines(sandbox, flows, meant),
        _uncalled(sandbox, flows, meant) if receiver else (),
        () if misuse and not strays else _arrivals(sandbox, strays, shared=shared),
        () if misuse else _choices(sandbox, meant or (flows[0] if len(flows) == 1 else None)),
        () if misuse else _outlook(sandbox.clock.read(), sandbox.clock.due(), meant),
    )
    told = ["\n".join(lines) for part in parts if (lines := list(part))]
    if told and page is not None:
        told.append(f"see it on the page, for as long as the mock keeps it: {_link(page, sandbox, meant)}")
    return "\n\n".join(told)


def _link(page: str, sandbox: Sandbox, meant: Flow | None) -> str:
    """The link that opens a sandbox on the page, and in it the flow that is meant."""
    flow = "" if meant is None else f"/flow/{meant.tracking_id}"
    return f"{page}#/{quote(sandbox.id, safe='')}{flow}"


def _timelines(sandbox: Sandbox, flows: Sequence[Flow], meant: Flow | None) -> Iterator[str]:
    """The timeline; of several flows, first that of the one that is meant."""
    lines = sandbox.timeline().splitlines()
    if meant is None or len(flows) == 1 or len(lines) <= SCREEN // 2:
        yield from _last(lines, SCREEN, "routee.timeline() has them all")
        return
    own = sandbox.timeline(meant).splitlines()
    yield f"the flow of this failure, {meant.tracking_id}:"
    yield from _last(own, SCREEN // 2, f"routee.timeline({meant.tracking_id!r}) has them all")
    yield ""
    others = len(flows) - 1
    yield f"everything, with {others} more {'flow' if others == 1 else 'flows'}:"
    yield from _last(lines, max(SCREEN - len(own), SCREEN // 4), "routee.timeline() has them all")


def _meant(flows: Sequence[Flow], about: str) -> Flow | None:
    """The flow whose trackingId the text has first."""
    said = about.lower()
    named = [(said.index(flow.tracking_id), flow) for flow in flows if flow.tracking_id in said]
    return min(named, key=lambda each: each[0])[1] if named else None


def _last(lines: Sequence[str], most: int, hint: str) -> Iterator[str]:
    if len(lines) > most:
        yield f"... {len(lines) - most} lines before; {hint}"
    yield from lines[-most:]


def _arrivals(sandbox: Sandbox, strays: Sequence[Request], *, shared: bool) -> Iterator[str]:
    """The requests that reached the mock but not the sandbox; if there are none, where the application should send."""
    if strays:
        yield f"outside this sandbox, during this test{' (or by others who use this mock)' if shared else ''}:"
        if len(strays) > BESIDE:
            yield f"  ... {len(strays) - BESIDE} before"
        yield from (f"  {_asked(each)}" for each in strays[-BESIDE:])
    if not sandbox.requests:
        yield "no request reached this sandbox" + ("." if strays else " or the mock during this test.")
        yield f"The application should send everything to {sandbox.url} (routee.api_url and routee.auth_url), with"
        yield f"routee.application_id, here {sandbox.application_id!r}, and routee.application_secret; routee.env() has"
        yield "all of them as environment variables. Let it read them, and get its token, in each test."


def _uncalled(sandbox: Sandbox, flows: Sequence[Flow], meant: Flow | None) -> Iterator[str]:
    """Why nothing was posted: nobody asked for it, or only for the end of a flow."""
    if not flows:
        return
    with suppress(AssertionError):
        sandbox.expect.send(callback_url="*", count=0)
        yield "no flow was sent with callback.url, so nothing is posted to routee.receiver."
    flow = meant or flows[0]
    path = f"/_mock/sandboxes/{quote(sandbox.id, safe='')}/flows/{flow.tracking_id}"
    callback = None if flow.final else sandbox.link.ask("GET", path).get("callback")
    if callback is not None and callback["strategy"] == "OnCompletion":
        yield f"the only callback of {flow.tracking_id[:8]} comes when it ends, for callback.strategy is OnCompletion,"
        yield "which is the default; OnStep asks for one for every status."


def _choices(sandbox: Sandbox, flow: Flow | None) -> Iterator[str]:
    """The rules that decided about a flow and are our choice."""
    if flow is None:
        return
    ours = {each.get("name", ""): each for each in sandbox.why(flow) if each["mark"] == "choice"}
    told = [
        f"  {each['rule']} ({name}){_learnt(each.get('learnt'))}"
        for name, each in ours.items()
        if not name.startswith(BY_HAND)
    ]
    if told:
        rules = "a rule that is our choice" if len(told) == 1 else "rules that are our choice"
        yield f"this depends on {rules}, and not documented by Routee; see docs/fidelity.md:"
        yield from _first(told, CHOICES)


def _learnt(counts: Mapping[str, int] | None) -> str:
    """What a recording says of a rule, if the mock knows."""
    if counts is None:
        return ""
    confirmed, contradicted = counts["confirmed"], counts["contradicted"]
    if contradicted:
        return f": your recording differs, {contradicted} of {confirmed + contradicted}"
    return f": your recording agrees, {'once' if confirmed == 1 else f'{confirmed} times'}"


def _first(lines: Sequence[str], most: int) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"  ... and {len(lines) - most} more"


def _asked(request: Request) -> str:
    wrong = "".join(f"; {place} {text}" for place, text in request.wrong.items())
    said = f": {request.error}{wrong}" if request.error else f", for the application id {request.application_id!r}"
    return f"{request.method} {request.path} answered {request.status}{said}"


def _outlook(clock: Time, due: Sequence[Due], meant: Flow | None) -> Iterator[str]:
    """What is due next, for the flow of the failure if it has any, and how to let it happen."""
    if not due:
        return
    first = next((each for each in due if meant and each.tracking_id == meant.tracking_id), due[0])
    more = f" ({clock.pending} things are due)" if clock.pending > 1 else ""
    yield f"due next, {_in(clock.now, first.at)}, for {first.tracking_id[:8]}: {first.says}{more}."
    yield HOW[clock.mode].format(step=_step(clock.now, first.at))


HOW = {
    "manual": "The clock moves only when the test moves it: routee.clock.until_idle() lets all of it happen, {step}.",
    "realtime": 'The clock is realtime: wait with within=, as in routee.expect.flow(..., within="5s"), or {step}.',
    "instant": "The clock is instant, and it has not come to this yet: wait with within=, or {step}.",
}
"""How to let happen what is due, for each mode of the clock."""


def _step(now: datetime, at: datetime | None) -> str:
    seconds = 0 if at is None else max(0, -(-(at - now).total_seconds() // 1))
    return f"routee.clock.advance(seconds={seconds:.0f}) the next" if seconds else "routee.clock.next() the next"


def _in(now: datetime, at: datetime | None) -> str:
    if at is None:
        return "never"
    return "now" if at <= now else f"in {(at - now).total_seconds():g} s at {at:%H:%M:%S}"


def without_repeats(log: str) -> str:
    """A log that pytest captured, in which a record with a traceback stands once, with how often it comes again.

    A webhook that fails is called thirteen times for each callback, and its framework logs every one of them.
    """
    records = RECORD.split(log.rstrip("\n") + "\n")
    times = Counter(record for record in records if "Traceback (most recent call last)" in record)
    told = []
    for record in records:
        if record not in times:
            told.append(record)
        elif number := times[record]:
            told.append(record if number == 1 else f"{record}... and {number - 1} times more\n")
            times[record] = 0
    return "".join(told)


def handler_errors(failures: Iterable[BaseException]) -> str:
    """What a webhook handler raised, each with its traceback from the handler on; the same one only once."""
    told = ("".join(traceback.format_exception(type(each), each, handler_trace(each))) for each in failures)
    return "\n".join(dict.fromkeys(told))


def handler_trace(error: BaseException | None) -> TracebackType | None:
    """The traceback of what a webhook handler raised, from the handler on; None for what it returned wrongly."""
    trace = None if error is None else error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == receiver_file:
        trace = trace.tb_next
    return trace
