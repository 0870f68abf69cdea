"""`make bench`: measure, and write the table.

Told by the environment: CASE, a part of the names of the cases to measure; BASE, a commit to measure beside; FULL=1,
the sizes that take long too; PEERS=1, others who do the like; ROUNDS.
"""

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import table
from benchmarks.cases import every
from benchmarks.checkout import NoSuchState, state
from benchmarks.contenders import BARE, MOCK, Contender
from benchmarks.cores import CORES
from benchmarks.rounds import Row, Skipped, measured

ROUNDS = 5

HERE = Path(__file__).parent
RAW, TABLE = HERE / "results.jsonl", HERE / "results.md"


def main() -> None:
    """Measure the cases and contenders that the environment names."""
    asked = os.environ
    cases = [case for case in every(full=bool(asked.get("FULL"))) if asked.get("CASE", "") in case.name]
    if not cases:
        sys.exit(f"no case has {asked['CASE']!r} in its name: {'; '.join(case.name for case in every(full=True))}")
    rounds = int(asked.get("ROUNDS") or ROUNDS)
    began = datetime.now(UTC)
    with ExitStack() as stack, RAW.open("w", buffering=1, encoding="utf-8") as raw:
        contenders = [BARE, *_peers(asked.get("PEERS")), *_base(stack, asked.get("BASE")), MOCK]
        rows: list[Row] = []
        left_out: list[Skipped] = []
        for case in cases:
            print(f"{case.name} ...", file=sys.stderr, flush=True)
            for found in measured(case, contenders, rounds):
                if isinstance(found, Skipped):
                    left_out.append(found)
                    print(found, file=sys.stderr, flush=True)
                else:
                    rows.append(found)
                    raw.write(json.dumps(found.raw()) + "\n")
    text = "\n\n".join(
        part
        for part in (_preamble(began, asked.get("BASE")), table.table(rows), table.noise(rows), *map(str, left_out))
        if part
    )
    TABLE.write_text(text + "\n", encoding="utf-8")
    print(text)


def _peers(asked: str | None) -> Sequence[Contender]:
    if not asked:
        return ()
    from benchmarks.peers import PEERS

    return PEERS


def _base(stack: ExitStack, ref: str | None) -> Iterator[Contender]:
    if ref:
        try:
            yield stack.enter_context(state(ref))
        except NoSuchState as error:
            sys.exit(str(error))


def _preamble(began: datetime, base: str | None) -> str:
    beside = f", base is {base}" if base else ""
    took = (datetime.now(UTC) - began).total_seconds()
    return (
        f"{began:%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {len(CORES)} cores of {_processor()}, in"
        f" {took:.0f} s{beside}. Medians, ranges in brackets; README.md says how to read them."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


if __name__ == "__main__":
    main()
