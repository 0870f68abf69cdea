SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


async def test_an_sms_arrives(async_routee):
    flow = await async_routee.send([SMS])
    await async_routee.clock.until_idle()
    await async_routee.expect.flow(flow, status="Succeeded")
