"""Whatever is answered and posted is described, and nothing else is."""

import json
from functools import partial
from pathlib import Path

import pytest

from mockserver.core.step import FlowKind
from mockserver.strategies import callbacks, flows, otp_flows, transactional_flows
from mockserver.wire.openapi import answers, bodies, replies, requests
from mockserver.wire.openapi.schemas import used
from mockserver.wire.otp.requests import read_send as read_otp
from mockserver.wire.routee.careful import read_carefully
from tests.wire.openapi.documents import drawn, validator

JOURNALS = Path(__file__).parents[2] / "library"


@pytest.mark.parametrize("kind", FlowKind)
def test_an_echo_has_what_is_described(kind: FlowKind) -> None:
    sends = {
        FlowKind.FAILOVER: (flows(), "AcceptedStep"),
        FlowKind.TRANSACTIONAL: (transactional_flows(), "AcceptedTransactionalStep"),
        FlowKind.OTP: (otp_flows(), "AcceptedOtpStep"),
    }
    sent, name = sends[kind]
    read = read_otp if kind is FlowKind.OTP else partial(read_carefully, kind=kind)
    for body in drawn(sent, 60):
        for step in read(json.dumps(body).encode(), "app").steps:
            validator("routee", name, closed=True).validate(json.loads(step.asked))


@pytest.mark.parametrize("sends", [flows(), transactional_flows()], ids=["messages", "templates"])
def test_a_flow_document_has_what_is_described(sends: object) -> None:
    for body in drawn(callbacks(sends), 60):  # type: ignore[arg-type]
        validator("routee", "Flow", closed=True).validate(body)


def test_a_document_of_one_time_passwords_has_what_is_described() -> None:
    for body in drawn(callbacks(otp_flows().filter(lambda flow: flow["flow"][0]["type"].lower() == "viberotp")), 60):
        validator("routee", "OtpFlow", closed=True).validate(body)


def test_an_entry_of_the_journal_has_what_is_described() -> None:
    entry = validator("control", "Entry", closed=True)
    told = {line for journal in JOURNALS.glob("*.jsonl") for line in journal.read_text().splitlines()}
    entries = [json.loads(line) for line in told]
    for each in entries:
        entry.validate(each | ({"tookMs": 4.2} if each["kind"] == "callback" else {}))  # the journals kept are without
    assert len({each["kind"] for each in entries}) > 8


def test_a_name_means_one_thing_in_a_document() -> None:
    taken, told = bodies.schemas(), answers.schemas()
    assert taken.keys().isdisjoint(told)
    routee = requests.schemas() | replies.schemas() | replies.refusals()
    both = {name for name in routee.keys() & (taken | told).keys() if name in used(routee, [taken, told])}
    words = {name for name in both if name.endswith(("StatusName", "ReasonName")) or name == "Channel"}
    assert both == words
    assert all(routee[name]["enum"] == taken[name]["enum"] for name in words)
    assert requests.schemas().keys().isdisjoint(replies.schemas())
