"""The rules that the mock follows."""

from starlette.requests import Request
from starlette.responses import Response

from mockserver.fidelity.table import RULES
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.wire.control.learnt import rule_json


async def rules(control: Control, _: Request) -> Response:
    """Every rule, where it comes from, and what was learnt of it."""
    return Json({"rules": [rule_json(each, control.learnt) for each in RULES.values()]})
