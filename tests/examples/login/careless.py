"""The same with two mistakes in it."""

from login import Login


class CarelessLogin(Login):
    def __init__(self, settings, webhook, codes):
        super().__init__(settings, webhook, codes)
        self.sent = []

    def enter(self, phone, code):
        return code in self.sent  # also one that another has superseded

    def _send(self, phone, code, steps):
        super()._send(phone, code, steps)
        self.sent.append(code)
        if len(steps) == 1:
            self.state[phone] = "delivered"  # the reply says that it has Succeeded

    def called_back(self, flow):
        if len(flow["steps"]) > 1:
            super().called_back(flow)
