"""The types of payloads are those of the documents."""

from typing import cast, get_args, get_type_hints

from mockserver.simulation import read, simulate
from mockserver.testing.payloads import OtpFlowStatus, OtpPayload, OtpStepPayload
from mockserver.wire.openapi import otp
from mockserver.wire.otp.document import STATUSES
from tests.http.otp import code, pin

SCHEMAS = otp.flows()


def test_they_have_the_fields_of_the_documents() -> None:
    for type_, name in ((OtpPayload, "OtpFlow"), (OtpStepPayload, "OtpFlowStep")):
        assert get_type_hints(type_).keys() == SCHEMAS[name]["properties"].keys()
        assert type_.__required_keys__ == frozenset(SCHEMAS[name]["required"])
    assert set(get_args(OtpFlowStatus)) == set(STATUSES.values())


def test_what_is_posted_has_these_fields() -> None:
    body = {"flow": [pin(1), code(2)], "callback": {"url": "http://webhook.invalid/"}}
    posted: list[OtpPayload] = [
        cast("OtpPayload", each) for each in simulate(read(body, kind="otp"), outcomes=["expired", "delivered"]).bodies
    ]
    assert [step["status"] for step in posted[-1]["steps"]] == ["EXPIRED", "Delivered"]
    for payload in posted:
        assert payload.keys() == OtpPayload.__required_keys__
        for step in payload["steps"]:
            assert OtpStepPayload.__required_keys__ <= step.keys() <= get_type_hints(OtpStepPayload).keys()
