import pytest

from mockserver.testcontainers import RouteeContainer


@pytest.fixture(scope="session")
def mock():
    with RouteeContainer(clock="manual", token_life="unlimited") as container, container.server() as server:
        yield server


def test_a_flow_succeeds(mock):
    with mock.create_sandbox() as routee:
        step = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hi"}}
        flow = routee.send([step])
        routee.clock.until_final(flow)
        routee.expect.flow(flow, status="Succeeded")
