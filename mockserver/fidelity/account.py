"""The rules of the account, and of connections."""

from mockserver.fidelity.rule import Chapter, choice, doc

DOCUMENT, PROTOCOL = "wire.routee.document", "http.protocol"

ACCOUNT = Chapter(
    "The account",
    (
        doc(
            "account.balance",
            "`GET /accounts/me/balance`: `balance` and `currency` {`code`, `name`, `sign`}",
            DOCUMENT,
        ),
        choice(
            "account.euro",
            "The balance needs a token with the `account` scope; the currency is the euro; an unlimited balance"
            " says 1000000",
            DOCUMENT,
        ),
    ),
)

CONNECTIONS = Chapter(
    "Connections",
    (
        choice(
            "connections.http",
            "HTTP/1.1 and 1.0, over TLS too, and no other protocol. HTTP/1.1 names its `Host` once, or gets 400",
            PROTOCOL,
        ),
        choice(
            "connections.upgrade",
            "An `Upgrade` (`h2c`, `websocket`) is ignored, and the request is answered like any other",
            PROTOCOL,
        ),
        choice(
            "connections.plain-http",
            "Plain HTTP on the port for HTTPS is refused with 400, which names both URLs",
            "http.tls_port",
        ),
        choice(
            "connections.half-close",
            "A client that half-closes after its requests gets its answers, over plain HTTP; then the connection is"
            " closed",
            PROTOCOL,
        ),
        choice("connections.encoding", "A body with a `Content-Encoding` is refused with 400", "http.replies"),
        choice("connections.continue", "A refusal in place of `100 Continue` has `Connection: close`", PROTOCOL),
    ),
)
