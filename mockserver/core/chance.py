"""Everything that looks random, computed from the seed and a key. There is no state, so no draw affects another.

`chance.uuid("flow", 7)` is always the same id, however often it is called.
"""

from functools import lru_cache
from hashlib import blake2b

from mockserver.core.values import Value

VARIANTS = dict(zip("0123456789abcdef", 4 * "89ab", strict=True))
"""The hexadecimal digit that says which kind of UUID it is, by a digit that is drawn."""


class Chance(Value):
    """A source of ids and delays; two with the same seed give the same values."""

    seed: int

    def uuid(self, *key: str | int) -> str:
        """A UUID for this key, in the form of version 4."""
        digest = self._digest(key).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{VARIANTS[digest[16]]}{digest[17:20]}-{digest[20:]}"

    def between(self, low: int, high: int, *key: str | int) -> int:
        """A whole number from `low` to `high`, both included, for this key."""
        return low + int.from_bytes(self._digest(key).digest()[:8]) % (high - low + 1)

    # The digested text is how Python writes the tuple of it all; with % it is faster than `repr`.
    def _digest(self, key: tuple[str | int, ...]) -> blake2b:
        return blake2b((_form(len(key)) % (self.seed, *key)).encode(), digest_size=16)


def flow_id(text: str) -> str:
    """The id of a flow or of a message as it is made here: whoever asks for it may write the UUID in capitals."""
    return text.lower()


@lru_cache(maxsize=64)
def _form(length: int) -> str:
    return "(%r" + ", %r" * length + ")"
