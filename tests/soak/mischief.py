"""Which callbacks the receiver answers badly, how often, and how: all of it follows from the seed."""

from dataclasses import dataclass
from random import Random

ATTEMPTS = 13
"""Posts of a callback that is never answered well; then it is given up."""

WAYS = ("500", "503", "404", "302", "reset", "close", "garbage")


@dataclass(frozen=True, slots=True)
class Mischief:
    """The plan. share: of the callbacks that are answered badly at first, in percent; a tenth of them always are."""

    seed: int
    share: int

    def failures(self, number: int, callback: int, most: int) -> int:
        """How many first attempts fail of a callback of flow `number`, ATTEMPTS for every one. most: not more."""
        random = Random(f"{self.seed}/{number}/{callback}")
        if random.randrange(100) >= self.share:
            return 0
        return min(most, ATTEMPTS if random.randrange(10) == 0 else random.choice((1, 1, 1, 2, 3, 6, 12)))

    def posts(self, number: int, callback: int, most: int) -> int:
        """How often a callback is posted in all."""
        return min(ATTEMPTS, self.failures(number, callback, most) + 1)

    def way(self, number: int, callback: int, attempt: int) -> str:
        """How a failing attempt is answered."""
        return Random(f"{self.seed}/{number}/{callback}/{attempt}").choice(WAYS)
