import requests
from django.test import LiveServerTestCase

from mockserver import RouteeMock


class MessageTest(LiveServerTestCase):
    def setUp(self):
        self.routee = self.enterContext(RouteeMock())
        self.enterContext(self.settings(**self.routee.env()))

    def test_a_message_is_followed_to_its_end(self):
        asked = {"to": "+306900000000", "text": "It is ready."}
        sent = requests.post(f"{self.live_server_url}/messages", json=asked, timeout=10).json()
        self.assertEqual(self.status(sent["id"]), "Queued")
        self.routee.clock.until_idle()
        self.assertEqual(self.status(sent["id"]), "Succeeded")

    def status(self, id):
        return requests.get(f"{self.live_server_url}/messages/{id}", timeout=10).json()["status"]
