"""The webhook receiver users are given."""

import threading
from typing import Any

import httpx2
import pytest

from mockserver.testing.receiver import Receiver, Reply, receiving


@pytest.fixture
def receiver() -> object:
    with receiving() as receiver:
        yield receiver


def post(receiver: Receiver, **more: object) -> httpx2.Response:
    return httpx2.post(receiver.url, timeout=60, trust_env=False, **(more or {"json": {"n": 1}}))  # type: ignore[arg-type]


def post_to(receiver: Receiver, handler: Any) -> int:
    receiver.always(handler)
    return post(receiver).status_code


def test_what_comes_is_kept(receiver: Receiver) -> None:
    assert post(receiver).status_code == 200
    assert httpx2.get(receiver.url.replace("/webhook", "/else?x=1"), headers={"X-A": "b"}, trust_env=False).is_success
    first, second = receiver.requests
    assert (first.method, first.path, first.json) == ("POST", "/webhook", {"n": 1})
    assert (second.method, second.path, second.headers["x-a"], second.body) == ("GET", "/else?x=1", "b", b"")
    receiver.clear()
    assert receiver.requests == []


def test_the_next_requests_get_their_own_answers_and_later_ones_the_usual_one(receiver: Receiver) -> None:
    receiver.answers(503, Reply(201, "made", {"x-a": "b"}))
    receiver.always(Reply(204, delay=0.01))
    assert post(receiver).status_code == 503
    made = post(receiver)
    assert (made.status_code, made.text, made.headers["x-a"]) == (201, "made", "b")
    assert post(receiver).status_code == 204


def test_a_function_answers(receiver: Receiver) -> None:
    seen = []

    def handler(received: object) -> int | None:
        seen.append(received)
        return None if len(seen) == 1 else 418

    receiver.always(handler)
    assert [post(receiver).status_code for _ in range(2)] == [200, 418]
    assert seen == receiver.requests


def test_a_function_that_fails_answers_500_and_says_why(receiver: Receiver) -> None:
    receiver.always(lambda received: 1 // 0)
    answer = post(receiver)
    assert (answer.status_code, answer.text) == (500, "ZeroDivisionError: integer division or modulo by zero")
    post(receiver)
    with pytest.raises(ZeroDivisionError) as error:
        receiver.check()
    raised, more = error.value.__notes__
    assert raised.startswith(
        "The webhook handler test_a_function_that_fails_answers_500_and_says_why.<locals>.<lambda>"
    )
    assert raised.endswith("raised this, for POST /webhook.")
    assert more == "It raised 1 more after that."
    receiver.check()


def test_what_a_function_raises_is_raised_at_the_end_unless_it_was_taken() -> None:
    def fail(_: object) -> None:
        pytest.fail("no such order")

    with pytest.raises(pytest.fail.Exception, match="no such order"), receiving() as receiver:
        assert post_to(receiver, fail) == 500
    with receiving() as receiver:
        receiver.always(fail)
        post(receiver)
        [failure] = receiver.take_failures()
        assert str(failure) == "no such order"
        post(receiver)
        receiver.clear()


@pytest.mark.parametrize(
    ("returned", "status", "body"),
    [
        (None, 200, ""),
        (204, 204, ""),
        ("fine", 200, "fine"),
        (b"fine", 200, "fine"),
        ({"ok": True}, 200, '{"ok": true}'),
        ([1, 2], 200, "[1, 2]"),
        (("made", 201), 201, "made"),
        (("hang", 200), 200, "hang"),
        ((None, 202), 202, ""),
        (({"error": "no"}, 422), 422, '{"error": "no"}'),
        (("made", 201, {"x-a": "b"}), 201, "made"),
        (Reply(418, "tea"), 418, "tea"),
    ],
)
def test_a_function_returns_what_web_frameworks_take(receiver: Receiver, returned: Any, status: int, body: str) -> None:
    receiver.always(lambda _: returned)
    answer = post(receiver)
    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers.get("content-type") == ("application/json" if body[:1] in ("{", "[") and body else None)
    assert answer.headers.get("x-a") == ("b" if isinstance(returned, tuple) and len(returned) == 3 else None)


async def coroutine(_: object) -> int:
    return 200


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda _: object, TypeError, r"cannot return <class 'object'>: return a status, a str, bytes, a dict or list"),
    (lambda _: True, TypeError, "cannot return True: return a status"),
    (lambda _: (200, "ok"), TypeError, "the body comes before the status"),
    (lambda _: ("a", "b", "c", "d"), TypeError, "cannot return"),
    (lambda _: 42, ValueError, "42 is not a status to answer with"),
    (lambda _: ("x", 999), ValueError, "999 is not a status to answer with"),
    (lambda _: {"at": object}, TypeError, "not JSON serializable"),
    (coroutine, TypeError, "is called without await: make it a plain function, not an `async def`"),
]


@pytest.mark.parametrize(("handler", "kind", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_anything_else_is_an_error_that_says_so(
    receiver: Receiver, handler: Any, kind: type[Exception], words: str
) -> None:
    receiver.always(handler)
    assert post(receiver).status_code == 500
    with pytest.raises(kind, match=words):
        receiver.check()


def test_a_connection_breaks_or_hangs(receiver: Receiver) -> None:
    receiver.answers("reset", "hang")
    with pytest.raises(httpx2.TransportError):
        post(receiver)
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(receiver.url, timeout=0.2, trust_env=False)
    assert len(receiver.requests) == 2


def test_bad_answers_are_refused(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="'explode' is not an answer: give a status, a Reply, 'hang' or 'reset'"):
        receiver.answers("explode")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"'hnag' is not an answer: .*; did you mean 'hang'"):
        receiver.answers("hnag")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="42 is not a status"):
        receiver.always(42)
    for wrong in ({"ok": 1}, ("x", 200), True):
        with pytest.raises(TypeError, match=r"is not an answer: give a status, a Reply, 'hang' or 'reset'"):
            receiver.answers(wrong)  # type: ignore[arg-type]


def test_it_says_what_it_has(receiver: Receiver) -> None:
    with pytest.raises(AttributeError, match=r"^the receiver has no handler \(it has always, answers, app, "):
        receiver.handler(print)  # type: ignore[attr-defined]


def test_it_is_waited_for(receiver: Receiver) -> None:
    later = threading.Timer(0.1, post, [receiver])
    later.start()
    [received] = receiver.wait(1, timeout=60)
    assert received.json == {"n": 1}
    later.join()
    with pytest.raises(AssertionError, match=r"1 of 2 requests came within 0.05 s"):
        receiver.wait(2, timeout=0.05)


def test_one_that_others_reach_by_another_name_listens_everywhere() -> None:
    with receiving("mock-host.test") as receiver:
        assert receiver.url.startswith("http://mock-host.test:")
        local = receiver.url.replace("mock-host.test", "127.0.0.2")
        assert httpx2.post(local, trust_env=False).is_success


def test_a_body_that_comes_in_pieces_is_read_whole(receiver: Receiver) -> None:
    with httpx2.Client(trust_env=False) as client:
        for _ in range(2):
            assert client.post(receiver.url, content=iter([b'{"n":', b"1}"])).is_success
    assert [each.json for each in receiver.requests] == [{"n": 1}] * 2
    assert "content-length" not in receiver.requests[0].headers
