"""The tables of the three channels: their statuses, in which order they can come, and what they mean.

Everything the engine knows about a channel is data in this file; the rest of the core only looks it up.
The statuses, reasons and default triggers are documented (doc). Which status can follow which is our reading of them
(choice): a provider may skip a status, but nonsense is refused.
"""

from collections.abc import Mapping
from enum import StrEnum

from mockserver.core.values import Value


class Channel(StrEnum):
    """A way to reach a recipient, in Routee's spelling."""

    VIBER = "Viber"
    SMS = "Sms"
    VOICE = "Voice"


class Rules(Value):
    """The statuses of one channel and what they mean.

    first: the status every message starts with.
    moves: for each status, the statuses that can follow it, late reports included.
    successes: the statuses that mean success.
    ends: the statuses that end the step, successes included.
    broke: the statuses that mean "not sent, no balance" (statusCode "1").
    triggers: the statuses that `failoverOnStatuses` can contain; default_triggers: its value when it is absent.
    expiry: the status and reason a message gets when its ttl runs out; None where a ttl means nothing.
    reasons: the detailed statuses a report can carry, each with its description.
    in_parts: a long message is sent in several parts, each with its own id.
    by_operator: the flow document names the network that carries it, and a scenario can choose that network.
    dated: the statuses whose instant a message keeps, each with the field that has it; the first such instant counts.
    picked_up: the status from which the minutes of a call are counted and paid; None if the channel has no calls.
    """

    first: str
    moves: Mapping[str, frozenset[str]]
    successes: frozenset[str]
    ends: frozenset[str]
    broke: frozenset[str]
    triggers: tuple[str, ...]
    default_triggers: tuple[str, ...]
    expiry: tuple[str, str] | None
    reasons: Mapping[str, str]
    dated: Mapping[str, str]
    in_parts: bool = False
    by_operator: bool = False
    picked_up: str | None = None

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status of the channel, in the order a message would get them."""
        return tuple(self.moves)


def _moves(**followers: str) -> dict[str, frozenset[str]]:
    return {status: frozenset(line.split()) for status, line in followers.items()}


RULES: Mapping[Channel, Rules] = {
    Channel.VIBER: Rules(
        first="QUEUED",
        moves=_moves(
            QUEUED="DELIVERED SEEN UNDELIVERED EXPIRED FAILED UNSENT",
            DELIVERED="SEEN EXPIRED",
            SEEN="",
            UNDELIVERED="DELIVERED SEEN",
            EXPIRED="DELIVERED SEEN",
            FAILED="",
            UNSENT="",
        ),
        successes=frozenset({"DELIVERED", "SEEN"}),
        ends=frozenset({"DELIVERED", "SEEN", "UNDELIVERED", "EXPIRED", "FAILED", "UNSENT"}),
        broke=frozenset({"UNSENT"}),
        triggers=("Expired", "Failed", "Undelivered"),
        default_triggers=("Expired", "Failed", "Undelivered"),
        expiry=("EXPIRED", "TTL Expired"),
        reasons={
            "Delivered": "The message was delivered to its recipient.",
            "Not Viber User": "The number does not belong to a Viber user.",
            "Opted Out": "The recipient has blocked messages from this sender.",
            "System Failure": "The Viber service could not handle the message.",
            "Message Rejected": "The Viber service did not accept the message.",
            "Timed Out": "The Viber service did not answer in time.",
            "Unsupported Equipment": "The recipient's device cannot show this message.",
            "TTL Expired": "The message was not delivered before its time to live ran out.",
        },
        dated={"DELIVERED": "delivered", "SEEN": "delivered"},
    ),
    Channel.SMS: Rules(
        first="Queued",
        moves=_moves(
            Queued="Sent Delivered Undelivered Failed Unsent",
            Sent="Delivered Undelivered Failed",
            Delivered="",
            Undelivered="Delivered",
            Failed="",
            Unsent="",
        ),
        successes=frozenset({"Delivered"}),
        ends=frozenset({"Delivered", "Undelivered", "Failed", "Unsent"}),
        broke=frozenset({"Unsent"}),
        triggers=("Undelivered", "Failed"),
        default_triggers=("Undelivered", "Failed"),
        expiry=("Undelivered", "Expired"),
        reasons={
            "Sent": "The SMS was handed to the operator.",
            "Delivered": "The SMS was sent and it was delivered to its recipient.",
            "Undelivered on Handset": "The SMS reached the network but not the handset.",
            "Unknown Number": "The number is not in use.",
            "Roaming": "The recipient is roaming and could not be reached.",
            "Call Barred": "The recipient's line does not take messages.",
            "Unknown Status": "The operator reported a status that is not known.",
            "Carrier Violation": "The operator refused the SMS as against its rules.",
            "Expired": "The SMS was not delivered before its time to live ran out.",
            "Failed": "The SMS could not be sent.",
        },
        dated={"Sent": "sent", "Delivered": "delivered"},
        in_parts=True,
        by_operator=True,
    ),
    Channel.VOICE: Rules(
        first="Queued",
        moves=_moves(
            Queued="Initiated Ringing InProgress Completed Busy NoAnswer Failed Unsent Terminated",
            Initiated="Ringing InProgress Completed Busy NoAnswer Failed Terminated",
            Ringing="InProgress Completed Busy NoAnswer Failed Terminated",
            InProgress="Completed Failed Terminated",
            Completed="",
            Busy="",
            NoAnswer="",
            Failed="",
            Unsent="",
            Terminated="",
        ),
        successes=frozenset({"Completed"}),
        ends=frozenset({"Completed", "Busy", "NoAnswer", "Failed", "Unsent", "Terminated"}),
        broke=frozenset({"Unsent", "Terminated"}),
        triggers=("Completed", "Busy", "NoAnswer", "Failed", "Unsent", "Terminated"),
        default_triggers=("Busy", "NoAnswer"),
        expiry=None,
        reasons={},
        dated={"InProgress": "answered"},
        picked_up="InProgress",
    ),
}

READ = "SEEN"
"""The only success of a Viber step with `expireOnDelivery`: DELIVERED is not enough there (doc)."""

DELIVERED, EXPIRED = "DELIVERED", "EXPIRED"
"""The status of a Viber message with `expireOnDelivery` that is not seen yet, and of one not seen in time (doc)."""

UNSENT = frozenset({"UNSENT", "Unsent"})
"""The statuses, on any channel, of a message that was never sent and so costs nothing (choice)."""


def canonical(channel: Channel, status: str) -> str | None:
    """The channel's own spelling of a status in any case; None when the channel has no such status."""
    return _SPELLINGS[channel].get(status.casefold())


def canonical_trigger(channel: Channel, status: str) -> str | None:
    """The same for a status in `failoverOnStatuses`; None for one that is not allowed there."""
    return _TRIGGERS[channel].get(status.casefold())


_SPELLINGS = {channel: {status.casefold(): status for status in rules.statuses} for channel, rules in RULES.items()}
_TRIGGERS = {
    channel: {trigger.casefold(): _SPELLINGS[channel][trigger.casefold()] for trigger in rules.triggers}
    for channel, rules in RULES.items()
}
