import unittest

from mockserver import RouteeMock


class FailoverTest(unittest.TestCase):
    def setUp(self):
        self.routee = self.enterContext(RouteeMock())

    def test_sms_follows_viber(self):
        self.routee.when().viber("expired").sms("delivered")
        flow = self.routee.send(
            [
                {"type": "Viber", "to": "+306900000000", "senderInfoTrackingId": "shop", "message": {"text": "Hello"}},
                {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}},
            ]
        )
        self.routee.clock.until_idle()
        self.routee.expect.flow(flow, heard=["Viber EXPIRED", "Sms Delivered"])


class AsynchronousTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.routee = await self.enterAsyncContext(RouteeMock())

    async def test_a_message_arrives(self):
        sms = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}
        flow = await self.routee.send([sms])
        await self.routee.clock.until_idle()
        await self.routee.expect.flow(flow, status="Succeeded")
