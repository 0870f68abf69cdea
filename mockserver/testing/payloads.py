"""What Routee's OTP service posts to a webhook, for type checkers; its tracking has the same form.

payload: OtpPayload = routee.receiver.payloads[-1]
"""

from typing import Literal, TypedDict

OtpFlowStatus = Literal["InProgress", "Succeeded", "Failed"]


class OtpStepAlways(TypedDict):
    """What every step has that was attempted. status: "queued", then as its channel spells it. Times are ISO 8601."""

    trackingId: str
    role: Literal["primary", "failover"]
    flowId: str
    status: str
    channel: Literal["viber", "sms"]
    phone_number: str
    created_at: str
    price: float


class OtpStepPayload(OtpStepAlways, total=False):
    """A step that was attempted. failover_from_message_token: the trackingId of the step before."""

    label: str
    sent_at: str
    delivered_at: str
    detailed_status: str
    error_message: str
    failover_from_message_token: str
    latency_ms: int
    country: str
    operator: str


class OtpPayload(TypedDict):
    """A flow of one-time passwords. statusCode: why it failed: 0 to 3."""

    flowId: str
    status: OtpFlowStatus
    statusCode: int | None
    total_cost: float
    steps: list[OtpStepPayload]
