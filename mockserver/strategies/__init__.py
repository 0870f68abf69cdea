"""Hypothesis strategies for what goes to Routee's Failover API, and for what comes back from it.

    sms_steps, viber_steps, voice_steps, template_steps    steps
    flows, transactional_flows                             whole bodies of POST /failover, /failover/transactional
    mistakes                                               requests with one thing wrong, and the error they get
    scenarios                                              documents of the mock's scenario language
    callbacks, callback_sequences                          what a webhook is posted, disturbances and all
    numbers, magic_numbers, texts, senders                 parts of them

Everything is plain data, ready for `json=`. They need Hypothesis: the extra `hypothesis`.
"""

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(
        "mockserver.strategies needs Hypothesis, which comes with the extra `hypothesis`:"
        " pip install 'routee-failover-mock[hypothesis]'"
    ) from error

from mockserver.simulation import Call, CallbackSequence
from mockserver.strategies.callbacks import callback_sequences, callbacks
from mockserver.strategies.flows import flows, transactional_flows
from mockserver.strategies.mistakes import MISTAKES, STRICT_MISTAKES, Mistake, mistakes
from mockserver.strategies.scenarios import scenarios
from mockserver.strategies.sms import sms_steps
from mockserver.strategies.values import magic_numbers, numbers, senders, texts
from mockserver.strategies.viber import template_steps, viber_steps
from mockserver.strategies.voice import voice_steps

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
