"""Steps over Voice, and every way they can be wrong."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.strategies import invalid_values, values
from mockserver.strategies.invalid_values import MISSING, Spoil, Spoils, required
from mockserver.strategies.rule import (
    Drawn,
    Rule,
    To,
    blank,
    common_fields,
    common_spoils,
    having,
    recipients,
    spoilt,
    unknown,
)
from mockserver.wire import Json
from mockserver.wire.routee.channels.voice import DIAL_PLANS, LANGUAGES
from mockserver.wire.routee.limits import MOST_REPEATS, MOST_VERBS

_VERB = "dialPlan.verbs[0]"


def voice_steps(to: To = None, verbs: SearchStrategy[list[Json]] | None = None) -> SearchStrategy[Json]:
    """Steps over Voice. to: as for `sms_steps`. verbs: of the dial plan; by default any."""
    usual = st.lists(_says() | _plays(), min_size=1, max_size=3)
    plans = st.fixed_dictionaries({"verbs": usual if verbs is None else verbs})
    bare = st.fixed_dictionaries(
        {"type": values.in_any_case("Voice"), "to": _called(to), "from": values.senders()},
        optional=common_fields(Channel.VOICE) | {"machineDetection": _machine(), "ttl": st.integers(0, 1_440)},
    )
    return st.builds(lambda step, spelling, plan: step | {spelling: plan}, bare, st.sampled_from(DIAL_PLANS), plans)


def _says() -> SearchStrategy[Json]:
    """Verbs that read a text out."""
    message = st.fixed_dictionaries(
        {"text": values.texts()},
        optional={"language": st.sampled_from(get_args(LANGUAGES)), "gender": st.sampled_from(["male", "female"])},
    )
    return st.fixed_dictionaries({"type": st.just("SAY"), "message": message}, optional=_verb())


def _plays() -> SearchStrategy[Json]:
    """Verbs that play a recording."""
    return st.fixed_dictionaries({"type": st.just("PLAY"), "fileURL": values.urls("media.invalid")}, optional=_verb())


def _verb() -> dict[str, SearchStrategy[Any]]:
    return {"repeat": st.integers(-1, 10), "bargeIn": st.booleans()}


def _called(to: To) -> SearchStrategy[Any]:
    """Where to call: a number, or an object with one or more addresses."""
    several = st.fixed_dictionaries({"phone": recipients(to)}, optional={"viber": recipients(to), "sip": _addresses()})
    other = st.fixed_dictionaries({"viber": recipients(to)}) | st.fixed_dictionaries({"sip": _addresses()})
    return recipients(to) | several | other


def _addresses() -> SearchStrategy[str]:
    """SIP addresses, with or without their scheme."""
    users = st.text(values.WORDS, min_size=1, max_size=10)
    return st.builds(lambda scheme, user: f"{scheme}{user}@sip.invalid", st.sampled_from(["sip:", "sips:", ""]), users)


def _machine() -> SearchStrategy[Json]:
    goes_on = st.fixed_dictionaries({"strategy": st.just("Continue")}, optional={"eventUrl": values.urls()})
    return st.fixed_dictionaries({"strategy": st.just("Hangup")}) | goes_on


# What can be wrong

_SAYING = _says().map(lambda verb: [verb | {"message": {"language": "en-GB"} | verb["message"]}])
_PLAYING = st.lists(_plays(), min_size=1, max_size=1)


def _spoils() -> dict[str, Spoils]:
    return {
        "to": required(invalid_values.way_to_call()),
        "from": required(invalid_values.sender()),
        **common_spoils(Channel.VOICE),
        "dialPlan": required(invalid_values.thing()),
        "dialPlan.verbs": required(invalid_values.array(MOST_VERBS)),
        _VERB: invalid_values.thing(),
        f"{_VERB}.type": chain(
            [Spoil("is missing", st.just(MISSING), "is required: SAY or PLAY")], invalid_values.choice("SAY", "PLAY")
        ),
        "machineDetection": invalid_values.thing(),
    }


def _spoilt_verb() -> dict[str, Spoils]:
    return {f"{_VERB}.repeat": invalid_values.whole(-1, MOST_REPEATS), f"{_VERB}.bargeIn": invalid_values.boolean()}


def _spoilt_say() -> dict[str, Spoils]:
    head = f"{_VERB}.message"
    return {
        head: required(invalid_values.thing()),
        f"{head}.text": required(invalid_values.text()),
        f"{head}.language": invalid_values.choice(*get_args(LANGUAGES)),
        f"{head}.gender": invalid_values.choice("male", "female"),
        **_spoilt_verb(),
    }


def _rules() -> Iterator[Rule]:
    yield from spoilt("Voice", voice_steps(verbs=_SAYING), _spoils() | _spoilt_say())
    play = {f"{_VERB}.fileURL": required(invalid_values.url())} | _spoilt_verb()
    yield from spoilt("Voice PLAY", voice_steps(verbs=_PLAYING), play)
    ways = {"to.phone": invalid_values.number(), "to.viber": invalid_values.number(), "to.sip": invalid_values.sip()}
    yield from spoilt("Voice", voice_steps().map(lambda step: step | {"to": {}}), ways)
    heard = values.urls().map(lambda url: {"strategy": "Continue", "eventUrl": url})
    detected = {
        "machineDetection.strategy": required(invalid_values.choice("Hangup", "Continue")),
        "machineDetection.eventUrl": invalid_values.url(),
    }
    yield from spoilt("Voice", having("machineDetection", heard, voice_steps()), detected)
    yield from _clashes()
    yield from _unknown()
    yield from blank("Voice", voice_steps(), ("message", "label"))


def _clashes() -> Iterator[Rule]:
    """No address to call, fields that are only for Continue used with Hangup, dial plans that differ."""
    no_way = st.sampled_from(["phone", "viber", "sip"]).map(lambda name: {name: ""})
    nowhere = no_way | values.numbers().map(lambda number: {"fax": number})
    said = "must hold at least one of phone, viber, sip"
    yield Rule("Voice to holds no way to call", voice_steps(), "to", nowhere, "to", said)
    field, said = "machineDetection.eventUrl", "is only for the strategy Continue"
    hung_up = values.urls().map(lambda url: {"strategy": "Hangup", "eventUrl": url})
    yield Rule(f"Voice {field} is given with Hangup", voice_steps(), "machineDetection", hung_up, field, said)
    bare = voice_steps().map(lambda step: {name: step[name] for name in step if name not in DIAL_PLANS})
    one, other = _plans(), _plays().map(lambda verb: {"verbs": [verb]})
    said = "says something else than dialPlan; send one of them"
    for name in DIAL_PLANS[1:]:
        yield Rule(f"Voice {name} differs from dialPlan", having("dialPlan", one, bare), name, other, name, said)


def _unknown() -> Iterator[Rule]:
    yield from unknown("Voice", voice_steps(verbs=_SAYING), "", "dialPlan.", f"{_VERB}.", f"{_VERB}.message.")
    called = having("to", values.numbers().map(lambda number: {"phone": number}), voice_steps())
    yield from unknown("Voice", called, "to.")
    detecting = having("machineDetection", st.builds(lambda: {"strategy": "Hangup"}), voice_steps())
    yield from unknown("Voice", detecting, "machineDetection.")


def _plans() -> SearchStrategy[Json]:
    return _SAYING.map(lambda verbs: {"verbs": verbs})


_ELSEWHERE: dict[str, SearchStrategy[Any]] = {
    "machineDetection": st.sampled_from(["Hangup", "Continue"]).map(lambda name: {"strategy": name}),
    **dict.fromkeys(DIAL_PLANS, _plans()),
}

VOICE = Drawn("Voice", voice_steps, _rules, _ELSEWHERE)
