from threading import Thread

import pytest
from app import create_app
from werkzeug.serving import make_server


@pytest.fixture
def client(routee):
    app = create_app(routee.env())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["WEBHOOK_URL"] = f"http://127.0.0.1:{server.port}/routee"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield app.test_client()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_is_followed_to_its_end(routee, client):
    sent = client.post("/messages", json={"to": "+306900000000", "text": "It is ready."}).json
    assert client.get(f"/messages/{sent['id']}").json == {"status": "Queued"}
    routee.clock.until_idle()
    assert client.get(f"/messages/{sent['id']}").json == {"status": "Succeeded"}
