"""The built-in outcomes by name, and the digits of a magic recipient that choose some of them.

The delays are ours (choice), and of a realistic size. Where an outcome has no final status, the ttl ends the step.
"""

import re
from collections.abc import Mapping, Sequence

from mockserver.core.channels import RULES, Channel
from mockserver.core.outcome import Choice, Moment, Outcome
from mockserver.core.step import Step

SECOND = 1_000

_QUEUED = Moment("QUEUED")
_SMS = (Moment("Queued"), Moment("Sent", 800, 1_600, "Sent"))
_CALL = (Moment("Queued"), Moment("Initiated", 300, 900))
_RINGING = (*_CALL, Moment("Ringing", 800, 2_000))
_ANSWERED = (*_RINGING, Moment("InProgress", 3 * SECOND, 12 * SECOND))
_BY_MACHINE = (Moment("InProgress", 18 * SECOND, 25 * SECOND), Moment("Completed", 3 * SECOND, 5 * SECOND))


def _viber(name: str, *moments: Moment) -> Outcome:
    return Outcome(Channel.VIBER, name, (_QUEUED, *moments))


def _viber_end(name: str, status: str, reason: str | None) -> Outcome:
    return _viber(name, Moment(status, 1_500, 2_500, reason))


def _sms(name: str, *moments: Moment) -> Outcome:
    return Outcome(Channel.SMS, name, (*_SMS, *moments))


def _sms_end(name: str, status: str, reason: str) -> Outcome:
    return _sms(name, Moment(status, 2 * SECOND, 3 * SECOND, reason))


def _voice(name: str, *moments: Moment, machine: bool = False) -> Outcome:
    return Outcome(Channel.VOICE, name, moments, machine)


_SEEN_SOON = (
    Moment("DELIVERED", 1_500, 2_500, "Delivered"),
    Moment("SEEN", 3 * SECOND, 15 * SECOND, "Delivered"),
)

MAGIC: Mapping[Channel, tuple[Outcome, ...]] = {
    Channel.VIBER: (
        _viber_end("delivered", "DELIVERED", "Delivered"),
        _viber_end("undelivered", "UNDELIVERED", "Timed Out"),
        _viber_end("failed", "FAILED", "System Failure"),
        _viber("expired"),
        _viber_end("unsent", "UNSENT", None),
        _viber("seen", *_SEEN_SOON),
        _viber("delivered late", Moment("DELIVERED", 20 * SECOND, 60 * SECOND, "Delivered", late=True)),
        _viber_end("not a viber user", "UNDELIVERED", "Not Viber User"),
        _viber_end("opted out", "UNDELIVERED", "Opted Out"),
        _viber_end("message rejected", "FAILED", "Message Rejected"),
    ),
    Channel.SMS: (
        _sms_end("delivered", "Delivered", "Delivered"),
        _sms_end("undelivered", "Undelivered", "Undelivered on Handset"),
        _sms_end("failed", "Failed", "Failed"),
        _sms("expired"),
        Outcome(Channel.SMS, "unsent", (Moment("Queued"), Moment("Unsent", 200, 600))),
        _sms_end("unknown number", "Undelivered", "Unknown Number"),
        _sms("delivered late", Moment("Delivered", 20 * SECOND, 60 * SECOND, "Delivered", late=True)),
        _sms_end("carrier violation", "Failed", "Carrier Violation"),
        _sms_end("roaming", "Undelivered", "Roaming"),
        _sms_end("call barred", "Undelivered", "Call Barred"),
    ),
    Channel.VOICE: (
        _voice("completed", *_ANSWERED, Moment("Completed", 8 * SECOND, 40 * SECOND)),
        _voice("busy", *_CALL, Moment("Busy", SECOND, 3 * SECOND)),
        _voice("failed", *_CALL, Moment("Failed", 500, 2 * SECOND)),
        _voice("no answer", *_RINGING, Moment("NoAnswer", 30 * SECOND, 45 * SECOND)),
        _voice("unsent", Moment("Queued"), Moment("Unsent", 200, 600)),
        _voice("terminated", *_RINGING, Moment("Terminated", SECOND, 5 * SECOND)),
        _voice("machine", *_RINGING, *_BY_MACHINE, machine=True),
        _voice("hung up", *_ANSWERED, Moment("Completed", SECOND, 2 * SECOND)),
        _voice("dropped", *_ANSWERED, Moment("Failed", 2 * SECOND, 20 * SECOND)),
        _voice("cut off", *_ANSWERED, Moment("Terminated", 2 * SECOND, 20 * SECOND)),
    ),
}
"""For each channel, the outcome that each digit of a magic recipient stands for."""

