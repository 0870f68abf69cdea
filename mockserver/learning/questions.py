"""Questions to a service that cost nothing, and send nothing to anybody: the answers say which rules hold there.

A send among them is refused whatever the service makes of the rest of it: its recipient is a word, which no network can
reach, or it has no step at all. What else is wrong with it shows in which fields the refusal names.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import orjson

from mockserver.wire import Json

NOBODY = "nobody"
"""A recipient that nobody can be: no number has letters."""

SENDER = "a5f1c0de-0000-4000-8000-000000000001"

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Login(Enum):
    """What a request logs in with."""

    OWN = auto()
    WRONG_SECRET = auto()
    BEARER = auto()
    WRONG_BEARER = auto()
    NARROW_BEARER = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Question:
    """A request. what: it is about, in words. auth: it goes to the service for tokens, and not to the API."""

    what: str
    method: str
    path: str
    login: Login = Login.BEARER
    content: bytes = b""
    kind: str | None = None
    auth: bool = False


def _token(what: str, form: str, login: Login = Login.OWN, *, query: str = "", slash: str = "") -> Question:
    path = f"/oauth/token{slash}{query and '?'}{query}"
    return Question(what, "POST", path, login, form.encode(), FORM if form else None, auth=True)


def _json(what: str, path: str, body: Any, login: Login = Login.BEARER) -> Question:
    return Question(what, "POST", path, login, orjson.dumps(body), JSON)


def sms(to: str = NOBODY, **fields: Any) -> Json:
    """An Sms step."""
    return {"type": "Sms", "to": to, "from": "Test", "message": {"body": "Test"}} | fields


def viber(to: str = NOBODY, **fields: Any) -> Json:
    """A Viber step."""
    return {"type": "Viber", "to": to, "senderInfoTrackingId": SENDER, "message": {"text": "Test"}} | fields


def voice(to: str = NOBODY, **fields: Any) -> Json:
    """A Voice step."""
    said = {"type": "SAY", "message": {"text": "Test", "language": "en-GB"}}
    return {"type": "Voice", "to": to, "from": "Test", "dialPlan": {"verbs": [said]}} | fields


def _refused(what: str, *steps: Json, **more: Any) -> Question:
    return _json(f"a send that must be refused: {what}", "/failover", {"flow": [*steps]} | more)


GRANT = "grant_type=client_credentials"

TOKENS = (
    _token("a token", GRANT),
    _token("a token again", GRANT),
    _token("a token, asked for in the query", "", query=GRANT),
    _token("a token, at the path with a slash", GRANT, slash="/"),
    _token("a token of one scope", f"{GRANT}&scope=failover"),
    _token("a token of two scopes", f"{GRANT}&scope=failover,account"),
    _token("a token of a scope that there is not", f"{GRANT}&scope=nonsense"),
    _token("a token without a grant", "scope=failover"),
    _token("a token for another grant", "grant_type=nonsense"),
    Question(
        "a token, asked for in JSON",
        "POST",
        "/oauth/token",
        Login.OWN,
        b'{"grant_type":"client_credentials"}',
        JSON,
        auth=True,
    ),
    _token("a token with a wrong secret", GRANT, Login.WRONG_SECRET),
    _token("a token without credentials", GRANT, Login.NOTHING),
)

FILE = {"fileUrl": "https://example.com/a.pdf", "fileType": "pdf", "fileName": "a"}

UNKNOWN_ID = "/failover/tracking/00000000-0000-4000-8000-000000000000"

READS = (
    Question("an unknown id, without a token", "GET", UNKNOWN_ID, Login.NOTHING),
    Question("an unknown id, with a wrong token", "GET", UNKNOWN_ID, Login.WRONG_BEARER),
    Question("an unknown id, with a token of another scope", "GET", UNKNOWN_ID, Login.NARROW_BEARER),
    Question("an unknown id", "GET", UNKNOWN_ID),
    Question("the balance", "GET", "/accounts/me/balance"),
    _json("a search for everything", "/failover/tracking", []),
    Question("a search without a body", "POST", "/failover/tracking?page=0&size=50"),
    _json("a search beyond the last page", "/failover/tracking?page=100000&size=10", []),
    _json(
        "a search that finds nothing",
        "/failover/tracking?dateEnd=1999-01-01T00:00:00Z&dateStart=1998-01-01T00:00:00Z",
        [],
    ),
    _json(
        "a search for a field that there is not", "/failover/tracking", [{"fieldName": "nonsense", "searchTerm": "x"}]
    ),
    _json("a search with a wrong date", "/failover/tracking?dateStart=nonsense", []),
    _json("a search for too large a page", "/failover/tracking?size=2001", []),
    Question("one-time passwords, without a token", "GET", "/failover-otp/otp/failover", Login.NOTHING),
    Question("the health of the service for one-time passwords", "GET", "/failover-otp/health", Login.NOTHING),
    Question("a path that there is not", "GET", "/failover/nonsense"),
)

REFUSED = (
    _refused("no step"),
    Question("a send that must be refused: no JSON", "POST", "/failover", Login.BEARER, b"{", JSON),
    _refused("nobody to send to", sms()),
    _refused("an unknown type", {"type": "Fax", "to": NOBODY}),
    _refused("two steps of the same order", sms(order=1), sms(order=1)),
    _refused("a field of another channel", sms(senderInfoTrackingId=SENDER)),
    _refused("a strategy without a url", sms(), callback={"strategy": "OnStep"}),
    _refused("blank fields", sms(label="", senderInfoTrackingId="", ttl=0), callback={"url": "", "strategy": ""}),
    _refused("an unknown trigger", sms(failoverOnStatuses=["Nonsense"])),
    _refused("a ttl that is too long", sms(ttl=1_441), viber(ttl=1_441)),
    _refused("a ttl as text", sms(ttl="10")),
    _refused("a sender that is too long", sms(**{"from": "A" * 12})),
    _refused("a Viber message of nothing", viber(message={})),
    _refused("text beside a file", viber(message={"text": "x", "viberFile": FILE})),
    _refused("an unknown verb", voice(dialPlan={"verbs": [{"type": "DANCE"}]})),
    _refused("a field of templates", viber(templateId="x")),
    _refused("an unknown strategy", sms(), callback={"strategy": "Nonsense", "url": "https://example.com/"}),
    _json(
        "a send that must be refused: a template without its fields",
        "/failover/transactional",
        {"flow": [{"type": "Viber", "to": NOBODY}]},
    ),
)

QUESTIONS = (*TOKENS, *READS, *REFUSED)


def real_sends(to: str, *, sender: str, viber_sender: str | None, callback: str | None) -> list[tuple[str, Json]]:
    """The flows that are sent to one's own phone, each with what it is: in words, and as the body of a send."""
    hook = {} if callback is None else {"callback": {"url": callback}}
    text = {"body": "Test of the Failover API, sent by routee-mock probe."}
    one = sms(to.removeprefix("+"), message=text, type="sms") | {"from": sender}
    sends: list[tuple[str, Json]] = [("an Sms", {"flow": [one]} | hook)]
    if viber_sender is not None:
        first = viber(to, ttl=1, message={"text": text["body"]}) | {"senderInfoTrackingId": viber_sender}
        sends.append(
            ("a Viber message, and an Sms unless it is delivered within a minute", {"flow": [first, one]} | hook)
        )
    return sends
