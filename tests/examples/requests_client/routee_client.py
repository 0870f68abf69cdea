import requests


class RouteeClient:
    """Sends flows. It gets a token when it needs one, and a new token when the old one is no longer valid."""

    def __init__(
        self, application_id, application_secret, auth="https://auth.routee.net", api="https://connect.routee.net"
    ):
        self.credentials = (application_id, application_secret)
        self.auth = auth
        self.api = api
        self.http = requests.Session()

    def login(self):
        form = {"grant_type": "client_credentials"}
        reply = self.http.post(f"{self.auth}/oauth/token", auth=self.credentials, data=form, timeout=10)
        reply.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"

    def send(self, *steps):
        """Send a flow. Return its trackingId."""
        if "Authorization" not in self.http.headers:
            self.login()
        reply = self.post(steps)
        if reply.status_code == 401:
            self.login()
            reply = self.post(steps)
        reply.raise_for_status()
        return reply.json()["trackingId"]

    def post(self, steps):
        return self.http.post(f"{self.api}/failover", json={"flow": steps}, timeout=10)
