import requests
from django.core.wsgi import get_wsgi_application
from django.test import SimpleTestCase

from mockserver import RouteeMock


class MessageTest(SimpleTestCase):
    def setUp(self):
        self.routee = self.enterContext(RouteeMock())
        self.enterContext(self.settings(**self.routee.env()))
        self.url = self.routee.receiver.app(get_wsgi_application())

    def test_a_message_is_followed_to_its_end(self):
        asked = {"to": "+306900000000", "text": "It is ready."}
        sent = requests.post(f"{self.url}/messages", json=asked, timeout=10).json()
        self.assertEqual(self.status(sent["id"]), "Queued")
        self.routee.clock.until_idle()
        self.assertEqual(self.status(sent["id"]), "Succeeded")

    def status(self, id):
        return requests.get(f"{self.url}/messages/{id}", timeout=10).json()["status"]
