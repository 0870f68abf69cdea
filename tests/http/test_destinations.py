"""Callbacks kept from where they may not go, over a real socket."""

import pytest

from tests.http.mocks import mocking, sms
from tests.receivers import Receiver


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
