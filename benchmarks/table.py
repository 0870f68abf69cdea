"""The table: the median and the range of what was measured, and the mock's ratio to each of the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from benchmarks.case import NOISE
from benchmarks.rounds import Row

MOCK = "mock"

Cells = dict[str, dict[int, float]]
"""The values of one figure of one case: contender -> round -> value."""


def table(rows: Iterable[Row]) -> str:
    """The rows as one Markdown table."""
    lines = dict(_figures(rows))
    others = list(dict.fromkeys(name for cells in lines.values() for name in cells if name != MOCK))
    head = ["case", "figure", MOCK, *(f"{other}: its figure, {MOCK} ÷ {other}" for other in others)]
    return "\n".join(
        [
            _line(head),
            _line(["---"] * 2 + ["---:"] * (len(head) - 2)),
            *(
                _line([case, figure, amount(list(cells.get(MOCK, {}).values())), *(_beside(cells, o) for o in others)])
                for (case, figure), cells in lines.items()
            ),
        ]
    )


def _figures(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, str], Cells]]:
    found: dict[tuple[str, str], Cells] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        for figure, value in row.figures.items():
            if figure not in NOISE:
                found[row.case, figure][row.contender][row.round] = value
    yield from found.items()


def _beside(cells: Cells, other: str) -> str:
    if other not in cells:
        return ""
    theirs = short(median(cells[other].values()))
    found = ratios(cells, other)
    return f"{theirs} → **{amount(found)}**" if found else theirs


def ratios(cells: Cells, other: str) -> list[float]:
    """The mock's figure divided by the other's, in each round that has both."""
    mine, theirs = cells.get(MOCK, {}), cells[other]
    return [mine[number] / theirs[number] for number in mine if theirs.get(number)]


def amount(values: Sequence[float]) -> str:
    """The median of some values, and their range if there are several."""
    if not values:
        return ""
    least, most = short(min(values)), short(max(values))
    middle = short(median(values))
    return middle if least == most else f"{middle} ({least} to {most})"


def short(value: float) -> str:
    """A number to three figures."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def noise(rows: Iterable[Row]) -> str:
    """How far the figures can be trusted, in words; nothing when nothing was asked over sockets."""
    seen = [row.figures for row in rows if row.contender == "bare" and row.figures.keys() >= set(NOISE)]
    if not seen:
        return ""
    busy, waited, load = (f"{median(figures[name] for figures in seen):.0%}" for name in NOISE)
    return (
        f"While bare was asked over sockets, it was at work {busy} of the time and waited {waited} of it for its core;"
        f" the load was at work {load} of it."
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
