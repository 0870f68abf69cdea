"""A shop that tells its customers that their order is ready: by Viber, and by Sms if Viber fails."""

from datetime import datetime

import requests


class Order:
    """An order. state: of the flow that tells its customer. updated: when the flow got that state."""

    def __init__(self, number, updated):
        self.number = number
        self.state = "Queued"
        self.updated = datetime.fromisoformat(updated)


class Shop:
    """settings: where Routee is, and our credentials; os.environ in production. webhook: our URL for Routee."""

    def __init__(self, settings, webhook):
        self.settings = settings
        self.webhook = webhook
        self.orders = {}  # by trackingId
        self.to_call = []  # orders of customers whom no message reached: one of us calls them
        self.to_repeat = []  # orders to send again when our account has money again

    def ready(self, number, phone):
        """Tell the customer that an order is ready."""
        text = f"Your order {number} is ready."
        body = {
            "flow": [
                {"type": "Viber", "to": phone, "senderInfoTrackingId": "shop", "message": {"text": text}},
                {"type": "Sms", "to": phone, "from": "Shop", "message": {"body": text}},
            ],
            "callback": {"strategy": "OnStep", "url": self.webhook},
        }
        headers = {"Authorization": f"Bearer {self.token()}"}
        reply = requests.post(f"{self.settings['ROUTEE_API_URL']}/failover", json=body, headers=headers, timeout=10)
        reply.raise_for_status()
        flow = reply.json()
        order = self.orders[flow["trackingId"]] = Order(number, flow["createdAt"])
        return order

    def token(self):
        """A token from Routee."""
        reply = requests.post(
            f"{self.settings['ROUTEE_AUTH_URL']}/oauth/token",
            auth=(self.settings["ROUTEE_APPLICATION_ID"], self.settings["ROUTEE_APPLICATION_SECRET"]),
            data={"grant_type": "client_credentials"},
            timeout=10,
        )
        reply.raise_for_status()
        return reply.json()["access_token"]
