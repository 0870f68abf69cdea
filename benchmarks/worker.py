"""A case measured inside a process of its own: `python -m benchmarks.worker CASE KIND` measures once for each line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.server import NotStarted, process


@contextmanager
def opened(case: Case, contender: Contender) -> Iterator[Measure]:
    """The case, measured in a process with the packages of the contender. Raises NotStarted."""
    command = contender.command("benchmarks.worker", case.name, contender.kind)
    with process(command, contender.environment) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        said, asked = running.stdout, running.stdin

        def measure() -> Figures:
            asked.write("\n")
            asked.flush()
            figures: Figures = json.loads(_line())
            return figures

        def _line() -> str:
            line = said.readline()
            if not line:
                raise NotStarted(f"{case.name} cannot be measured of {contender.name}")
            return line

        _line()
        yield measure


def main(name: str, kind: str) -> None:
    """Measure once for each line of the standard input."""
    from benchmarks.cases import every

    [case] = [case for case in every(full=True) if case.name == name]
    with case.open(Contender(kind, Kind(kind))) as measure:
        print("ready", flush=True)
        for _ in sys.stdin:
            print(json.dumps(measure()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
