"""Signing in with a code, which is sent over Viber, and by Sms if it was not seen there."""

import requests

TEMPLATE = "0aac888f-2ee2-4112-9659-1755a951966a"  # Viber's basic one


class Login:
    """settings: where Routee is, and our credentials; os.environ in production. webhook: our URL for Routee.

    codes: makes a new code each time.
    """

    def __init__(self, settings, webhook, codes):
        self.settings = settings
        self.webhook = webhook
        self.codes = codes
        self.code = {}  # by phone: the one that counts
        self.state = {}  # by phone: "on its way", "delivered" or "failed"
        self.phones = {}  # by flowId

    def begin(self, phone):
        """Somebody wants to sign in: send a code over Viber, or by Sms if it is not seen within a minute."""
        code = next(self.codes)
        viber = {"type": "ViberOtp", "senderInfoTrackingId": "bank", "templateId": TEMPLATE, "pin": code}
        waiting = {"ttl": 60, "failoverAfterDelivered": True}
        self._send(phone, code, [viber | waiting | {"to": phone, "order": 1}, self._sms(phone, code, 2)])

    def by_sms(self, phone):
        """Nothing came: send another code, by Sms only."""
        code = next(self.codes)
        self._send(phone, code, [self._sms(phone, code, 1)])

    def enter(self, phone, code):
        """Whether this is the code that lets somebody in. It does so once."""
        if self.code.get(phone) != code:
            return False
        del self.code[phone]
        return True

    def called_back(self, flow):
        """Routee says what became of a code."""
        states = {"InProgress": "on its way", "Succeeded": "delivered", "Failed": "failed"}
        self.state[self.phones[flow["flowId"]]] = states[flow["status"]]

    def _sms(self, phone, code, order):
        body = {"body": f"{code} is your code."}
        return {"type": "Sms", "to": phone, "order": order, "ttl": 300, "from": "Bank", "message": body}

    def _send(self, phone, code, steps):
        reply = requests.post(
            f"{self.settings['ROUTEE_API_URL']}/failover-otp/otp/send-failover",
            json={"flow": steps, "callback": {"url": self.webhook}},
            headers={"Authorization": f"Bearer {self._token()}"},
            timeout=10,
        ).json()
        self.code[phone] = code
        self.state[phone] = "failed" if reply["status"] == "Failed" else "on its way"
        self.phones[reply["flowId"]] = phone

    def _token(self):
        url = f"{self.settings['ROUTEE_AUTH_URL']}/oauth/token"
        pair = (self.settings["ROUTEE_APPLICATION_ID"], self.settings["ROUTEE_APPLICATION_SECRET"])
        form = {"grant_type": "client_credentials"}
        return requests.post(url, auth=pair, data=form, timeout=10).json()["access_token"]
