import pytest
import requests
from routee_client import RouteeClient

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "It is ready."}}


@pytest.fixture
def client(routee):
    client = RouteeClient(routee.application_id, routee.application_secret, routee.auth_url, routee.api_url)
    yield client
    client.http.close()


def test_it_logs_in_once_for_many_messages(routee, client):
    client.send(SMS)
    client.send(SMS)
    routee.expect.request(path="/oauth/token", count=1)


def test_it_logs_in_again_when_its_token_has_expired(routee, client):
    client.send(SMS)
    routee.revoke_tokens(expire=True)
    client.send(SMS)
    routee.expect.send(count=2)


def test_a_wrong_number_is_an_error(routee, client):
    with pytest.raises(requests.HTTPError, match="400"):
        client.send(SMS | {"to": "12"})
    routee.expect.request(status=400, error="Validation Error")
