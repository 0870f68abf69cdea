import os

import requests


def tell(phone, text):
    """Tell a customer something: by Viber, and by Sms if Viber fails."""
    credentials = (os.environ["ROUTEE_APPLICATION_ID"], os.environ["ROUTEE_APPLICATION_SECRET"])
    form = {"grant_type": "client_credentials"}
    login = requests.post(f"{os.environ['ROUTEE_AUTH_URL']}/oauth/token", auth=credentials, data=form, timeout=10)
    login.raise_for_status()
    flow = [
        {"type": "Viber", "to": phone, "senderInfoTrackingId": "shop", "message": {"text": text}},
        {"type": "Sms", "to": phone, "from": "Shop", "message": {"body": text}},
    ]
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    sent = requests.post(f"{os.environ['ROUTEE_API_URL']}/failover", json={"flow": flow}, headers=headers, timeout=10)
    sent.raise_for_status()
