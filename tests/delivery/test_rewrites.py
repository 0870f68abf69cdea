"""Where callbacks go instead: rules are read and applied, callbacks posted, and failures say what to try."""

import asyncio
import socket
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from mockserver.core.commands import Answer
from mockserver.delivery.destinations import Destinations
from mockserver.delivery.http import HttpSender
from mockserver.delivery.rewrites import Rewrites, read_rewrite
from mockserver.testing.receiver import Receiver

APPLIED: list[tuple[str, str, str]] = [
    ("localhost=app", "http://localhost:8000/hook?a=b%2Fc#d", "http://app:8000/hook?a=b%2Fc#d"),
    ("localhost=app", "https://localhost/hook", "https://app/hook"),
    ("localhost=app", "http://LocalHost./hook", "http://app/hook"),
    ("localhost=app", "http://user:secret@localhost:1/", "http://app:1/"),
    ("localhost=app", "http://127.0.0.1/hook", "http://127.0.0.1/hook"),
    ("localhost=app", "http://localhost.test/hook", "http://localhost.test/hook"),
    ("localhost=app:80", "http://localhost:8000/", "http://app/"),
    ("localhost=app:8080", "https://localhost/", "https://app:8080/"),
    ("localhost:8000=app", "http://localhost:8000/", "http://app:8000/"),
    ("localhost:8000=app", "http://localhost:8001/", "http://localhost:8001/"),
    ("localhost:80=app:8000", "http://localhost/", "http://app:8000/"),
    ("localhost:80=app:8000", "https://localhost/", "https://localhost/"),
    ("localhost=http://app", "https://localhost:8000/x", "http://app/x"),
    ("http://localhost=app", "http://localhost/x", "http://app/x"),
    ("http://localhost=app", "http://localhost:8000/x", "http://localhost:8000/x"),
    ("HTTPS://Shop.example.com/=http://App:8000/", "https://shop.example.com/x", "http://app:8000/x"),
    ("https://shop.example.com=http://app:8000", "http://shop.example.com/x", "http://shop.example.com/x"),
    ("[::1]=app", "http://[::1]:8000/", "http://app:8000/"),
    ("[0:0::1]:8000=app:1", "http://[::1]:8000/", "http://app:1/"),
    ("localhost=[fd00::7]", "http://localhost:8000/", "http://[fd00::7]:8000/"),
    ("localhost=app localhost=other app=third", "http://localhost/", "http://app/"),
    ("localhost:1=app localhost=other", "http://localhost/", "http://other/"),
    ("localhost=app", "no url", "no url"),
    ("localhost=app", "", ""),
    ("localhost=app", "http://[", "http://["),
    ("localhost=app", "http://localhost:99999/", "http://localhost:99999/"),
    ("", "http://localhost/", "http://localhost/"),
]


@pytest.mark.parametrize(("rules", "url", "goes_to"), APPLIED)
def test_what_fits_is_replaced_and_the_rest_stays(rules: str, url: str, goes_to: str) -> None:
    assert Rewrites(rules.split()).apply(url) == goes_to


@pytest.mark.parametrize(
    "text",
    [
        *("", "=", "localhost", "localhost=", "=app", "a=b=c", "localhost=a b", "ftp://a=b", "a=http://b/path"),
        *("a:0=b", "a=b:65536", "a:http=b", "[::1=b", "::1=b", "[1::2::3]=b", "*=b", "a=http://user@b", "é=b"),
    ],
)
def test_a_bad_rule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no rewrite: .*write FROM=TO, each a host,.*; a path stays as it is"):
        read_rewrite(text)


def post(url: str, *rules: str, patience: float = 60.0, allow: str = "", deny: str = "") -> Answer:
    async def scene() -> Answer:
        sender = HttpSender(patience, destinations=Destinations(allow.split(), deny.split()), rewrites=Rewrites(rules))
        try:
            return await sender.post(url, b"{}")
        finally:
            await sender.close()

    return asyncio.run(scene())


# rule callbacks.rewritten
def test_a_callback_goes_where_it_is_rewritten_to(receiver: Receiver) -> None:
    port = urlsplit(receiver.url).port
    answer = post("https://shop.example.com/hook?a=b%2Fc", f"https://shop.example.com=http://127.0.0.1:{port}")
    assert (answer.ok, answer.posted_to) == (True, f"http://127.0.0.1:{port}/hook?a=b%2Fc")
    [request] = receiver.requests
    assert (request.path, request.headers["host"]) == ("/hook?a=b%2Fc", f"127.0.0.1:{port}")
    assert post(receiver.url, "elsewhere=app").posted_to is None


@pytest.mark.parametrize(
    ("allow", "deny", "may"),
    [
        ("127.0.0.1", "", True),
        ("shop.example.com", "", False),
        ("", "127.0.0.1", False),
        ("", "shop.example.com", True),
    ],
)
def test_destinations_are_checked_after_the_rewrite(receiver: Receiver, allow: str, deny: str, may: bool) -> None:
    rule = f"shop.example.com={urlsplit(receiver.url).netloc}"
    answer = post("http://shop.example.com/webhook", rule, allow=allow, deny=deny)
    assert (answer.ok, len(receiver.requests)) == (may, int(may))
    assert answer.posted_to == receiver.url


def closed_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "hook.localhost", "0.0.0.0"])
def test_a_refusal_by_localhost_says_that_a_container_has_its_own(host: str) -> None:
    answer = post(f"http://{host}:{closed_port()}/hook")
    if answer.error and "cannot be resolved" in answer.error:
        assert host == "hook.localhost"  # known to some name services only
    named = host.strip("[]")
    rule = f"--callback-rewrite {host}=host.docker.internal"
    assert f"in a container, {named} is that container: try {rule} or {host}=SERVICE" in (answer.error or "")
    read_rewrite(rule.removeprefix("--callback-rewrite "))


def test_the_error_of_a_rewritten_callback_names_where_it_went() -> None:
    port = closed_port()
    answer = post("http://shop.example.com/hook", f"shop.example.com=127.0.0.1:{port}")
    assert answer.status is None
    assert (answer.error or "").startswith(f"http://127.0.0.1:{port}/hook: nothing listens there;")


def test_an_unknown_host_suggests_another_name() -> None:
    unknown = ".".join(["a"] * 150)  # too long to be asked for
    error = post(f"http://{unknown}/").error or ""
    assert "the host name cannot be resolved" in error
    assert f"--callback-rewrite {unknown[:200]}=NAME" in error
    rewritten = post("http://shop.example.com/hook", f"shop.example.com={unknown}")
    assert "cannot be resolved" in (rewritten.error or "")


def test_an_unknown_host_of_containers_says_how_to_define_it() -> None:
    try:
        socket.getaddrinfo("host.docker.internal", 80)
    except OSError:
        error = post("http://localhost/hook", "localhost=host.docker.internal").error or ""
        assert "--add-host host.docker.internal:host-gateway" in error
        return
    pytest.skip("host.docker.internal is known here")


@pytest.mark.skipif(sys.platform != "linux", reason="how a full queue is kept differs elsewhere")
def test_no_connection_and_no_answer_have_different_words() -> None:
    with ExitStack() as opened:
        deaf = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):  # until its queue is full; then the system leaves whoever comes without an answer
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        error = post(f"http://127.0.0.1:{deaf.getsockname()[1]}/hook", patience=0.5).error or ""
    assert "no connection within 0.5 s; in a container, 127.0.0.1 is that container" in error
