"""What a message costs, in ten-thousandths of the currency unit, and the balance that pays for it."""

from mockserver.core.channels import RULES, UNSENT
from mockserver.core.flow import Flow, Message
from mockserver.core.setup import MONEY as MONEY  # noqa: PLC0414 -- exported from here
from mockserver.core.step import Step


def cost(flow: Flow, index: int) -> int:
    """What message `index` has cost so far, in ten-thousandths of the currency unit."""
    return cost_of(flow.steps[index], flow.messages[index])


def cost_of(step: Step, message: Message) -> int:
    """What the message of a step has cost so far, in ten-thousandths of the currency unit.

    A call costs its price for each started minute, once it is over. Any other message costs its price for each part,
    as soon as its step begins. A message that was not sent costs nothing (choice).
    """
    if not message.paid or message.status in UNSENT:
        return 0
    rules = RULES[step.channel]
    if rules.picked_up is None:
        return step.price * step.parts
    minutes = -(-talked(message) // 60_000) if message.status in rules.ends else 0
    return step.price * minutes


def talked(message: Message) -> int:
    """How long a call has lasted, in milliseconds: from pick-up to its latest status; 0 if nobody picked up."""
    if message.answered is None or message.updated is None:
        return 0
    return message.updated - message.answered


class Purse:
    """The balance of a sandbox; None means unlimited."""

    def __init__(self, balance: int | None) -> None:
        self.balance = balance

    def affords(self, step: Step) -> bool:
        """Whether the balance is enough for the step: for all parts of a message, or one minute of a call."""
        return self.balance is None or self.balance >= step.price * step.parts

    def charge(self, flow: Flow, index: int, before: Flow | None = None) -> None:
        """Pay for message `index` what it has cost more since `before`, the flow until now; None if it is new.

        What it no longer costs is given back.
        """
        if self.balance is not None:
            paid = 0 if before is None else cost(before, index)
            self.balance -= cost(flow, index) - paid
