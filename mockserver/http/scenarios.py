"""Scenarios: what a sandbox plays, and what there is to play."""

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.commands import DropScenario, PutScenario
from mockserver.core.scenario import Scenario
from mockserver.http import pieces
from mockserver.http.control import Control
from mockserver.http.replies import Json, read_body
from mockserver.loader import BadScenario, ScenarioLibrary, read_text
from mockserver.wire import errors
from mockserver.wire.scenario import language

LARGEST = 65_536
"""Bytes of a scenario at the most (choice)."""

MOST = 1_000
"""Scenarios of one sandbox at the most (choice)."""

WRONG = "This is no scenario that can be played"


async def list_scenarios(control: Control, request: Request) -> Response:
    """What the sandbox plays."""
    return await _playing(control, request)


async def put_scenario(control: Control, request: Request) -> Response:
    """Play a scenario. `name` in the query is what it is called unless it says.

    Raises Refusal for what is no scenario (400), one that is too large (413), and one too many (503).
    """
    sandbox = control.sandbox(request)
    playing = sandbox.driver.engine.scenarios
    body = await read_body(request, LARGEST)
    name = request.query_params.get("name", f"scenario-{len(playing) + 1}")
    scenario = _read(body, name, control.library)
    if len(playing) >= MOST and scenario.name not in {each.name for each in playing}:
        raise errors.no_room(f"the sandbox {sandbox.id} plays {MOST} scenarios and no more: delete one first")
    sandbox.driver.submit(PutScenario(scenario))
    return Json(language.document(scenario, 0), 201)


async def read_scenario(control: Control, request: Request) -> Response:
    """One scenario. Raises Refusal (404) for one that is neither played nor there to play."""
    sandbox, name = control.sandbox(request), request.path_params["name"]
    playing = sandbox.driver.engine.scenarios
    found = next((each for each in playing if each.name == name), None) or control.library.find(name)
    if found is None:
        raise errors.unknown_scenario(control.library.unknown(name))
    return Json(language.document(found, playing.uses(name)))


async def drop_scenario(control: Control, request: Request) -> Response:
    """Play a scenario no longer. Raises Refusal (404) for one that is not played."""
    sandbox, name = control.sandbox(request), request.path_params["name"]
    if name not in {each.name for each in sandbox.driver.engine.scenarios}:
        raise errors.unknown_scenario(f"The sandbox {sandbox.id} plays no scenario {name[:100]!r}.")
    sandbox.driver.submit(DropScenario(name))
    return Response(status_code=204)


async def drop_scenarios(control: Control, request: Request) -> Response:
    """Play none."""
    control.sandbox(request).driver.submit(DropScenario())
    return Response(status_code=204)


async def reload_scenarios(control: Control, request: Request) -> Response:
    """Look at the files again."""
    control.keep_up()
    return await _playing(control, request)


async def list_library(control: Control, _: Request) -> Response:
    """What there is to play by name."""
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


def _read(body: bytes, name: str, library: ScenarioLibrary) -> Scenario:
    """The scenario in a request, or the one of the library that `{"use": NAME}` alone asks for."""
    try:
        return read_text(body.decode(), "the body", name, library.source)
    except UnicodeError:
        raise errors.malformed(f"{WRONG}: it is not UTF-8.") from None
    except BadScenario as error:
        wrong = {each.key or f"line {each.line}": each.text for each in reversed(error.problems)}
        said = "; ".join(f"{key}: {text}" for key, text in reversed(wrong.items()))
        raise errors.malformed(f"{WRONG}: {said}.", dict(reversed(wrong.items()))) from None
