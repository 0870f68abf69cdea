"""The webhook receiver users are given."""

import threading

import httpx2
import pytest

from mockserver.testing.receiver import Receiver, Reply, receiving


@pytest.fixture
def receiver() -> object:
    with receiving() as receiver:
        yield receiver


def post(receiver: Receiver, **more: object) -> httpx2.Response:
    return httpx2.post(receiver.url, timeout=20, trust_env=False, **(more or {"json": {"n": 1}}))  # type: ignore[arg-type]


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


def test_a_connection_breaks_or_hangs(receiver: Receiver) -> None:
    receiver.answers("reset", "hang")
    with pytest.raises(httpx2.TransportError):
        post(receiver)
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(receiver.url, timeout=0.2, trust_env=False)
    assert len(receiver.requests) == 2


def test_bad_answers_are_refused(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="'explode' is not an answer: give a status, a Reply, 'hang' or 'reset'"):
        receiver.answers("explode")
    with pytest.raises(ValueError, match="42 is not a status"):
        receiver.always(42)


def test_it_is_waited_for(receiver: Receiver) -> None:
    later = threading.Timer(0.1, post, [receiver])
    later.start()
    [received] = receiver.wait(1)
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
