"""Every rule that it takes more than one field of a step to break, as tables.

Contents that do not go together, fields that belong elsewhere, steps that are none, what only strict mocks refuse.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.strategies import values
from mockserver.strategies.fields import SAYING, Rule, Steps, having
from mockserver.strategies.invalid_values import BLANK
from mockserver.strategies.steps import content_of, plays, sms_steps, template_steps, viber_steps, voice_steps
from mockserver.wire import Json
from mockserver.wire.routee.requests import DIAL_PLANS
from mockserver.wire.routee.rules import ACTION, CONTENT, FILE, OWNERS, TAKEN, TEMPLATE, TEXT, VIDEO

TEMPLATES = "Viber template"


def clash_rules() -> Iterator[Rule]:
    """What several fields get wrong together, or by being there at all."""
    yield from _contents()
    yield from _calls()
    yield from _foreign()
    yield from _no_steps()
    yield from _unknown()
    yield from _blank()


def _contents() -> Iterator[Rule]:
    every = (names for size in range(1, len(CONTENT) + 1) for names in combinations(CONTENT, size))
    steps = viber_steps()
    for names in every:
        if set(names) not in TAKEN:
            held = " + ".join(names)
            said = f"cannot hold {held}; Viber takes"
            yield Rule(f"Viber message holds {held}", steps, "message", content_of(names), "message", said)
    nothing: SearchStrategy[Any] = st.builds(dict) | st.builds(lambda: {"text": " ", "action": {"caption": ""}})
    said = f"must hold at least one of {', '.join(CONTENT)}"
    yield Rule("Viber message holds nothing", steps, "message", nothing, "message", said)


def _calls() -> Iterator[Rule]:
    blank = st.sampled_from(["phone", "viber", "sip"]).map(lambda name: {name: ""})
    nowhere = blank | values.numbers().map(lambda number: {"fax": number})
    said = "must hold at least one of phone, viber, sip"
    yield Rule("Voice to holds no way to call", voice_steps(), "to", nowhere, "to", said)
    field, said = "machineDetection.eventUrl", "is only for the strategy Continue"
    hung_up = values.urls().map(lambda url: {"strategy": "Hangup", "eventUrl": url})
    yield Rule(f"Voice {field} is given with Hangup", voice_steps(), "machineDetection", hung_up, field, said)
    bare = voice_steps().map(lambda step: {name: step[name] for name in step if name not in DIAL_PLANS})
    one, other = SAYING.map(lambda verbs: {"verbs": verbs}), plays().map(lambda verb: {"verbs": [verb]})
    said = "says something else than dialPlan; send one of them"
    for name in DIAL_PLANS[1:]:
        yield Rule(f"Voice {name} differs from dialPlan", having("dialPlan", one, bare), name, other, name, said)


_FOREIGN: Mapping[str, SearchStrategy[Any]] = {
    "message": values.texts(50).map(lambda text: {"body": text, "text": text}),
    "urlShortener": st.integers(3_600, 2_592_000).map(lambda seconds: {"urlValidity": seconds}),
    "expireOnDelivery": st.just(True),
    "machineDetection": st.sampled_from(["Hangup", "Continue"]).map(lambda name: {"strategy": name}),
    "flash": st.just(True),
    "transcode": st.just(True),
    "templateParams": values.texts(20).map(lambda name: {"name": name}),
    "seq": st.integers(1, 9),
    **{name: SAYING.map(lambda verbs: {"verbs": verbs}) for name in DIAL_PLANS},
}
"""What fields hold that belong to other channels and to templates; the rest hold texts."""


def _foreign() -> Iterator[Rule]:
    """Fields of another channel, or of the other endpoint."""
    for channel, steps in {
        Channel.SMS: sms_steps(),
        Channel.VIBER: viber_steps(),
        Channel.VOICE: voice_steps(),
    }.items():
        others = [path for path, owners in OWNERS.items() if channel not in owners]
        if channel is Channel.VOICE:
            others = [path for path in others if not path.startswith("message.")]
        else:
            others += [f"message.{name}" for name in TEMPLATE]
        yield from _holding(str(channel), steps, (*others, *TEMPLATE))
        if channel is not Channel.VIBER:
            yield from _holding(f"{channel} beside templates", steps, TEMPLATE, "transactional")
    others = [path for path, owners in OWNERS.items() if Channel.VIBER not in owners and "." not in path]
    yield from _holding(TEMPLATES, template_steps(), ("message", "label", *others), "transactional")


def _holding(prefix: str, steps: Steps, paths: Iterable[str], kind: str = "failover") -> Iterator[Rule]:
    for path in paths:
        value = _FOREIGN.get(path.removeprefix("message."), values.texts(10))
        yield Rule(f"{prefix} holds {path}", steps, path, value, path, "belongs to ", kind)


def _no_steps() -> Iterator[Rule]:
    odd: SearchStrategy[Any] = st.sampled_from(["Sms", 5, True, None]) | st.builds(list)
    yield Rule("step is no object", sms_steps(), "", odd, "", "must be an object: a step")
    steps, names = sms_steps() | viber_steps() | voice_steps(), ", ".join(Channel)
    yield Rule("step type is missing", steps, "type", BLANK, "type", f"is required: one of {names}")
    words = st.sampled_from(["Vibr", "Email", "Whatsapp", "Sms, Viber", 5, True])
    yield Rule("step type is unknown", steps, "type", words, "type", f"must be one of {names}")


# What only a strict mock refuses


def _unknown() -> Iterator[Rule]:
    """Fields nobody knows, anywhere in a step."""
    say, template = voice_steps(verbs=SAYING), template_steps()
    machine: Json = {"strategy": "Hangup"}
    called = having("to", values.numbers().map(lambda number: {"phone": number}), voice_steps())
    places: Mapping[tuple[str, Steps], tuple[str, ...]] = {
        ("Sms", sms_steps()): ("", "message."),
        ("Sms", having("urlShortener", _FOREIGN["urlShortener"], sms_steps())): ("urlShortener.",),
        ("Viber", viber_steps()): ("", "message."),
        ("Viber", viber_steps(content=(TEXT, ACTION))): ("message.action.",),
        ("Viber", viber_steps(content=[FILE])): ("message.viberFile.",),
        ("Viber", viber_steps(content=[VIDEO])): ("message.viberVideo.",),
        (TEMPLATES, template): ("",),
        ("Voice", say): ("", "dialPlan.", "dialPlan.verbs[0].", "dialPlan.verbs[0].message."),
        ("Voice", called): ("to.",),
        ("Voice", having("machineDetection", st.builds(lambda: dict(machine)), voice_steps())): ("machineDetection.",),
    }
    unknown = st.sampled_from(["", "red", 0, 5, None])
    for (prefix, steps), heads in places.items():
        for head in heads:
            path, kind = f"{head}colour", "transactional" if prefix == TEMPLATES else "failover"
            name = f"{prefix} {path.replace('[0]', '')} is unknown"
            yield Rule(name, steps, path, unknown, path, "is not known here", kind, strict=True)


def _blank() -> Iterator[Rule]:
    """Fields of another channel that are blank."""
    blank = st.sampled_from(["", 0, False, None])
    places = {"Sms": (sms_steps(), "label", "message.text"), "Viber": (viber_steps(), "from", "message.body")}
    for prefix, (steps, *paths) in (places | {"Voice": (voice_steps(), "message", "label")}).items():
        for path in paths:
            yield Rule(f"{prefix} holds a blank {path}", steps, str(path), blank, str(path), "belongs to ", strict=True)
