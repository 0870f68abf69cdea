"""Reading a plain send: one pass over its bytes.

The law: for a plain send, this returns exactly what the careful reading returns for the same bytes, strict or not. It
returns nothing for any other send; the careful reading finds out whether that is wrong, and where.
"""

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mockserver.core.commands import SendFlow
from mockserver.core.step import Callback, Strategy
from mockserver.wire.routee.limits import MOST_CALLBACK_URL, MOST_DOCUMENT, MOST_STEPS, weight
from mockserver.wire.routee.plain import sms, viber, voice
from mockserver.wire.routee.plain.sms import SmsStep
from mockserver.wire.routee.plain.types import Built, Plain, web
from mockserver.wire.routee.plain.viber import ViberStep
from mockserver.wire.routee.plain.voice import VoiceStep


class PlainCallback(Plain, kw_only=True):
    """The webhook: when it is called, and where."""

    strategy: Literal["OnStep", "OnCompletion"] = "OnCompletion"
    url: Annotated[str, Meta(max_length=MOST_CALLBACK_URL)]


class Send(Plain, kw_only=True):
    """A whole send."""

    flow: Annotated[list[ViberStep | SmsStep | VoiceStep], Meta(min_length=1, max_length=MOST_STEPS)]
    callback: PlainCallback | UnsetType = UNSET


BUILDERS: dict[type[Plain], Callable[..., Built]] = {
    ViberStep: viber.build,
    SmsStep: sms.build,
    VoiceStep: voice.build,
}

_decode = msgspec.json.Decoder(Send).decode
_place = itemgetter(0)


def read_plain(body: bytes, application: str, *, transcode: bool) -> SendFlow | None:
    """The send in the body of a POST /failover; None if it is not plain. transcode: for an Sms that does not say."""
    if b"\\u0000" in body:
        return None
    try:
        sent = _decode(body)
        built = [BUILDERS[type(step)](step, position, transcode) for position, step in enumerate(sent.flow, start=1)]
        callback = None if sent.callback is UNSET else _callback(sent.callback.strategy, sent.callback.url)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # not plain, no number, no UTF-8, too deep
        return None
    if len(built) > 1:
        built.sort(key=_place)
    steps = tuple([step for _, step in built])
    return None if weight(steps) > MOST_DOCUMENT else SendFlow(application, steps, callback)


@lru_cache(maxsize=1_024)
def _callback(strategy: str, url: str) -> Callback:
    web(url)
    return Callback(Strategy(strategy), url)
