"""What plain shapes of several channels have in common."""

import re
from functools import lru_cache
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from mockserver.core.channels import Channel, canonical_trigger
from mockserver.core.step import Step
from mockserver.wire.routee.limits import MOST_LABEL, MOST_ORDER, MOST_REPEATS, MOST_TRIGGERS, SENDER

MINUTE = 60_000

_HOST = r"(?!xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,8}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3})"
ORIGIN = rf"https?://(?:{_HOST}|127\.0\.0\.1)(?::{_PORT})?"
PATH = r"[A-Za-z0-9._~/?=&%+,;:@-]*"
"""The two parts of a URL that is valid beyond doubt; there are valid ones that do not match."""

_origin, _path = re.compile(ORIGIN).fullmatch, re.compile(PATH).fullmatch

Label = Annotated[str, Meta(max_length=MOST_LABEL)] | UnsetType
Order = Annotated[int, Meta(ge=1, le=MOST_ORDER)] | UnsetType
TRIGGERS = Meta(min_length=1, max_length=MOST_TRIGGERS)
Repeat = Annotated[int, Meta(ge=1, le=MOST_REPEATS)] | UnsetType

Built = tuple[int, Step]
"""The order of a step, and the step."""


class Plain(Struct, forbid_unknown_fields=True, rename="camel", gc=False):  # a tree: nothing leads back to itself
    """An object without unknown fields."""


class NotPlain(ValueError):
    """A send is not plain, in a way that the types do not check."""


def visible(text: str | UnsetType) -> str:
    """A text that is not blank; "" for one that is absent. Raises NotPlain."""
    if text is UNSET:
        return ""
    if not text or text.isspace():
        raise NotPlain
    return text


def web(url: str) -> None:
    """Raise NotPlain unless a URL is valid beyond doubt."""
    slash = url.find("/", 8)
    if slash < 0:
        server(url)
        return
    server(url[:slash])
    if not _path(url, slash):
        raise NotPlain


def secure(url: str) -> None:
    """The same, for a URL that must be https."""
    if not url.startswith("https:"):
        raise NotPlain
    web(url)


# Few senders, servers and callbacks are sent again and again: each is checked once, and kept once.


@lru_cache(maxsize=4_096)
def server(origin: str) -> str:
    """The scheme, host and port that a URL begins with. Raises NotPlain."""
    if not _origin(origin):
        raise NotPlain
    return origin


@lru_cache(maxsize=4_096)
def sender(text: str) -> str:
    """Who a message is from. Raises NotPlain."""
    if not SENDER.fullmatch(text) or text.isspace():
        raise NotPlain
    return text


@lru_cache(maxsize=4_096)
def sender_id(text: str) -> str:
    """The id of a Viber sender. Raises NotPlain."""
    return visible(text)


@lru_cache(maxsize=1_024)
def triggers(channel: Channel, statuses: tuple[str, ...]) -> frozenset[str]:
    """The statuses that turn to the next step, in the channel's own spelling."""
    found = (canonical_trigger(channel, status) for status in statuses)
    return frozenset(status for status in found if status is not None)
