"""Orders something in the shop, makes Viber fail and the Sms arrive, and checks the state of the order."""

import json
import os
import sys
from urllib.request import Request, urlopen

SHOP, MOCK = os.environ["SHOP_URL"], os.environ["MOCK_URL"]


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=30) as answer:
        return json.load(answer)


ask(f"{SHOP}/orders", {"order": "42", "to": "+306900000300"})  # a magic number: Viber expires, the Sms is delivered
ask(f"{MOCK}/_mock/clock/advance", {"until": "idle"})
order = ask(f"{SHOP}/orders")["42"]
print(f"order 42: {order['status']}")
sys.exit(order["status"] != "Succeeded over Sms")
