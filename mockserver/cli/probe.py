"""`routee-mock probe`: asks a service, with the user's credentials, which rules hold there."""

import os
import secrets
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import click

from mockserver.cli.kinds import NamedPath
from mockserver.cli.record import CA, check_url, opened, trusted_by

if TYPE_CHECKING:
    import ssl

    import httpx2

    from mockserver.learning.questions import Question

ID, SECRET = "ROUTEE_APPLICATION_ID", "ROUTEE_APPLICATION_SECRET"

PAUSE = 0.3
"""Real seconds between two requests to a service that is not on this machine."""

PATIENCE = 30.0
"""Real seconds that an answer may take."""


@click.command(short_help="Ask a service which rules hold there; send nothing.")
@click.option("--api", required=True, metavar="URL", help="Base URL of the API.")
@click.option("--auth", required=True, metavar="URL", help="Base URL for /oauth/token.")
@click.option(
    "--out",
    type=NamedPath(dir_okay=False),
    default=Path("probe.jsonl"),
    show_default=True,
    help="Write the questions and answers to this file. Only you can read it.",
)
@CA
@click.option("--yes", is_flag=True, help="Ask the questions that cost nothing without showing them first.")
@click.option("--send-to", metavar="NUMBER", help="Also send real flows to this number, your own. They cost money.")
@click.option("--sender", default="Test", show_default=True, help="Sender of these Sms.")
@click.option("--viber-sender", metavar="ID", help="Send a Viber message too, as this sender (senderInfoTrackingId).")
@click.option(
    "--callback", metavar="URL", help="Let the callbacks of these flows go to this URL, such as one of `record`."
)
@click.option(
    "--watch",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="For how many seconds to ask what became of each flow.",
)
def probe(
    api: str,
    auth: str,
    out: Path,
    ca: Path | None,
    yes: bool,
    send_to: str | None,
    sender: str,
    viber_sender: str | None,
    callback: str | None,
    watch: float,
) -> None:
    """Ask a service the questions that cost nothing and send nothing to anybody, and write a recording for `learn`.

    Your credentials come from the environment: ROUTEE_APPLICATION_ID and ROUTEE_APPLICATION_SECRET. The questions are
    shown first. With --send-to it also sends real flows to your own phone, each after you said yes. Passwords and
    tokens are left out of the recording.
    """
    from mockserver.learning.questions import QUESTIONS

    credentials, trusted = _credentials(), trusted_by(ca)
    for option, url in (("--api", api), ("--auth", auth)):
        check_url(option, url)
    if not yes:
        click.echo(f"These {len(QUESTIONS)} requests, and two for tokens, cost nothing and send nothing to anybody:")
        for number, question in enumerate(QUESTIONS, start=1):
            click.echo(
                f"{number:>4}  {question.method:<5}{question.path.partition('?')[0][:26]:<26}  {question.what}"[:118]
            )
        click.confirm(f"Ask {api} and {auth}, as the application {credentials[0][:4]}...?", abort=True)
    with opened(out, "wb") as file, ExitStack() as stack:
        asker = Asker(stack, file, {"api": api, "auth": auth}, credentials, trusted)
        try:
            asker.ask_all(QUESTIONS)
            if send_to is not None:
                _send(asker, send_to, sender, viber_sender, callback, watch)
        finally:
            shown = shlex.join(["routee-mock", "learn", str(out)])
            click.echo(f"{asker.asked} answers are in {out}. What differs from the mock: {shown}")


def _credentials() -> tuple[str, str]:
    found = os.environ.get(ID, ""), os.environ.get(SECRET, "")
    if not all(found):
        raise click.UsageError(
            f"Set {ID} and {SECRET} in the environment: the questions are asked with your credentials."
        )
    return found


