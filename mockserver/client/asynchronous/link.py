"""The link to a mock: sends requests over HTTP, and raises a readable error for every refusal."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, Self

import httpx2

from mockserver.client.problems import Call, Unreachable, kind_of, refusal

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

PATIENCE = httpx2.Timeout(5.0, read=300.0)
"""Real seconds. Reading may take long: a move of the clock returns when every callback due has its answer."""


class AsyncLink:
    """Sends requests to one mock. token: the mock's `--control-token`. http: your own client; it stays open."""

    def __init__(self, url: str, token: str | None = None, http: httpx2.AsyncClient | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {} if token is None else {"X-Mock-Token": token}
        self._own = http is None
        # No connection is kept: a client may be used in several event loops, and is often left unclosed.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._http = http or httpx2.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False)
        self._first: tuple[Callable[[], None], ...] = ()

    def after(self, first: Callable[[], None]) -> Self:
        """The same link, which does something before each request."""
        link = copy.copy(self)
        link._first = (*self._first, first)  # noqa: SLF001 -- a copy of its own
        return link

    async def ask(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        call: Call | None = None,
        params: Mapping[str, str | int] | None = None,
        content: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Any:
        """Send a request. Return the answer: JSON, or text if it is not JSON. Raises Refused for Routee's
        endpoints, Misuse for the control API, and Unreachable.

        call: what an error says was wrong, if not the request.
        """
        for first in self._first:
            first()
        try:
            answer = await self._http.request(
                method,
                f"{self.url}{path}",
                json=json,
                params=params,
                content=content,
                headers={**self._headers, **(headers or {})},
                **more,
            )
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise Unreachable(
                f"no mock answers at {self.url} ({_words(error)}): start one with `routee-mock serve`, or name its URL"
            ) from None
        except httpx2.TimeoutException:
            raise kind_of(path)(f"the mock did not answer {method} {path} within {PATIENCE.read:g} s") from None
        except httpx2.TransportError as error:
            raise kind_of(path)(
                f"the connection broke before {method} {path} was answered ({_words(error)}): the mock was stopped, or"
                " a scenario breaks it"
            ) from None
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        body = answer.json() if is_json else answer.text
        if answer.is_error:
            raise refusal(path, answer.status_code, body, call)
        return body

    async def aclose(self) -> None:
        """Close the HTTP client, unless it was given."""
        if self._own:
            await self._http.aclose()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
