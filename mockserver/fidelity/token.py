"""The rules of POST /oauth/token, and of bearer tokens."""

from mockserver.fidelity.rule import Chapter, choice, doc, seen

READING = "wire.routee.tokens"

TOKEN = Chapter(
    "Token: `POST /oauth/token`",
    (
        doc(
            "token.basic-auth",
            "Basic auth with `applicationId:applicationSecret`, and `grant_type=client_credentials` in a form body",
            READING,
        ),
        seen("token.grant-in-query", "The grant may also be in the query string, with an empty body", READING),
        seen("token.content-type", "The content type may have a charset or be missing", READING),
        seen("token.trailing-slash", "The path may end in a slash", "http.routee"),
        choice("token.no-json", "A body that is not empty and has a JSON content type: 400 `invalid_request`", READING),
        choice("token.blank-field", "A blank form field does not replace the value in the query string", READING),
        seen(
            "token.scope",
            "`scope` absent or empty: all scopes. One or more scopes, separated by space or comma: the token has only"
            " these, and the reply lists them in the order asked",
            READING,
        ),
        choice(
            "token.scope-join", "The reply lists scopes with a space between them, however they were asked", READING
        ),
        choice("token.unknown-scope", "Unknown scope: 400 `invalid_scope`", READING),
        choice(
            "token.wrong-grant",
            "Missing grant: 400 `invalid_request`. Another grant: 400 `unsupported_grant_type`",
            READING,
        ),
        seen(
            "token.reply",
            "Keys of the reply, in order: `access_token` (UUID), `token_type`, `expires_in`, `scope`, `permissions`",
            READING,
        ),
        seen(
            "token.permissions",
            "`permissions` has `MT_ROLE_` and the name in capitals, for `failover`, `sms`, `voice` and `viber`",
            READING,
        ),
        choice("token.other-permissions", "`permissions` has the same for every other scope", READING),
        choice(
            "token.slot",
            "The first three digits of a token are the [slot](howto/load-tests.md) of its application",
            "core.tokens",
        ),
        seen(
            "token.life", "A token lives 3600 s. A fresh one says 3599. `--token-life` sets another life", "core.tokens"
        ),
        choice(
            "token.for-ever",
            "A token that never expires says 631139039: the longest life that Routee documents, minus one second",
            READING,
        ),
        seen(
            "token.same-again",
            "A second request while a token lives returns the same token, with less time left",
            "core.tokens",
        ),
        choice("token.by-scopes", "Another set of scopes gets another token", "core.tokens"),
        choice(
            "token.virtual-expiry",
            "Tokens expire on the virtual clock. The 401 that follows names the instant",
            "http.admission",
        ),
        choice(
            "token.any-credentials", "Any id and secret are accepted, unless `--app` names some", "sandbox.registry"
        ),
        seen("token.bad-credentials", "A wrong pair gets 401 `Bad credentials`, with Routee's five keys", READING),
        choice(
            "token.no-credentials",
            "No Basic credentials: 401 `unauthorized`. No bearer token: 401 `unauthorized`",
            READING,
        ),
        seen(
            "token.invalid-token",
            "Unknown or expired bearer token: 401 `invalid_token`. The scheme may be in any case",
            READING,
        ),
        seen("token.no-scope", "Token without the `failover` scope: 403 `403000000`", READING),
        choice("token.no-scope-text", 'A token without the `failover` scope gets the text "Access Denied"', READING),
        choice("token.www-authenticate", "Every 401 has a `WWW-Authenticate` header", "wire.errors"),
    ),
)
