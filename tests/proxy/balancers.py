"""Mocks behind a real HAProxy, with the configuration that `routee-mock proxy haproxy` prints."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.server import running
from mockserver.settings import Policy, Settings
from tests.http.mocks import unverified
from tools.haproxy import Balancer, NoProxyError, balancing
from tools.ports import free_port

GRANT = {"grant_type": "client_credentials"}

ROUTED = "  http-response set-header Mock-Shard %s\n"
SLOT = "  http-response set-header Mock-Slot %[var(txn.slot)]\n"
"""What the tests add: the slot that the proxy has found."""


def configured(*words: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(main, ["proxy", "haproxy", *words])
    assert result.exit_code == 0, result.output
    return result.output


@contextmanager
def balanced(text: str, port: int) -> Iterator[Balancer]:
    """A proxy with this configuration, on this port. Without HAProxy it skips, aloud; in CI it fails."""
    with ExitStack() as stack:
        try:
            balancer = stack.enter_context(balancing(text, port))
        except NoProxyError as error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"NOTHING BEHIND A PROXY IS TESTED: {error}")
        yield balancer


@contextmanager
def proxied(urls: Sequence[str], *words: str) -> Iterator[httpx2.Client]:
    """A client of a proxy in front of shards s1, s2 and so on."""
    port = free_port()
    shards = [word for number, url in enumerate(urls, start=1) for word in ("--shard", f"s{number}={url}")]
    text = configured(*shards, "--bind", f"127.0.0.1:{port}", *words)
    assert ROUTED in text
    with balanced(text.replace(ROUTED, ROUTED + SLOT), port) as balancer, unverified(balancer.url) as client:
        yield client


@contextmanager
def sharing(number: int) -> Iterator[str]:
    """A mock that is a shard, and gives each application a sandbox; its URL."""
    settings = Settings(port=0, shard=f"s{number}", sandboxes=Policy.AUTO, most_sandboxes=5_000)
    with running(settings) as server:
        yield server.url


def login(client: httpx2.Client, application: str, secret: str = "secret") -> httpx2.Response:
    return client.post("/oauth/token", auth=(application, secret), data=GRANT)


def bearer(answer: httpx2.Response) -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json()['access_token']}"}
