import asyncio
import socket

import httpx2
import pytest
import uvicorn
from app import create_app

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def client(async_routee):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(async_routee.env(), f"{url}/routee")
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        async with httpx2.AsyncClient(base_url=url) as client:
            yield client
        server.should_exit = True
        await serving


async def test_a_message_is_followed_to_its_end(async_routee, client):
    sent = (await client.post("/messages", json={"to": "+306900000000", "text": "It is ready."})).json()
    assert (await client.get(f"/messages/{sent['id']}")).json() == {"status": "Queued"}
    await async_routee.clock.until_idle()
    assert (await client.get(f"/messages/{sent['id']}")).json() == {"status": "Succeeded"}
