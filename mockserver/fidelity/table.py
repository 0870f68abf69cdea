"""The table of rules: every chapter, every rule by its id, and every switch of a dialect by its field."""

from collections.abc import Mapping

from mockserver.fidelity.account import ACCOUNT, CONNECTIONS
from mockserver.fidelity.callbacks import ANSWERED, ANSWERS, CALLBACKS
from mockserver.fidelity.document import FLOW_DOCUMENT
from mockserver.fidelity.otp import OTP
from mockserver.fidelity.rule import Chapter, Rule
from mockserver.fidelity.scenarios import SCENARIOS
from mockserver.fidelity.send import SEND
from mockserver.fidelity.statuses import STATUSES
from mockserver.fidelity.token import TOKEN
from mockserver.fidelity.tracking import TEMPLATES, TRACKING

CHAPTERS: tuple[Chapter, ...] = (
    TOKEN,
    SEND,
    STATUSES,
    FLOW_DOCUMENT,
    CALLBACKS,
    ANSWERS,
    ANSWERED,
    SCENARIOS,
    TRACKING,
    TEMPLATES,
    OTP,
    ACCOUNT,
    CONNECTIONS,
)
"""In the order of the page."""

RULES: Mapping[str, Rule] = {rule.id: rule for chapter in CHAPTERS for rule in chapter.rules}
"""Every rule, by its id."""

SWITCHES: Mapping[str, Rule] = {rule.switch: rule for rule in RULES.values() if rule.switch is not None}
"""For each field of `Dialect`, the rule that it can have otherwise."""
