"""Expectations: what must have happened in a sandbox, or must happen soon."""

from collections.abc import Sequence
from typing import Any

from mockserver.client.asynchronous.link import AsyncLink
from mockserver.client.fields import without_none
from mockserver.client.problems import Call, failed
from mockserver.client.spelling import spelled
from mockserver.client.values import Flow, id_of
from mockserver.client.words import Channel, FlowKind, FlowStatus, HeardStatus, MessageStatus, StatusCode

Fields = dict[str, Any]

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

CALLS = {"sends": "send", "flow": "flow", "callback": "callback", "request": "request"}
"""For each kind of expectation, its method."""


@spelled
class AsyncExpect:
    """Each method looks for what its arguments describe, and returns how many it found.

    If it finds too few or too many, it raises AssertionError, which says what came nearest. A text must be equal; `*`
    in it stands for anything. count: exactly this many; or give at_least or at_most; without any of them, one or more.
    within: how long to wait for it, in real seconds or as a text such as "500ms", up to a minute.
    """

    def __init__(self, link: AsyncLink, path: str) -> None:
        self._link = link
        self._path = path

    async def send(
        self,
        *,
        to: str | None = None,
        channel: Channel | None = None,
        channels: Sequence[Channel] | None = None,
        label: str | None = None,
        text: str | None = None,
        from_: str | None = None,
        kind: FlowKind | None = None,
        callback_url: str | None = None,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        within: float | str | None = None,
    ) -> int:
        """An accepted send. channels: of all its steps, in order. All other fields must fit one and the same step."""
        fields: Fields = {"to": to, "channel": channel, "channels": channels and list(channels), "label": label}
        fields |= {"text": text, "from": from_, "kind": kind, "callbackUrl": callback_url}
        return await self._verify({"sends": without_none(fields)} | _count(count, at_least, at_most), within)

    async def flow(
        self,
        flow: Flow | str | None = None,
        *,
        to: str | None = None,
        label: str | None = None,
        status: FlowStatus | None = None,
        status_code: StatusCode | None = None,
        termination_channel: Channel | None = None,
        heard: Sequence[HeardStatus] | None = None,
        exactly: Sequence[HeardStatus] | None = None,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        within: float | str | None = None,
    ) -> int:
        """A flow, and how it went.

        heard: its messages got these statuses in this order, with others in between, as in ["Viber EXPIRED",
        "Sms Delivered"]. exactly: these and no others.
        """
        ends: Fields = {"status": status, "statusCode": status_code, "terminationChannel": termination_channel}
        ends |= {"heard": _listed(heard), "exactly": _listed(exactly)}
        which = without_none({"trackingId": id_of(flow), "to": to, "label": label})
        counted = _count(count, at_least, at_most)
        return await self._verify({"flow": which} | without_none(ends) | counted, within)

    async def callback(
        self,
        flow: Flow | str | None = None,
        *,
        to: str | None = None,
        label: str | None = None,
        url: str | None = None,
        status: FlowStatus | None = None,
        message_status: HeardStatus | MessageStatus | None = None,
        delivered: bool | None = None,
        attempts: int | None = None,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        within: float | str | None = None,
    ) -> int:
        """A callback that was due. status: of the flow. message_status: the change it reports, "Viber EXPIRED"."""
        fields: Fields = {"trackingId": id_of(flow), "to": to, "label": label, "url": url, "status": status}
        fields |= {"messageStatus": message_status, "delivered": delivered, "attempts": attempts}
        return await self._verify({"callback": without_none(fields)} | _count(count, at_least, at_most), within)

    async def request(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        error: str | None = None,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        within: float | str | None = None,
    ) -> int:
        """A request to Routee's endpoints. error: a part of the text that says what was wrong with it."""
        fields: Fields = {"method": method, "path": path, "status": status, "error": error}
        return await self._verify({"request": without_none(fields)} | _count(count, at_least, at_most), within)

    async def _verify(self, expectation: Fields, within: float | str | None) -> int:
        wanted = {"expect": [expectation]} | without_none({"within": within})
        call = Call("expect." + next(CALLS[kind] for kind in expectation if kind in CALLS))
        answer = await self._link.ask("POST", f"{self._path}/verify", wanted, call=call)
        [verdict] = answer["expectations"]
        if not verdict["ok"]:
            raise failed(verdict)
        return int(verdict["found"])


def _listed(statuses: Sequence[str] | None) -> Sequence[str] | None:
    """Statuses as JSON has them. A single text is a sequence of letters too: it stays, and the mock refuses it."""
    return statuses if statuses is None or isinstance(statuses, str) else list(statuses)


def _count(count: int | None, least: int | None, most: int | None) -> Fields:
    if count is not None and (least, most) != (None, None):
        raise TypeError("count= is the exact number: it goes with neither at_least= nor at_most=")
    for name, number in without_none({"count": count, "at_least": least, "at_most": most}).items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise TypeError(f"{name}= is a number of matches, 0 or more, not {number!r}")
    if least is not None and most is not None and least > most:
        raise TypeError(f"at_least={least} is more than at_most={most}")
    bounds = without_none({"atLeast": least, "atMost": most})
    return {"count": bounds} if bounds else without_none({"count": count})
