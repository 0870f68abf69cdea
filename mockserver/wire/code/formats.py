"""The formats in which the story of a flow is written, each as text.

pytest     a test with the fixture `routee`
python     a program with the client of the mock, in a sandbox of its own
curl       the same for a shell
scenario   what was planned, as a scenario file
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic.alias_generators import to_snake

from mockserver.core.dialect import DEFAULT, Dialect, differences
from mockserver.core.step import FlowKind, Strategy
from mockserver.wire import Json, errors
from mockserver.wire.code import FORMATS, rehearsal, sends
from mockserver.wire.code.literals import WIDTH, Expression, Variable, compact, python, quoted, shell, yaml
from mockserver.wire.code.story import (
    Advance,
    Hold,
    Next,
    Push,
    Reply,
    Story,
    ToTtl,
    UntilFinal,
    UntilIdle,
    spelled,
)
from mockserver.wire.problems import Wrong, nearest

ASTRAY = "Tried again, this does not lead to the same: something else had its part in it."


def read_format(query: Mapping[str, str]) -> str:
    """The format that a GET /_mock/flows/{trackingId}/as asks for. Raises Refusal, which names what is wrong."""
    wrong, asked = Wrong(), query.get("format", "pytest")
    wrong.unknown(sorted(query.keys() - {"format"}), ("format",))
    if asked not in FORMATS:
        wrong["format"] = f"must be one of {', '.join(FORMATS)}{nearest(asked, FORMATS)}"
    if wrong:
        raise errors.malformed(f"A flow is written as {', '.join(FORMATS)}.", wrong)
    return asked


def lean(story: Story) -> Story:
    """The same story, with its send as plain as it can be."""
    return replace(story, body=sends.plain(story.body, story.kind, story.dialect))


# Python


def _name(story: Story) -> str:
    if story.status == "Succeeded":
        return f"{str(story.termination).lower()}_reaches_the_recipient"
    return "nobody_is_reached" if story.status == "Failed" else "the_flow_is_under_way"


def _call(start: str, rows: Sequence[str], indent: int) -> str:
    """A call with these arguments, on one line if it fits."""
    line = f"{' ' * indent}{start}({', '.join(rows)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    pad = " " * (indent + 4)
    return f"{' ' * indent}{start}(\n{''.join(f'{pad}{row},{chr(10)}' for row in rows)}{' ' * indent})"


def _plan(story: Story, who: str) -> str:
    to = "" if story.to is None else f"to={quoted(story.to)}"
    said = rehearsal.scenario(story.plan, story.to)
    if "steps" in said:
        return _call(f"{who}.when({to}).steps", [python(each, 8) for each in said["steps"]], 4)
    words = [f".{channel.lower()}({python(outcome, 8)})" for channel, outcome in story.plan]
    line = f"    {who}.when({to}){''.join(words)}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "\n".join(["    (", f"        {who}.when({to})", *(f"        {word}" for word in words), "    )"])


def _send(story: Story, who: str, hook: str) -> str:
    body = _with_hook(story.body, Expression(hook))
    rows = [python(body["flow"] if body.keys() == {"flow"} else body, 8)]
    if story.strategy is not None:
        rows.append(f"callback={hook}")
    if story.strategy == Strategy.ON_COMPLETION:
        rows.append(f"strategy={quoted(story.strategy)}")
    if story.kind is FlowKind.TRANSACTIONAL:
        rows.append("transactional=True")
    method = "send_otp" if story.kind is FlowKind.OTP else "send"
    return _call(f"flow = {who}.{method}", rows, 4)


def _with_hook(data: Any, hook: str) -> Any:
    """The same send, with what else is posted about it going where its callbacks go."""
    if isinstance(data, dict):
        return {
            name: hook if name in ("inboundUrl", "eventUrl") else _with_hook(value, hook)
            for name, value in data.items()
        }
    return [_with_hook(each, hook) for each in data] if isinstance(data, list) else data


def _given(**values: Any) -> str:
    """The keyword arguments that have values."""
    return "".join(f", {name}={python(value)}" for name, value in values.items() if value is not None)


PYTHON: Mapping[type, Callable[[Any], str]] = {
    Advance: lambda deed: f"clock.advance({quoted(spelled(deed.by))})",
    ToTtl: lambda deed: f"clock.just_{deed.edge}_ttl(flow)",
    Next: lambda _: "clock.next()",
    UntilFinal: lambda _: "clock.until_final(flow)",
    UntilIdle: lambda _: "clock.until_idle()",
    Push: lambda deed: f"push({quoted(deed.status)}, flow{_given(step=deed.step, reason=deed.reason)})",
    Hold: lambda deed: f"hold(flow{_given(step=deed.step)})",
    Reply: lambda deed: (
        f"inbound({quoted(deed.message)}, flow{_given(step=deed.step, media=deed.media, filename=deed.filename)})"
    ),
}
"""For each deed, what a client says."""


def _statements(story: Story, who: str, hook: str) -> Iterator[str]:
    if not story.exact:
        yield f"    # {ASTRAY}"
    yield _plan(story, who)
    yield _send(story, who, hook)
    yield from (f"    {who}.{PYTHON[type(deed)](deed)}" for deed in story.deeds)
    rows = ["flow", f"status={quoted(story.status)}", f"exactly={python([*story.heard], 8)}"]
    yield _call(f"{who}.expect.flow", rows, 4)


def switches(dialect: Dialect) -> Json:
    """What a dialect has otherwise than by default, under the names of Python."""
    return {to_snake(name): value for name, value in differences(dialect).items()}


def _as_pytest(story: Story, _: str) -> Iterator[str]:
    if story.dialect != DEFAULT:
        yield "import pytest\n\n"
        yield _call("@pytest.mark.routee", [f"dialect={python(switches(story.dialect), 8)}"], 0)
    yield f"def test_{_name(story)}(routee):"
    yield from _statements(story, "routee", "routee.receiver.url")


def _as_python(story: Story, url: str) -> Iterator[str]:
    yield "from mockserver.client import Server"
    yield ""
    otherwise = _given(dialect=switches(story.dialect) or None)
    made = f'create_sandbox(clock="manual", token_life="unlimited"{otherwise})'
    yield f"with Server({quoted(url)}) as server, server.{made} as sandbox:"
    yield '    hook = f"{sandbox.info.control_url}/sink/hook"'
    yield from _statements(story, "sandbox", "hook")
    yield "    print(sandbox.timeline(flow))"


# A shell

HEAD = """\
#!/bin/sh
set -eu
MOCK=${ROUTEE_MOCK_URL:-%s}
ask() {
    curl -sS "$MOCK/_mock/$1" -d "$2" \\
        -H 'Content-Type: application/json' -H "X-Mock-Token: ${ROUTEE_MOCK_CONTROL_TOKEN:-}"
    echo
}
SANDBOX=$(ask sandboxes %s | sed -E 's/^\\{"id":"([^"]+)".*/\\1/')
HOOK=$MOCK/_mock/sandboxes/$SANDBOX/sink/hook
say() { ask "sandboxes/$SANDBOX/$1" "$2"; }\
"""

FLOW, HOOK = Variable("FLOW"), Variable("HOOK")


def _some(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}


SHELL: Mapping[type, Callable[[Any], tuple[str, Json]]] = {
    Advance: lambda deed: ("clock/advance", {"by": spelled(deed.by)}),
    ToTtl: lambda deed: ("clock/advance", {"until": {"ttl": FLOW, "edge": deed.edge}}),
    Next: lambda _: ("clock/advance", {"until": "next"}),
    UntilFinal: lambda _: ("clock/advance", {"until": {"final": FLOW}}),
    UntilIdle: lambda _: ("clock/advance", {"until": "idle"}),
    Push: lambda deed: ("events", _some(trackingId=FLOW, step=deed.step, status=deed.status, reason=deed.reason)),
    Hold: lambda deed: ("hold", {"trackingId": FLOW, "step": deed.step}),
    Reply: lambda deed: (
        "inbound",
        _some(trackingId=FLOW, step=deed.step, message=deed.message, media=deed.media, filename=deed.filename),
    ),
}
"""For each deed, the endpoint of the control API, and the body."""


def _as_curl(story: Story, url: str) -> Iterator[str]:
    body = _with_hook(story.body, HOOK)
    if story.strategy is not None:
        when = {} if story.kind is FlowKind.OTP else {"strategy": story.strategy}
        body |= {"callback": when | {"url": HOOK}}
    kind = "" if story.kind is FlowKind.FAILOVER else f"?kind={story.kind}"
    made = {"clock": "manual"} | _some(dialect=differences(story.dialect) or None)
    yield HEAD % (url, shell(made))
    if not story.exact:
        yield f"# {ASTRAY}"
    yield f"say scenarios {shell(rehearsal.scenario(story.plan, story.to))}"
    id_ = "flowId" if story.kind is FlowKind.OTP else "trackingId"
    cut = f"""sed -E 's/^\\{{"{id_}":"([^"]+)".*/\\1/'"""
    yield f"FLOW=$(say 'flows{kind}' {shell(body)} | {cut})"
    asked: list[tuple[str, Json]] = [SHELL[type(deed)](deed) for deed in story.deeds]
    expected = {"flow": {"trackingId": FLOW}, "status": story.status, "exactly": [*story.heard]}
    for path, data in (*asked, ("verify", {"expect": [expected]})):
        yield f"say {path} {shell(data)}"


# A scenario


def _as_scenario(story: Story, _: str) -> Iterator[str]:
    yield from under(story.dialect)
    for key, said in rehearsal.scenario(story.plan, story.to).items():
        if isinstance(said, list):
            yield f"{key}:"
            yield from (f"  - {yaml(each)}" for each in said)
        else:
            yield f"{key}: {yaml(said)}"


def under(dialect: Dialect) -> Iterator[str]:
    """A comment of a scenario that says under which dialect it leads to what it did; nothing under the default."""
    otherwise = differences(dialect)
    if otherwise:
        yield f"# It was so under this dialect: {', '.join(f'{key} {compact(otherwise[key])}' for key in otherwise)}."


WRITERS: Mapping[str, Callable[[Story, str], Iterator[str]]] = {
    "pytest": _as_pytest,
    "python": _as_python,
    "curl": _as_curl,
    "scenario": _as_scenario,
}
"""For each format, the function that writes a story in it, line by line. Its other argument is the URL of the mock."""


def write(story: Story, wanted: str, url: str) -> str:
    """The story of a flow in a format. url: of the mock."""
    return "".join(f"{line}\n" for line in WRITERS[wanted](story, url))
