"""Everything random, drawn from the seed by name: no state, so no draw can disturb another.

`chance.uuid("flow", 7)` is the same id whenever and however often it is asked for.
"""

from hashlib import blake2b

from mockserver.core.values import value


@value
class Chance:
    """A source of ids and delays; two with the same seed say the same things."""

    seed: int

    def uuid(self, *key: str | int) -> str:
        """A UUID, version 4 in form, for this key."""
        digest = self._digest(key).hex()
        variant = "89ab"[int(digest[16], 16) % 4]
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"

    def between(self, low: int, high: int, *key: str | int) -> int:
        """A whole number from `low` to `high`, both included, for this key."""
        return low + int.from_bytes(self._digest(key)[:8]) % (high - low + 1)

    def _digest(self, key: tuple[str | int, ...]) -> bytes:
        return blake2b(repr((self.seed, *key)).encode(), digest_size=16).digest()
