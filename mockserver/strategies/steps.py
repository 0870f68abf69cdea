"""Strategies for valid steps of a flow, a function for each channel. In the simplest, all that may be left out is."""

from collections.abc import Iterable
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.strategies import values
from mockserver.wire import Json
from mockserver.wire.routee.channels.viber import ACTION, CONTENT, FILE, IMAGE, MOST_VIDEO, TAKEN, TEXT, VIDEO
from mockserver.wire.routee.channels.voice import DIAL_PLANS, LANGUAGES

To = SearchStrategy[str] | None


def sms_steps(to: To = None) -> SearchStrategy[Json]:
    """Steps over Sms. to: their recipients, by default `numbers()`."""
    shortener = st.fixed_dictionaries({"urlValidity": st.integers(3_600, 2_592_000)})
    message = st.fixed_dictionaries(
        {"body": values.passages()},
        optional={
            "flash": st.booleans(),
            "label": values.texts(350),
            "transcode": st.booleans(),
            "urlShortener": shortener,
        },
    )
    return st.fixed_dictionaries(
        {"type": values.in_any_case("Sms"), "to": _to(to), "from": values.senders(), "message": message},
        optional=_common(Channel.SMS) | {"ttl": st.integers(1, 1_440), "urlShortener": shortener},
    )


def viber_steps(to: To = None, content: Iterable[str] | None = None) -> SearchStrategy[Json]:
    """Steps over Viber, whose content is free.

    to: their recipients, by default `numbers()`. content: the names of what the message holds, such as ("text",
    "action"); by default everything that Viber takes together. Raises ValueError for what it does not.
    """
    wanted = None if content is None else set(content)
    if wanted is not None and wanted not in TAKEN:
        taken = "; ".join(" + ".join(_ordered(each)) for each in TAKEN)
        raise ValueError(f"Viber does not take {' + '.join(sorted(wanted)) or 'nothing'}; it takes {taken}")
    messages = st.one_of([content_of(each) for each in (TAKEN if wanted is None else [wanted])])
    return _viber(to, {"message": messages}, {"label": values.texts(350)})


def template_steps(to: To = None) -> SearchStrategy[Json]:
    """Steps over Viber from templates, as POST /failover/transactional takes them. to: as for `sms_steps`."""
    required = {"templateId": values.texts(255), "templateLang": st.sampled_from(["en", "el", "de-DE"])}
    scope = st.sampled_from(["PRIMARY_DEVICE", "ALL_DEVICES"])
    return _viber(
        to,
        required,
        {"templateParams": values.objects(), "deliveryScope": scope, "seq": st.integers(-(2**63), 2**63 - 1)},
    )


def voice_steps(to: To = None, verbs: SearchStrategy[list[Json]] | None = None) -> SearchStrategy[Json]:
    """Steps over Voice. to: as for `sms_steps`; verbs: of the dial plan, by default any."""
    usual = st.lists(says() | plays(), min_size=1, max_size=3)
    plans = st.fixed_dictionaries({"verbs": usual if verbs is None else verbs})
    bare = st.fixed_dictionaries(
        {"type": values.in_any_case("Voice"), "to": _called(to), "from": values.senders()},
        optional=_common(Channel.VOICE) | {"machineDetection": _machine(), "ttl": st.integers(0, 1_440)},
    )
    return st.builds(lambda step, spelling, plan: step | {spelling: plan}, bare, st.sampled_from(DIAL_PLANS), plans)


def says() -> SearchStrategy[Json]:
    """Verbs that read a text out."""
    message = st.fixed_dictionaries(
        {"text": values.texts()},
        optional={
            "language": st.sampled_from(get_args(LANGUAGES)),
            "gender": st.sampled_from(["male", "female"]),
        },
    )
    return st.fixed_dictionaries({"type": st.just("SAY"), "message": message}, optional=_verb())


def plays() -> SearchStrategy[Json]:
    """Verbs that play a recording."""
    return st.fixed_dictionaries({"type": st.just("PLAY"), "fileURL": values.urls("media.invalid")}, optional=_verb())


def _verb() -> dict[str, SearchStrategy[Any]]:
    return {"repeat": st.integers(-1, 10), "bargeIn": st.booleans()}


def _to(to: To) -> SearchStrategy[str]:
    return values.spelled(values.numbers()) if to is None else to


def _common(channel: Channel) -> dict[str, SearchStrategy[Any]]:
    return {"order": st.integers(1, 9), "failoverOnStatuses": values.triggers(channel)}


def _viber(
    to: To, required: dict[str, SearchStrategy[Any]], optional: dict[str, SearchStrategy[Any]]
) -> SearchStrategy[Json]:
    terms = {
        "type": values.in_any_case("Viber"),
        "to": _to(to),
        "senderInfoTrackingId": st.just("sender") | values.texts(255),
    }
    more = _common(Channel.VIBER) | {
        "ttl": values.tenths(5, 14_400),
        "expireOnDelivery": st.booleans(),
        "inboundUrl": values.urls(),
    }
    return st.fixed_dictionaries(terms | required, optional=more | optional)


def _ordered(content: Iterable[str]) -> list[str]:
    given = set(content)
    return [name for name in CONTENT if name in given]


def content_of(names: Iterable[str]) -> SearchStrategy[Json]:
    """Contents of a Viber message that hold just these, whether Viber takes them together or not."""
    parts: dict[str, SearchStrategy[Any]] = {
        TEXT: values.passages(),
        IMAGE: values.media("jpg", "png"),
        ACTION: st.fixed_dictionaries({"caption": values.texts(30), "targetUrl": values.urls("shop.invalid")}),
        FILE: st.fixed_dictionaries(
            {"fileName": values.texts(25), "fileType": values.file_types(), "fileUrl": values.media("pdf", "doc")}
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


def _called(to: To) -> SearchStrategy[Any]:
    """Where to call: a number, or an object of one or several ways."""
    several = st.fixed_dictionaries({"phone": _to(to)}, optional={"viber": _to(to), "sip": values.sip_addresses()})
    other = st.fixed_dictionaries({"viber": _to(to)}) | st.fixed_dictionaries({"sip": values.sip_addresses()})
    return _to(to) | several | other


def _machine() -> SearchStrategy[Json]:
    goes_on = st.fixed_dictionaries({"strategy": st.just("Continue")}, optional={"eventUrl": values.urls()})
    return st.fixed_dictionaries({"strategy": st.just("Hangup")}) | goes_on
