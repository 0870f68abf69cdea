"""The demonstration: one flow, three channels, no waiting. All that it prints came over HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click
import httpx2

from mockserver.core.commands import Mode
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.wire import Json

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

COLOURS = {"Succeeded": "green", "Failed": "red", "InProgress": "yellow", "Queued": "yellow"}


class Receiver(ThreadingHTTPServer):
    """The application under test, at its smallest: a webhook that keeps what it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Json] = []


class Handler(BaseHTTPRequestHandler):
    """Answers every POST with 200."""

    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        """Keep the body and say thank you."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(json.loads(body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is http.server's
        """Keep quiet."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port, on its own thread."""
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver
        receiver.shutdown()


def show() -> None:
    """Run the demonstration and print it."""
    began = time.monotonic()
    settings = Settings(port=0, clock=Mode.MANUAL, start=1_767_254_400_000)
    with running(settings) as server, receiving() as receiver, httpx2.Client(base_url=server.url) as client:
        _say(f"A mock of Routee on {server.url}, its clock in our hands. Nothing below waits for real time.\n")
        tracking_id = _send(client, f"http://127.0.0.1:{receiver.server_port}/webhook")
        clock = _watch(client, receiver)
        document = client.get(f"/failover/tracking/{tracking_id}").raise_for_status().json()
    _finish(document, receiver, clock, time.monotonic() - began)


def _send(client: httpx2.Client, webhook: str) -> str:
    token = client.post("/oauth/token", auth=("any-id", "any-secret"), data={"grant_type": "client_credentials"})
    client.headers["authorization"] = f"Bearer {token.raise_for_status().json()['access_token']}"
    _call("POST /oauth/token", token, "any credentials will do")
    sent = client.post("/failover", json=FLOW | {"callback": {"strategy": "OnStep", "url": webhook}})
    reply = sent.raise_for_status().json()
    _call("POST /failover", sent, f"trackingId {reply['trackingId']}")
    for step in reply["flow"]:
        ttl = f"ttl {step['ttl']} min, " if "ttl" in step else ""
        on = ", ".join(step["failoverOnStatuses"])
        _say(f"  {step['order']}. {_channel(step['type'])} {_recipient(step)}  {ttl}next channel on {on}")
    return str(reply["trackingId"])


def _watch(client: httpx2.Client, receiver: Receiver) -> Json:
    """Move the clock event by event until nothing is due, printing each; the clock as it stands then."""
    began: datetime | None = None
    _say(f"\n{'VIRTUAL TIME':<15}{'THE CHANNEL SAYS':<45}THE WEBHOOK RECEIVES")
    while True:
        seen = len(receiver.received)
        moved = client.post("/_mock/clock/advance", json={"until": "next"}).raise_for_status().json()
        began = began or datetime.fromisoformat(moved["from"])
        if not moved["events"]:
            return {"took": datetime.fromisoformat(moved["to"]) - began}
        for change in moved["transitions"]:
            if "status" in change:
                _row(datetime.fromisoformat(change["at"]) - began, change, receiver.received[seen:])


def _row(at: timedelta, change: Json, received: list[Json]) -> None:
    said = change["status"] + (f" ({change['reason']})" if change["reason"] else "")
    for body in received:
        flow = click.style(f"{body['status']:<11}", fg=COLOURS[body["status"]])
        messages = ", ".join(f"{message['type']} {message['status']['name']}" for message in body["messages"])
        _say(f"+{_span(at):<14}{_channel(change['channel'])} {said:<38} {flow} {messages}")


def _finish(document: Json, receiver: Receiver, clock: Json, took: float) -> None:
    _say(f"\nGET /failover/tracking/{document['trackingId']}")
    _say(_pretty(document))
    status = click.style(document["status"], fg=COLOURS[document["status"]], bold=True)
    _say(
        f"\n{status} over {document['terminationChannel']} after {_span(clock['took'])} of virtual time,"
        f" {len(receiver.received)} callbacks and {took:.1f} real seconds."
    )


def _call(request: str, response: httpx2.Response, note: str) -> None:
    _say(f"{request:<20} {click.style(str(response.status_code), fg='green')}  {note}")


def _channel(name: str) -> str:
    return click.style(f"{name:<5}", fg="cyan", bold=True)


def _recipient(step: Json) -> str:
    to = step["to"]
    return str(to if isinstance(to, str) else to["phone"])


def _pretty(value: Any, indent: int = 0) -> str:
    """JSON for the eye: as much on a line as fits."""
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
