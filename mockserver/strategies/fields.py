"""Every rule that a single field of a step can break, as tables: where a right step is spoilt, and what is said."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.strategies import invalid_values, values
from mockserver.strategies.invalid_values import MISSING, Spoil, Spoils, required
from mockserver.strategies.steps import plays, says, sms_steps, template_steps, viber_steps, voice_steps
from mockserver.wire import Json
from mockserver.wire.routee.channels.viber import ACTION, FILE, FILE_TYPES, IMAGE, MOST_VIDEO, TEXT, VIDEO
from mockserver.wire.routee.channels.voice import LANGUAGES, MOST_REPEATS

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
    return {"order": invalid_values.whole(1, 1_000_000), "failoverOnStatuses": invalid_values.statuses(channel)}


def _shortened(path: str) -> dict[str, Spoils]:
    return {path: invalid_values.thing(), f"{path}.urlValidity": invalid_values.whole(3_600, 2_592_000)}


def _sms() -> dict[str, Spoils]:
    return {
        "to": required(invalid_values.number()),
        "from": required(invalid_values.sender()),
        **_common(Channel.SMS),
        "ttl": invalid_values.whole(1, 1_440),
        "message": required(invalid_values.thing()),
        "message.body": required(invalid_values.text()),
        "message.flash": invalid_values.boolean(),
        "message.label": invalid_values.text(350),
        "message.transcode": invalid_values.boolean(),
        **_shortened("message.urlShortener"),
        **_shortened("urlShortener"),
    }


def _viber() -> dict[str, Spoils]:
    return {
        "to": required(invalid_values.number()),
        **_common(Channel.VIBER),
        "ttl": invalid_values.minutes(),
        "expireOnDelivery": invalid_values.boolean(),
        "senderInfoTrackingId": required(invalid_values.text(255)),
        "inboundUrl": invalid_values.url(),
    }


_CONTENTS: Mapping[tuple[str, ...], Callable[[], dict[str, Spoils]]] = {
    (TEXT,): lambda: {"message.text": invalid_values.text(1_000)},
    (IMAGE,): lambda: {"message.imageUrl": invalid_values.https()},
    (TEXT, ACTION): lambda: {
        "message.action": invalid_values.thing(),
        "message.action.caption": required(invalid_values.text(30)),
        "message.action.targetUrl": required(invalid_values.url(1_000)),
    },
    (FILE,): lambda: {
        "message.viberFile": invalid_values.thing(),
        "message.viberFile.fileName": required(invalid_values.text(25)),
        "message.viberFile.fileType": required(invalid_values.choice(*get_args(FILE_TYPES), any_case=True)),
        "message.viberFile.fileUrl": required(invalid_values.https()),
    },
    (VIDEO,): lambda: {
        "message.viberVideo": invalid_values.thing(),
        "message.viberVideo.videoUrl": required(invalid_values.https()),
        "message.viberVideo.videoThumbnail": required(invalid_values.https()),
        "message.viberVideo.fileSize": required(invalid_values.amount(MOST_VIDEO)),
        "message.viberVideo.duration": required(invalid_values.amount(600)),
    },
}


def _template() -> dict[str, Spoils]:
    return {
        "templateId": required(invalid_values.text(255)),
        "templateLang": required(invalid_values.text(35)),
        "templateParams": invalid_values.own(),
        "deliveryScope": invalid_values.choice("PRIMARY_DEVICE", "ALL_DEVICES"),
        "seq": invalid_values.whole(-(2**63), 2**63 - 1, near=10**19),
    }


def _verb() -> dict[str, Spoils]:
    head = "dialPlan.verbs[0]"
    return {f"{head}.repeat": invalid_values.whole(-1, MOST_REPEATS), f"{head}.bargeIn": invalid_values.boolean()}


def _say() -> dict[str, Spoils]:
    head = "dialPlan.verbs[0].message"
    return {
        head: required(invalid_values.thing()),
        f"{head}.text": required(invalid_values.text()),
        f"{head}.language": invalid_values.choice(*get_args(LANGUAGES)),
        f"{head}.gender": invalid_values.choice("male", "female"),
        **_verb(),
    }


def _voice() -> dict[str, Spoils]:
    return {
        "to": required(invalid_values.way_to_call()),
        "from": required(invalid_values.sender()),
        **_common(Channel.VOICE),
        "dialPlan": required(invalid_values.thing()),
        "dialPlan.verbs": required(invalid_values.array()),
        "dialPlan.verbs[0]": invalid_values.thing(),
        "dialPlan.verbs[0].type": chain(
            [Spoil("is missing", st.just(MISSING), "is required: SAY or PLAY")], invalid_values.choice("SAY", "PLAY")
        ),
        "machineDetection": invalid_values.thing(),
    }


def field_rules() -> Iterator[Rule]:
    """What single fields can get wrong."""
    yield from _spoilt("Sms", sms_steps(), _sms())
    viber = {"label": invalid_values.text(350), "message": required(invalid_values.thing())}
    yield from _spoilt("Viber", viber_steps(), _viber() | viber)
    for content, table in _CONTENTS.items():
        yield from _spoilt("Viber", viber_steps(content=content), table())
    yield from _spoilt("Viber template", template_steps(), _viber() | _template(), "transactional")
    yield from _spoilt("Voice", voice_steps(verbs=SAYING), _voice() | _say())
    play = {"dialPlan.verbs[0].fileURL": required(invalid_values.url())} | _verb()
    yield from _spoilt("Voice PLAY", voice_steps(verbs=_playing), play)
    ways = {"to.phone": invalid_values.number(), "to.viber": invalid_values.number(), "to.sip": invalid_values.sip()}
    yield from _spoilt("Voice", voice_steps().map(lambda step: step | {"to": {}}), ways)
    heard = values.urls().map(lambda url: {"strategy": "Continue", "eventUrl": url})
    detected = {
        "machineDetection.strategy": required(invalid_values.choice("Hangup", "Continue")),
        "machineDetection.eventUrl": invalid_values.url(),
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
