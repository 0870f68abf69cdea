"""`routee-mock demo --page`: a story on the page. What happened before is there; the end of one flow is still open.

It is plain data and a few calls of the control API, and the pictures of the page show the very same story.
"""

import threading
from typing import TYPE_CHECKING

import click

from mockserver.wire import Json

if TYPE_CHECKING:
    from mockserver.client import Flow, Sandbox
    from mockserver.settings import Settings

START, TODAY = 1_767_254_400_000, "2026-01-05T09:30:00Z"
"""2026-01-01T08:00:00Z, when the first flow was sent; and when the last one is."""

PACE = 3.0
"""Real seconds between two events of a story that plays by itself."""

SHOP = "a5f1c0de-0000-4000-8000-000000000001"


def viber(to: str, text: str, ttl: int = 10) -> Json:
    """A Viber step."""
    action = {"caption": "Track my parcel", "targetUrl": "https://shop.example/track"}
    message = {"text": text, "action": action}
    return {"type": "Viber", "to": to, "ttl": ttl, "senderInfoTrackingId": SHOP, "message": message}


def sms(to: str, text: str) -> Json:
    """An Sms step."""
    return {"type": "Sms", "to": to, "from": "Parcels", "message": {"body": text}}


def voice(to: str, text: str) -> Json:
    """A Voice step that says a text."""
    said = {"type": "SAY", "message": {"text": text, "language": "en-GB"}}
    return {"type": "Voice", "to": to, "from": "+302100000000", "dialPlan": {"verbs": [said]}}


BEFORE: tuple[tuple[list[Json], str], ...] = (
    ([viber("+306900001500", "Your order is on its way.")], "sink/shop"),
    (
        [viber("+306900002100", "Your table is booked for 20:00."), sms("+306900002100", "Table booked: 20:00")],
        "sink/shop",
    ),
    ([sms("+306900003000", "Your code is 4071.")], "nobody-listens-here"),
    ([viber("+306900004000", "Your invoice is ready.")], "sink/shop"),
)
"""Flows that have ended when the story begins, each with the place in the mock where its callbacks go. The digits of
each number decide what happens. Nobody takes the callbacks of one of them."""

WRONG: Json = {"flow": [{"type": "Sms", "to": "12", "ttl": 2_000, "message": {"body": ""}}]}
"""A send that the mock refuses."""

PARCEL = "+306900000310"
"""Viber expires here, the phone is off for the Sms, and the call is heard: unless the viewer decides otherwise."""

TEXT = "Your parcel is at the door."


def settings() -> "Settings":
    """The settings of a server for the story: a free port, and tokens that outlast it."""
    from mockserver.core.behaviour import Behaviour
    from mockserver.core.clock import Mode
    from mockserver.settings import Settings

    return Settings(port=0, clock=Mode.MANUAL, start=START, behaviour=Behaviour(token_life=None))


def begin(sandbox: "Sandbox") -> "Flow":
    """Play what came before, and send the flow of the story."""
    own = f"{sandbox.url}/_mock/"
    for steps, place in BEFORE:
        sandbox.send(steps, callback=f"{own}{place}")
        sandbox.clock.until_idle()
    _refuse(sandbox)
    sandbox.clock.to(TODAY)
    steps = [viber(PARCEL, TEXT), sms(PARCEL, TEXT), voice(PARCEL, f"Hello. {TEXT}")]
    return sandbox.send(steps, callback=f"{own}sink/shop")


def _refuse(sandbox: "Sandbox") -> None:
    from mockserver.client import MockError

    try:
        sandbox.send(WRONG)
    except MockError:
        return


def play(sandbox: "Sandbox", pause: float = PACE) -> None:
    """Let everything happen, event by event, with a pause of so many real seconds before each."""
    still = threading.Event()
    while sandbox.clock.read().pending:
        still.wait(pause)
        sandbox.clock.next()


def show(*, plays: bool) -> None:
    """Begin the story on a server of its own, say where its page is, and stay until ctrl-c. plays: by itself."""
    from mockserver import logs
    from mockserver.client import Server
    from mockserver.server import running

    wanted = settings()
    logs.configure(wanted.log, "error")
    with running(wanted) as reached, Server(reached.url) as server:
        sandbox = server.sandbox()
        begin(sandbox)
        click.echo(f"Open {reached.url}/_mock/ui/ in a browser.")
        if plays:
            click.echo("The story plays by itself. Ctrl-c ends it.")
            play(sandbox)
        else:
            click.echo("Press n there, and the next thing happens; the keys 1 to 6 decide otherwise. Ctrl-c ends it.")
        threading.Event().wait()
