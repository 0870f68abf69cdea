"""Requests for tokens, and refused tokens, held against the rules."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from mockserver.learning.clocks import Clocks
from mockserver.learning.observations import Observation, held
from mockserver.learning.shapes import BAD_CREDENTIALS, TOKEN, observe
from mockserver.recordings.values import Exchange, read_json
from mockserver.wire import Json
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.tokens import SCOPES, TokenRequest, read_token_request

REMEMBERED = 1_000
"""Tokens that are remembered, to see whether they come again."""

SEEN_SCOPES = {"failover", "sms", "voice", "viber"}
"""The scopes whose permission was seen (seen); those of the others follow by analogy (choice)."""

RULES = {
    "invalid_scope": "token.unknown-scope",
    "unsupported_grant_type": "token.wrong-grant",
    "unauthorized": "token.no-credentials",
}
"""For an error of ours, the rule that says so."""


class Tokens:
    """Holds every request for a token against the rules; it remembers which were issued."""

    def __init__(self) -> None:
        self._issued: OrderedDict[tuple[str, str], tuple[int, Any, int]] = OrderedDict()

    def observe(self, exchange: Exchange, clocks: Clocks) -> Iterator[Observation]:
        """What is seen in one request for a token. clocks: are told how much longer one that comes again lives."""
        body = read_json(exchange.body)
        wanted = _wanted(exchange)
        if isinstance(wanted, Refusal):
            yield from _refused(exchange, wanted, body)
        elif exchange.status == 200:
            yield from self._issue(exchange, wanted, body, clocks)
        elif exchange.status == 401 and isinstance(body, dict):
            yield from observe(body, BAD_CREDENTIALS, "token.bad-credentials")
            yield from challenged(exchange)
        elif exchange.status < 429:
            yield Observation("token.basic-auth", "the answer", False, 200, exchange.status)

    def _issue(self, exchange: Exchange, wanted: TokenRequest, body: Any, clocks: Clocks) -> Iterator[Observation]:
        yield from observe(body, TOKEN, "token.reply")
        if not isinstance(body, dict):
            return
        yield held("token.reply", "the order of its keys", [*TOKEN], [each for each in body if each in TOKEN])
        yield Observation(
            "token.reply", "access_token", _is_uuid(body.get("access_token")), "a UUID", body.get("access_token")
        )
        yield held("token.reply", "token_type", "bearer", body.get("token_type"))
        yield from _how(exchange)
        scopes = body.get("scope")
        if isinstance(scopes, str):
            yield from _scopes(wanted, scopes, body.get("permissions"))
        yield from self._again(exchange, wanted, body, clocks)

    def _again(self, exchange: Exchange, wanted: TokenRequest, body: Json, clocks: Clocks) -> Iterator[Observation]:
        """How long the token lives, and whether it is the one of before."""
        left, token = body.get("expires_in"), body.get("access_token")
        if not isinstance(left, int) or exchange.at is None:
            return
        key = (wanted.application, str(body.get("scope")))
        before = self._issued.get(key)
        self._issued[key] = (exchange.at, token, left)
        self._issued.move_to_end(key)
        if len(self._issued) > REMEMBERED:
            self._issued.popitem(last=False)
        if before is None:
            yield Observation("token.life", "expires_in", 0 <= left < 3_600, "at most 3599", left)
            return
        at, former, seconds = before
        if token == former:
            clocks.compare(exchange.at - at, (seconds - left) * 1_000)
        if exchange.at < at + (seconds - 2) * 1_000:
            seen = Observation("token.same-again", "the token", token == former, "the same token", "another one")
            yield seen._replace(timed=True)
        elif exchange.at > at + (seconds + 2) * 1_000:
            seen = Observation("token.life", "the token", token != former, "a new token", "the same one")
            yield seen._replace(timed=True)


def observe_refused_bearer(exchange: Exchange) -> Iterator[Observation]:
    """What is seen where a bearer token was refused, by an endpoint that is not for one-time passwords."""
    body = read_json(exchange.body)
    error = body.get("error") if isinstance(body, dict) else None
    if exchange.status == 403:
        code = body.get("code") if isinstance(body, dict) else None
        yield held("token.no-scope", "code", "403000000", code)
        return
    has_one = "authorization" in exchange.asked
    if exchange.asked and not exchange.hides_credentials:
        rule, expected = (
            ("token.invalid-token", "invalid_token") if has_one else ("token.no-credentials", "unauthorized")
        )
        yield held(rule, "error", expected, error)
    yield from challenged(exchange)


def challenged(exchange: Exchange) -> Iterator[Observation]:
    """Whether a 401 says how to log in."""
    if exchange.headers:
        found = exchange.headers.get("www-authenticate")
        yield Observation("token.www-authenticate", "WWW-Authenticate", found is not None, "a header", "nothing")


def _wanted(exchange: Exchange) -> TokenRequest | Refusal:
    query = dict(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True))
    basic = exchange.asked.get("authorization") or (None if _came_without(exchange) else UNKNOWN)
    try:
        return read_token_request(basic, query, exchange.sent or b"", exchange.asked.get("content-type"))
    except Refusal as refusal:
        return refusal


def _came_without(exchange: Exchange) -> bool:
    """Whether a request without credentials had none, or only its recording has none: the answer tells."""
    body = read_json(exchange.body)
    says_so = isinstance(body, dict) and body.get("error") == "unauthorized"
    return exchange.status == 401 and (says_so or not exchange.hides_credentials)


UNKNOWN = "Basic dW5rbm93bjp1bmtub3du"
"""Credentials that stand for those that a recording does not have."""


def _refused(exchange: Exchange, refusal: Refusal, body: Any) -> Iterator[Observation]:
    error = str(refusal.body.get("error"))
    missing = error == "invalid_request" and "JSON" in str(refusal.body.get("error_description"))
    rule = "token.no-json" if missing else RULES.get(error, "token.wrong-grant")
    if exchange.status >= 429:
        return
    yield held(rule, "the answer", refusal.status, exchange.status)
    if exchange.status == refusal.status:
        found = body.get("error") if isinstance(body, dict) else None
        yield held(rule, "error", error, found)
    if exchange.status == 401:
        yield from challenged(exchange)


def _how(exchange: Exchange) -> Iterator[Observation]:
    """In which of the ways that work the grant came."""
    if b"grant_type" in (exchange.sent or b""):
        yield Observation("token.basic-auth", "the grant in a form", True)
    elif "grant_type" in exchange.url:
        yield Observation("token.grant-in-query", "the grant in the query", True)
    if exchange.path.endswith("/"):
        yield Observation("token.trailing-slash", "the path", True)
    kind = exchange.asked.get("content-type")
    if exchange.asked and (kind is None or ";" in kind):
        yield Observation("token.content-type", "content-type", True)


def _scopes(wanted: TokenRequest, scope: str, permissions: Any) -> Iterator[Observation]:
    found = scope.replace(",", " ").split()
    if wanted.scopes == SCOPES:
        yield Observation("token.scope", "scope, where none was asked for", bool(found), "all scopes", scope)
    else:
        yield held("token.scope", "scope", [*wanted.scopes], found)
        if len(found) > 1:
            yield held("token.scope-join", "scope", " ".join(found), scope)
    for each in found if isinstance(permissions, list) else ():
        rule = "token.permissions" if each in SEEN_SCOPES else "token.other-permissions"
        named = f"MT_ROLE_{each.upper()}"
        yield Observation(rule, "permissions", named in permissions, named, permissions)


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
