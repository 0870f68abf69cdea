"""Everything that looks random, computed from the seed and a key. There is no state, so no draw affects another.

`chance.uuid("flow", 7)` is always the same id, however often it is called.
"""

from hashlib import blake2b

from mockserver.core.values import Value


class Chance(Value):
    """A source of ids and delays; two with the same seed give the same values."""

    seed: int

    def uuid(self, *key: str | int) -> str:
        """A UUID for this key, in the form of version 4."""
        digest = self._digest(key).hex()
        variant = "89ab"[int(digest[16], 16) % 4]
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"

    def between(self, low: int, high: int, *key: str | int) -> int:
        """A whole number from `low` to `high`, both included, for this key."""
        return low + int.from_bytes(self._digest(key)[:8]) % (high - low + 1)

    def _digest(self, key: tuple[str | int, ...]) -> bytes:
        return blake2b(repr((self.seed, *key)).encode(), digest_size=16).digest()
