"""Which flows match a search: each filter is held against many flows in one go.

What never changes of a flow is kept once a filter has looked at it: its types, or its recipients, in lower case and as
one text. So to hold a filter against a flow is to look for a text in a text.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress, repeat
from operator import attrgetter, contains, not_

from mockserver.core.channels import Channel
from mockserver.core.flow import Flow, FlowStatus
from mockserver.core.step import FlowKind
from mockserver.wire.routee.search import AT_THE_START, Filter, Search

MARK = "\0"
"""Stands before and after each value in such a text; no value has it in it."""

SOUGHT: Mapping[str, str] = {
    "is": f"{MARK}%s{MARK}",
    "is_not": f"{MARK}%s{MARK}",
    "contains": "%s",
    "starts_with": f"{MARK}%s",
    "ends_with": f"%s{MARK}",
}
"""What an operator looks for. `is_not` holds when it is not there."""

WORDS: Mapping[str, tuple[Callable[[Flow], str | None], Iterable[str]]] = {
    "status": (attrgetter("status"), FlowStatus),
    "flowKind": (attrgetter("kind"), FlowKind),
    "terminationChannel": (attrgetter("termination"), Channel),
}
"""The fields that have one of a few words: how it is read, and the words. Operators: `is` and `is_not`."""

_number = attrgetter("number")


class Column(dict[int, str]):
    """The texts of one field, by the numbers of the flows. values: of a flow."""

    def __init__(self, values: Callable[[Flow], Iterable[str]]) -> None:
        super().__init__()
        self._values = values

    def texts(self, flows: Sequence[Flow]) -> list[str]:
        """The text of each flow; what is not there yet is made first."""
        try:
            return [*map(self.__getitem__, map(_number, flows))]
        except KeyError:
            self.update((flow.number, self._text(flow)) for flow in flows if flow.number not in self)
            return self.texts(flows)

    def _text(self, flow: Flow) -> str:
        """Equal texts are kept once: many flows have the same types, or the same recipient."""
        return sys.intern(MARK + "".join([value.casefold() + MARK for value in self._values(flow)]))


class Columns:
    """Holds searches against the flows of one sandbox."""

    def __init__(self) -> None:
        self._types = Column(lambda flow: [step.channel for step in flow.steps])
        self._recipients = Column(lambda flow: [step.to for step in flow.steps])
        self._digits = Column(lambda flow: [step.to.casefold().removeprefix("+") for step in flow.steps])

    def matching(self, search: Search, flows: Sequence[Flow]) -> Sequence[Flow]:
        """Those of the flows that match, in upper or lower case (doc), in the same order."""
        for condition in search.filters:
            flows = [*compress(flows, self._verdicts(condition, flows))]
        if search.start is not None:
            flows = [flow for flow in flows if search.start <= flow.created]
        if search.end is not None:
            flows = [flow for flow in flows if flow.created <= search.end]
        return flows

    def forget(self, flows: int) -> None:
        """Begin again when most texts are of flows that were forgotten. flows: how many there are."""
        for column in (self._types, self._recipients, self._digits):
            if len(column) > 2 * flows:
                column.clear()

    def _verdicts(self, condition: Filter, flows: Sequence[Flow]) -> Iterable[bool]:
        """Whether a filter holds, for each flow."""
        found = self._found(condition, flows)
        return map(not_, found) if condition.operator == "is_not" else found

    def _found(self, condition: Filter, flows: Sequence[Flow]) -> Iterable[bool]:
        if condition.field in WORDS:
            read, words = WORDS[condition.field]
            return map([word for word in words if word.casefold() == condition.term].__contains__, map(read, flows))
        if MARK in condition.term:
            return repeat(False, len(flows))
        return map(contains, self._column(condition).texts(flows), repeat(SOUGHT[condition.operator] % condition.term))

    def _column(self, condition: Filter) -> Column:
        if condition.field == "type":
            return self._types
        return self._digits if condition.operator in AT_THE_START else self._recipients
