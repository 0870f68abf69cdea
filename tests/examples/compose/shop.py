"""A tiny shop that tells its customers where their parcel is. It has Routee's own URLs, and does not know the mock."""

import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

WEBHOOK = os.environ["SHOP_WEBHOOK"]
ORDERS = {}


def notify(order, to):
    """Tell the customer by Viber, and if that fails by Sms."""
    login = base64.b64encode(b"shop:shop-secret").decode()
    token = ask("https://auth.routee.net/oauth/token", b"grant_type=client_credentials", Authorization=f"Basic {login}")
    text = f"Order {order} is at the door."
    flow = [
        {"type": "Viber", "to": to, "ttl": 10, "senderInfoTrackingId": "shop", "message": {"text": text}},
        {"type": "Sms", "to": to, "from": "Shop", "message": {"body": text}},
    ]
    body = {"flow": flow, "callback": {"strategy": "OnStep", "url": WEBHOOK}}
    bearer = f"Bearer {token['access_token']}"
    headers = {"Authorization": bearer, "Content-Type": "application/json"}
    sent = ask("https://connect.routee.net/failover", json.dumps(body).encode(), **headers)
    ORDERS[order] = {"flow": sent["trackingId"], "status": "sent"}


def ask(url, data, **headers):
    with urlopen(Request(url, data, headers), timeout=10) as answer:
        return json.load(answer)


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(ORDERS)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/webhook":
            for order in ORDERS.values():
                if order["flow"] == body["trackingId"]:
                    order["status"] = f"{body['status']} over {body['terminationChannel']}"
        else:
            notify(body["order"], body["to"])
        self.answer({})

    def answer(self, told):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())


if __name__ == "__main__":
    ThreadingHTTPServer(
        (os.environ.get("SHOP_HOST", ""), int(os.environ.get("SHOP_PORT", "8000"))), Shop
    ).serve_forever()
