import httpx
import pytest
from app import create_app

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def client(async_routee):
    app = create_app(async_routee.env())
    url = async_routee.receiver.app(app)
    app.state.settings["WEBHOOK_URL"] = f"{url}/routee"
    async with httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_a_message_is_followed_to_its_end(async_routee, client):
    sent = (await client.post("/messages", json={"to": "+306900000000", "text": "It is ready."})).json()
    assert (await client.get(f"/messages/{sent['id']}")).json() == {"status": "Queued"}
    await async_routee.clock.until_idle()
    assert (await client.get(f"/messages/{sent['id']}")).json() == {"status": "Succeeded"}
