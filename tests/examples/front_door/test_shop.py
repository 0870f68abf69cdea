import pytest
import shop


@pytest.fixture(autouse=True)
def settings(routee, monkeypatch):
    for name, value in routee.env().items():  # ROUTEE_API_URL and so on
        monkeypatch.setenv(name, value)


def test_an_sms_follows_when_viber_expires(routee):
    routee.when().viber("expired").sms("delivered")
    shop.tell("+306912345678", "It is ready.")
    routee.clock.until_idle()
    routee.expect.flow(to="+306912345678", heard=["Viber EXPIRED", "Sms Delivered"])
