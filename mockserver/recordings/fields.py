"""What the fields of Routee's API hold, as far as they are about somebody; and the words that are about nobody."""

import re
from collections.abc import Mapping
from enum import StrEnum

from mockserver.core.channels import RULES, Channel


class Kind(StrEnum):
    """A kind of what is personal."""

    NUMBERS = "numbers"
    TEXTS = "texts"
    NAMES = "names"
    IDS = "ids"
    TOKENS = "tokens"
    HOSTS = "hosts"
    QUERIES = "queries"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _each(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


FIELDS: Mapping[str, Kind] = {
    **_each(Kind.NUMBERS, "to phone viber phone_number number recipient msisdn mobile"),
    **_each(Kind.NAMES, "from sip businessName business_name sender senderName username user"),
    **_each(Kind.TEXTS, "body text message caption label filename fileName content tag searchTerm"),
    **_each(Kind.IDS, "trackingId messageId smsId senderInfoTrackingId templateId applicationId flowId value id"),
    **_each(Kind.IDS, "referenceTrackingId callId step_id tracking_id message_id flow_id application_id client_id"),
    **_each(Kind.TOKENS, "access_token refresh_token client_secret secret password pin jti token"),
}
"""The kind of what a field holds as text, by its name. A telephone number is one wherever it stands."""

OPEN = _words("""
    type status name detailedStatus detailed_status terminationChannel statusCode status_code originatingService
    country operator failoverOnStatuses strategy flowKind language gender templateLang templateType
    deliveryScope code entity property fieldName condition error token_type scope permissions sign createdAt
    updatedAt updatedDate sentDate expiredOnDeliveryAt created_at updated_at sent_at delivered_at timestamp
    direction service version health channel grant_type expires_in role fileType detail loc sort path dateStart
    dateEnd description reason
""")
"""Fields that hold words of the service, instants and the like: they stay as they are."""

OWN = frozenset({"templateParams", "restrictions"})
"""Objects that are the caller's own: nothing in them is known."""

SENTENCES = frozenset({"developerMessage", "error_description", "description", "msg", "error_message", "detail"})
"""Fields in which the service says something, and may quote what it was sent."""

SAFE_TEXTS = frozenset(
    {"Validation Error!", "Viber", "Sms", "Voice", "ViberOtp", "Inbound", "failover", "transactional"}
    | {status for channel in Channel for status in (*RULES[channel].statuses, *RULES[channel].reasons)}
    | {"Queued", "InProgress", "Succeeded", "Failed", "anonymousUser", "client_credentials"}
)
"""Words of the service wherever they stand, as in a search."""

SAFE_HEADERS = _words("""
    accept accept-encoding allow cache-control connection content-encoding content-length content-type date
    expect keep-alive pragma retry-after sec-fetch-mode transfer-encoding vary www-authenticate
""")
"""Headers that stay, without what is of somebody. Of the others only `authorization` does, without its secret."""

SAFE_HOSTS = re.compile(
    r"((auth|connect)\.)?routee\.net|localhost|127\.0\.0\.1|\[?::1\]?|host\.docker\.internal", re.IGNORECASE
)
"""Hosts that everybody has."""

SAFE_PARTS = _words("""
    oauth token failover tracking transactional accounts me balance failover-otp otp send-failover templates
    health webhook webhooks callback callbacks hook hooks api _mock sink inbound
""")
"""Parts of paths that tell nothing of their owner."""

SAFE_QUERIES = frozenset({"grant_type", "page", "size", "scope", "dateStart", "dateEnd", "limit", "status", "channel"})

COUNTS = _words("""
    timestamp expires_in totalElements totalPages number size numberOfElements page price totalPrice total_cost balance
    duration latency latency_ms ttl order part parts fileSize urlValidity
""")
"""Fields of the service that can have large numbers which are nobody's."""

_NAME = r"[A-Za-z_$@][A-Za-z_$-]{0,39}[0-9]{0,2}(?:\[[0-9]{1,4}\])*"

KEY = re.compile(rf"(?:{_NAME}(?:\.{_NAME}){{0,8}})?")
"""A name of a field, or a path to one, that can stay as it is."""

CODE = re.compile(r"[0-9]{3}|[0-9]{9}|[A-Z]{3}")
"""A code of the service: of an error, or of a currency."""

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,18}(Z|[+-][0-9:]{4,5})?)?", re.IGNORECASE)
"""An instant, or a day."""

NUMBER = re.compile(r"(\+|00)?([1-9][0-9]{6,14})")
"""A telephone number by itself."""

SPACED = r"[+(]{0,2}\d(?:[\s().\-/]{0,2}\d){6,14}"
"""A telephone number, as people write it."""

WITHIN = re.compile(
    rf"(?<![\w.-]){INSTANT.pattern}(?![\w-])|{SPACED}|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:https?|sip|tel|mailto):[^\s'\"]+|[0-9a-f-]{24,36}"
    r"|(?<![\w+=-])(?!MT_ROLE_)(?=[a-z_+-]*[0-9])(?=[0-9_+-]*[a-z])[\w+-]{12,}={0,2}",
    re.IGNORECASE,
)
"""What is somebody's inside a sentence; and instants, which are not."""

URL = re.compile(r"https?://", re.IGNORECASE)
