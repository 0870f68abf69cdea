"""`routee-mock demo`: one flow, three channels, no waiting. Everything that it prints came over HTTP."""

import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import click

from mockserver.cli import story
from mockserver.wire import Json

if TYPE_CHECKING:
    from mockserver.client import Sandbox, StatusChange
    from mockserver.testing.receiver import Receiver

RECIPIENT = "+306900000310"

FLOW: Json = {
    "flow": [
        {
            "type": "Viber",
            "to": RECIPIENT,
            "order": 1,
            "ttl": 10,
            "senderInfoTrackingId": "a5f1c0de-0000-4000-8000-000000000001",
            "message": {"text": "Your parcel is at the door."},
        },
        {
            "type": "Sms",
            "to": RECIPIENT,
            "order": 2,
            "from": "Parcels",
            "message": {"body": "Your parcel is at the door."},
        },
        {
            "type": "Voice",
            "to": {"phone": RECIPIENT},
            "order": 3,
            "from": "+306900000000",
            "dialPlan": {
                "verbs": [{"type": "SAY", "message": {"text": "Your parcel is at the door.", "language": "en-GB"}}]
            },
        },
    ]
}

WIDTH = 110

INTERRUPTED = 130
"""The exit code of a program that ctrl-c ends."""

COLOURS = {"Succeeded": "green", "Failed": "red", "InProgress": "yellow", "Queued": "yellow"}


OTP_RECIPIENT = "+306900000000"

OTP: Json = {
    "flow": [
        {
            "type": "ViberOtp",
            "to": OTP_RECIPIENT,
            "order": 1,
            "ttl": 60,
            "senderInfoTrackingId": "a5f1c0de-0000-4000-8000-000000000001",
            "templateId": "0aac888f-2ee2-4112-9659-1755a951966a",
            "pin": "739154",
            "failoverAfterDelivered": True,
        },
        {
            "type": "Sms",
            "to": OTP_RECIPIENT,
            "order": 2,
            "ttl": 300,
            "from": "Bank",
            "message": {"body": "739154 is your code."},
        },
    ]
}


@click.command(short_help="Watch a flow fail over, in virtual time.")
@click.option(
    "--scenario", help="Play this scenario of the library, for all messages; `routee-mock scenarios` lists them."
)
@click.option(
    "--flow",
    type=click.File("rb"),
    help="Send the flow in this file: the body of a POST /failover, or with --otp of a one-time password.",
)
@click.option("--otp", is_flag=True, help="Send a one-time password: delivered over Viber, not seen, then sent by Sms.")
@click.option("--page", is_flag=True, help="Begin a story on the page, for you to go on; ctrl-c ends it.")
@click.option("--play", is_flag=True, help="With --page: the story plays by itself.")
def demo(scenario: str | None, flow: IO[bytes] | None, otp: bool, page: bool, play: bool) -> None:
    """Watch a flow in virtual time: what the channels say, and what the webhook receives.

    Without options it fails over from Viber to Sms to Voice.
    """
    if play and not page:
        raise click.UsageError("--play is for --page: without a page the demo plays by itself")
    if page and (scenario or flow or otp):
        raise click.UsageError("--page has a story of its own, without --scenario, --flow and --otp")
    if not page:
        tell(scenario, flow, otp=otp)
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would not hear ctrl-c
    try:
        story.show(plays=play)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def tell(scenario: str | None, flow: IO[bytes] | None, *, otp: bool) -> None:
    """Play a flow, and print all that happens to it."""
    from mockserver.cli.bodies import read_body
    from mockserver.client import MockError, Server
    from mockserver.core.clock import Mode
    from mockserver.server import running
    from mockserver.settings import Settings
    from mockserver.testing.receiver import receiving

    body = (OTP if otp else FLOW) if flow is None else read_body(flow)
    began = time.monotonic()
    settings = Settings(port=0, clock=Mode.MANUAL, start=1_767_254_400_000)
    with running(settings) as reached, receiving() as receiver, Server(reached.url) as server:
        _say(f"A mock of Routee runs on {server.url}. The demo moves its clock, so nothing below waits.\n")
        sandbox = server.sandbox()
        ask = _log_in(sandbox)
        try:
            if scenario is not None:
                sandbox.play(scenario)
            path = (_send_otp if otp else _send)(sandbox, ask, body, receiver.url)
        except MockError as error:
            raise click.ClickException(str(error).removeprefix("play(scenario=...): ")) from None
        took = _watch(sandbox, receiver)
        document = ask("GET", path)
    _finish(path, document, len(receiver.requests), took, time.monotonic() - began)


def _log_in(sandbox: "Sandbox") -> Callable[..., Json]:
    """Get a token. Return a function that sends requests to Routee's endpoints with it."""
    form, credentials = {"grant_type": "client_credentials"}, ("any-id", "any-secret")
    token = sandbox.link.ask("POST", "/oauth/token", data=form, auth=credentials)["access_token"]
    _call(sandbox, "any credentials will do")
    return partial(sandbox.link.ask, headers={"Authorization": f"Bearer {token}"})