_MORE = (
    _viber_end("unsupported equipment", "UNDELIVERED", "Unsupported Equipment"),
    _viber("server error", Moment("FAILED", 200, 600, "System Failure", broken=True)),
    _sms_end("unknown status", "Undelivered", "Unknown Status"),
    Outcome(Channel.SMS, "server error", (Moment("Queued"), Moment("Failed", 200, 600, "Failed", broken=True))),
    _voice("server error", Moment("Queued"), Moment("Failed", 200, 600, broken=True)),
)

OUTCOMES: Mapping[Channel, Mapping[str, Outcome]] = {
    channel: {outcome.name: outcome for outcome in (*outcomes, *_MORE) if outcome.channel is channel}
    for channel, outcomes in MAGIC.items()
}
"""For each channel, the outcomes by name."""

HAND = "by hand"
"""The name of the outcome that plans nothing: the message waits for what is pushed, and a ttl ends it."""

BY_HAND: Mapping[Channel, Outcome] = {
    channel: Outcome(channel, HAND, (Moment(rules.first),)) for channel, rules in RULES.items()
}
"""For each channel, the outcome of that name. It is none of the others: a call that nobody answers for never ends."""

NAMED: Mapping[Channel, Mapping[str, Outcome]] = {
    channel: {**outcomes, HAND: BY_HAND[channel]} for channel, outcomes in OUTCOMES.items()
}
"""For each channel, every outcome that a scenario can name."""

ENDS: Mapping[Channel, tuple[str, ...]] = {
    Channel.VIBER: ("delivered", "seen", "undelivered", "failed", "expired", "unsent", "delivered late"),
    Channel.SMS: ("delivered", "undelivered", "failed", "expired", "unsent", "delivered late"),
    Channel.VOICE: ("completed", "busy", "no answer", "failed", "unsent", "terminated"),
}
"""For each channel, one outcome for each way a step can end; the first is its success."""

_RECIPIENT = re.compile(r"\+3069000[0-9]{2}([0-9])([0-9])([0-9])")
_DIGIT = {Channel.VIBER: 1, Channel.SMS: 2, Channel.VOICE: 3}


def magic(step: Step) -> Choice | None:
    """The outcome that a magic recipient chooses; None for any other recipient.

    A magic recipient is +3069000 and five digits: two free ones, then one each for Viber, Sms and Voice.
    """
    found = _RECIPIENT.fullmatch(step.to)
    if found is None:
        return None
    return _CHOICES[step.channel][int(found[_DIGIT[step.channel]])]


_CHOICES: Mapping[Channel, Sequence[Choice]] = {
    channel: [
        Choice(outcome, f"magic number: {channel} digit {digit} is {outcome.name!r}")
        for digit, outcome in enumerate(outcomes)
    ]
    for channel, outcomes in MAGIC.items()
}
"""For each channel, what each digit chooses."""


def recipient(free: int = 0, *, viber: str = "delivered", sms: str = "delivered", voice: str = "completed") -> str:
    """The magic recipient whose steps have these outcomes. free: its two free digits, 0 to 99.

    Raises ValueError for an outcome that no digit stands for, and names those that have one.
    """
    if not 0 <= free <= 99:
        raise ValueError(f"a magic recipient has two free digits: 0 to 99, not {free}")
    digits = ""
    for channel, asked in ((Channel.VIBER, viber), (Channel.SMS, sms), (Channel.VOICE, voice)):
        names = [outcome.name for outcome in MAGIC[channel]]
        if asked not in names:
            raise ValueError(f"no digit stands for {asked!r} on {channel}; there are {', '.join(names)}")
        digits += str(names.index(asked))
    return f"+3069000{free:02}{digits}"


def success(step: Step) -> Choice:
    """The built-in default: every message succeeds."""
    return _SUCCESS[step.channel]


_SUCCESS = {channel: Choice(outcomes[0], f"by default: {outcomes[0].name!r}") for channel, outcomes in MAGIC.items()}
