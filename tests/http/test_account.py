"""The account of a sandbox: its balance and its tokens, read and changed from outside."""

from typing import Any

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.settings import VERSION
from tests.http.mocks import Mock, mocking, sms

EURO = {"code": "EUR", "name": "Euro", "sign": "\u20ac"}


def test_the_balance_is_read_and_set_and_runs_down() -> None:
    with mocking(behaviour=Behaviour(balance=10_000)) as mock:
        read = mock.client.get("/accounts/me/balance")
        assert (read.status_code, read.json()) == (200, {"balance": 1, "currency": EURO})
        mock.send(sms())
        mock.advance(until="idle")
        assert mock.client.get("/accounts/me/balance").json()["balance"] == 0.955
        assert mock.client.put("/_mock/balance", json={"balance": 0.01}).json() == {"balance": 0.01}
        flow = mock.send(sms())
        mock.advance(until="idle")
        assert mock.track(flow)["statusCode"] == "1"
        assert mock.client.put("/_mock/balance", json={"balance": "unlimited"}).json() == {"balance": "unlimited"}
        assert mock.client.get("/accounts/me/balance").json()["balance"] == 1_000_000
        assert mock.client.get("/_mock/balance").json() == {"balance": "unlimited"}
        told = mock.client.get("/_mock/journal", params={"kind": "balance"}).json()["entries"]
        assert [entry["balance"] for entry in told] == [0.01, "unlimited"]


@pytest.mark.parametrize(
    "wanted", [{}, {"balance": -1}, {"balance": True}, {"balance": "much"}, {"balance": 1, "x": 2}, []], ids=str
)
def test_a_bad_balance_is_refused_in_words(mock: Mock, wanted: Any) -> None:
    response = mock.client.put("/_mock/balance", json=wanted)
    assert response.status_code == 400
    assert '{"balance": 12.5}' in response.json()["developerMessage"]


# rule account.euro
def test_the_balance_is_for_tokens_that_may_see_the_account(mock: Mock) -> None:
    token = mock.login(scope="failover").json()["access_token"]
    response = mock.client.get("/accounts/me/balance", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 403


def test_a_revoked_token_is_no_longer_valid_and_the_next_one_is_new(mock: Mock) -> None:
    old = mock.login().json()["access_token"]
    other = mock.login("other").json()["access_token"]
    assert mock.client.delete("/_mock/tokens", params={"applicationId": "app"}).json() == {"revoked": 1}
    assert mock.client.post("/failover/tracking").json()["error"] == "invalid_token"
    assert mock.login("other").json()["access_token"] == other
    new = mock.login().json()["access_token"]
    assert new != old
    assert mock.client.delete("/_mock/tokens").json() == {"revoked": 2}
    assert mock.login().json()["access_token"] not in (old, new)
    told = mock.client.get("/_mock/journal", params={"kind": "token"}).json()["entries"]
    assert [entry["revoked"] for entry in told if "revoked" in entry] == [1, 2]


def test_tokens_can_be_made_to_expire(mock: Mock) -> None:
    old = mock.login().json()["access_token"]
    assert mock.client.delete("/_mock/tokens", params={"expire": "true", "applicationId": "other"}).json() == {
        "expired": 0
    }
    assert mock.client.delete("/_mock/tokens", params={"expire": "true"}).json() == {"expired": 1}
    refused = mock.client.post("/failover/tracking").json()
    assert refused["error"] == "invalid_token"
    assert "2030-01-01T12:00:00Z" in refused["error_description"]
    assert mock.client.delete("/_mock/tokens", params={"expire": "true"}).json() == {"expired": 0}
    assert mock.login().json()["access_token"] != old
    wrong = mock.client.delete("/_mock/tokens", params={"expire": "maybe", "application": "x"})
    assert wrong.json()["properties"].keys() == {"expire", "application"}


def test_the_version(mock: Mock) -> None:
    told = mock.client.get("/_mock/version").json()
    assert (told["name"], told["version"]) == ("routee-failover-mock", VERSION)
