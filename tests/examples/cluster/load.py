"""A load test: users who send flows, as 64 applications."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

URL = os.environ.get("ROUTEE_API_URL", "http://127.0.0.1:8080")
SMS = {"type": "Sms", "to": "+306912345678", "from": "Shop", "message": {"body": "It is ready."}}


def user(number, sends):
    application = f"load-{number % 64}"
    with requests.Session() as session:
        session.auth = (application, "secret")
        login = session.post(f"{URL}/oauth/token", data={"grant_type": "client_credentials"}, timeout=10)
        login.raise_for_status()
        session.auth = None
        session.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        for _ in range(sends):
            session.post(f"{URL}/failover", json={"flow": [SMS]}, timeout=10).raise_for_status()
    return sends


users, sends = int(sys.argv[1]), int(sys.argv[2])
with ThreadPoolExecutor(users) as pool:
    print(sum(pool.map(lambda number: user(number, sends), range(users))), "flows were accepted")
