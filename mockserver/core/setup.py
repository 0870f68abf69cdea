"""How a sandbox is set up, in plain values: what a user can say of it. Quick to import, for every command reads it."""

from dataclasses import dataclass

MONEY = 10_000
"""Money is counted in ten-thousandths of the currency unit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a sandbox keeps: flows, journal entries, and bytes of what was sent.

    The flows that ended first make room for new ones, the oldest entries for later ones.
    """

    flows: int = 10_000
    entries: int = 200_000
    payload: int = 64 * 1_048_576


@dataclass(frozen=True, slots=True)
class Setup:
    """How a sandbox is set up. Money is in ten-thousandths of the currency unit, None is no limit.

    token_life: milliseconds a bearer token lives; None: for ever.
    refuse_at_once: a send whose first step cannot be paid is refused, rather than accepted and failed (choice).
    """

    seed: int = 0
    token_life: int | None = 3_600_000
    balance: int | None = None
    refuse_at_once: bool = False
