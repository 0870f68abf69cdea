import pytest

pytestmark = pytest.mark.anyio

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_an_sms_fails(async_routee):
    await async_routee.when().sms("failed")
    flow = await async_routee.send([SMS], callback=async_routee.receiver.url)
    await async_routee.clock.until_idle()
    await async_routee.expect.flow(flow, status="Failed")
    assert [each.delivered for each in await async_routee.callbacks] == [True, True, True]
