import pytest

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


@pytest.mark.parametrize("number", range(8))
def test_each_test_has_its_own_sandbox(routee, number):
    routee.set_balance(number)
    routee.send([SMS])
    routee.clock.advance(hours=number + 1)
    assert (len(routee.flows), len(routee.requests)) == (1, 2)
