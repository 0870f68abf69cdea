"""A running mock, found by its URL."""

import os
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import quote

import httpx2
from pydantic.alias_generators import to_camel

from mockserver.client.asynchronous.link import AsyncLink
from mockserver.client.asynchronous.sandbox import AsyncSandbox
from mockserver.client.environment import LOCAL, TOKEN, URL
from mockserver.client.fields import instant, without_none
from mockserver.client.problems import Call
from mockserver.client.spelling import check_keywords, spelled
from mockserver.client.values import SandboxInfo
from mockserver.client.words import SandboxSettings

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""


@spelled
class AsyncServer:
    """A running mock: in a container, in another process, or (through `http`) in this process.

    url: by default ROUTEE_MOCK_URL, or else http://127.0.0.1:8080. token: the mock's --control-token; by default
    ROUTEE_MOCK_CONTROL_TOKEN. http: your own HTTP client; it stays open.
    """

    def __init__(
        self, url: str | None = None, *, token: str | None = None, http: httpx2.AsyncClient | None = None
    ) -> None:
        self.url = (url or os.environ.get(URL) or LOCAL).rstrip("/")
        self._link = AsyncLink(self.url, token or os.environ.get(TOKEN), http)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def ready(self) -> str:
        """The id of this run of the mock; each start has another. Raises Unreachable if the mock does not answer."""
        return str((await self._link.ask("GET", "/_mock/ready"))["instance"])

    async def version(self) -> str:
        """The version of the mock."""
        return str((await self._link.ask("GET", "/_mock/version"))["version"])

    async def create_sandbox(self, id: str | None = None, **wanted: Unpack[SandboxSettings]) -> AsyncSandbox:  # noqa: A002
        """Make a sandbox. As a context manager it deletes the sandbox at the end.

        wanted: clock, rate, start, seed, scenario, strict_fields, transcode, token_life, balance, balance_mode,
        dialect, as `SandboxSettings` has them. Without them its clock is manual, its tokens never expire, and all else
        is as the server's settings. Raises Misuse if the sandbox cannot be made.
        """
        body, call = _body("create_sandbox", wanted), Call("create_sandbox")
        if id is None:
            return self._handle(await self._link.ask("POST", "/_mock/sandboxes", body, call=call))
        # Behind a proxy, only the path says which mock this is for.
        return self._handle(await self._link.ask("PUT", _place(id), body, call=call, headers={"If-None-Match": "*"}))

    async def ensure_sandbox(self, id: str, **wanted: Unpack[SandboxSettings]) -> AsyncSandbox:  # noqa: A002
        """The sandbox with this id, made if it is not there; several processes can share one so.

        wanted: as for `create_sandbox`. Raises Misuse if the sandbox is there and was made with others, or cannot be
        made.
        """
        body = _body("ensure_sandbox", wanted)
        return self._handle(await self._link.ask("PUT", _place(id), body, call=Call("ensure_sandbox")))

    async def sandbox(self, id: str = "default") -> AsyncSandbox:  # noqa: A002
        """A sandbox that exists. Raises Misuse if there is none with this id."""
        return self._handle(await self._link.ask("GET", _place(id)))

    @property
    async def sandboxes(self) -> list[SandboxInfo]:
        """Every sandbox: credentials, URLs and counts."""
        return [
            SandboxInfo.model_validate(each) for each in (await self._link.ask("GET", "/_mock/sandboxes"))["sandboxes"]
        ]

    async def aclose(self) -> None:
        """Close the connection; the mock runs on."""
        await self._link.aclose()

    def _handle(self, answer: dict[str, Any]) -> AsyncSandbox:
        return AsyncSandbox(self._link, SandboxInfo.model_validate(answer))


def _place(id_: str) -> str:
    return f"/_mock/sandboxes/{quote(id_, safe='')}"


def _body(call: str, wanted: SandboxSettings) -> dict[str, Any]:
    """A request for a sandbox. Raises TypeError if it names a setting that there is not."""
    check_keywords(call, wanted, SandboxSettings.__annotations__)
    body = without_none({to_camel(name): value for name, value in wanted.items()})
    if isinstance(start := body.get("start"), datetime):
        body["start"] = instant(start)
    if isinstance(dialect := body.get("dialect"), Mapping):
        body["dialect"] = {to_camel(name.replace("-", "_")): value for name, value in dialect.items()}
    return body
