"""How large a send may be: the parts of an Sms, and the documents that its flow makes."""

from typing import Any

import orjson
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import SendFlow
from mockserver.core.engine import Engine
from mockserver.wire.errors import Refusal
from mockserver.wire.routee import document
from mockserver.wire.routee.limits import MOST_BODY, MOST_DOCUMENT, MOST_PARTS, weight
from mockserver.wire.routee.plain.send import read_plain
from tests.wire.routee.reading import read_send

FULL = {"a": 255 * 153, "^": 255 * 76, "ж": 255 * 67, "😀": 255 * 33}
"""How often each character may come in a row: it is one septet, two of them, one unit of UCS-2, two of them."""


def body(*texts: str, **step: Any) -> bytes:
    steps = [{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": text}} | step for text in texts]
    return orjson.dumps({"flow": steps})


def wrong(sent: bytes, **options: Any) -> dict[str, str]:
    assert read_plain(sent, "app", transcode=options.get("transcode", True)) is None
    with pytest.raises(Refusal) as refused:
        read_send(sent, "app", **options)
    properties: dict[str, str] = refused.value.body["properties"]
    return properties


# rule send.most-parts
@pytest.mark.parametrize(("character", "most"), FULL.items())
def test_an_sms_takes_as_many_parts_as_a_phone_network_can_number(character: str, most: int) -> None:
    [step] = read_send(body(character * most), "app").steps
    assert step.parts == MOST_PARTS == 255


@pytest.mark.parametrize("character", ["^", "ж", "😀"])
def test_one_part_more_is_refused_by_name(character: str) -> None:
    said = wrong(body("hello", character * (FULL[character] + 1)))
    assert said == {"flow[1].message.body": "takes 256 parts; an Sms takes at most 255"}


@pytest.mark.parametrize("character", ["a", "^", "€", "ж", "\u0301", "😀"])
def test_a_body_has_as_many_characters_as_the_parts_hold_whatever_becomes_of_them(character: str) -> None:
    said = wrong(body(character * (MOST_BODY + 1)))
    assert said == {"flow[0].message.body": "must have at most 39015 characters; it has 39016"}


def test_a_text_that_fits_when_it_is_transcoded_is_refused_when_it_is_not() -> None:
    text = "ά" * 30_000
    assert read_send(body(text), "app").steps[0].parts == 197
    said = {"flow[0].message.body": "takes 448 parts; an Sms takes at most 255"}
    assert wrong(body(text), transcode=False) == said
    assert wrong(body(text, message={"body": text, "transcode": False})) == said


def test_too_many_parts_are_named_beside_all_else_that_is_wrong() -> None:
    said = wrong(body("ж" * 20_000, to="nobody", ttl=0.5, message={"body": "ж" * 20_000, "flash": "no"}))
    assert said.keys() == {f"flow[0].{name}" for name in ("to", "ttl", "message.body", "message.flash")}


# rule send.most-document
def test_documents_that_would_be_too_large_are_refused() -> None:
    longest = "a" * FULL["a"]
    assert read_send(body(longest), "app").steps[0].parts == 255
    assert wrong(body(longest, longest))["flow"].startswith("makes documents too large")
    assert read_send(body("a" * 200, failoverOnStatuses=["Failed"] * 100), "app").steps[0].parts == 2
    said = {"flow[0].failoverOnStatuses": "must have at most 100 entries; it has 50000"}
    assert wrong(body("a" * 9_000, failoverOnStatuses=["Failed"] * 50_000)) == said


@pytest.mark.parametrize("text", ["hello", "a" * FULL["a"], "ж" * FULL["ж"], '"' * 30_000], ids=len)
def test_a_document_weighs_about_what_is_said_beforehand(text: str) -> None:
    engine = Engine(Behaviour(), 0)
    sent = read_send(body(text), "app")
    flow = engine.submit(sent).flow
    assert flow is not None
    while engine.poll(10**12):
        pass
    assert 0.5 * weight(sent.steps) < len(document.render(engine.flows[flow.id])) < weight(sent.steps) + 1_000


@pytest.mark.parametrize("statuses", [1, 100])
@pytest.mark.parametrize("count", [1, 20])
def test_no_send_within_the_limits_makes_a_larger_document(statuses: int, count: int) -> None:
    def sent(letters: int) -> SendFlow | None:
        try:
            return read_send(body(*["a" * letters] * count, failoverOnStatuses=["Failed"] * statuses), "app")
        except Refusal:
            return None

    taken = [send for send in map(sent, range(500, FULL["a"], 4_000)) if send is not None]
    assert taken
    assert max(weight(send.steps) for send in taken) <= MOST_DOCUMENT


def test_an_inbound_url_is_no_longer_than_a_webhook() -> None:
    step = {"type": "Viber", "to": "+306900000000", "senderInfoTrackingId": "id", "message": {"text": "hello"}}
    fits = "https://example.com/" + "x" * 1_980
    assert len(read_send(orjson.dumps({"flow": [step | {"inboundUrl": fits}]}), "app").steps) == 1
    said = wrong(orjson.dumps({"flow": [step | {"inboundUrl": fits + "x"}]}))
    assert said == {"flow[0].inboundUrl": "must have at most 2000 characters; it has 2001"}