def _send(sandbox: "Sandbox", ask: Callable[..., Json], body: Json, webhook: str) -> str:
    reply = ask("POST", "/failover", body | {"callback": {"strategy": "OnStep", "url": webhook}})
    _call(sandbox, f"trackingId {reply['trackingId']}")
    for step in reply["flow"]:
        ttl = f"ttl {step['ttl']} min, " if "ttl" in step else ""
        on = ", ".join(step["failoverOnStatuses"])
        _say(f"  {step['order']}. {_channel(step['type'])} {_recipient(step)}  {ttl}next channel on {on}")
    return f"/failover/tracking/{reply['trackingId']}"


def _send_otp(sandbox: "Sandbox", ask: Callable[..., Json], body: Json, webhook: str) -> str:
    reply = ask("POST", "/failover-otp/otp/send-failover", body | {"callback": {"url": webhook}})
    _call(sandbox, f"flowId {reply['flowId']}")
    for step in reply["flow"]:
        waits = ", next channel unless it is seen by then" if step.get("failoverAfterDelivered") else ""
        _say(f"  {step['order']}. {_channel(step['type'])} {_recipient(step)}  ttl {step['ttl']} s{waits}")
    return f"/failover-otp/otp/failover/{reply['flowId']}"


def _watch(sandbox: "Sandbox", receiver: "Receiver") -> timedelta:
    """Move the clock event by event until nothing is due, and print each event. Return how long that took."""
    from mockserver.client import StatusChange

    began = sandbox.clock.now
    _say(f"\n{'VIRTUAL TIME':<15}{'THE CHANNEL SAYS':<45}THE WEBHOOK RECEIVES")
    while True:
        seen = len(receiver.requests)
        moved = sandbox.clock.next()
        if not moved.events:
            return moved.to - began
        for change in moved.transitions:
            if isinstance(change, StatusChange):
                _row(change.at - began, change, receiver.payloads[seen:])


def _row(at: timedelta, change: "StatusChange", received: list[Json]) -> None:
    said = change.status + (f" ({change.reason})" if change.reason else "")
    told = [f"{_coloured(body)} {_messages(body)}" for body in received]
    for each in told or ["nothing: the reply said so"]:
        _say(f"+{_span(at):<14}{_channel(change.channel)} {said:<38} {each}")


def _coloured(body: Json) -> str:
    return click.style(f"{body['status']:<11}", fg=COLOURS[body["status"]])


def _messages(body: Json) -> str:
    if "steps" in body:
        return ", ".join(f"{step['channel']} {step['status']}" for step in body["steps"])
    return ", ".join(f"{message['type']} {message['status']['name']}" for message in body["messages"])


def _finish(path: str, document: Json, callbacks: int, took: timedelta, real: float) -> None:
    from mockserver.wire.problems import many

    _say(f"\nGET {path}")
    _say(_pretty(document))
    status = click.style(document["status"], fg=COLOURS[document["status"]], bold=True)
    _say(
        f"\n{status} over {_last_channel(document)} after {_span(took)} of virtual time,"
        f" {many(callbacks, 'callback')} and {real:.1f} real seconds."
    )


def _last_channel(document: Json) -> str:
    return str(document["terminationChannel"] if "terminationChannel" in document else document["steps"][-1]["channel"])


def _call(sandbox: "Sandbox", note: str) -> None:
    """Print the last request."""
    made = sandbox.requests[-1]
    _say(f"{f'{made.method} {made.path}':<20} {click.style(str(made.status), fg='green')}  {note}")


def _channel(name: str) -> str:
    return click.style(f"{name:<5}", fg="cyan", bold=True)


def _recipient(step: Json) -> str:
    to = step["to"]
    return str(to if isinstance(to, str) else to["phone"])


def _pretty(value: Any, indent: int = 0) -> str:
    """JSON for people to read: as much on a line as fits."""
    flat = json.dumps(value)
    if len(flat) + indent <= WIDTH or not isinstance(value, dict | list):
        return flat
    if isinstance(value, list):
        return f"[{_fill([_pretty(each, indent + 1) for each in value], indent)}]"
    pairs = [f"{json.dumps(name)}: {_pretty(each, indent + 1)}" for name, each in value.items()]
    return f"{{{_fill(pairs, indent)}}}"


def _fill(items: list[str], indent: int) -> str:
    lines = [items[0]]
    for item in items[1:]:
        if len(lines[-1]) + len(item) + indent + 3 <= WIDTH and "\n" not in item + lines[-1]:
            lines[-1] += f", {item}"
        else:
            lines[-1] += ","
            lines.append(item)
    return f"\n{' ' * (indent + 1)}".join(lines)


def _span(span: timedelta) -> str:
    minutes, seconds = divmod(span.total_seconds(), 60)
    return f"{int(minutes):02}:{seconds:06.3f}"


def _say(line: str) -> None:
    click.echo(line)
