import os

import pytest
from careless import CarelessLogin
from login import Login

PHONE = "+306900000000"


@pytest.fixture
def login(routee):
    kind = CarelessLogin if os.environ.get("LOGIN") == "careless" else Login
    login = kind(routee.env(), routee.receiver.url, iter(["111111", "222222"]))
    routee.receiver.always(lambda received: login.called_back(received.json))
    return login


def test_the_code_on_the_phone_lets_in_once(routee, login):
    login.begin(PHONE)
    routee.expect.send(to=PHONE, kind="otp", text="111111")
    assert login.enter(PHONE, "111111")


def test_a_code_that_nobody_has_seen_comes_by_sms(routee, login):
    routee.when().viber("delivered").sms("delivered")
    login.begin(PHONE)
    routee.clock.until_idle()
    assert [step["status"] for step in routee.receiver.payloads[-1]["steps"]] == ["DELIVERED", "Delivered"]
    assert login.state[PHONE] == "delivered"


def test_only_the_latest_code_lets_in(routee, login):
    login.begin(PHONE)
    login.by_sms(PHONE)
    assert not login.enter(PHONE, "111111")
    assert login.enter(PHONE, "222222")


def test_a_code_that_did_not_come_is_not_called_delivered(routee, login):
    routee.when().sms("undelivered")
    login.by_sms(PHONE)
    routee.clock.until_idle()
    assert login.state[PHONE] == "failed"
