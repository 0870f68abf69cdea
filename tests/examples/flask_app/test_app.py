import pytest
from app import create_app


@pytest.fixture
def client(routee):
    app = create_app(routee.env())
    app.config["WEBHOOK_URL"] = routee.receiver.app(app) + "/routee"
    return app.test_client()


def test_a_message_is_followed_to_its_end(routee, client):
    sent = client.post("/messages", json={"to": "+306900000000", "text": "It is ready."}).json
    assert client.get(f"/messages/{sent['id']}").json == {"status": "Queued"}
    routee.clock.until_idle()
    assert client.get(f"/messages/{sent['id']}").json == {"status": "Succeeded"}
