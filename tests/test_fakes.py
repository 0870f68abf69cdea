"""The Faker provider: every fake is valid, and the same seed gives the same ones."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from faker import Faker

from mockserver.core import catalogue
from mockserver.core.catalogue import OUTCOMES
from mockserver.core.channels import Channel
from mockserver.core.step import Step
from mockserver.fakes import ENDS, RouteeProvider
from mockserver.numbering.examples import example_numbers
from mockserver.simulation import read, simulate
from mockserver.wire.scenario.language import Written, nothing, read_scenario
from tests.http.mocks import mocking

Json = dict[str, Any]

METHODS = [name for name, _ in inspect.getmembers(RouteeProvider, inspect.isfunction) if name.startswith("routee_")]
ROUNDS = 60


def faker(seed: int) -> Any:
    fake = Faker()
    fake.add_provider(RouteeProvider)
    fake.seed_instance(seed)
    return fake


@pytest.fixture
def fakes() -> Iterator[Any]:
    return (faker(seed) for seed in range(ROUNDS))


@pytest.mark.parametrize("name", METHODS)
def test_the_same_seed_gives_the_same_fakes_and_another_gives_others(name: str) -> None:
    first, again, other = (
        [getattr(faker(seed), name)() for seed in seeds] for seeds in (range(5), range(5), range(5, 10))
    )
    assert first == again
    assert first != other
    assert json.loads(json.dumps(first)) == first


def test_the_seed_of_every_faker_works_too() -> None:
    fake = Faker()
    fake.add_provider(RouteeProvider)

    def drawn() -> list[Json]:
        Faker.seed(4)
        return [fake.routee_flow_body(), fake.routee_callback()]

    assert drawn() == drawn()


def test_a_server_takes_every_fake(fakes: Iterator[Any]) -> None:
    with mocking(strict_fields=True) as mock:
        for fake in fakes:
            for path, body in (
                ("/failover", fake.routee_flow_body()),
                ("/failover", {"flow": fake.routee_flow()}),
                ("/failover", {"flow": [fake.routee_sms_step(), fake.routee_viber_step(), fake.routee_voice_step()]}),
                ("/failover/transactional", fake.routee_transactional_flow_body()),
                ("/failover/transactional", {"flow": [fake.routee_template_step()]}),
                ("/failover-otp/otp/send-failover", fake.routee_otp_body()),
                ("/failover-otp/otp/send-failover", {"flow": [fake.routee_otp_sms_step()]}),
                ("/_mock/scenarios", fake.routee_scenario()),
            ):
                answer = mock.client.post(path, json=body)
                assert answer.status_code in (200, 201), answer.text
            credentials = fake.routee_credentials()
            assert mock.login(credentials["applicationId"], credentials["applicationSecret"]).status_code == 200


@pytest.mark.parametrize("locale", ["en_US", "el_GR", "ja_JP", "ar_AA"])
def test_names_may_be_of_any_language(locale: str) -> None:
    fake: Any = Faker(locale)
    fake.add_provider(RouteeProvider)
    for seed in range(ROUNDS):
        fake.seed_instance(seed)
        simulate(read(fake.routee_flow_body()))


def test_what_comes_back_is_what_the_engine_says(fakes: Iterator[Any]) -> None:
    ends, statuses = set(), set()
    for fake in fakes:
        bodies = fake.routee_callbacks()
        assert [body["status"] for body in bodies[:-1]].count("Queued") == 0
        document = fake.routee_document()
        assert document["status"] in ("Succeeded", "Failed")
        ends.add(document["status"])
        statuses.add(fake.routee_callback()["status"])
        assert list(fake.routee_reply()) == ["trackingId", "flow", "callback", "createdAt"]
        assert document["createdAt"].startswith("2030-")
    assert ends == {"Succeeded", "Failed"}
    assert statuses == {"InProgress", "Succeeded", "Failed"}


def test_a_flow_of_ones_own_may_be_given() -> None:
    fake = faker(1)
    mine = fake.routee_flow_body(["Voice", "SMS"], to="+12025550142", strategy="OnCompletion")
    assert [step["type"] for step in mine["flow"]] == ["Voice", "Sms"]
    assert mine["callback"]["strategy"] == "OnCompletion"
    assert {message["to"] for message in fake.routee_document(mine)["messages"]} == {"+12025550142"}
    assert len(fake.routee_callbacks(mine)) == 1
    assert len(fake.routee_callbacks(mine, "OnStep")) > 1
    templates = fake.routee_transactional_flow_body(["Viber"])
    assert fake.routee_reply(templates)["flowKind"] == "transactional"
    assert fake.routee_reply({"flow": mine["flow"]})["callback"]["url"].endswith(".invalid/routee")


def test_one_time_passwords_come_back_as_their_service_tells_them(fakes: Iterator[Any]) -> None:
    statuses = set()
    for fake in fakes:
        body = fake.routee_otp_body()
        viber, sms = body["flow"]
        assert viber["pin"] in sms["message"]["body"]
        assert fake.routee_reply(body)["status"] == "InProgress"
        document = fake.routee_document(body)
        assert document["steps"][0]["phone_number"] == viber["to"].removeprefix("+")
        assert fake.routee_callback(body).keys() == document.keys()
        statuses |= {each["status"] for each in fake.routee_callbacks(kind="otp")}
    assert statuses == {"InProgress", "Succeeded", "Failed"}
    alone = fake.routee_otp_body(["sms"])
    assert fake.routee_reply(alone, kind="otp")["status"] == "Succeeded"
    with pytest.raises(ValueError, match="of Viber, Sms, not 'Voice'"):
        fake.routee_otp_body(["Voice"])


def test_a_flow_is_one_text_from_one_sender_to_one_recipient(fakes: Iterator[Any]) -> None:
    for fake in fakes:
        viber, sms, voice = fake.routee_flow(["Viber", "Sms", "Voice"])
        said = {viber["message"]["text"], sms["message"]["body"], voice["dialPlan"]["verbs"][0]["message"]["text"]}
        assert len(said) == len({step["to"] for step in (viber, sms, voice)}) == len({sms["from"], voice["from"]}) == 1


def test_numbers_are_nobodys_or_magic(fakes: Iterator[Any]) -> None:
    for fake in fakes:
        assert fake.routee_number() in example_numbers()
        number = fake.routee_number(viber="expired", voice="busy")
        for channel, name in ((Channel.VIBER, "expired"), (Channel.VOICE, "busy"), (Channel.SMS, "delivered")):
            choice = catalogue.magic(Step(channel, number, frozenset()))
            assert choice is not None
            assert choice.outcome == OUTCOMES[channel][name]


def test_what_makes_no_sense_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="of Viber, Sms, Voice, not 'Fax'"):
        faker(1).routee_flow(["Sms", "Fax"])
    with pytest.raises(ValueError, match="no digit stands for 'lost' on Sms"):
        faker(1).routee_number(sms="lost")
    with pytest.raises(ValueError, match=r"flow\[0\]\.to: "):
        faker(1).routee_callback({"flow": [faker(1).routee_sms_step(to="12")]})


def test_every_end_is_an_outcome_the_scenarios_know() -> None:
    assert all(set(names) <= OUTCOMES[channel].keys() for channel, names in ENDS.items())
    scenario = read_scenario(Written("one", faker(2).routee_scenario()), nothing)
    assert scenario.parts
