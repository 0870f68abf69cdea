"""The log as text: one line of JSON for how the sandbox began, then one for every command and every run of events.

It passes a run on to somebody else: replayed, the log gives the same journal. All of it is ours (choice).
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any, get_args

import orjson
from pydantic import TypeAdapter, ValidationError

from mockserver.core import commands
from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.clock import LAST
from mockserver.core.commands import Command, PutScenario
from mockserver.core.engine import Engine
from mockserver.core.history import CommandLog, Start
from mockserver.wire import Json
from mockserver.wire.problems import problems
from mockserver.wire.scenario.language import IllegalScenario, Written, nothing, read_scenario

FORMAT = 1

KINDS: Mapping[str, type[Command]] = {kind.__name__: kind for kind in get_args(commands.Command)}
"""The commands, by their names in a log."""


class BadLog(ValueError):
    """A log that cannot be replayed; the text names the line and the reason."""


def write(log: CommandLog, version: str) -> Iterator[bytes] | None:
    """The lines of a log; None when it was given up. version: of this mock."""
    if log.entries is None:
        return None
    head = {"format": FORMAT, "version": version} | _start(log.start)
    return (orjson.dumps(line) + b"\n" for line in chain((head,), map(_line, log.entries)))


def replay(lines: Iterable[bytes]) -> Engine:
    """Replay a log: an engine with the same journal as the sandbox that wrote the log. Raises BadLog."""
    engine: Engine | None = None
    for number, line in enumerate(lines, start=1):
        try:
            data = orjson.loads(line)
            if not isinstance(data, dict):
                raise BadLog("it is no JSON object")
            if engine is None:
                engine = _begin(data)
            else:
                _do(engine, data)
        except ValidationError as error:
            said = "; ".join(f"{path}: {text}" for path, text in problems(error).items())
            raise BadLog(f"line {number}: {said}") from None
        except (IllegalScenario, BadLog) as error:
            raise BadLog(f"line {number}: {error}") from None
        except orjson.JSONDecodeError as error:
            raise BadLog(f"line {number}: it is not JSON: {error}") from None
        except Exception as error:  # a log that was changed by hand can make the engine raise anything
            raise BadLog(f"line {number}: it cannot be done here: {type(error).__name__}: {error}") from None
    if engine is None:
        raise BadLog("it is empty")
    return engine


def _start(start: Start) -> Json:
    behaviour = start.behaviour
    return {
        "start": start.start,
        "mode": str(start.mode),
        "rate": start.rate,
        "seed": behaviour.seed,
        "tokenLife": behaviour.token_life,
        "balance": behaviour.balance,
        "refuseAtOnce": behaviour.refuse_at_once,
        "limits": _adapter(Limits).dump_python(behaviour.limits, mode="json"),
    }


def _begin(head: Json) -> Engine:
    if head.get("format") != FORMAT:
        raise BadLog(f"it is no log of format {FORMAT}, as GET /_mock/log writes it")
    behaviour = Behaviour(
        seed=_adapter(int).validate_python(head["seed"]),
        token_life=_adapter(int | None).validate_python(head["tokenLife"]),
        balance=_adapter(int | None).validate_python(head["balance"]),
        refuse_at_once=_adapter(bool).validate_python(head["refuseAtOnce"]),
        limits=_adapter(Limits).validate_python(head["limits"]),
    )
    rate = _adapter(float).validate_python(head["rate"])
    return Engine(behaviour, _adapter(int).validate_python(head["start"]), commands.Mode(head["mode"]), rate)


def _line(entry: Command | int) -> Json:
    if isinstance(entry, int):
        return {"events": entry}
    kind: Any = type(entry)
    if isinstance(entry, PutScenario):
        return {"do": kind.__name__, "name": entry.scenario.name, "scenario": orjson.loads(entry.scenario.source)}
    fields: Json = _adapter(kind).dump_python(entry, mode="json")
    return {"do": kind.__name__} | fields


def _do(engine: Engine, line: Json) -> None:
    if "events" in line:
        for _ in range(_adapter(int).validate_python(line["events"])):
            if engine.poll(LAST) is None:
                raise BadLog("it counts more events than are due")
        return
    kind: Any = KINDS.get(line.pop("do", None))
    if kind is None:
        raise BadLog(f"do must be one of {', '.join(KINDS)}")
    if kind is PutScenario:
        engine.submit(PutScenario(read_scenario(Written(str(line["name"]), line["scenario"]), nothing)))
    else:
        engine.submit(_adapter(kind).validate_python(line))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
