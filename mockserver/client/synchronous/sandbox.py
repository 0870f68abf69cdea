# Made from ../asynchronous/sandbox.py by `python -m tools.plain_client`: change that one.
"""One sandbox of a running mock: everything that a test does with it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from mockserver.client.environment import environment
from mockserver.client.fields import Json, send_body, without_none
from mockserver.client.problems import Call, Misuse, MockError, PlayCall, Refused
from mockserver.client.spelling import spelled
from mockserver.client.synchronous.clock import Clock
from mockserver.client.synchronous.expect import Expect
from mockserver.client.synchronous.link import Link
from mockserver.client.values import Callback, Flow, Happened, Request, SandboxInfo, id_of, path_of, which
from mockserver.client.when import Begun, Scene, When
from mockserver.client.words import Channel, CodeFormat, EntryKind, FlowBody, MessageStatus, Strategy

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

PAGE = 1_000


@spelled
class Sandbox:
    """One sandbox of a mock, as `create_sandbox` or `sandbox` of a server returns it.

    As a context manager it deletes the sandbox at the end. clock: moves its time. expect: asserts what happened in it.
    info: its credentials, URLs and counts when this object was made. link: sends its requests. begun: the scenarios
    that were begun with `when`. Every method raises Misuse for what the mock cannot do, Unreachable if no mock answers,
    and TypeError if a scenario was begun that says nothing.
    """

    def __init__(self, link: Link, info: SandboxInfo) -> None:
        self.info = info
        self.begun = Begun()
        self.link = link.after(self._check)
        self._path = f"/_mock/sandboxes/{quote(info.id, safe='')}"
        self._token: str | None = None
        self._scenes = 0
        self.clock = Clock(self.link, self._path)
        self.expect = Expect(self.link, self._path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id!r} of {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unfinished = self.begun.take()
        try:
            self.delete()
        except MockError as error:
            if error.status != 404:  # it is gone already
                raise
        if kind is None and unfinished is not None:
            raise TypeError(unfinished)

    # What configures the application under test

    @property
    def id(self) -> str:
        """The name of the sandbox."""
        return self.info.id

    @property
    def url(self) -> str:
        """The URL of the mock, the same for everything."""
        return self.link.url

    @property
    def auth_url(self) -> str:
        """The base URL for tokens, instead of https://auth.routee.net."""
        return self.url

    @property
    def api_url(self) -> str:
        """The base URL for everything else, instead of https://connect.routee.net."""
        return self.url

    @property
    def application_id(self) -> str:
        """The application id that leads into this sandbox. For the default sandbox any id will do."""
        return self.info.application_id or "any-application"

    @property
    def application_secret(self) -> str:
        """The secret for `application_id`."""
        return self.info.application_secret or "any-secret"

    def env(self, **names: str | None) -> dict[str, str]:
        """The URLs and credentials as environment variables, to configure the application.

        names: the application's own names for `auth_url`, `api_url`, `application_id` and `application_secret`. The
        defaults are ROUTEE_AUTH_URL and so on; None leaves one out.
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
        channel: Channel | None = None,
        step: int | None = None,
        priority: int | None = None,
        uses: int | None = None,
    ) -> When:
        """Begin a scenario for the messages that match; without arguments, for all messages.

        A text must be equal, `*` in it stands for anything, and a text `/between slashes/` is a regular expression.
        priority: if several scenarios match, the highest wins, and of equal ones the latest. uses: how many flows it is
        for.
        """
        self._scenes += 1
        like = {"to": to, "from": from_, "label": label, "text": text, "channel": channel, "step": step}
        scene = Scene.of(f"when-{self._scenes}", like, priority, uses)
        return When(scene, self._put, self.begun.begin(without_none(like)))

    def play(self, scenario: Mapping[str, Any] | str | Path, *, name: str | None = None, default: bool = False) -> str:
        """Play a scenario from now on. Return its name.

        scenario: its name, in the library or among the mock's --scenarios; or itself, as a dictionary or as YAML; or a
        file on the machine of the test, as a Path. Without `when` it is for all messages, as `when()` is, also for
        those to magic numbers. name: its name, if it has none; a file gives it its own. It replaces a scenario with the
        same name. default: it is only for messages that nothing else decides. Raises Misuse, which names file and line,
        and OSError.
        """
        rank = {"default": "true" if default else None}
        if isinstance(scenario, Path):
            call = PlayCall(str(scenario), in_file=True)
            return self._put(_read(scenario), call, name=name or scenario.stem, **rank)
        if isinstance(scenario, str) and ":" not in scenario:
            if scenario.endswith((".yaml", ".yml")):
                raise TypeError(f"a file is given as a Path: play(Path({scenario!r}))")
            used = {"use": scenario, "name": name or scenario}
            return self._put(used, Call("play", {"use": "scenario"}), **rank)
        return self._put(scenario, PlayCall("play"), name=name, **rank)

    def _put(self, scenario: Mapping[str, Any] | str, call: Call, **query: str | None) -> str:
        said: Json = {"content": scenario} if isinstance(scenario, str) else {"json": dict(scenario)}
        made = self.link.ask("POST", f"{self._path}/scenarios", params=without_none(query), call=call, **said)
        return str(made["name"])

    def stop(self, name: str) -> None:
        """Stop playing a scenario."""
        self.link.ask("DELETE", f"{self._path}/scenarios/{quote(name, safe='')}")

    @property
    def scenarios(self) -> list[str]:
        """The names of the scenarios that are played, in the order in which they are tried."""
        answer = self.link.ask("GET", f"{self._path}/scenarios")
        return [scenario["name"] for scenario in answer["scenarios"]]

    # What happens now

    def send(
        self,
        flow: FlowBody,
        *,
        callback: str | None = None,
        strategy: Strategy = "OnStep",
        transactional: bool = False,
    ) -> Flow:
        """Send a flow as an application does. flow: the whole body of `POST /failover`, or only its steps.

        callback: the URL of a webhook, which is called by `strategy`. Raises Refused, which names every wrong field.
        """
        if callback is None and strategy != "OnStep":
            raise TypeError("strategy= says when callback= is called: give both, or put both into the flow's own body")
        path = "/failover/transactional" if transactional else "/failover"
        hook = {} if callback is None else {"strategy": strategy, "url": callback}
        answer = self._authorized("POST", path, send_body(flow, hook))
        return self.flow(answer["trackingId"])

    def send_otp(self, flow: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, callback: str | None = None) -> Flow:
        """Send one-time passwords as an application does. flow: the whole body of the send, or only its steps.

        callback: the URL of a webhook. Raises Refused, which names every wrong field, also for a send that failed.
        """
        body = send_body(flow, {} if callback is None else {"url": callback})
        answer = self._authorized("POST", "/failover-otp/otp/send-failover", body)
        if answer["flowId"] is None:
            raise Refused(f"the send failed: {answer['error']}, statusCode {answer['statusCode']}", 200)
        return self.flow(answer["flowId"])

    def push(
        self,
        status: MessageStatus | Sequence[MessageStatus],
        flow: Flow | str | None = None,
        *,
        to: str | None = None,
        label: str | None = None,
        step: int | None = None,
        channel: Channel | None = None,
        reason: str | None = None,
    ) -> Happened:
        """Give a message a status now. Name its flow, or the newest one by its recipient or label.

        status: one, or several that come in one instant: `push(["Ringing", "InProgress"], flow)`. reason: of each.
        """
        event: Json = {"step": step, "channel": channel} | which("push", flow, to, label)
        if isinstance(status, str):
            event |= {"status": status, "reason": reason}
        else:
            event["events"] = [without_none({"status": each, "reason": reason}) for each in status]
        asked = self.link.ask("POST", f"{self._path}/events", without_none(event), call=Call("push"))
        return Happened.model_validate(asked)

    def hold(
        self,
        flow: Flow | str | None = None,
        *,
        to: str | None = None,
        label: str | None = None,
        step: int | None = None,
        channel: Channel | None = None,
    ) -> Happened:
        """Drop what is planned for a message, so that it waits for what is pushed.

        Name its flow, or the newest one by its recipient or label. Without a step or channel it is the running message;
        a step that has not begun can be named too.
        """
        held = {"step": step, "channel": channel} | which("hold", flow, to, label)
        asked = self.link.ask("POST", f"{self._path}/hold", without_none(held), call=Call("hold"))
        return Happened.model_validate(asked)

    def inbound(
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
        """Let the recipient of a Viber message answer. The answer is posted to the inboundUrl of the step."""
        said = {"message": message, "step": step, "media": media, "filename": filename}
        said |= which("inbound", flow, to, label)
        asked = self.link.ask("POST", f"{self._path}/inbound", without_none(said), call=Call("inbound"))
        return Happened.model_validate(asked)

    def set_balance(self, euro: float | None) -> None:
        """Set the balance of the account; None is unlimited."""
        balance = {"balance": "unlimited" if euro is None else euro}
        self.link.ask("PUT", f"{self._path}/balance", balance, call=Call("set_balance", {"balance": "euro"}))

    def revoke_tokens(self, *, expire: bool = False) -> int:
        """Revoke every token, or make it expire. Return how many there were."""
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
        """Every callback that was due, oldest first."""
        return [Callback.model_validate(each) for each in self._pages("callbacks", "callback")]

    @property
    def requests(self) -> list[Request]:
        """Every request to Routee's endpoints, oldest first."""
        return [Request.model_validate(each) for each in self._pages("requests", "number")]

    @property
    def balance(self) -> float | None:
        """The balance of the account, in euro; None is unlimited."""
        balance = (self.link.ask("GET", f"{self._path}/balance"))["balance"]
        return None if balance == "unlimited" else float(balance)

    def flow(self, flow: Flow | str) -> Flow:
        """A flow as it is now."""
        return Flow.model_validate(self.link.ask("GET", f"{self._path}/flows/{path_of(flow)}"))

    def document(self, flow: Flow | str) -> Json:
        """The document of a flow, as in Routee's tracking and callbacks."""
        return dict((self.link.ask("GET", f"{self._path}/flows/{path_of(flow)}"))["document"])

    def why(self, flow: Flow | str) -> list[Json]:
        """Why the flow went on or stopped at each step, in words, with the rule."""
        return list((self.link.ask("GET", f"{self._path}/flows/{path_of(flow)}/why"))["why"])

    def code(self, flow: Flow | str, format: CodeFormat = "pytest") -> str:  # noqa: A002
        """A flow as code: "pytest", "python", "curl" or "scenario".

        It has what was planned, sent and done, by anybody, and the statuses that came as the expectation.
        """
        path = f"{self._path}/flows/{path_of(flow)}/as"
        return str(self.link.ask("GET", path, params={"format": format}))

    def check(self, flow: FlowBody, *, scenario: Mapping[str, Any] | None = None) -> Json:
        """What would happen to a send, without sending it: every wrong field, or the outcome of each step and why.

        flow: as for `send`. scenario: one that would be played, too.
        """
        asked = without_none({"send": send_body(flow, {}), "scenario": scenario})
        return dict(self.link.ask("POST", f"{self._path}/check", asked))

    def journal(
        self, *, flow: Flow | str | None = None, kind: EntryKind | Sequence[EntryKind] | None = None
    ) -> list[Json]:
        """Everything that happened, oldest first. flow: only this one. kind: only this kind, or these."""
        kinds = kind if kind is None or isinstance(kind, str) else ",".join(kind)
        asked = without_none({"flow": id_of(flow), "kind": kinds})
        return self._pages("journal", "number", "entries", asked, Call("journal"))

    def timeline(self, flow: Flow | str | None = None) -> str:
        """The journal as text, with a line for each entry."""
        asked = {} if flow is None else {"flow": id_of(flow)}
        params: Json = {"format": "text", "limit": 100_000_000, **asked}
        return str(self.link.ask("GET", f"{self._path}/journal", params=params))

    def log(self) -> str:
        """Every command since the sandbox began, for `routee-mock replay`. Attach it to a bug report."""
        return str(self.link.ask("GET", f"{self._path}/log"))

    # The sandbox itself

    def reset(self) -> None:
        """Empty the sandbox: no flows, no tokens, and the clock at its start."""
        self._token = None
        self.link.ask("POST", f"{self._path}/reset")

    def delete(self) -> None:
        """Delete the sandbox. Callbacks under way can finish; no others are posted."""
        self.link.ask("DELETE", self._path)

    def _check(self) -> None:
        self.begun.check()

    def _authorized(self, method: str, path: str, body: Json) -> Any:
        """Send a request to Routee's endpoints with a token; get a new token if the last one is no longer valid."""
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

    def _pages(
        self, what: str, number: str, key: str = "", asked: Json | None = None, call: Call | None = None
    ) -> list[Json]:
        """A list of any length, page by page."""
        found: list[Json] = []
        after = 0
        while True:
            params: Json = {"after": after, "limit": PAGE} | (asked or {})
            page = (self.link.ask("GET", f"{self._path}/{what}", params=params, call=call))[key or what]
            found += page
            if len(page) < PAGE:
                return found
            after = page[-1][number]


def _read(file: Path) -> str:
    """The text of a file. Raises OSError, which names it, and Misuse for a file that is no text."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misuse(f"{file}:1: this is not UTF-8, at byte {error.start + 1}") from None
    except OSError as error:  # without the lines of the library that opens it
        raise type(error)(error.errno, error.strerror, str(file)) from None
