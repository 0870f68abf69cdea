"""POST /failover/tracking: the search, and the page with the flows that match it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.core.flow import Flow
from mockserver.wire.errors import invalid, malformed
from mockserver.wire.instants import read_instant
from mockserver.wire.problems import Wrong, nearest, not_json, read_json

MOST = 2_000
"""The most flows on one page (choice)."""

MOST_FILTERS = 20
"""Filters of one search at the most (choice): each is held against every flow."""

FIELDS = ("type", "to", "status", "flowKind", "terminationChannel")
"""The fields that a filter can look at. `type` and `to` are those of every step, begun or not (choice)."""

OPERATORS = ("is", "is_not", "contains", "starts_with", "ends_with")
"""How a filter compares. `is_not` holds when no value is equal. All but the first two are only for `to` (doc)."""

EVERYWHERE = ("is", "is_not")

AT_THE_START = frozenset({"is", "is_not", "starts_with"})
"""The operators that ignore a `+` before a number, because they look at its beginning (choice)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; the term is in lower case."""

    field: str
    operator: str
    term: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search: flows created from `start` to `end`, both included (None: no bound), that match every filter.

    page: from 0. size: flows on one page.
    """

    start: int | None = None
    end: int | None = None
    page: int = 0
    size: int = 10
    filters: tuple[Filter, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether every flow answers to it."""
        return self.start is None and self.end is None and not self.filters


def read_search(query: Mapping[str, str], body: bytes) -> Search:
    """The search in a request. Raises Refusal, which names every wrong parameter and filter.

    query: if a parameter is given twice, whichever `get` returns counts. A blank parameter counts as absent, an unknown
    one is ignored (choice). body: no filters when it is empty or `null` (choice).
    """
    wrong = Wrong()
    start = _read_date(query, "dateStart", wrong)
    end = _read_date(query, "dateEnd", wrong)
    page = _read_number(query, "page", 0, 0, 10**9, wrong)
    size = _read_number(query, "size", 10, 1, MOST, wrong)
    filters = tuple(_read_filters(body, wrong))
    if start is not None and end is not None and start > end:
        wrong["dateEnd"] = "lies before dateStart"
    if wrong:
        raise invalid(wrong)
    return Search(start, end, page, size, filters)


def _read_date(query: Mapping[str, str], name: str, wrong: Wrong) -> int | None:
    # In a query string an unescaped + has become a space.
    text = query.get(name, "").strip().replace(" ", "+")
    if not text:
        return None
    try:
        return read_instant(text)
    except ValueError as error:
        wrong[name] = str(error)
        return None


def _read_number(query: Mapping[str, str], name: str, default: int, least: int, most: int, wrong: Wrong) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
    if not least <= number <= most:
        wrong[name] = f"must be a whole number from {least} to {most}"
    return number


def _read_filters(body: bytes, wrong: Wrong) -> Iterator[Filter]:
    if not body.strip():
        return
    try:
        data = read_json(body)
    except ValueError as error:
        raise malformed(f"The body is not JSON: {not_json(error, body)}.", wrong) from None
    filters = [data] if isinstance(data, dict) else [] if data is None else data
    if not isinstance(filters, list):
        raise malformed("The body must be an array of filters {fieldName, searchOperator, searchTerm}.", wrong)
    if len(filters) > MOST_FILTERS:
        raise malformed(f"The body has {len(filters)} filters; a search takes at most {MOST_FILTERS}.", wrong)
    for position, entry in enumerate(filters):
        yield from _read_filter(entry, f"[{position}]", wrong)


def _read_filter(entry: Any, path: str, wrong: Wrong) -> Iterator[Filter]:
    if not isinstance(entry, dict):
        wrong[path] = "must be an object {fieldName, searchOperator, searchTerm}"
        return
    field, operator, term = entry.get("fieldName"), entry.get("searchOperator") or "is", entry.get("searchTerm")
    problems: dict[str, str] = {}
    if not isinstance(field, str) or field not in FIELDS:
        problems["fieldName"] = _not_one_of(field, FIELDS)
    allowed = OPERATORS if field == "to" else EVERYWHERE
    if operator not in allowed:
        problems["searchOperator"] = _not_one_of(operator, allowed)
    if not isinstance(term, str) or not term.strip():
        problems["searchTerm"] = "is required: a text that is not blank"
    wrong.note({f"{path}.{name}": text for name, text in problems.items()})
    if not problems:
        term = str(term).strip().casefold()
        plain = field == "to" and operator in AT_THE_START
        yield Filter(str(field), operator, term.removeprefix("+") if plain else term)


def _not_one_of(value: Any, words: Iterable[str]) -> str:
    known = list(words)
    return f"must be one of {', '.join(known)}{nearest(value, known)}"


def page_document(
    search: Search, shown: Sequence[Flow], total: int, content: Callable[[Sequence[Flow]], Any]
) -> dict[str, Any]:
    """A page of flows. shown: the flows on it, newest first (choice); total: how many match; content: writes them."""
    pages = -(-total // search.size)
    return {
        "content": content(shown),
        "totalPages": pages,
        "totalElements": total,
        "number": search.page,
        "size": search.size,
        "numberOfElements": len(shown),
        "first": search.page == 0 or not total,
        "last": search.page >= pages - 1,
    }
