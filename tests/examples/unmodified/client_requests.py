"""A client of Routee, with requests, that does not know the mock. It sends a flow and prints its trackingId."""

import requests

answer = requests.post(
    "https://auth.routee.net/oauth/token",
    auth=("my-app", "my-secret"),
    data={"grant_type": "client_credentials"},
    timeout=30,
)
token = answer.json()["access_token"]

answer = requests.post(
    "https://connect.routee.net/failover",
    json={"flow": [{"type": "Sms", "to": "+306900000000", "from": "Parcels", "message": {"body": "At the door."}}]},
    headers={"Authorization": f"Bearer {token}"},
    timeout=30,
)
print(answer.json()["trackingId"])
