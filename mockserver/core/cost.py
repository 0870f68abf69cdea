"""What a message costs, in ten-thousandths of the currency unit, and the purse it is paid from."""

from mockserver.core.channels import RULES, UNSENT
from mockserver.core.flow import Flow, Message
from mockserver.core.setup import MONEY as MONEY  # noqa: PLC0414 -- known from here
from mockserver.core.step import Step


def cost(flow: Flow, index: int) -> int:
    """What message `index` has cost so far, in ten-thousandths of the currency unit.

    A call is paid by started minute once it is over; a message by its parts from the moment its step begins;
    what was not sent costs nothing (choice).
    """
    step, message = flow.steps[index], flow.messages[index]
    if not message.paid or message.status in UNSENT:
        return 0
    rules = RULES[step.channel]
    if rules.picked_up is None:
        return step.price * step.parts
    minutes = -(-talked(message) // 60_000) if message.status in rules.ends else 0
    return step.price * minutes


def talked(message: Message) -> int:
    """Milliseconds a call has lasted: from being picked up to its latest status; 0 for one never picked up."""
    if message.answered is None or message.updated is None:
        return 0
    return message.updated - message.answered


class Purse:
    """The balance of a sandbox; None when it has no end."""

    def __init__(self, balance: int | None) -> None:
        self.balance = balance

    def affords(self, step: Step) -> bool:
        """Whether there is enough for the step: all parts of a message, one minute of a call."""
        return self.balance is None or self.balance >= step.price * step.parts

    def charge(self, amount: int) -> None:
        """Take an amount, or give a negative one back."""
        if self.balance is not None:
            self.balance -= amount
