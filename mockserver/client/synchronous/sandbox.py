# Made from ../asynchronous/sandbox.py by `python -m tools.plain_client`: change that one.
"""One sandbox of a running mock: everything a test does to its info, and asks of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from mockserver.client.environment import environment
from mockserver.client.fields import Json, without_none
from mockserver.client.problems import MockError
from mockserver.client.synchronous.clock import Clock
from mockserver.client.synchronous.expect import Expect
from mockserver.client.synchronous.link import Link
from mockserver.client.values import Callback, Flow, Happened, Request, SandboxInfo, id_of, path_of
from mockserver.client.when import Scene, When

__tracebackhide__ = True
"""pytest shows the line of the test that asked, and not ours."""

PAGE = 1_000


class Sandbox:
    """A handle on one sandbox, made by a server. As a context manager it deletes the sandbox in the end.

    clock: moves its time. expect: asserts what happened in it. info: its credentials, URLs and counts as they were
    when the handle was made. link: what it asks through. Every method raises MockError when the mock refuses it, and
    Unreachable when nobody answers.
    """

    def __init__(self, link: Link, info: SandboxInfo) -> None:
        self.info = info
        self.link = link
        self._path = f"/_mock/sandboxes/{quote(info.id, safe='')}"
        self._token: str | None = None
        self._scenes = 0
        self.clock = Clock(link, self._path)
        self.expect = Expect(link, self._path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id!r} of {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.delete()
        except MockError as error:
            if error.status != 404:  # it is gone already
                raise

    # What the application under test is configured with

    @property
    def id(self) -> str:
        """The name of the sandbox."""
        return self.info.id

    @property
    def url(self) -> str:
        """Where the mock answers: one URL for everything."""
        return self.link.url

    @property
    def auth_url(self) -> str:
        """The base URL of authorization, in the place of https://auth.routee.net."""
        return self.url

    @property
    def api_url(self) -> str:
        """The base URL of everything else, in the place of https://connect.routee.net."""
        return self.url

    @property
    def application_id(self) -> str:
        """The application id that leads into this sandbox; any does for the default one."""
        return self.info.application_id or "any-application"

    @property
    def application_secret(self) -> str:
        """Its secret."""
        return self.info.application_secret or "any-secret"

    def env(self, **names: str | None) -> dict[str, str]:
        """The URLs and credentials as environment variables, for an application that is configured by them.

        names: what the application calls `auth_url`, `api_url`, `application_id` and `application_secret`, where
        not ROUTEE_AUTH_URL and so on; None leaves one out.
        """
        values = {"auth_url": self.auth_url, "api_url": self.api_url}
        values |= {"application_id": self.application_id, "application_secret": self.application_secret}
        return environment(values, names)

    # What will happen

    def when(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        label: str | None = None,
        text: str | None = None,
        channel: str | None = None,
        step: int | None = None,
        priority: int | None = None,
        uses: int | None = None,
    ) -> When:
        """Say what becomes of the messages that are like this; of all of them, when nothing is said.

        A text is meant exactly, `*` stands for anything, and `/between slashes/` stands a regular expression.
        priority: of several that match, the highest speaks, of equal ones the latest. uses: for so many flows.
        """
        self._scenes += 1
        like = {"to": to, "from": from_, "label": label, "text": text, "channel": channel, "step": step}
        return When(Scene.of(f"when-{self._scenes}", like, priority, uses), self.play)

    def play(self, scenario: Mapping[str, Any] | str, *, name: str | None = None) -> str:
        """Play a scenario from now on: as a dictionary, or as YAML. Its name.

        One without `when` speaks for everybody, as `when()` does: for magic recipients too. name: what it is called
        unless it says. One with the same name goes.
        """
        said: Json = {"content": scenario} if isinstance(scenario, str) else {"json": dict(scenario)}
        named = {"name": name} if name is not None else None
        made = self.link.ask("POST", f"{self._path}/scenarios", params=named, **said)
        if made["when"] is None:
            everybody = made["says"] | {"name": made["name"], "when": {"to": "*"}}
            self.link.ask("POST", f"{self._path}/scenarios", everybody)
        return str(made["name"])

    def load(self, scenario: str | Path) -> str:
        """Play a scenario of the library, or of the directory the mock was started with, by its name; or a file.

        As `play`: for everybody, unless it says for whom. A Path is a file here, where the test runs, called after its
        file unless it says.
        """
        if isinstance(scenario, Path):
            text = scenario.read_text(encoding="utf-8")
            return self.play(text, name=scenario.stem)
        return self.play({"use": scenario, "name": scenario})

    def drop(self, name: str) -> None:
        """Play this scenario no longer."""
        self.link.ask("DELETE", f"{self._path}/scenarios/{quote(name, safe='')}")

    @property
    def scenarios(self) -> list[str]:
        """The names of the scenarios that are played, in the order they are asked."""
        answer = self.link.ask("GET", f"{self._path}/scenarios")
        return [scenario["name"] for scenario in answer["scenarios"]]

    # What happens now

    def send(
        self,
        flow: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        callback: str | None = None,
        strategy: str = "OnStep",
        transactional: bool = False,
    ) -> Flow:
        """Send a flow, as an application would: the whole body of `POST /failover`, or its steps alone.

        callback: the URL of a webhook, called back by `strategy`. Raises MockError naming every field that is wrong.
        """
        path = "/failover/transactional" if transactional else "/failover"
        answer = self._authorized("POST", path, _body(flow, callback, strategy))
        return self.flow(answer["trackingId"])

    def push(
        self,
        status: str,
        flow: Flow | str | None = None,
        *,
        to: str | None = None,
        label: str | None = None,
        step: int | None = None,
        channel: str | None = None,
        reason: str | None = None,
    ) -> Happened:
        """Let a message hear a status now: of a flow, or of the newest one sent to a number or under a label."""
        event = {"status": status, "step": step, "channel": channel, "reason": reason} | _which(flow, to, label)
        return Happened.model_validate(self.link.ask("POST", f"{self._path}/events", without_none(event)))

    def reply(
        self,
        message: str,
        flow: Flow | str | None = None,
        *,
        to: str | None = None,
        label: str | None = None,
        step: int | None = None,
        media: str | None = None,
        filename: str | None = None,
    ) -> Happened:
        """Let the recipient of a Viber message answer it; posted to the step's inboundUrl."""
        said = {"message": message, "step": step, "media": media, "filename": filename} | _which(flow, to, label)
        return Happened.model_validate(self.link.ask("POST", f"{self._path}/inbound", without_none(said)))

    def set_balance(self, euro: float | None) -> None:
        """Let the account have so much; None is unlimited."""
        self.link.ask("PUT", f"{self._path}/balance", {"balance": "unlimited" if euro is None else euro})

    def revoke_tokens(self, *, expire: bool = False) -> int:
        """Let every token be good no longer; expire: as if its hour had passed. How many there were."""
        params = {"expire": "true"} if expire else None
        [count] = (self.link.ask("DELETE", f"{self._path}/tokens", params=params)).values()
        return int(count)

    # What happened

    @property
    def flows(self) -> list[Flow]:
        """Every flow, oldest first."""
        return [Flow.model_validate(each) for each in self._pages("flows", "flow")]

    @property
    def callbacks(self) -> list[Callback]:
        """Every callback that fell due, oldest first."""
        return [Callback.model_validate(each) for each in self._pages("callbacks", "callback")]

    @property
    def requests(self) -> list[Request]:
        """Every request to Routee's endpoints, oldest first."""
        return [Request.model_validate(each) for each in self._pages("requests", "number")]

    @property
    def balance(self) -> float | None:
        """What the account has, in euro; None is unlimited."""
        balance = (self.link.ask("GET", f"{self._path}/balance"))["balance"]
        return None if balance == "unlimited" else float(balance)

    def flow(self, flow: Flow | str) -> Flow:
        """A flow as it stands now."""
        return Flow.model_validate(self.link.ask("GET", f"{self._path}/flows/{path_of(flow)}"))

    def document(self, flow: Flow | str) -> Json:
        """A flow's document, as Routee's tracking and callbacks show it."""
        return dict((self.link.ask("GET", f"{self._path}/flows/{path_of(flow)}"))["document"])

    def why(self, flow: Flow | str) -> list[Json]:
        """In words, why the flow went on or stopped at each step, and the rule behind it."""
        return list((self.link.ask("GET", f"{self._path}/flows/{path_of(flow)}/why"))["why"])

    def journal(self, *, flow: Flow | str | None = None, kind: str | None = None) -> list[Json]:
        """Everything that happened, in one order; of one flow, or of some kinds ("send,status")."""
        asked = without_none({"flow": id_of(flow), "kind": kind})
        return self._pages("journal", "number", "entries", asked)

    def timeline(self, flow: Flow | str | None = None) -> str:
        """The journal for a person to read: a line for each entry."""
        asked = {} if flow is None else {"flow": id_of(flow)}
        params: Json = {"format": "text", "limit": 100_000_000, **asked}
        return str(self.link.ask("GET", f"{self._path}/journal", params=params))

    def log(self) -> str:
        """Every command since the sandbox began, for `routee-mock replay`: what a report of a bug needs."""
        return str(self.link.ask("GET", f"{self._path}/log"))

    # The sandbox itself

    def reset(self) -> None:
        """Begin again as it was made: no flows, no tokens, the clock where it started."""
        self._token = None
        self.link.ask("POST", f"{self._path}/reset")

    def delete(self) -> None:
        """Forget the sandbox. Callbacks under way are let finish; the others are not made any more."""
        self.link.ask("DELETE", self._path)

    def _authorized(self, method: str, path: str, body: Json) -> Any:
        """Ask one of Routee's endpoints with a token; with a fresh one if the last is good no longer."""
        for fresh in (False, True):
            if self._token is None or fresh:
                self._token = self.token()
            try:
                return self.link.ask(method, path, body, headers={"Authorization": f"Bearer {self._token}"})
            except MockError as error:
                if error.status != 401 or fresh:
                    raise
        raise AssertionError("the second time round either answers or raises")

    def token(self) -> str:
        """A bearer token for Routee's endpoints."""
        form = {"grant_type": "client_credentials"}
        credentials = (self.application_id, self.application_secret)
        return str((self.link.ask("POST", "/oauth/token", data=form, auth=credentials))["access_token"])

    def _pages(self, what: str, number: str, key: str = "", asked: Json | None = None) -> list[Json]:
        """A list of any length, page by page."""
        found: list[Json] = []
        after = 0
        while True:
            params: Json = {"after": after, "limit": PAGE} | (asked or {})
            page = (self.link.ask("GET", f"{self._path}/{what}", params=params))[key or what]
            found += page
            if len(page) < PAGE:
                return found
            after = page[-1][number]


def _which(flow: Flow | str | None, to: str | None, label: str | None) -> Json:
    return {"trackingId": id_of(flow), "to": to, "label": label}


def _body(flow: Mapping[str, Any] | Sequence[Mapping[str, Any]], callback: str | None, strategy: str) -> Json:
    """The body of a send: of a whole body, or of steps alone; with a callback if one is given."""
    body = dict(flow) if isinstance(flow, Mapping) else {"flow": list(flow)}
    return body if callback is None else body | {"callback": {"strategy": strategy, "url": callback}}
