"""Strategies for scenarios: every document the scenario language accepts, in each of its forms."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mockserver.core.catalogue import OUTCOMES
from mockserver.core.channels import RULES, Channel
from mockserver.strategies import values
from mockserver.strategies.channels import NAMES
from mockserver.strategies.flows import read_channels
from mockserver.wire import Json

_NAMES = "abcdefghijklmnopqrstuvwxyz0123456789"
_SPANS = ("0s", 4, "4s", "500ms", "4s to 9s", "30s to 2m", "1h30m", "PT10M")
_SHARES = (True, False, "last", "0%", "30%", "100%", 1)
_ANSWERS = (503, "500", 429, "insufficient balance", "reset", "lost")
_ERRORS = (400, 404, 429, 500, "502", 599)


def scenarios(*, channels: Iterable[str] = NAMES, faults: bool = True, use: Iterable[str] = ()) -> SearchStrategy[Json]:
    """Scenarios as JSON, ready for POST /_mock/scenarios or, as YAML, for a file.

    channels: those that they decide. faults: whether they also make callbacks and sends go wrong. use: the names of
    scenarios that they can build on, such as "lost-reply". Raises ValueError for an unknown channel.
    """
    said = {channel.lower(): sayings(channel) for channel in read_channels(channels)}
    some = _some(said)
    by_step = st.lists(st.fixed_dictionaries({}, optional=said), min_size=1, max_size=3)
    speaking = some | st.fixed_dictionaries({"steps": by_step}, optional=said)
    names, more = tuple(use), _more()
    if faults:
        disturbed: dict[str, SearchStrategy[Any]] = {"callbacks": _callbacks(), "api": _api()}
        speaking |= _some(disturbed)
        more |= disturbed
    if names:
        more["use"] = st.sampled_from(names)
    return st.builds(lambda head, body: head | body, st.fixed_dictionaries({}, optional=more), speaking)


def sayings(channel: Channel) -> SearchStrategy[Any]:
    """What a scenario says about a channel: an outcome, one in detail, one by chance, a timeline, several in turn."""
    names = st.sampled_from(tuple(OUTCOMES[channel]))
    forms = names | _detailed(channel) | _weights(names) | timelines(channel)
    forms |= st.fixed_dictionaries({"timeline": timelines(channel)})
    return forms | st.fixed_dictionaries({"sequence": st.lists(forms, min_size=1, max_size=3)})


@st.composite
def timelines(draw: DrawFn, channel: Channel) -> list[Json]:
    """Statuses that a message of this channel can get, one after the other, and when."""
    rules, at = RULES[channel], 0
    reasons: dict[str, SearchStrategy[Any]] = {"reason": st.sampled_from(tuple(rules.reasons))} if rules.reasons else {}
    moments, status = list[Json](), rules.first
    for _ in range(draw(st.integers(1, len(rules.statuses)))):
        spelled = draw(values.in_any_case(status))
        moments.append({"at": f"{at}s", "status": spelled} | draw(st.fixed_dictionaries({}, optional=reasons)))
        following = [each for each in rules.statuses if each in rules.moves[status]]
        if not following:
            break
        status, at = draw(st.sampled_from(following)), at + draw(st.integers(0, 3_600))
    return moments


def _detailed(channel: Channel) -> SearchStrategy[Json]:
    """An outcome in detail; an outcome that ends by its ttl has no delay and no reason."""
    rules, outcomes = RULES[channel], OUTCOMES[channel]
    ended = [name for name, outcome in outcomes.items() if outcome.moments[-1].status in rules.ends]
    adjusted: dict[str, SearchStrategy[Any]] = {"after": st.sampled_from(_SPANS)}
    if rules.reasons:
        adjusted["reason"] = st.sampled_from(tuple(rules.reasons))
    network: dict[str, SearchStrategy[Any]] = {"operator": values.texts(20)} if rules.by_operator else {}
    details = st.fixed_dictionaries({"outcome": st.sampled_from(ended)}, optional=adjusted | network)
    return details | st.fixed_dictionaries({"outcome": st.sampled_from(tuple(outcomes))}, optional=network)


def _weights(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    some = st.dictionaries(names, st.integers(0, 100), max_size=3)
    return st.builds(lambda some, name, weight: some | {name: weight}, some, names, st.integers(1, 100))


def _more() -> dict[str, SearchStrategy[Any]]:
    """What a scenario can have besides outcomes and faults."""
    return {
        "name": st.text(_NAMES, min_size=1, max_size=20),
        "why": values.texts(100),
        "when": _matchers(),
        "priority": st.integers(-10, 10),
        "uses": st.integers(1, 10),
    }


def _matchers() -> SearchStrategy[Json]:
    patterns = values.texts(20).filter(lambda text: not text.startswith("/")) | st.sampled_from(["otp-*", "/^[0-9]+/"])
    asked: dict[str, SearchStrategy[Any]] = {
        "to": values.numbers() | st.sampled_from(["*", "+3069*", "/000$/"]),
        "from": values.senders(),
        "label": patterns,
        "text": patterns,
        "channel": values.in_any_case(*Channel),
        "step": st.integers(1, 3),
    }
    return _some(asked)


def _callbacks() -> SearchStrategy[Json]:
    share = st.sampled_from(_SHARES) | st.lists(st.integers(1, 9), min_size=1, max_size=3)
    faults = {"delay": st.sampled_from(_SPANS), "drop": share, "duplicate": share, "reorder": share}
    faults |= {"timeouts": st.integers(0, 13)}
    return _some(faults)


def _api() -> SearchStrategy[Any]:
    """How a send is answered; at most a tenth of a second late, because that is real time."""
    answers, slow = st.sampled_from(_ANSWERS), st.sampled_from([0.05, "20ms", "0.1s"])
    late = st.fixed_dictionaries({"delay": slow}, optional={"answer": answers})
    own: dict[str, SearchStrategy[Any]] = {
        "body": st.sampled_from(["busy", {"error": "busy"}]),
        "retryAfter": st.sampled_from([1, "2m"]),
        "endpoint": st.sampled_from(["send", ["send", "tracking"]]),
    }
    error = st.fixed_dictionaries({"answer": st.sampled_from(_ERRORS)}, optional=own)
    return answers | late | error | st.fixed_dictionaries({"answer": answers})


def _some(fields: dict[str, SearchStrategy[Any]]) -> SearchStrategy[Json]:
    """Objects with at least one of these fields."""
    others = {name: {other: fields[other] for other in fields if other != name} for name in fields}
    return st.one_of([st.fixed_dictionaries({name: fields[name]}, optional=others[name]) for name in fields])
