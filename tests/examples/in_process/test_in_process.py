import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from mockserver import create_app
from mockserver.client import AsyncServer

pytestmark = pytest.mark.anyio

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_no_socket_is_needed():
    statuses = []

    async def webhook(request):
        statuses.append((await request.json())["status"])
        return Response(status_code=204)

    application = Starlette(routes=[Route("/webhook", webhook, methods=["POST"])])
    mock = httpx2.ASGITransport(create_app(webhook=application))
    async with httpx2.AsyncClient(transport=mock) as http, AsyncServer("http://mock", http=http) as server:
        routee = await server.create_sandbox(clock="manual")
        await routee.send([SMS], callback="http://my-application/webhook")
        await routee.clock.until_idle()
    assert statuses[-1] == "Succeeded"
