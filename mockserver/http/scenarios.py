"""Scenarios: those that a sandbox plays, and those that it can play."""

from itertools import islice

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.commands import DropScenario, PutScenario
from mockserver.core.scenario import Scenario
from mockserver.http import pieces
from mockserver.http.control import Control
from mockserver.http.replies import Json, read_body
from mockserver.loader import ScenarioLibrary, decode
from mockserver.wire import errors
from mockserver.wire.control.views import read_switches
from mockserver.wire.problems import Wrong
from mockserver.wire.scenario import language
from mockserver.wire.scenario.texts import BadScenario, read_text

LARGEST = 65_536
"""The most bytes of a scenario (choice)."""

MOST = 1_000
"""The most scenarios of one sandbox (choice)."""

SAID = 20
"""Problems of a scenario that stand in the sentence too."""

WRONG = "This is no scenario that can be played"


async def list_scenarios(control: Control, request: Request) -> Response:
    """The scenarios that the sandbox plays."""
    return await _playing(control, request)


async def put_scenario(control: Control, request: Request) -> Response:
    """Play a scenario. If it has no name, it gets the `name` of the query.

    Without `when` it speaks for all messages; with default=true, only for those that nothing else decides. With
    dry=true it is only read. Raises Refusal for a body that is no scenario (400) or too large (413), and if there are
    too many already (503).
    """
    sandbox = control.sandbox(request)
    playing = sandbox.driver.engine.scenarios
    body = await read_body(request, LARGEST)
    name = request.query_params.get("name", f"scenario-{len(playing) + 1}")
    switches = read_switches(request.query_params, ("default", "dry"), ("name",))
    reading = read if switches["default"] else read_played
    scenario = reading(body, name, control.library)
    if switches["dry"]:
        return Json(language.document(scenario, 0))
    if len(playing) >= MOST and scenario.name not in {each.name for each in playing}:
        raise errors.no_room(f"the sandbox {sandbox.id} plays {MOST} scenarios and no more: delete one first")
    sandbox.driver.submit(PutScenario(scenario))
    return Json(language.document(scenario, 0), 201)


async def read_scenario(control: Control, request: Request) -> Response:
    """A scenario of the sandbox, or else of the library. Raises Refusal (404) if it is in neither."""
    sandbox, name = control.sandbox(request), request.path_params["name"]
    playing = sandbox.driver.engine.scenarios
    found = next((each for each in playing if each.name == name), None) or control.library.find(name)
    if found is None:
        raise errors.unknown_scenario(control.library.unknown(name))
    return Json(language.document(found, playing.uses(name)))


async def drop_scenario(control: Control, request: Request) -> Response:
    """Stop playing a scenario. Raises Refusal (404) if the sandbox does not play it."""
    sandbox, name = control.sandbox(request), request.path_params["name"]
    if name not in {each.name for each in sandbox.driver.engine.scenarios}:
        raise errors.unknown_scenario(f"The sandbox {sandbox.id} plays no scenario {name[:100]!r}.")
    sandbox.driver.submit(DropScenario(name))
    return Response(status_code=204)


async def drop_scenarios(control: Control, request: Request) -> Response:
    """Stop playing all scenarios."""
    control.sandbox(request).driver.submit(DropScenario())
    return Response(status_code=204)


async def reload_scenarios(control: Control, request: Request) -> Response:
    """Read the scenario files again if they have changed."""
    control.keep_up()
    return await _playing(control, request)


async def list_library(control: Control, _: Request) -> Response:
    """Every scenario that can be played by name."""
    everything = {**control.library.shipped, **control.library.own}
    return Json({"scenarios": [language.document(each, 0) for each in everything.values()]})


async def read_schema(_: Control, __: Request) -> Response:
    """The JSON Schema of a scenario file."""
    return Json(language.schema())


async def _playing(control: Control, request: Request) -> Response:
    playing = control.sandbox(request).driver.engine.scenarios
    every = pieces.told(tuple(playing), lambda each: language.document(each, playing.uses(each.name)))
    problems = [str(each) for each in control.library.problems]
    return await pieces.reply(pieces.members({"scenarios": every, "problems": problems}))


def read_played(body: bytes, name: str, library: ScenarioLibrary) -> Scenario:
    """The scenario in a body, as a test plays it: without `when` it speaks for all messages. Raises Refusal."""
    return language.for_everybody(read(body, name, library))


def read(body: bytes, name: str, library: ScenarioLibrary) -> Scenario:
    """The scenario in a body, which may be no more than `{"use": NAME}`: that one of the library."""
    try:
        text = decode(body)
    except ValueError as error:
        raise errors.malformed(f"{WRONG}: {error}.") from None
    try:
        return read_text(text, "the body", name, library.source)
    except BadScenario as error:
        wrong = {each.key or f"line {each.line}": each.text for each in reversed(error.problems)}
        lines = {each.key or f"line {each.line}": each.line for each in reversed(error.problems)}
        told = Wrong(len(wrong))
        told.note(dict(reversed(wrong.items())))
        said = "; ".join(f"{key}: {text}" for key, text in islice(told.items(), SAID))
        rest = f"; and {len(told) - SAID} more below" if len(told) > SAID else ""
        end = "" if f"{said}{rest}".endswith("?") else "."
        raise errors.malformed(f"{WRONG}: {said}{rest}{end}", told, lines=lines) from None
