import pytest

PARCEL = [{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Your parcel is here"}}]


@pytest.mark.routee(dialect={"default_strategy": "OnStep"})
def test_our_account_calls_back_on_every_step(routee):
    routee.send({"flow": PARCEL, "callback": {"url": routee.receiver.url}})
    routee.clock.until_idle()
    assert [each["messages"][0]["status"]["name"] for each in routee.receiver.payloads] == [
        "Queued",
        "Sent",
        "Delivered",
    ]


@pytest.mark.routee(dialect={"taken_answers": "200", "retry_plan": [60]})
def test_our_account_wants_a_200_and_tries_once_more(routee):
    routee.receiver.always(204)
    routee.send(PARCEL, callback=routee.receiver.url, strategy="OnCompletion")
    routee.clock.until_idle()
    assert len(routee.receiver.requests) == 2
