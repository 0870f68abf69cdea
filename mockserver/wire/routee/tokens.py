"""POST /oauth/token and the bearer tokens it issues, on the wire."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

import orjson

from mockserver.wire.errors import Refusal, oauth, routee
from mockserver.wire.instants import stamp
from mockserver.wire.problems import near

SCOPES = (
    "voice",
    "lookup",
    "virtual_number",
    "contact",
    "report",
    "sms",
    "2step",
    "number_validator",
    "account",
    "failover",
    "number_pool",
    "forms",
    "viber",
    "transactional_email",
    "email_sender",
    "promotional_email",
    "email_validator",
    "url_analyzer",
)
"""The scopes Routee knows (doc), in its order."""

MOST_SCOPES = 20
"""Unknown scopes of one request that are named."""

LONGEST_ID = 200
"""Characters of an applicationId (choice): Routee's own have 24. It is kept with each token and flow."""

FOR_EVER = 631_139_040
"""The seconds left that are shown for a token that never expires: twenty years, the longest life Routee documents."""

_NO_CREDENTIALS = "Full authentication is required to access this resource"
_BASIC = {"WWW-Authenticate": 'Basic realm="routee"'}
_BEARER = {"WWW-Authenticate": 'Bearer realm="routee"'}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for a token: the application, its secret, and the scopes (all of them when it names none)."""

    application: str
    secret: str
    scopes: tuple[str, ...]


def read_token_request(
    authorization: str | None, query: Mapping[str, str], body: bytes, content_type: str | None
) -> TokenRequest:
    """The request for a token. Raises Refusal.

    The grant is in a form body, or in the query string with an empty body, whatever the content type (seen). But a body
    with the content type JSON is refused. Where the form has a blank, the query string counts (choice).
    """
    application, secret = _read_basic(authorization)
    if body.strip() and "json" in (content_type or "").lower():
        raise oauth(400, "invalid_request", "Send the grant as a form: grant_type=client_credentials, not as JSON.")
    form = dict(query) | dict(parse_qsl(body.decode("latin-1")))
    grant = form.get("grant_type", "")
    if not grant:
        raise oauth(400, "invalid_request", "Missing grant type: send grant_type=client_credentials as a form.")
    if grant != "client_credentials":
        raise oauth(400, "unsupported_grant_type", "The grant_type must be client_credentials.")
    return TokenRequest(application, secret, _read_scopes(form.get("scope", "")))


def _read_basic(authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        raise oauth(401, "unauthorized", _NO_CREDENTIALS, _BASIC, _unlike(authorization, "Basic"))
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        pair = ""
    application, colon, secret = pair.partition(":")
    if not (application and colon):
        hint = "The Basic credentials are not applicationId:applicationSecret in base64."
        raise oauth(401, "unauthorized", hint, _BASIC)
    if len(application) > LONGEST_ID:
        raise oauth(401, "unauthorized", f"The applicationId is longer than {LONGEST_ID} characters.", _BASIC)
    return application, secret


def _read_scopes(text: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if unknown := [scope for scope in asked if scope not in SCOPES]:
        told = [_unknown_scope(scope) for scope in unknown[:MOST_SCOPES]]
        more = [f"and {len(unknown) - MOST_SCOPES:,} more"] if len(unknown) > MOST_SCOPES else []
        raise oauth(400, "invalid_scope", "; ".join(told + more))
    return asked or SCOPES


def _unknown_scope(scope: str) -> str:
    meant = near(scope.casefold(), SCOPES)
    return f"Unknown scope: {scope[:50]!a}" + (f" (did you mean {meant[0]}?)" if meant else "")


def token_document(value: str, left: int | None, scopes: Sequence[str]) -> bytes:
    """The reply, its keys in the order that clients depend on (seen).

    left: how long the token is still valid, in milliseconds; None for ever. A new token of one hour shows 3599 (seen).
    """
    seconds = FOR_EVER - 1 if left is None else max(0, (left - 1) // 1_000)
    return orjson.dumps(
        {
            "access_token": value,
            "token_type": "bearer",
            "expires_in": seconds,
            "scope": " ".join(scopes),
            "permissions": [f"MT_ROLE_{scope.upper()}" for scope in scopes],
        }
    )


# Few tokens are used again and again. What is refused is not kept.
@lru_cache(maxsize=256)
def read_bearer(authorization: str | None) -> str:
    """The bearer token of a request; its scheme can be in any case (seen). Raises Refusal (401) when there is none."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise oauth(401, "unauthorized", _NO_CREDENTIALS, _BEARER, _unlike(authorization, "Bearer"))
    return value.strip()


def _unlike(authorization: str | None, wanted: str) -> str:
    """What is wrong with a header, for the journal: it is missing, or not of the scheme that is wanted."""
    if not (authorization or "").strip():
        return "there is no Authorization header"
    scheme, _, value = (authorization or "").strip().partition(" ")
    missing = f"{scheme} without a value" if not value.strip() else "of another scheme"
    return f"its Authorization is {missing}, not {wanted}"


def bad_credentials(now: int, why: str = "") -> Refusal:
    """401 for an id with the wrong secret (seen). now: the virtual instant. why: more, for the journal."""
    body = {
        "timestamp": now,
        "status": 401,
        "error": "Unauthorized",
        "message": "Bad credentials",
        "path": "/oauth/token",
    }
    return Refusal(401, body, _BASIC, why)


def unknown_token(former: str | None = None) -> Refusal:
    """401 for a bearer token that was never issued. Clients look for the word invalid_token (seen).

    former: the sandbox that issued it, which is gone.
    """
    whose = "it was not issued here" if former is None else f"it is of the sandbox {former}, which is gone"
    return _invalid_token(f"Invalid access token: {whose}; POST /oauth/token issues one")


def expired_token(expired: int) -> Refusal:
    """401 for an expired bearer token, also with invalid_token. expired: the virtual instant when it did."""
    return _invalid_token(f"Access token expired at {stamp(expired)} on the mock's clock; ask for a new one")


def access_denied() -> Refusal:
    """403 for a token without the failover scope (code seen, text choice)."""
    return routee(403, "Access Denied")


def _invalid_token(description: str) -> Refusal:
    header = 'Bearer realm="routee", error="invalid_token"'
    return oauth(401, "invalid_token", description, {"WWW-Authenticate": header})
