"""Every rule that a single field of a step can break, as tables: where a right step is spoilt, and what is said."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.strategies import spoils, values
from mockserver.strategies.spoils import MISSING, Spoil, Spoils, required
from mockserver.strategies.steps import plays, says, sms_steps, template_steps, viber_steps, voice_steps
from mockserver.wire import fields
from mockserver.wire.combinations import ACTION, FILE, IMAGE, TEXT, VIDEO
from mockserver.wire.models import MOST_REPEATS, MOST_VIDEO

Json = dict[str, Any]
Steps = SearchStrategy[Json]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract, broken.

    steps: right ones to break it with. place: where in the step the values go; "" is the step itself. field: what is
    named as wrong, by its path in the step. says: a part of what is said. kind: of the flow. strict: it is a rule of
    strict mocks alone.
    """

    name: str
    steps: Steps
    place: str
    values: SearchStrategy[Any]
    field: str
    says: str
    kind: str = "failover"
    strict: bool = False


Fields = Mapping[str, Spoils]

SAYING = says().map(lambda verb: [verb | {"message": {"language": "en-GB"} | verb["message"]}])
_playing = st.lists(plays(), min_size=1, max_size=1)


def _common(channel: Channel) -> dict[str, Spoils]:
    return {"order": spoils.whole(1, 1_000_000), "failoverOnStatuses": spoils.statuses(channel)}


def _shortened(path: str) -> dict[str, Spoils]:
    return {path: spoils.thing(), f"{path}.urlValidity": spoils.whole(3_600, 2_592_000)}


def _sms() -> dict[str, Spoils]:
    return {
        "to": required(spoils.number()),
        "from": required(spoils.sender()),
        **_common(Channel.SMS),
        "ttl": spoils.whole(1, 1_440),
        "message": required(spoils.thing()),
        "message.body": required(spoils.text()),
        "message.flash": spoils.boolean(),
        "message.label": spoils.text(350),
        "message.transcode": spoils.boolean(),
        **_shortened("message.urlShortener"),
        **_shortened("urlShortener"),
    }


def _viber() -> dict[str, Spoils]:
    return {
        "to": required(spoils.number()),
        **_common(Channel.VIBER),
        "ttl": spoils.minutes(),
        "expireOnDelivery": spoils.boolean(),
        "senderInfoTrackingId": required(spoils.text(255)),
        "inboundUrl": spoils.url(),
    }


_CONTENTS: Mapping[tuple[str, ...], Callable[[], dict[str, Spoils]]] = {
    (TEXT,): lambda: {"message.text": spoils.text(1_000)},
    (IMAGE,): lambda: {"message.imageUrl": spoils.https()},
    (TEXT, ACTION): lambda: {
        "message.action": spoils.thing(),
        "message.action.caption": required(spoils.text(30)),
        "message.action.targetUrl": required(spoils.url(1_000)),
    },
    (FILE,): lambda: {
        "message.viberFile": spoils.thing(),
        "message.viberFile.fileName": required(spoils.text(25)),
        "message.viberFile.fileType": required(spoils.choice(*get_args(fields.FILE_TYPES), any_case=True)),
        "message.viberFile.fileUrl": required(spoils.https()),
    },
    (VIDEO,): lambda: {
        "message.viberVideo": spoils.thing(),
        "message.viberVideo.videoUrl": required(spoils.https()),
        "message.viberVideo.videoThumbnail": required(spoils.https()),
        "message.viberVideo.fileSize": required(spoils.amount(MOST_VIDEO)),
        "message.viberVideo.duration": required(spoils.amount(600)),
    },
}


def _template() -> dict[str, Spoils]:
    return {
        "templateId": required(spoils.text(255)),
        "templateLang": required(spoils.text(35)),
        "templateParams": spoils.own(),
        "deliveryScope": spoils.choice("PRIMARY_DEVICE", "ALL_DEVICES"),
        "seq": spoils.whole(-(2**63), 2**63 - 1, near=10**19),
    }


def _verb() -> dict[str, Spoils]:
    head = "dialPlan.verbs[0]"
    return {f"{head}.repeat": spoils.whole(-1, MOST_REPEATS), f"{head}.bargeIn": spoils.boolean()}


def _say() -> dict[str, Spoils]:
    head = "dialPlan.verbs[0].message"
    return {
        head: required(spoils.thing()),
        f"{head}.text": required(spoils.text()),
        f"{head}.language": spoils.choice(*get_args(fields.LANGUAGES)),
        f"{head}.gender": spoils.choice("male", "female"),
        **_verb(),
    }


def _voice() -> dict[str, Spoils]:
    return {
        "to": required(spoils.way_to_call()),
        "from": required(spoils.sender()),
        **_common(Channel.VOICE),
        "dialPlan": required(spoils.thing()),
        "dialPlan.verbs": required(spoils.array()),
        "dialPlan.verbs[0]": spoils.thing(),
        "dialPlan.verbs[0].type": chain(
            [Spoil("is missing", st.just(MISSING), "is required: SAY or PLAY")], spoils.choice("SAY", "PLAY")
        ),
        "machineDetection": spoils.thing(),
    }


def field_rules() -> Iterator[Rule]:
    """What single fields can get wrong."""
    yield from _spoilt("Sms", sms_steps(), _sms())
    viber = {"label": spoils.text(350), "message": required(spoils.thing())}
    yield from _spoilt("Viber", viber_steps(), _viber() | viber)
    for content, table in _CONTENTS.items():
        yield from _spoilt("Viber", viber_steps(content=content), table())
    yield from _spoilt("Viber template", template_steps(), _viber() | _template(), "transactional")
    yield from _spoilt("Voice", voice_steps(verbs=SAYING), _voice() | _say())
    play = {"dialPlan.verbs[0].fileURL": required(spoils.url())} | _verb()
    yield from _spoilt("Voice PLAY", voice_steps(verbs=_playing), play)
    ways = {"to.phone": spoils.number(), "to.viber": spoils.number(), "to.sip": spoils.sip()}
    yield from _spoilt("Voice", voice_steps().map(lambda step: step | {"to": {}}), ways)
    heard = values.urls().map(lambda url: {"strategy": "Continue", "eventUrl": url})
    detected = {
        "machineDetection.strategy": required(spoils.choice("Hangup", "Continue")),
        "machineDetection.eventUrl": spoils.url(),
    }
    yield from _spoilt("Voice", having("machineDetection", heard, voice_steps()), detected)
    odd = st.builds(lambda seconds: {"validity": seconds}, st.integers(3_600, 7_200))
    for place in ("urlShortener", "message.urlShortener"):
        field = f"{place}.urlValidity"
        yield Rule(f"Sms {field} is missing", sms_steps(), place, odd, field, "is required")


def _spoilt(prefix: str, steps: Steps, table: Fields, kind: str = "failover") -> Iterator[Rule]:
    for path, ways in table.items():
        for each in ways:
            name = f"{prefix} {path.replace('[0]', '')} {each.what}"
            yield Rule(name, steps, path, each.values, path + each.at, each.says, kind)


def having(name: str, value: SearchStrategy[Any], steps: Steps) -> Steps:
    """Steps with something of this name."""
    return st.builds(lambda step, value: step | {name: value}, steps, value)
