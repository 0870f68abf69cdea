"""Every exchange with the service, held against the rules of its endpoint."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mockserver.core.dialect import Dialect
from mockserver.core.step import FlowKind
from mockserver.learning.documents import instant_of, observe_document
from mockserver.learning.observations import Observation, held, switched
from mockserver.learning.otp import observe_otp_document, observe_otp_send
from mockserver.learning.sends import observe_send
from mockserver.learning.shapes import BALANCE, CURRENCY, PAGE, UNKNOWN_FLOW, observe
from mockserver.learning.tokens import observe_refused_bearer
from mockserver.recordings.rows import endpoint
from mockserver.recordings.values import Exchange, read_json
from mockserver.wire import Json
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.search import Search, read_search

SENDS: Mapping[str, FlowKind] = {
    "/failover": FlowKind.FAILOVER,
    "/failover/transactional": FlowKind.TRANSACTIONAL,
    "/failover-otp/otp/send-failover": FlowKind.OTP,
}
"""The kind of flow of each endpoint for sends."""

TRACKING, BALANCE_PATH, OTP, TOKEN = "/failover/tracking", "/accounts/me/balance", "/failover-otp", "/oauth/token"

FAULTS = 429
"""From this status on an answer says nothing of a rule: the service was busy, or broken."""


def observe_exchange(exchange: Exchange, dialect: Dialect) -> Iterator[Observation]:
    """What is seen in an exchange, apart from one about tokens, and from what it says of the history of a flow."""
    path = endpoint(exchange.path) or ""
    if exchange.status >= FAULTS:
        return iter(())
    if path.startswith(OTP):
        return _otp(exchange, dialect)
    if exchange.status in (401, 403):
        return observe_refused_bearer(exchange)
    if exchange.status == 413:
        return iter([held("send.too-large", "code", "413000000", _said(exchange).get("code"))])
    observer = next((each for known, each in ENDPOINTS if known(exchange.method, path)), _nowhere)
    return observer(exchange, dialect)


def documents(exchange: Exchange) -> Iterator[Json]:
    """The flow documents in the answer to a request for one, or in that to a search."""
    path, body = endpoint(exchange.path) or "", read_json(exchange.body)
    if not path.startswith(TRACKING) or exchange.status != 200 or not isinstance(body, dict):
        return
    content = body.get("content") if path == TRACKING else [body]
    yield from (each for each in content if isinstance(each, dict)) if isinstance(content, list) else ()


def _send(exchange: Exchange, dialect: Dialect) -> Iterator[Observation]:
    if _said(exchange).get("code") == "400001009":
        return iter([Observation("send.insufficient-balance", "code", True)])
    return observe_send(exchange, SENDS[endpoint(exchange.path) or ""], dialect)


def _track(exchange: Exchange, dialect: Dialect) -> Iterator[Observation]:
    body = _said(exchange)
    if exchange.status == 200:
        yield from observe_document(body, dialect)
    elif exchange.status == 404:
        yield from observe(body, UNKNOWN_FLOW, "tracking.unknown")
        code = body.get("code")
        known = isinstance(code, str) and code.startswith("404") and len(code) == 9
        yield (switched if known else held)("tracking.unknown-code", "code", dialect.unknown_flow_code, code)
    else:
        yield held("tracking.unknown", "the answer", 404, exchange.status)


def _search(exchange: Exchange, dialect: Dialect) -> Iterator[Observation]:
    query = dict(parse_qsl(urlsplit(exchange.url).query))
    try:
        wanted = read_search(query, exchange.sent or b"")
    except Refusal as refusal:
        for name in refusal.body.get("properties", ("",)):
            rule = (
                "tracking.pages"
                if name in ("page", "size")
                else "tracking.dates"
                if "date" in name
                else "tracking.filters"
            )
            yield held(rule, name or "the body", refusal.status, exchange.status)
        return
    yield held("tracking.filters", "the answer", 200, exchange.status)
    if exchange.status == 200:
        yield from _page(_said(exchange), wanted, dialect)


def _page(page: Json, wanted: Search, dialect: Dialect) -> Iterator[Observation]:
    yield from observe(page, PAGE, "tracking.pages")
    yield held("tracking.pages", "number", wanted.page, page.get("number"))
    yield held("tracking.pages", "size", wanted.size, page.get("size"))
    if page.get("totalElements") == 0:
        found = {name: page.get(name) for name in ("totalPages", "first", "last")}
        yield held("tracking.empty-page", "an empty page", {"totalPages": 0, "first": True, "last": True}, found)
    content = page.get("content")
    shown = [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []
    for each in shown:
        yield from observe_document(each, dialect)
    instants = [at for each in shown if (at := instant_of(each.get("createdAt"))) is not None]
    orders = {one > other for one, other in pairwise(instants) if one != other}
    if len(orders) == 1:
        found_order = "newest-first" if orders.pop() else "oldest-first"
        yield switched("tracking.order", "content", dialect.search_order, found_order)


def _balance(exchange: Exchange, _: Dialect) -> Iterator[Observation]:
    yield held("account.balance", "the answer", 200, exchange.status)
    if exchange.status == 200:
        body = _said(exchange)
        yield from observe(body, BALANCE, "account.balance")
        yield from observe(body.get("currency"), CURRENCY, "account.balance", "currency")
        currency = body.get("currency")
        if isinstance(currency, dict):
            yield held("account.euro", "currency.code", "EUR", currency.get("code"))


def _nowhere(exchange: Exchange, _: Dialect) -> Iterator[Observation]:
    """A path, or a method, that the service is not known to have."""
    known = endpoint(exchange.path) in {*SENDS, TRACKING, BALANCE_PATH, TOKEN}
    yield held("send.unknown-path", "a path or method that there is not", 405 if known else 404, exchange.status)


def _otp(exchange: Exchange, dialect: Dialect) -> Iterator[Observation]:
    path, body = endpoint(exchange.path), read_json(exchange.body)
    detail = body.get("detail") if isinstance(body, dict) else None
    if path in (OTP, f"{OTP}/health"):
        yield held("otp.health", "the answer", 200, exchange.status)
    elif exchange.status in (401, 403) and exchange.hides_credentials:
        return
    elif exchange.status in (401, 403) and exchange.asked and "authorization" not in exchange.asked:
        yield switched("otp.no-bearer", "the status", dialect.otp_no_bearer, exchange.status)
    elif path in SENDS and exchange.status in (200, 422):
        yield from observe_otp_send(exchange, dialect)
        yield from _findings(exchange.status, detail)
    elif exchange.status == 200 and isinstance(body, dict) and "flowId" in body:
        yield from observe_otp_document(body)
    elif exchange.status == 401:
        yield Observation("otp.invalid-bearer", "detail", isinstance(detail, str), "a text", detail)
    elif exchange.status == 403:
        yield Observation("otp.no-scope", "detail", isinstance(detail, str), "a text", detail)
    elif exchange.status == 404:
        yield Observation("otp.unknown", "detail", isinstance(detail, str), "a text", detail)
    else:
        yield from _findings(exchange.status, detail)


def _findings(status: int, detail: Any) -> Iterator[Observation]:
    """What is wrong with a request, as this service says it."""
    if status == 422:
        each_has = isinstance(detail, list) and all(_is_finding(each) for each in detail)
        yield Observation("otp.errors-form", "detail", each_has, "[{loc, msg, type}]", detail)


def _is_finding(value: Any) -> bool:
    return isinstance(value, dict) and {"loc", "msg", "type"} <= value.keys()


def _said(exchange: Exchange) -> Json:
    body = read_json(exchange.body)
    return body if isinstance(body, dict) else {}


Observer = Callable[[Exchange, Dialect], Iterator[Observation]]

ENDPOINTS: tuple[tuple[Callable[[str, str], bool], Observer], ...] = (
    (lambda method, path: method == "POST" and path in SENDS, _send),
    (lambda method, path: method == "POST" and path == TRACKING, _search),
    (lambda method, path: method == "GET" and path.startswith(f"{TRACKING}/") and path.count("/") == 3, _track),
    (lambda method, path: method == "GET" and path == BALANCE_PATH, _balance),
)
"""The endpoints: which requests they take, and what is seen there."""
