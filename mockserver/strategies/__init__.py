"""Hypothesis strategies for requests to Routee's Failover API, and for what comes back.

    sms_steps, viber_steps, voice_steps, template_steps    steps
    flows, transactional_flows                             whole bodies of POST /failover, /failover/transactional
    mistakes                                               requests with one mistake, and the error they get
    scenarios                                              documents of the mock's scenario language
    callbacks, callback_sequences                          what a webhook gets, faults included
    numbers, magic_numbers, texts, senders                 parts of steps

All values are plain data, ready for `json=`. This package needs Hypothesis: the extra `hypothesis`.
"""

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(
        "mockserver.strategies needs Hypothesis, which comes with the extra `hypothesis`:"
        " pip install 'routee-failover-mock[hypothesis]'"
    ) from error

from mockserver.numbering.numbers import EXAMPLE, read_number
from mockserver.simulation import Call, CallbackSequence
from mockserver.strategies.callbacks import callback_sequences, callbacks
from mockserver.strategies.flows import flows, transactional_flows
from mockserver.strategies.mistakes import MISTAKES, STRICT_MISTAKES, Mistake, mistakes
from mockserver.strategies.scenarios import scenarios
from mockserver.strategies.sms import sms_steps
from mockserver.strategies.values import magic_numbers, numbers, senders, texts
from mockserver.strategies.viber import template_steps, viber_steps
from mockserver.strategies.voice import voice_steps
from mockserver.wire.routee import careful  # noqa: F401 -- imported now, as the next line does

# What the first send imports is imported here: while it draws, Hypothesis would take that for a slow strategy.
read_number(EXAMPLE)

__all__ = [
    "MISTAKES",
    "STRICT_MISTAKES",
    "Call",
    "CallbackSequence",
    "Mistake",
    "callback_sequences",
    "callbacks",
    "flows",
    "magic_numbers",
    "mistakes",
    "numbers",
    "scenarios",
    "senders",
    "sms_steps",
    "template_steps",
    "texts",
    "transactional_flows",
    "viber_steps",
    "voice_steps",
]
