"""`make soak`. Told by the environment: FLOWS, how many; SEED, a number; SHARE, the percentage of callbacks that are
answered badly; AHEAD, things that may be due in a sandbox before it is sent more; ARGS, options of `routee-mock serve`.
With KILLS, a mock that keeps what it is told is killed so often instead, and called to account; PLACE says where it
keeps it: disk, postgresql, or replicas, which are two on one PostgreSQL. Without PLACE it is each of them in turn."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from tests.soak.kills import PLACES, kill_again_and_again
from tests.soak.run import Plan, soak


def main() -> None:
    """Soak as the environment asks for. Ends the process with 1 where something is wrong."""
    asked, usual = os.environ, Plan()
    if kills := int(asked.get("KILLS") or 0):
        sys.exit(not all(_kill(kills, int(asked.get("SEED") or usual.seed), place) for place in _places(asked)))
    plan = Plan(
        flows=int(asked.get("FLOWS") or usual.flows),
        seed=int(asked.get("SEED") or usual.seed),
        share=int(asked.get("SHARE") or usual.share),
        ahead=int(asked.get("AHEAD") or usual.ahead),
        options=(*usual.options, *shlex.split(asked.get("ARGS", ""))),
    )
    print(f"{plan.flows:,} flows, seed {plan.seed}, {plan.share} % of the callbacks answered badly", flush=True)
    verdict = soak(plan, lambda line: print(line, flush=True))
    print(verdict, flush=True)
    sys.exit(not verdict.passed)


def _places(asked: Mapping[str, str]) -> Sequence[str]:
    return [asked["PLACE"]] if asked.get("PLACE") else list(PLACES)


def _kill(kills: int, seed: int, place: str) -> bool:
    print(f"{kills} kills, seed {seed}, {place}", flush=True)
    account = kill_again_and_again(kills, seed, partial(print, flush=True), place=place)
    print(account, flush=True)
    return account.passed


if __name__ == "__main__":
    main()
