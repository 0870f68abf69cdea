def test_a_customer_is_told(routee):
    routee.send([{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "It is ready."}}])
