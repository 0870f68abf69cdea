"""The settings of a sandbox that the core reads, as plain values. Every CLI command imports this file: keep it fast."""

from dataclasses import dataclass

from mockserver.core.dialect import DEFAULT, Dialect

MONEY = 10_000
"""Money is counted in ten-thousandths of the currency unit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a sandbox keeps: flows, journal entries, and bytes of sends.

    When it is full, it forgets the flows that ended first, and the oldest entries.
    """

    flows: int = 10_000
    entries: int = 200_000
    payload: int = 64 * 1_048_576


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings of a sandbox.

    seed: of everything that is drawn. token_life: how long a bearer token is valid, in milliseconds; None: for ever.
    balance: in ten-thousandths of the currency unit; None means unlimited.
    refuse_at_once: a send is refused, rather than accepted and failed, if its first step cannot be paid (choice).
    dialect: what is otherwise than by default where Routee leaves a choice.
    """

    seed: int = 0
    token_life: int | None = 3_600_000
    balance: int | None = None
    refuse_at_once: bool = False
    dialect: Dialect = DEFAULT
