"""Steps over Viber, messages and templates, and every way they can be wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.strategies import invalid_values, values
from mockserver.strategies.invalid_values import Spoils, required
from mockserver.strategies.rule import (
    Drawn,
    Rule,
    To,
    blank,
    common_fields,
    common_spoils,
    recipients,
    spoilt,
    unknown,
)
from mockserver.wire import Json
from mockserver.wire.routee.channels.viber import (
    ACTION,
    CONTENT,
    FILE,
    FILE_TYPES,
    IMAGE,
    MOST_VIDEO,
    TAKEN,
    TEXT,
    VIDEO,
)

Fields = dict[str, SearchStrategy[Any]]

TEMPLATES = "Viber template"


def viber_steps(to: To = None, content: Iterable[str] | None = None) -> SearchStrategy[Json]:
    """Steps over Viber that carry a message, not a template.

    to: their recipients, by default `numbers()`. content: what the message holds, by name, such as ("text", "action");
    by default any combination that Viber accepts. Raises ValueError for any other combination.
    """
    wanted = None if content is None else set(content)
    if wanted is not None and wanted not in TAKEN:
        taken = "; ".join(" + ".join(_ordered(each)) for each in TAKEN)
        raise ValueError(f"Viber does not take {' + '.join(sorted(wanted)) or 'nothing'}; it takes {taken}")
    messages = st.one_of([_content_of(each) for each in (TAKEN if wanted is None else [wanted])])
    return _steps(to, {"message": messages}, {"label": values.texts(350)})


def template_steps(to: To = None) -> SearchStrategy[Json]:
    """Steps over Viber from templates, as POST /failover/transactional takes them. to: as for `sms_steps`."""
    required: Fields = {"templateId": values.texts(255), "templateLang": st.sampled_from(["en", "el", "de-DE"])}
    scope = st.sampled_from(["PRIMARY_DEVICE", "ALL_DEVICES"])
    optional = {"templateParams": values.objects(), "deliveryScope": scope, "seq": st.integers(-(2**63), 2**63 - 1)}
    return _steps(to, required, optional)


def _steps(to: To, required: Fields, optional: Fields) -> SearchStrategy[Json]:
    terms = {
        "type": values.in_any_case("Viber"),
        "to": recipients(to),
        "senderInfoTrackingId": st.just("sender") | values.texts(255),
    }
    more = common_fields(Channel.VIBER) | {
        "ttl": values.tenths(5, 14_400),
        "expireOnDelivery": st.booleans(),
        "inboundUrl": values.urls(),
    }
    return st.fixed_dictionaries(terms | required, optional=more | optional)


def _ordered(content: Iterable[str]) -> list[str]:
    given = set(content)
    return [name for name in CONTENT if name in given]


def _content_of(names: Iterable[str]) -> SearchStrategy[Json]:
    """Contents of a message with exactly these, whether Viber accepts them together or not."""
    parts: Fields = {
        TEXT: values.passages(),
        IMAGE: values.media("jpg", "png"),
        ACTION: st.fixed_dictionaries({"caption": values.texts(30), "targetUrl": values.urls("shop.invalid")}),
        FILE: st.fixed_dictionaries(
            {"fileName": values.texts(25), "fileType": _file_types(), "fileUrl": values.media("pdf", "doc")}
        ),
        VIDEO: st.fixed_dictionaries(
            {
                "videoUrl": values.media("mp4", "mov"),
                "videoThumbnail": values.media("jpg", "png"),
                "fileSize": st.integers(1, MOST_VIDEO),
                "duration": values.tenths(1, 6_000),
            }
        ),
    }
    return st.fixed_dictionaries({name: parts[name] for name in _ordered(names)})


def _file_types() -> SearchStrategy[str]:
    """Types of files, with or without a leading dot."""
    known = st.sampled_from(get_args(FILE_TYPES))
    return st.builds(lambda dot, name: f"{dot}{name}", st.sampled_from(["", "."]), known)


# What can be wrong


def _spoils() -> dict[str, Spoils]:
    return {
        "to": required(invalid_values.number()),
        **common_spoils(Channel.VIBER),
        "ttl": invalid_values.minutes(),
        "expireOnDelivery": invalid_values.boolean(),
        "senderInfoTrackingId": required(invalid_values.text(255)),
        "inboundUrl": invalid_values.url(2_000),
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


def _message_rules() -> Iterator[Rule]:
    spoils = {"label": invalid_values.text(350), "message": required(invalid_values.thing())}
    yield from spoilt("Viber", viber_steps(), _spoils() | spoils)
    for content, table in _CONTENTS.items():
        yield from spoilt("Viber", viber_steps(content=content), table())
    yield from _clashes()
    yield from unknown("Viber", viber_steps(), "", "message.")
    yield from unknown("Viber", viber_steps(content=(TEXT, ACTION)), "message.action.")
    yield from unknown("Viber", viber_steps(content=[FILE]), "message.viberFile.")
    yield from unknown("Viber", viber_steps(content=[VIDEO]), "message.viberVideo.")
    yield from blank("Viber", viber_steps(), ("from", "message.body"))


def _clashes() -> Iterator[Rule]:
    """Contents that Viber does not accept together."""
    every = (names for size in range(1, len(CONTENT) + 1) for names in combinations(CONTENT, size))
    for names in every:
        if set(names) not in TAKEN:
            held = " + ".join(names)
            said = f"cannot hold {held}; Viber takes"
            yield Rule(f"Viber message holds {held}", viber_steps(), "message", _content_of(names), "message", said)
    nothing: SearchStrategy[Any] = st.builds(dict) | st.builds(lambda: {"text": " ", "action": {"caption": ""}})
    said = f"must hold at least one of {', '.join(CONTENT)}"
    yield Rule("Viber message holds nothing", viber_steps(), "message", nothing, "message", said)


def _template_rules() -> Iterator[Rule]:
    spoils = {
        "templateId": required(invalid_values.text(255)),
        "templateLang": required(invalid_values.text(35)),
        "templateParams": invalid_values.own(),
        "deliveryScope": invalid_values.choice("PRIMARY_DEVICE", "ALL_DEVICES"),
        "seq": invalid_values.whole(-(2**63), 2**63 - 1, near=10**19),
    }
    yield from spoilt(TEMPLATES, template_steps(), _spoils() | spoils, FlowKind.TRANSACTIONAL)
    yield from unknown(TEMPLATES, template_steps(), "", kind=FlowKind.TRANSACTIONAL)


MESSAGE = Drawn("Viber", viber_steps, _message_rules, {"expireOnDelivery": st.just(True)})

TEMPLATE = Drawn(
    TEMPLATES,
    template_steps,
    _template_rules,
    {"templateParams": values.texts(20).map(lambda name: {"name": name}), "seq": st.integers(1, 9)},
)
