"""POST /oauth/token on the wire."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.errors import Refusal
from mockserver.wire.routee.tokens import (
    SCOPES,
    access_denied,
    bad_credentials,
    expired_token,
    read_bearer,
    read_token_request,
    token_document,
    unknown_token,
)

GRANT = b"grant_type=client_credentials"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def refused(status: int, error: str, *arguments: object) -> str:
    with pytest.raises(Refusal) as caught:
        read_token_request(*arguments)  # type: ignore[arg-type]
    assert (caught.value.status, caught.value.body["error"]) == (status, error)
    return str(caught.value.body["error_description"])


# rules token.basic-auth, token.content-type
@pytest.mark.parametrize(
    "kind", [None, "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"]
)
def test_a_form_body_of_whatever_type(kind: str | None) -> None:
    wanted = read_token_request(basic("app:se:cret"), {}, GRANT, kind)
    assert (wanted.application, wanted.secret, wanted.scopes) == ("app", "se:cret", SCOPES)


# rule token.grant-in-query
def test_the_grant_in_the_query_string() -> None:
    wanted = read_token_request(basic("a:"), {"grant_type": "client_credentials", "scope": "sms"}, b"", None)
    assert (wanted.application, wanted.secret, wanted.scopes) == ("a", "", ("sms",))


def test_the_grant_in_the_query_string_of_a_client_that_always_says_json() -> None:
    query = {"grant_type": "client_credentials"}
    assert read_token_request(basic("a:b"), query, b"", "application/json").application == "a"


# rule token.blank-field
def test_what_is_blank_in_the_form_leaves_what_the_query_string_says() -> None:
    query = {"grant_type": "client_credentials", "scope": "sms"}
    assert read_token_request(basic("a:b"), query, b"grant_type=&scope=", None).scopes == ("sms",)
    assert read_token_request(basic("a:b"), query, b"scope=viber", None).scopes == ("viber",)


# rule token.scope
@pytest.mark.parametrize(
    ("asked", "scopes"),
    [
        ("", SCOPES),
        ("sms", ("sms",)),
        ("sms,failover", ("sms", "failover")),
        ("failover sms, sms", ("failover", "sms")),
    ],
)
def test_scopes_narrow_the_token_in_the_order_asked(asked: str, scopes: tuple[str, ...]) -> None:
    assert read_token_request(basic("a:b"), {"scope": asked}, GRANT, None).scopes == scopes


# rules token.no-json, token.unknown-scope, token.wrong-grant, token.no-credentials
def test_what_is_wrong_with_a_request_for_a_token() -> None:
    assert "authentication" in refused(401, "unauthorized", None, {}, GRANT, None)
    refused(401, "unauthorized", "Bearer x", {}, GRANT, None)
    for pair in ("Basic !", "Basic Y!Tpi", basic("nocolon"), basic(":secret"), "Basic", "Basic \xff", "Basic /w=="):
        assert "applicationId:applicationSecret" in refused(401, "unauthorized", pair, {}, GRANT, None)
    assert read_token_request(basic(f"{'a' * 200}:b"), {}, GRANT, None).application == "a" * 200
    assert "longer than 200" in refused(401, "unauthorized", basic(f"{'a' * 201}:b"), {}, GRANT, None)
    assert "grant_type=client_credentials" in refused(400, "invalid_request", basic("a:b"), {}, b"", None)
    assert "form" in refused(400, "invalid_request", basic("a:b"), {}, b"{}", "application/json")
    refused(400, "unsupported_grant_type", basic("a:b"), {}, b"grant_type=password", None)
    text = refused(400, "invalid_scope", basic("a:b"), {"scope": "sms failovr x"}, GRANT, None)
    assert text == "Unknown scope: 'failovr' (did you mean failover?); Unknown scope: 'x'"
    text = refused(400, "invalid_scope", basic("a:b"), {"scope": "SMS"}, GRANT, None)
    assert text == "Unknown scope: 'SMS' (did you mean sms?)"


@given(st.none() | st.text(), st.dictionaries(st.text(), st.text()), st.binary(), st.none() | st.text())
def test_anything_is_a_request_or_a_refusal(
    authorization: str | None, query: dict[str, str], body: bytes, kind: str | None
) -> None:
    for header in (authorization, basic("a:b")):
        try:
            read_token_request(header, query, body, kind)
        except Refusal as refusal:
            assert refusal.status in (400, 401)


def test_all_scopes_bring_the_roles_clients_look_for() -> None:
    document = json.loads(token_document("t", 1_000, SCOPES))
    assert {"MT_ROLE_FAILOVER", "MT_ROLE_SMS", "MT_ROLE_VOICE", "MT_ROLE_VIBER"} <= set(document["permissions"])
    assert document["scope"].split() == list(SCOPES)


# rules token.reply, token.scope-join
def test_the_document_has_its_keys_in_order() -> None:
    document = token_document("t", 3_600_000, ("sms", "failover"))
    assert document == (
        b'{"access_token":"t","token_type":"bearer","expires_in":3599,"scope":"sms failover",'
        b'"permissions":["MT_ROLE_SMS","MT_ROLE_FAILOVER"]}'
    )


# rules token.life, token.for-ever
@pytest.mark.parametrize(("left", "says"), [(3_600_000, 3_599), (1_001, 1), (1_000, 0), (1, 0), (None, 631_139_039)])
def test_what_a_token_says_it_has_left(left: int | None, says: int) -> None:
    assert json.loads(token_document("t", left, SCOPES))["expires_in"] == says


# rule token.invalid-token
@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER  abc "])
def test_a_bearer_in_any_case(header: str) -> None:
    assert read_bearer(header) == "abc"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_no_bearer(header: str | None) -> None:
    with pytest.raises(Refusal) as caught:
        read_bearer(header)
    assert caught.value.status == 401
    assert caught.value.body == {
        "error": "unauthorized",
        "error_description": "Full authentication is required to access this resource",
    }


# rules token.bad-credentials, token.www-authenticate
def test_the_shapes_of_a_401() -> None:
    assert list(bad_credentials(5).body.items()) == [
        ("timestamp", 5),
        ("status", 401),
        ("error", "Unauthorized"),
        ("message", "Bad credentials"),
        ("path", "/oauth/token"),
    ]
    assert expired_token(0).body["error"] == "invalid_token"
    assert "1970-01-01T00:00:00Z" in expired_token(0).body["error_description"]
    assert unknown_token().body["error"] == "invalid_token"
    for refusal in (expired_token(0), unknown_token()):
        assert (refusal.status, refusal.headers) == (
            401,
            {"WWW-Authenticate": 'Bearer realm="routee", error="invalid_token"'},
        )
    assert bad_credentials(5).headers == {"WWW-Authenticate": 'Basic realm="routee"'}


# rules token.no-scope, token.no-scope-text
def test_a_token_without_the_scope() -> None:
    assert access_denied().status == 403
    assert access_denied().body == {"code": "403000000", "developerMessage": "Access Denied"}
