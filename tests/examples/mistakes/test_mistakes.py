"""The mistakes of docs/troubleshooting.md, made on purpose. Every test here fails, and its report says why."""

import pytest
import requests

pytestmark = pytest.mark.routee(start="2030-01-01T12:00:00Z")

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "It is ready."}}


def send(routee, *, api="", pair=None, token=None, webhook=None):
    """Send an Sms, as an application does; each argument is what it does wrong."""
    if token is None:
        form = {"grant_type": "client_credentials"}
        pair = pair or (routee.application_id, routee.application_secret)
        login = requests.post(f"{routee.auth_url}/oauth/token", auth=pair, data=form, timeout=10)
        login.raise_for_status()
        token = login.json()["access_token"]
    body = {"flow": [SMS]}
    if webhook is not None:
        body["callback"] = {"strategy": "OnStep", "url": webhook}
    headers = {"Authorization": f"Bearer {token}"}
    reply = requests.post(f"{routee.api_url}{api}/failover", json=body, headers=headers, timeout=10)
    reply.raise_for_status()
    return reply.json()["trackingId"]


def test_nothing_at_all(routee):
    routee.expect.send()


def test_other_credentials(routee):
    send(routee, pair=("my-app", "my-secret"))


def test_an_old_token(routee):
    send(routee, token="of-an-earlier-test")


def test_a_wrong_path(routee):
    send(routee, api="/v1")


def test_the_clock_stands_still(routee):
    flow = send(routee)
    routee.expect.flow(flow, status="Succeeded")


def test_another_scenario(routee):
    routee.when(to="+3068*").sms("failed")
    flow = send(routee)
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Failed")


def test_a_webhook_that_does_not_listen(routee):
    send(routee, webhook="http://127.0.0.1:9/routee")
    routee.clock.until_idle()
    routee.expect.callback(delivered=True)


def test_a_webhook_that_answers_404(routee):
    routee.receiver.always(404)
    send(routee, webhook=routee.receiver.url)
    routee.clock.until_idle()
    routee.expect.callback(delivered=True)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.anyio
async def test_the_plain_fixture_in_a_coroutine(routee):
    routee.send([SMS])
