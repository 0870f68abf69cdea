"""The log as text: one line of JSON for how the sandbox began, then one for every command and every run of events.

It passes a run on to somebody else: replayed, the log gives the same journal. All of it is ours (choice).

A log that begins later has the state of the sandbox at that instant in between.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, get_args

import orjson
from msgspec import ValidationError, convert, to_builtins

from mockserver.core import commands
from mockserver.core.behaviour import Behaviour, Effect, Limits
from mockserver.core.clock import LAST
from mockserver.core.commands import Command, PutScenario
from mockserver.core.dialect import as_dialect, differences
from mockserver.core.engine import Engine
from mockserver.core.history import CommandLog, Start
from mockserver.wire import Json
from mockserver.wire.scenario.language import IllegalScenario, Written, nothing, read_scenario
from mockserver.wire.state.lines import BadState, read

FORMAT = 1
"""How a log is spelt."""

ENGINE = 3
"""What a log means: the delays, prices and rules that the same log is replayed with. Raise it with every change after
which an old log leads to another journal or other tokens; the golden stores in `tests/stores` say when that is so."""

KINDS: Mapping[str, type[Command]] = {kind.__name__: kind for kind in get_args(commands.Command)}
"""The commands, by their names in a log."""

JSON_TEXTS = {"asked", "restrictions"}
"""Fields that the core keeps as bytes of JSON. A log has them as text."""


class BadLog(ValueError):
    """A log that cannot be replayed; the text names the line and the reason."""


def write(log: CommandLog, version: str) -> Iterator[bytes] | None:
    """The lines of a log; None when it was given up. version: of this mock."""
    if log.entries is None:
        return None
    return map(line, chain((head(log.start, version),), map(entry_json, log.entries)))


def line(said: Json) -> bytes:
    """A head, or an entry, as a line of a log."""
    return orjson.dumps(said, default=bytes.decode) + b"\n"


def head(start: Start, version: str) -> Json:
    """How a sandbox began, as the first line of its log has it."""
    return {"format": FORMAT, "version": version} | _start(start)


def replay(lines: Iterable[bytes]) -> Engine:
    """Replay a log: an engine with the same journal as the sandbox that wrote the log. Raises BadLog."""
    engine: Engine | None = None
    state: list[bytes] = []
    for number, text in enumerate(lines, start=1):
        try:
            data = orjson.loads(text)
            if not isinstance(data, dict):
                raise BadLog("it is no JSON object")
            if engine is None:
                engine = begin(data)
            elif "of" in data:
                state.append(text)
            else:
                _restore(engine, state)
                _do(engine, data)
        except (ValidationError, IllegalScenario, BadState, BadLog) as error:
            raise BadLog(f"line {number}: {error}") from None
        except orjson.JSONDecodeError as error:
            raise BadLog(f"line {number}: it is not JSON: {error}") from None
        except Exception as error:  # a log that was changed by hand can make the engine raise anything
            raise BadLog(f"line {number}: it cannot be done here: {type(error).__name__}: {error}") from None
    if engine is None:
        raise BadLog("it is empty")
    try:
        _restore(engine, state)
    except BadState as error:
        raise BadLog(str(error)) from None
    return engine


def _restore(engine: Engine, state: list[bytes]) -> None:
    """Put a state into an engine, once its lines are together. Raises BadState."""
    if state:
        read(state, engine)
        state.clear()


def _start(start: Start) -> Json:
    behaviour = start.behaviour
    otherwise = differences(behaviour.dialect)
    return {
        "start": start.start,
        "mode": str(start.mode),
        "rate": start.rate,
        "seed": behaviour.seed,
        "tokenLife": behaviour.token_life,
        "balance": behaviour.balance,
        "refuseAtOnce": behaviour.refuse_at_once,
        "limits": to_builtins(behaviour.limits),
    } | ({"dialect": otherwise} if otherwise else {})


def begin(head: Json) -> Engine:
    """The engine of a sandbox as it began. head: the first line of its log. Raises BadLog, and others for a bad one."""
    if head.get("format") != FORMAT:
        raise BadLog(f"it is no log of format {FORMAT}, as GET /_mock/log writes it")
    behaviour = Behaviour(
        seed=convert(head["seed"], int),
        token_life=convert(head["tokenLife"], int | None),
        balance=convert(head["balance"], int | None),
        refuse_at_once=convert(head["refuseAtOnce"], bool),
        dialect=as_dialect(head.get("dialect", {})),
        limits=convert(head["limits"], Limits),
    )
    return Engine(behaviour, convert(head["start"], int), commands.Mode(head["mode"]), convert(head["rate"], float))


def entry_json(entry: Command | int) -> Json:
    """An entry of a log, as JSON."""
    if isinstance(entry, int):
        return {"events": entry}
    kind: Any = type(entry)
    if isinstance(entry, PutScenario):
        return {"do": kind.__name__, "name": entry.scenario.name, "scenario": orjson.loads(entry.scenario.source)}
    fields: Json = to_builtins(entry, builtin_types=(bytes,))
    return {"do": kind.__name__} | fields


def happen(engine: Engine) -> Effect:
    """Let the next event happen, as it did before. Raises BadLog when nothing is due."""
    effect = engine.poll(LAST)
    if effect is None:
        raise BadLog("it counts more events than are due")
    return effect


def _do(engine: Engine, line: Json) -> None:
    if "events" in line:
        for _ in range(convert(line["events"], int)):
            happen(engine)
        return
    kind: Any = KINDS.get(line.pop("do", None))
    if kind is None:
        raise BadLog(f"do must be one of {', '.join(KINDS)}")
    if kind is PutScenario:
        engine.submit(PutScenario(read_scenario(Written(str(line["name"]), line["scenario"]), nothing)))
    else:
        for place in (line, *line.get("steps", ())):
            for name in JSON_TEXTS & place.keys():
                place[name] = place[name] and place[name].encode()
        engine.submit(convert(line, kind, builtin_types=(bytes,)))
