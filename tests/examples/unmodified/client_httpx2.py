"""A client of Routee, with httpx2, that does not know the mock. It sends a flow and prints its trackingId."""

import httpx2

answer = httpx2.post(
    "https://auth.routee.net/oauth/token",
    auth=("my-app", "my-secret"),
    data={"grant_type": "client_credentials"},
    timeout=30,
)
token = answer.json()["access_token"]

answer = httpx2.post(
    "https://connect.routee.net/failover",
    json={"flow": [{"type": "Sms", "to": "+306900000000", "from": "Parcels", "message": {"body": "At the door."}}]},
    headers={"Authorization": f"Bearer {token}"},
    timeout=30,
)
print(answer.json()["trackingId"])
