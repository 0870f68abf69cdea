import pytest

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


@pytest.mark.parametrize("number", range(8))
def test_each_has_a_world_of_its_own(routee, number):
    routee.set_balance(number)
    routee.send([SMS])
    routee.clock.advance(hours=number + 1)
    assert (len(routee.flows), len(routee.requests)) == (1, 2)
