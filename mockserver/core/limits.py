"""How much a sandbox keeps."""

from mockserver.core.values import value


@value
class Limits:
    """How much a sandbox keeps: flows, journal entries, and bytes of what was sent.

    The flows that ended first make room for new ones, the oldest entries for later ones.
    """

    flows: int = 10_000
    entries: int = 200_000
    payload: int = 64 * 1_048_576
