"""How many instructions a request takes, by valgrind: the same on a noisy machine as on a quiet one.

`python -m benchmarks.instructions EXCHANGE KIND COUNT` asks so often, in process; what is counted of two such runs.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks.contenders import Contender, Kind
from benchmarks.server import NotStarted

FEW, MANY = 400, 800
"""How many requests the two runs have. Their difference does not have the start in it."""

VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")


def count(contender: Contender, exchange: str) -> float:
    """Instructions for one such request. Raises NotStarted when there is no valgrind, or it fails."""
    if shutil.which(VALGRIND[0]) is None:
        raise NotStarted("valgrind is not installed")
    _run(contender, exchange, 1, watched=False)  # what is compiled once, is compiled now
    with ThreadPoolExecutor() as both:
        few, many = both.map(lambda times: _run(contender, exchange, times), (FEW, MANY))
    return (many - few) / (MANY - FEW)


def _run(contender: Contender, exchange: str, times: int, *, watched: bool = True) -> int:
    command = contender.command("benchmarks.instructions", exchange, contender.kind, str(times))
    environment = {**contender.environment, "PYTHONHASHSEED": "0", "PATH": os.environ["PATH"]}
    whole = [*VALGRIND, *command] if watched else command
    run = subprocess.run(whole, env=environment, capture_output=True, text=True, check=False)
    found = COUNTED.search(run.stderr)
    if run.returncode or (watched and found is None):
        raise NotStarted(run.stderr[-1_000:])
    return int(found[1].replace(",", "")) if found else 0


def main(exchange: str, kind: str, times: str) -> None:
    """Send the request this many times."""
    from benchmarks.cases.requests import in_process
    from benchmarks.exchanges import BY_NAME

    with in_process(Kind(kind), BY_NAME[exchange]) as (server, requests):
        server.ask_many(requests, int(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
