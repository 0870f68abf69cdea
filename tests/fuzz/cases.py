"""Case N of a seed: what it is, and the bytes it sends. It depends on nothing else."""

from dataclasses import dataclass
from random import Random

from tests.fuzz.corpus import LIBRARY, Request, corpus
from tests.fuzz.requests import spoil
from tests.fuzz.shapes import SHAPES, Script

ROUND = 2_000
"""Cases that one server meets: cases 0 to 1,999, and so on."""

WILD = 5
"""Every so many rounds, scenarios may make sends fail or wait, and tests may wait for what they expect."""

MOST = 20
"""Requests on one connection."""

WAITING = (
    b"within",
    b"delay",
    b"api",
    *(path.stem.encode() for path in LIBRARY.glob("*.yaml") if "api:" in path.read_text()),
)
"""Words that make a server wait or fail as it should. They are spelled wrongly where that cannot be told from a fault."""


@dataclass(frozen=True, slots=True)
class Case:
    """One connection to the server, and what is said on it. wild: see WILD."""

    number: int
    shape: str
    script: Script
    wild: bool

    @property
    def requests(self) -> int:
        """How many requests it has; 1 where nobody can tell."""
        return len(self.script.methods or (1,))

    def says(self, word: bytes) -> bool:
        """Whether a piece of what it says has this word in it."""
        return any(isinstance(piece, bytes) and word in piece for piece in self.script.pieces)

    def __str__(self) -> str:
        """In a line: its number, its shape, and how it begins."""
        said = b"".join(piece for piece in self.script.pieces if isinstance(piece, bytes))
        return f"case {self.number} ({self.shape}): {said[:150]!r}"


def case(seed: int, number: int) -> Case:
    """Case `number` of a seed."""
    random, wild = Random(f"{seed}/{number}"), number // ROUND % WILD == WILD - 1
    endpoints: tuple[tuple[Request, ...], ...] = corpus(seed)
    shape = random.choices(tuple(SHAPES), [weight for weight, _ in SHAPES.values()])[0]
    chosen = random.choices(endpoints, [_weight(each[0]) for each in endpoints], k=random.randint(1, MOST))
    never = () if wild else WAITING
    spoilt = [spoil(random, random.choice(endpoint), random.choice(endpoints), never) for endpoint in chosen]
    return Case(number, shape, SHAPES[shape][1](random, spoilt), wild)


def _weight(request: Request) -> float:
    """How often an endpoint is drawn: more often if it takes a body, and seldom if it makes an end of what there is."""
    if request.method == "DELETE" or request.target.endswith("/reset"):
        return 0.1
    return 1.0 if request.body is None else 3.0
