"""Callbacks that may not be posted, or go elsewhere, over a real socket."""

from urllib.parse import urlsplit

import pytest

from mockserver.testing.receiver import Receiver
from mockserver.wire.control import journal
from mockserver.wire.control.replay import replay
from tests.http.mocks import mocking, sms


# rule callbacks.forbidden
@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"callback_deny": ("127.0.0.0/8",)}, "--callback-deny 127.0.0.0/8 keeps callbacks from 127.0.0.1:"),
        ({"callback_allow": ("webhook.test",)}, "no --callback-allow lets callbacks go to 127.0.0.1:"),
    ],
)
def test_a_callback_that_may_not_go_is_a_failure_in_words(
    receiver: Receiver, bounds: dict[str, tuple[str, ...]], words: str
) -> None:
    with mocking(**bounds) as mock:
        flow = mock.send(sms(), url=receiver.url, strategy="OnCompletion")
        mock.advance(by="1m")
        [callback] = mock.callbacks()
        attempts = callback["attempts"]
        assert (callback["state"], len(attempts)) == ("waiting to retry", 2)
        assert {(each["status"], each["delivered"]) for each in attempts} == {(None, False)}
        assert all(words in each["error"] for each in attempts)
        journal = mock.client.get("/_mock/journal", params={"flow": flow, "kind": "callback"}).json()["entries"]
        assert all(words in str(entry) for entry in journal)
        assert len(journal) == 2
    assert receiver.requests == []


def test_a_callback_that_may_go_goes(receiver: Receiver) -> None:
    with mocking(callback_allow=("127.0.0.1",), callback_deny=("127.0.0.1:1",)) as mock:
        mock.send(sms(), url=receiver.url)
        mock.advance(until="idle")
        assert {each["state"] for each in mock.callbacks()} == {"delivered"}
    assert len(receiver.requests) == 3


def test_a_rewritten_callback_is_shown_with_both_urls_and_replayed(receiver: Receiver) -> None:
    asked = "https://shop.example.com/webhook"
    with mocking(callback_rewrite=(f"https://shop.example.com=http://{urlsplit(receiver.url).netloc}",)) as mock:
        flow = mock.send(sms(), url=asked, strategy="OnCompletion")
        mock.send(sms(), url=receiver.url, strategy="OnCompletion")
        mock.advance(until="idle")
        first, second = mock.callbacks()
        assert (first["url"], first["state"], first["attempts"][0]["postedTo"]) == (asked, "delivered", receiver.url)
        assert second["url"] == receiver.url
        assert "postedTo" not in second["attempts"][0]
        query = {"flow": flow, "kind": "callback"}
        [entry] = mock.client.get("/_mock/journal", params=query).json()["entries"]
        assert (entry["url"], entry["postedTo"]) == (asked, receiver.url)
        told = mock.client.get("/_mock/journal", params={"format": "jsonl"}).content
        engine = replay(mock.client.get("/_mock/log").content.splitlines())
    assert b"".join(map(journal.line, map(journal.entry_json, engine.journal.after(0)))) == told
    assert flow in [request.json["trackingId"] for request in receiver.requests]
