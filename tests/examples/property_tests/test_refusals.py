import httpx2
from hypothesis import given, settings

from mockserver.server import running
from mockserver.settings import Settings
from mockserver.strategies import Mistake, mistakes


@given(mistake=mistakes())
@settings(max_examples=50, deadline=None)
def explains(client: httpx2.Client, mistake: Mistake) -> None:
    refused = client.post(mistake.path, content=mistake.content, headers=dict(mistake.headers))
    assert refused.status_code == mistake.status
    assert tuple(refused.json().get("properties", {})) == mistake.fields


def test_every_refusal_names_the_field_that_is_wrong() -> None:
    with running(Settings(port=0)) as server, httpx2.Client(base_url=server.url) as client:
        login = client.post("/oauth/token", auth=("app", "secret"), data={"grant_type": "client_credentials"})
        client.headers["authorization"] = f"Bearer {login.json()['access_token']}"
        explains(client)