@dataclass
class Asker:
    """Asks questions over HTTP, one at a time, and writes each with its answer. bases: the base URLs, by name."""

    stack: ExitStack
    file: IO[bytes]
    bases: Mapping[str, str]
    credentials: tuple[str, str]
    trusted: "ssl.SSLContext | None" = None
    asked: int = 0
    bearers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import httpx2

        from mockserver.recordings.fields import Kind
        from mockserver.recordings.masking import Mask
        from mockserver.recordings.passing import is_loopback
        from mockserver.recordings.trust import trusting

        self.http: httpx2.Client = self.stack.enter_context(
            httpx2.Client(timeout=PATIENCE, trust_env=False, verify=self.trusted or trusting())
        )
        self.mask: Mask = Mask(
            secrets.token_bytes(16), [kind for kind in Kind if kind is not Kind.TOKENS], lasting=True
        )
        self.pause = 0.0 if all(map(is_loopback, self.bases.values())) else PAUSE

    def ask_all(self, questions: "tuple[Question, ...]") -> None:
        """Ask them, each once. Raises ClickException if nobody answers, or there is no token."""
        from mockserver.learning.questions import REFUSED

        self._log_in("own", "")
        self._log_in("narrow", "&scope=account")
        for question in questions:
            response = self.ask(question)
            click.echo(f"{response.status_code}  {question.what}")
            if question in REFUSED and response.status_code < 300:
                raise click.ClickException("a send that must be refused was accepted: nothing more is asked")
            time.sleep(self.pause)

    def ask(self, question: "Question") -> "httpx2.Response":
        """Ask one question, and write down the answer."""
        import httpx2

        from mockserver.recordings.lines import line
        from mockserver.recordings.trust import fault
        from mockserver.recordings.values import Exchange, Place

        url = self.bases["auth" if question.auth else "api"].rstrip("/") + question.path
        headers = self._headers(question)
        at = time.time_ns() // 1_000_000
        try:
            response = self.http.request(question.method, url, headers=headers, content=question.content)
        except httpx2.HTTPError as error:
            said = fault(error, urlsplit(url).netloc.rpartition("@")[2])
            raise click.ClickException(f"{question.method} {url.partition('?')[0]}: {said}") from None
        self.asked += 1
        answered = {name.lower(): value for name, value in response.headers.items()}
        place = Place("probe", self.asked)
        exchange = Exchange(
            question.method, url, response.status_code, place, at, headers, question.content, answered, response.content
        )
        self.file.write(line(self.mask.record(exchange)))
        self.file.flush()
        return response

    def _log_in(self, name: str, scope: str) -> None:
        from mockserver.learning.questions import FORM, GRANT, Login, Question

        form = f"{GRANT}{scope}".encode()
        response = self.ask(Question("a token", "POST", "/oauth/token", Login.OWN, form, FORM, auth=True))
        found = response.json() if response.status_code == 200 else {}
        if name == "own" and "access_token" not in found:
            raise click.ClickException(
                f"{self.bases['auth']} gives no token for these credentials: {response.status_code}"
            )
        self.bearers[name] = str(found.get("access_token", ""))

    def _headers(self, question: "Question") -> dict[str, str]:
        from base64 import b64encode

        from mockserver.learning.questions import Login

        def basic(secret: str) -> str:
            return f"Basic {b64encode(f'{self.credentials[0]}:{secret}'.encode()).decode()}"

        logins = {
            Login.OWN: basic(self.credentials[1]),
            Login.WRONG_SECRET: basic("wrong"),
            Login.BEARER: f"Bearer {self.bearers.get('own')}",
            Login.NARROW_BEARER: f"Bearer {self.bearers.get('narrow')}",
            Login.WRONG_BEARER: "Bearer 00000000-0000-4000-8000-000000000000",
        }
        told = {"authorization": logins[question.login]} if question.login in logins else {}
        return told | ({} if question.kind is None else {"content-type": question.kind}) | {"accept": "*/*"}


def _send(asker: Asker, to: str, sender: str, viber_sender: str | None, callback: str | None, watch: float) -> None:
    import orjson

    from mockserver.learning.questions import JSON, Login, Question, real_sends

    for what, body in real_sends(to, sender=sender, viber_sender=viber_sender, callback=callback):
        click.echo(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
        if not click.confirm(f"Really send {what} to {to}? It costs what your account pays for it."):
            continue
        response = asker.ask(Question(what, "POST", "/failover", Login.BEARER, orjson.dumps(body), JSON))
        click.echo(f"{response.status_code}  {what}")
        if response.status_code in (200, 201, 202):
            for status in _watched(asker, str(response.json().get("trackingId")), watch):
                click.echo(f"     {status}")


def _watched(asker: Asker, flow: str, watch: float) -> Iterator[str]:
    """The statuses of a flow, until it has ended or the time to watch it is over."""
    from mockserver.learning.questions import Question

    until, last = time.monotonic() + watch, ""
    while True:
        answer = asker.ask(Question("what became of it", "GET", f"/failover/tracking/{flow}"))
        status = str(answer.json().get("status")) if answer.status_code == 200 else str(answer.status_code)
        if status != last:
            last = status
            yield status
        if status in ("Succeeded", "Failed") or time.monotonic() > until:
            return
        time.sleep(min(2.0, watch / 10))
