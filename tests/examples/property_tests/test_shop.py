from typing import Any

from hypothesis import given

from mockserver.strategies import CallbackSequence, callback_sequences


class Shop:
    """The code under test: a handler that does not trust the order of callbacks, and counts nothing twice."""

    def __init__(self) -> None:
        self.status: dict[str, str] = {}
        self.spent = 0.0

    def webhook(self, body: dict[str, Any]) -> None:
        flow = body["trackingId"]
        if self.status.get(flow) in ("Succeeded", "Failed"):
            return  # it has ended: this is a retry, a duplicate, or was overtaken
        self.status[flow] = body["status"]
        if body["status"] in ("Succeeded", "Failed"):
            self.spent += body["totalPrice"]


@given(callback_sequences())
def test_the_shop_ends_as_the_flow_did(sequence: CallbackSequence) -> None:
    shop = Shop()
    for body in sequence.bodies:
        shop.webhook(body)
    assert shop.status[sequence.tracking_id] == sequence.final["status"]
