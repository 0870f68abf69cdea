import pytest
import requests

SMS = {"type": "Sms", "from": "Shop", "message": {"body": "It is ready."}}


@pytest.fixture
def ask(routee):
    """Asks Routee's tracking, as an application does."""

    def ask(method, path, filters=None, **query):
        headers = {"Authorization": f"Bearer {routee.token()}"}
        url = f"{routee.api_url}/failover/tracking{path}"
        reply = requests.request(method, url, params=query, json=filters, headers=headers, timeout=10)
        reply.raise_for_status()
        return reply.json()

    return ask


def test_one_flow(routee, ask):
    flow = routee.send([SMS | {"to": "+306912345678"}])
    document = ask("GET", f"/{flow.tracking_id}")
    assert (document["trackingId"], document["status"]) == (flow.tracking_id, "Queued")


def test_every_flow_page_by_page(routee, ask):
    for number in range(5):
        routee.send([SMS | {"to": f"+30691234567{number}"}])
    first, last = ask("POST", "", size=3), ask("POST", "", page=1, size=3)
    assert (first["totalElements"], first["totalPages"], first["last"]) == (5, 2, False)
    assert (first["numberOfElements"], last["numberOfElements"], last["last"]) == (3, 2, True)


def test_flows_of_one_number_that_failed(routee, ask):
    routee.when(to="+306912345678").sms("undelivered")
    failed = routee.send([SMS | {"to": "+306912345678"}])
    routee.send([SMS | {"to": "+306987654321"}])
    routee.clock.until_idle()
    page = ask(
        "POST",
        "",
        [
            {"fieldName": "to", "searchOperator": "starts_with", "searchTerm": "+30691"},
            {"fieldName": "status", "searchOperator": "is", "searchTerm": "Failed"},
        ],
    )
    assert [each["trackingId"] for each in page["content"]] == [failed.tracking_id]


@pytest.mark.routee(start="2030-01-01T12:00:00Z")
def test_flows_of_an_hour(routee, ask):
    routee.send([SMS | {"to": "+306912345678"}])
    routee.clock.advance(hours=2)
    late = routee.send([SMS | {"to": "+306912345678"}])
    page = ask("POST", "", dateStart="2030-01-01T13:30:00Z", dateEnd="2030-01-01T14:30:00Z")
    assert [each["trackingId"] for each in page["content"]] == [late.tracking_id]
