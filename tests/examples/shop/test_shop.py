import pytest
from shop import Shop
from webhook import handle

from mockserver import every_path


@pytest.fixture
def shop(routee):
    shop = Shop(routee.env(), routee.receiver.url)
    routee.receiver.always(lambda received: handle(shop, received.json))
    return shop


def test_a_customer_without_viber_is_told_by_sms(routee, shop):
    routee.when().viber("not a viber user").sms("delivered")
    order = shop.ready("A-1", "+306900000000")
    routee.clock.until_idle()
    assert order.state == "Succeeded"
    routee.expect.flow(to="+306900000000", termination_channel="Sms")


def test_a_customer_who_was_not_reached_is_called(routee, shop):
    routee.when().viber("expired").sms("undelivered")
    shop.ready("A-1", "+306900000000")
    routee.clock.until_idle()
    assert shop.to_call == ["A-1"]


def test_a_callback_that_comes_twice_counts_once(routee, shop):
    routee.when().viber("expired").sms("undelivered").callbacks(duplicate=True)
    shop.ready("A-1", "+306900000000")
    routee.clock.until_idle()
    assert shop.to_call == ["A-1"]


def test_a_callback_that_comes_too_late_changes_nothing(routee, shop):
    routee.when().viber("expired").sms("delivered").callbacks(reorder=[4])
    order = shop.ready("A-1", "+306900000000")
    routee.clock.until_idle()
    assert order.state == "Succeeded"


def test_an_empty_account_is_not_the_customers_fault(routee, shop):
    routee.set_balance(0)
    shop.ready("A-1", "+306900000000")
    routee.clock.until_idle()
    assert (shop.to_call, shop.to_repeat) == ([], ["A-1"])


@pytest.mark.parametrize("path", every_path("Viber", "Sms"))
def test_an_order_ends_as_its_flow_on_every_path(routee, shop, path):
    routee.play(path.scenario)
    order = shop.ready("A-1", "+306900000000")
    routee.clock.until_idle()
    assert order.state == path.status
