"""What went wrong, in words that fit on one line of any terminal and in any JSON."""

import json
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.delivery.destinations import Forbidden
from mockserver.delivery.dialer import NoTls
from mockserver.delivery.failures import legible, status_text, unanswered_text, unreached_text

STATUSES: list[tuple[int, bytes, bytes | None, str | None]] = [
    (200, b"OK", None, None),
    (299, b"", b"/there", None),
    (101, b"", None, "answered 101 Switching Protocols, not 200"),
    (300, b"Multiple", None, "answered 300 Multiple Choices, not 200"),
    (300, b"Multiple", b"/a", "answered 300, a redirect to /a; redirects are not followed"),
    (302, b"Found", b"/a b", "answered 302, a redirect to /a b; redirects are not followed"),
    (302, b"Found", b"/\xff\x1b[31m", "answered 302, a redirect to /??[31m; redirects are not followed"),
    (302, b"Found", "/é".encode(), "answered 302, a redirect to /é; redirects are not followed"),
    (302, b"Found", b"/" * 300, f"answered 302, a redirect to {'/' * 200}; redirects are not followed"),
    (303, b"", None, "answered 303, a redirect to nowhere; redirects are not followed"),
    (304, b"", None, "answered 304 Not Modified, not 200"),
    (304, b"", b"/a", "answered 304 Not Modified, not 200"),
    (399, b"Odd", None, "answered 399 Odd, not 200"),
    (404, b"Nothing here", None, "answered 404 Not Found, not 200"),
    (419, b"", None, "answered 419 Page Expired (Laravel's CSRF check), not 200"),
    (502, b"", b"/a", "answered 502 Bad Gateway, not 200"),
    (526, b"", None, "answered 526 Invalid SSL Certificate, not 200"),
    (799, b"", None, "answered 799 an unknown status, not 200"),
    (799, b" Our  own\x07 ", None, "answered 799 Our own?, not 200"),
]


@pytest.mark.parametrize(("status", "phrase", "location", "text"), STATUSES)
def test_a_status_has_a_name_and_a_redirect_its_place(
    status: int, phrase: bytes, location: bytes | None, text: str | None
) -> None:
    assert status_text(status, phrase, location) == text


URL = "http://shop.test/hook"

ELSEWHERE = (
    "does it listen on 0.0.0.0, and not on 127.0.0.1 alone? If the mock knows it by another name, try"
    " --callback-rewrite shop.test=NAME"
)

UNKNOWN = (
    "the host name cannot be resolved; if the mock knows it by another name, try --callback-rewrite shop.test=NAME"
)

REFUSED = "nothing listens there; is the application started, and on that port?"


def broken_tls() -> NoTls:
    error = NoTls()
    error.__cause__ = ssl.SSLError(1, "wrong version")
    return error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Forbidden("no way"), "no way"),
        (TimeoutError(), f"no connection within 2 s; {ELSEWHERE}"),
        (ValueError("odd port"), "this is no URL to post to: odd port"),
        (
            ConnectionRefusedError(111, "refused"),
            f"{REFUSED} {ELSEWHERE} (ConnectionRefusedError: [Errno 111] refused)",
        ),
        (socket.gaierror(-2, "unknown"), f"{UNKNOWN} (gaierror: [Errno -2] unknown)"),
        (broken_tls(), "no TLS connection could be made; does this port speak plain http? (SSLError: wrong version)"),
        (OSError(), f"no connection could be made; {ELSEWHERE} (OSError)"),
        (RuntimeError("what\n now"), "the callback could not be posted (RuntimeError: what now)"),
    ],
)  # fmt: skip
def test_why_nothing_was_posted(error: Exception, text: str) -> None:
    assert unreached_text(URL, error, 2.0) == f"{URL}: {text}"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "no connection within 2 s"),
        (
            ConnectionRefusedError(111, "refused"),
            f"{REFUSED} (ConnectionRefusedError: [Errno 111] refused)",
        ),
        (socket.gaierror(-2, "unknown"), "the host name cannot be resolved (gaierror: [Errno -2] unknown)"),
    ],
)  # fmt: skip
def test_a_mock_in_no_container_gives_no_advice_for_one(error: Exception, text: str) -> None:
    for url in ("http://127.0.0.1:9/hook", "http://localhost:9/hook"):
        assert unreached_text(url, error, 2.0, local=True) == f"{url}: {text}"
        assert "in a container" in unreached_text(url, error, 2.0)


def test_the_name_of_the_host_of_containers_is_explained_to_each() -> None:
    url, unknown = "http://host.docker.internal:9/hook", socket.gaierror(-2, "unknown")
    inside, outside = (unreached_text(url, unknown, 2.0, local=local) for local in (False, True))
    assert "--add-host host.docker.internal:host-gateway" in inside
    assert outside == (
        f"{url}: the host name cannot be resolved; the mock runs in no container: if the application does neither, it is"
        " on localhost (gaierror: [Errno -2] unknown)"
    )


MAY_CLOSE = "; it may close connections after answering: it should say so with 'Connection: close'"


@pytest.mark.parametrize(
    ("fault", "cause", "text"),
    [
        ("it spoke in tongues", OSError("whatever"), "it spoke in tongues"),
        (None, None, f"the receiver closed the connection without an answer{MAY_CLOSE}"),
        (None, ConnectionResetError(), f"the receiver reset the connection{MAY_CLOSE} (ConnectionResetError)"),
        (None, BrokenPipeError("x"), f"the receiver reset the connection{MAY_CLOSE} (BrokenPipeError: x)"),
        (None, ssl.SSLError(1, "no certificate"), "the receiver broke off TLS (SSLError: no certificate)"),
        (None, OSError("odd"), f"the connection broke off{MAY_CLOSE} (OSError: odd)"),
        (None, RuntimeError("odd"), "the callback could not be posted (RuntimeError: odd)"),
    ],
)
def test_why_there_was_no_answer(fault: str | None, cause: Exception | None, text: str) -> None:
    assert unanswered_text(URL, fault, cause, 2.0, reused=True) == f"{URL}: {text}"
    assert unanswered_text(URL, fault, cause, 2.0, reused=False) == f"{URL}: {text}".replace(MAY_CLOSE, "")
    assert unanswered_text(URL, fault, TimeoutError(), 0.25, reused=True) == (
        f"{URL}: {fault}" if fault else "no answer within 0.25 s"
    )


@given(st.text() | st.characters(categories=["Cs", "Cc", "Cf"]).map(lambda letter: f"a{letter}b"))
def test_what_is_legible_is_one_line_for_any_terminal(text: str) -> None:
    line = legible(text)
    assert line.isprintable()
    assert len(line) <= 200
    assert json.loads(json.dumps(line, ensure_ascii=False).encode()) == line
