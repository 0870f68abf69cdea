"""A worker that sends messages from a queue, as with Celery or RQ. It tries again when Routee is busy."""

import time
from queue import Queue
from threading import Thread

import requests

BUSY = (429, 500, 503)


class Worker:
    """settings: ROUTEE_API_URL and so on. pause: seconds before the next try."""

    def __init__(self, settings, pause=1.0):
        self.settings = settings
        self.pause = pause
        self.jobs = Queue()
        Thread(target=self.work, daemon=True).start()

    def send(self, to, text):
        """Put a message into the queue."""
        self.jobs.put({"type": "Sms", "to": to, "from": "Shop", "message": {"body": text}})

    def work(self):
        while True:
            step = self.jobs.get()
            while self.post(step).status_code in BUSY:
                time.sleep(self.pause)
            self.jobs.task_done()

    def post(self, step):
        credentials = (self.settings["ROUTEE_APPLICATION_ID"], self.settings["ROUTEE_APPLICATION_SECRET"])
        form = {"grant_type": "client_credentials"}
        login = requests.post(
            f"{self.settings['ROUTEE_AUTH_URL']}/oauth/token", auth=credentials, data=form, timeout=10
        )
        return requests.post(
            f"{self.settings['ROUTEE_API_URL']}/failover",
            json={"flow": [step]},
            headers={"Authorization": f"Bearer {login.json()['access_token']}"},
            timeout=10,
        )
