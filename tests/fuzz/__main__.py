"""`make fuzz`: attack for a while, say what was found, and how to do it again.

Told by the environment: SEED, a number; SECONDS, how long; COUNT, how many cases at most; FROM, the first of them.
"""

import asyncio
import os
import sys
import time

from tests.fuzz.cases import ROUND
from tests.fuzz.rounds import Report, attack

SECONDS = 120.0

SHOWN = 3


def main() -> None:
    """Attack as the environment asks for. Ends the process with 1 where something was found."""
    asked = os.environ
    report = Report(int(asked.get("SEED") or time.time()))
    first, count = int(asked.get("FROM") or 0), int(asked.get("COUNT") or 10**9)
    began = time.monotonic()
    until = began + float(asked.get("SECONDS") or ("inf" if asked.get("COUNT") else SECONDS))
    print(f"seed {report.seed}, from case {first}", flush=True)
    asyncio.run(_attack(report, range(first, first + count), until))
    print(told(report, time.monotonic() - began), flush=True)
    sys.exit(bool(report.found))


async def _attack(report: Report, numbers: range, until: float) -> None:
    attacking = asyncio.create_task(attack(report, numbers, until))
    while not attacking.done():
        await asyncio.wait([attacking], timeout=10)
        print(
            f"{report.cases} cases, {report.requests} requests, {len(report.found)} faults", file=sys.stderr, flush=True
        )
    await attacking


def told(report: Report, took: float) -> str:
    """The report, to be read."""
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(report.answers.items()))
    lines = [
        f"{report.cases} cases with {report.requests} requests in {took:.0f} s; answers: {statuses}",
        f"most memory {report.memory / 2**20:.0f} MiB; most CPU: "
        + "; ".join(f"{seconds:.1f} s near {what[:60]}" for seconds, what in report.slow),
    ]
    for what, where in report.found.items():
        lines += [f"FAULT, {len(where)} times: {what}", *(f"    {each}" for each in where[:SHOWN])]
    if report.found:
        lines.append(f"again: make fuzz SEED={report.seed} FROM=N COUNT=1 for case N alone, or its round from case")
        lines.append(f"N - N % {ROUND} on, with COUNT up to it: what came before may matter")
    return "\n".join([*lines, f"{'FAILED' if report.found else 'passed'}: {len(report.found)} kinds of faults"])


if __name__ == "__main__":
    main()
