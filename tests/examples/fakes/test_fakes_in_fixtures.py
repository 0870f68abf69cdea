from typing import Any

from faker import Faker

from mockserver.fakes import RouteeProvider


def test_fakes_for_a_fixture() -> None:
    fake: Any = Faker()
    fake.add_provider(RouteeProvider)
    fake.seed_instance(2030)

    body = fake.routee_flow_body(["Viber", "Sms"], strategy="OnStep")
    assert [step["type"] for step in body["flow"]] == ["Viber", "Sms"]

    callbacks = fake.routee_callbacks(body)
    assert callbacks[-1]["status"] in ("Succeeded", "Failed")

    nobody = fake.routee_number(viber="not a viber user", sms="delivered")
    assert nobody.startswith("+3069000")
