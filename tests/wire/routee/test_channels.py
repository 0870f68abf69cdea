"""The table of channels: whose a field is, what a message costs, and that documents are written without pydantic."""

import subprocess
import sys

import pytest

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.wire.routee.channels import FORMS, OWNERS, foreign
from mockserver.wire.routee.channels.viber import PROMOTIONAL_PRICES, TEXT_PRICES


def test_every_channel_has_a_form_on_either_endpoint() -> None:
    assert {kind: set(forms) for kind, forms in FORMS.items()} == {
        kind: set(Channel) for kind in FlowKind if kind is not FlowKind.OTP
    }


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("channel", Channel)
def test_a_form_has_room_for_the_fields_it_owns_and_for_no_others(kind: FlowKind, channel: Channel) -> None:
    form = FORMS[kind][channel]
    others = {path for forms in FORMS.values() for each in forms.values() for path in each.owns} - {*form.owns}
    assert [path for path in form.owns if foreign(kind, channel, path)] == []
    # What is inside a message is only looked at where a message has its place.
    looked_at = {path for path in others if "." not in path or "message" in form.owns}
    assert [path for path in looked_at if not foreign(kind, channel, path)] == []
    assert foreign(kind, channel, "to") is foreign(kind, channel, "colour") is None


def test_the_owners_of_a_field_are_named_in_one_order() -> None:
    assert OWNERS["from"] == (Channel.SMS, Channel.VOICE)
    assert OWNERS["message"] == (Channel.SMS, Channel.VIBER)


def test_text_alone_is_cheaper() -> None:
    assert TEXT_PRICES.keys() == PROMOTIONAL_PRICES.keys()
    assert all(TEXT_PRICES[country] < PROMOTIONAL_PRICES[country] for country in TEXT_PRICES)


@pytest.mark.parametrize("module", ["channels", "document", "search", "tokens"])
def test_what_writes_documents_needs_no_pydantic(module: str) -> None:
    asked = f"import sys, mockserver.wire.routee.{module}; sys.exit('pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True)
