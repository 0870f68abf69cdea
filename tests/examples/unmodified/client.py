"""A client of Routee that does not know the mock. It sends a flow and prints its trackingId."""

import base64
import json
from urllib.request import Request, urlopen

login = base64.b64encode(b"my-app:my-secret").decode()
request = Request(
    "https://auth.routee.net/oauth/token",
    data=b"grant_type=client_credentials",
    headers={"Authorization": f"Basic {login}"},
)
with urlopen(request, timeout=30) as answer:
    token = json.load(answer)["access_token"]

step = {"type": "Sms", "to": "+306900000000", "from": "Parcels", "message": {"body": "At the door."}}
request = Request(
    "https://connect.routee.net/failover",
    data=json.dumps({"flow": [step]}).encode(),
    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
)
with urlopen(request, timeout=30) as answer:
    print(json.load(answer)["trackingId"])
