from hypothesis import given

from mockserver.strategies import CallbackSequence, callback_sequences

MINE = {
    "flow": [
        {"type": "Viber", "to": "+306900000000", "senderInfoTrackingId": "my-sender", "message": {"text": "Hello"}},
        {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}},
    ]
}


class Ledger:
    """The code under test: it notes the price of each flow once, when the flow has ended."""

    def __init__(self) -> None:
        self.lines: dict[str, float] = {}

    def webhook(self, body: dict[str, object]) -> None:
        if body["status"] in ("Succeeded", "Failed"):
            self.lines.setdefault(str(body["trackingId"]), float(str(body["totalPrice"])))


@given(callback_sequences(MINE, strategy="OnStep"))
def test_a_repeated_callback_changes_nothing(sequence: CallbackSequence) -> None:
    ledger = Ledger()
    for call in sequence.calls:
        before = dict(ledger.lines)
        ledger.webhook(call.body)
        assert not call.again or ledger.lines == before
    assert list(ledger.lines) == [sequence.tracking_id]
