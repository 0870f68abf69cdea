"""Scenarios over the control API: what a sandbox plays, and what there is to play."""

import logging
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.commands import DropScenario, PutScenario
from mockserver.core.scenario import Scenario
from mockserver.http.replies import Json, read_body
from mockserver.loader import BadScenario, ScenarioLibrary, read_text
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.wire import errors
from mockserver.wire.scenario import language

log = logging.getLogger("mockserver")

LARGEST = 65_536
"""Bytes of a scenario at the most (choice)."""

MOST = 1_000
"""Scenarios of one sandbox at the most (choice)."""

WRONG = "This is no scenario that can be played"


class ScenariosApi:
    """Puts scenarios into sandboxes: those of the user's directory as their files change, others as they are sent.

    sandbox: which one a request is about.
    """

    def __init__(self, sandboxes: Sandboxes, library: ScenarioLibrary, sandbox: Callable[[Request], Sandbox]) -> None:
        self._sandboxes = sandboxes
        self._library = library
        self._sandbox = sandbox

    def keep_up(self) -> None:
        """Look at the user's files again; what has changed there changes in every sandbox that plays it."""
        before = self._library.own
        if not self._library.refresh():
            return
        after = self._library.own
        for problem in self._library.problems:
            log.warning("%s", problem)
        for sandbox in self._sandboxes:
            playing = {each.name: each for each in sandbox.driver.engine.scenarios}
            for name, scenario in before.items():
                if name not in after and playing.get(name) == scenario:
                    sandbox.driver.submit(DropScenario(name))
            for name, scenario in after.items():
                if before.get(name) != scenario:
                    sandbox.driver.submit(PutScenario(scenario))

    async def list(self, request: Request) -> Response:
        """GET /_mock/scenarios: what the sandbox plays, in the order it is asked; and what is wrong in files."""
        return Json(self._playing(self._sandbox(request)))

    async def put(self, request: Request) -> Response:
        """POST /_mock/scenarios: play this from now on; in YAML or JSON. One with the same name goes.

        `name` in the query is what it is called unless it says.
        """
        sandbox = self._sandbox(request)
        playing = sandbox.driver.engine.scenarios
        scenario = self._read(
            await read_body(request, LARGEST), request.query_params.get("name", f"scenario-{len(playing) + 1}")
        )
        if len(playing) >= MOST and scenario.name not in {each.name for each in playing}:
            raise errors.no_room(f"the sandbox {sandbox.id} plays {MOST} scenarios and no more: delete one first")
        sandbox.driver.submit(PutScenario(scenario))
        return Json(language.document(scenario, 0), 201)

    async def read(self, request: Request) -> Response:
        """GET /_mock/scenarios/{name}: one that the sandbox plays, or that there is to play."""
        sandbox, name = self._sandbox(request), request.path_params["name"]
        playing = sandbox.driver.engine.scenarios
        found = next((each for each in playing if each.name == name), None) or self._library.find(name)
        if found is None:
            raise errors.unknown_scenario(self._library.unknown(name))
        return Json(language.document(found, playing.uses(name)))

    async def drop(self, request: Request) -> Response:
        """DELETE /_mock/scenarios/{name}: play it no longer."""
        sandbox, name = self._sandbox(request), request.path_params["name"]
        if name not in {each.name for each in sandbox.driver.engine.scenarios}:
            raise errors.unknown_scenario(f"The sandbox {sandbox.id} plays no scenario {name[:100]!r}.")
        sandbox.driver.submit(DropScenario(name))
        return Response(status_code=204)

    async def clear(self, request: Request) -> Response:
        """DELETE /_mock/scenarios: play none."""
        self._sandbox(request).driver.submit(DropScenario())
        return Response(status_code=204)

    async def reload(self, request: Request) -> Response:
        """POST /_mock/scenarios/reload: look at the files again."""
        self.keep_up()
        return Json(self._playing(self._sandbox(request)))

    async def library(self, _: Request) -> Response:
        """GET /_mock/library: what there is to play by name."""
        everything = {**self._library.shipped, **self._library.own}
        return Json({"scenarios": [language.document(each, 0) for each in everything.values()]})

    async def schema(self, _: Request) -> Response:
        """GET /_mock/scenario.schema.json: the JSON Schema of a scenario file."""
        return Json(language.schema())

    def _playing(self, sandbox: Sandbox) -> dict[str, Any]:
        playing = sandbox.driver.engine.scenarios
        return {
            "scenarios": [language.document(each, playing.uses(each.name)) for each in playing],
            "problems": [str(each) for each in self._library.problems],
        }

    def _read(self, body: bytes, name: str) -> Scenario:
        """The scenario in a request, or the one of the library that `{"use": NAME}` alone asks for."""
        try:
            scenario = read_text(body.decode(), "the body", name, self._library.source)
        except UnicodeError:
            raise errors.malformed(f"{WRONG}: it is not UTF-8.") from None
        except BadScenario as error:
            wrong = {each.key or f"line {each.line}": each.text for each in reversed(error.problems)}
            said = "; ".join(f"{key}: {text}" for key, text in reversed(wrong.items()))
            raise errors.malformed(f"{WRONG}: {said}.", dict(reversed(wrong.items()))) from None
        return scenario
