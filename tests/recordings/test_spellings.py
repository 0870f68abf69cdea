"""What is somebody's is masked however it is written, and wherever it stands: in bodies, names of fields, headers, URLs."""

import base64
import json
import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning import report
from mockserver.learning.learner import Learner
from mockserver.recordings.lines import line
from mockserver.recordings.masking import Mask, key_of
from mockserver.recordings.values import Callback, Exchange
from tests.recordings.test_readers import reads

NUMBER, SECRET, MAIL = "6912345678", "s3cr3tTok9nXYZ", "qzzo@example.com"

SPELLINGS = (
    *(f"+30{NUMBER}", NUMBER, f"0030{NUMBER}", "+30 691 234 5678", "+30-691-234-5678", "(+30) 691 2345678"),
    *("+30.691.234.5678", "691/2345678", "+30\u00a0691\u00a0234\u00a05678", f"%2B30{NUMBER}", f"tel:+30{NUMBER}"),
    *(f"sip:anna@{NUMBER}.example", f"Call +30 691 234 5678, {MAIL}", MAIL, SECRET, SECRET.upper(), f"Bearer {SECRET}"),
    *(json.dumps({"to": f"+30{NUMBER}", "x": [SECRET]}), json.dumps(json.dumps({"to": f"+30{NUMBER}"}))),
    *(f"https://{SECRET}.example/{NUMBER}?a={SECRET}#{MAIL}", base64.b64encode(f"+30{NUMBER}".encode()).decode()),
)

FIELDS = (
    *("status", "name", "type", "operator", "detail", "description", "developerMessage", "error_description", "code"),
    *("to", "label", "message", "custom", "trackingId", "createdAt", "reason", "path", "property", "scope", "loc"),
)

HEADERS = ("accept", "authorization", "content-type", "cookie", "date", "referer", "vary", "www-authenticate", "x-own")


def left(text: str) -> list[str]:
    """What is somebody's in a text, in any spelling."""
    found = []
    for each in (text, unquote(text)):
        digits = re.sub(r"(?<=\d)[\s().\-/\u00a0]+(?=\d)", "", each)
        hidden = base64.b64encode(f"+30{NUMBER}".encode()).decode()[:-4]
        found += [what for what in (SECRET.lower(), MAIL) if what in each.lower()]
        found += [NUMBER] * (NUMBER in digits) + ["in base64"] * (hidden in each)
    return found


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(SPELLINGS) | st.sampled_from((int(NUMBER), float(f"30{NUMBER}"))),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from((*FIELDS, *SPELLINGS)), inner, max_size=2)
    ),
    max_leaves=4,
)
BODIES = st.dictionaries(st.sampled_from((*FIELDS, *SPELLINGS)), VALUES, max_size=3)
DOCUMENTS = st.builds(
    lambda body, message: (
        {"trackingId": "t", "messages": [{"type": "Sms", "status": {"name": "Queued"}} | message]} | body
    ),
    BODIES,
    BODIES,
)
URLS = st.builds(
    "https://connect.routee.net/{}{}?x={}&status={}".format,
    st.sampled_from(("failover", "failover/tracking/", "oauth/token", "accounts/me/balance/", "failover-otp/otp/")),
    *(st.sampled_from(SPELLINGS).map(lambda text: quote(text, safe="")) for _ in range(3)),
)
TEXTS = st.sampled_from(SPELLINGS) | st.sampled_from(SPELLINGS).map(
    lambda text: f"grant_type={quote(text)}&x={quote(text)}"
)
PARTS = st.builds(
    lambda headers, body: {"headers": headers} | ({"text": body} if isinstance(body, str) else {"json": body}),
    st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(SPELLINGS), max_size=3),
    BODIES | DOCUMENTS | TEXTS,
)
ROWS = st.builds(
    lambda url, method, status, asked, answer: {
        "method": method,
        "url": url,
        "status": status,
        "request": asked,
        "response": answer,
    },
    URLS,
    st.sampled_from(("GET", "POST", NUMBER, SECRET)),
    st.sampled_from((200, 400, 401, 404, 422, int(NUMBER), NUMBER)),
    PARTS,
    PARTS,
) | st.builds(
    lambda url, body, at: {"at": at, "callback": {"url": url, "json": body}},
    URLS,
    DOCUMENTS,
    st.sampled_from(SPELLINGS) | st.none(),
)


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_nothing_of_anybody_is_left_in_any_output(rows: list[dict[str, Any]]) -> None:
    records = reads("\n".join(json.dumps(row) for row in rows).encode())
    mask, learner = Mask(key_of(records[0])), Learner()
    told = []
    for record in records:
        learner.take(record)
        told.append(line(mask.record(record)).decode() if isinstance(record, Exchange | Callback) else str(record))
    learner.finish()
    told += [*report.text(learner, mask, everything=True), json.dumps(report.document(learner, mask), default=str)]
    assert not left("\n".join(told))


@pytest.mark.parametrize("text", [text for text in SPELLINGS if re.fullmatch(r"[+()0-9 ./-]+", text)])
def test_a_number_is_masked_as_the_same_however_it_is_written(text: str) -> None:
    mask = Mask(b"key")
    plain, masked = mask.number("+30" + NUMBER), mask.text(text)
    assert re.sub(r"\D", "", masked) in re.sub(r"\D", "", f"00{plain}") or not text.startswith(("+30", "00", "(+30"))
    assert [each for each in masked if not each.isdigit()] == [each for each in text if not each.isdigit()]


def test_what_is_the_services_own_stays() -> None:
    mask = Mask(b"key")
    kept = {
        "status": "Queued",
        "createdAt": "2030-01-01T12:00:00.123Z",
        "updatedDate": "2030-01-01T12:00:00Z",
        "country": "GR",
        "operator": "Cosmote",
        "code": "400000000",
        "error": "invalid_token",
        "properties": {"flow[0].message.body": "must not be blank", "flow[12].to": "is no number, on 2030-01-01"},
        "timestamp": 1_893_499_200_000,
        "totalElements": 1_000_000,
        "permissions": ["MT_ROLE_FAILOVER"],
        "path": "/failover-otp/otp/send-failover",
    }
    assert mask.json(kept) == kept
    headers = {
        "date": "Tue, 01 Jan 2030 12:00:00 GMT",
        "www-authenticate": 'Basic realm="oauth2/client"',
        "retry-after": "30",
    }
    assert mask.headers(headers) == headers
    url = "https://connect.routee.net/failover/tracking?page=0&size=50&dateStart=2030-01-01T00%3A00%3A00Z"
    assert mask.url(url) == url


def test_a_very_long_sentence_is_masked_in_one_pass() -> None:
    """None of what is looked for starts anew at every letter."""
    for text in ("a" * 300_000, "1" * 300_000, "a.b" * 100_000, "a-1" * 100_000, "+ " * 150_000, "http:" * 60_000):
        Mask(b"key").json({"developerMessage": text})
