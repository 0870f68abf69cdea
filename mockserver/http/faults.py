"""What scenarios make go wrong with the answers to requests of the mocked API."""

from starlette.responses import PlainTextResponse, Response

from mockserver.core.chance import flow_id
from mockserver.core.commands import MeetRequest
from mockserver.core.faults import ApiAnswer, ApiFault, Endpoint
from mockserver.http.replies import Json, Reset
from mockserver.sandbox.registry import Sandbox
from mockserver.wire import errors
from mockserver.wire.errors import Refusal

NO_FAULT = ApiFault()

BROKEN_OFF = (ApiAnswer.RESET, ApiAnswer.LOST)


def meet(sandbox: Sandbox, endpoint: Endpoint, flow: str | None = None) -> ApiFault:
    """What goes wrong with a request that is no send. flow: the trackingId that it asks for, if any."""
    driver = sandbox.driver
    if not any(scenario.trouble(endpoint) for scenario in driver.engine.scenarios):
        return NO_FAULT
    return driver.submit(MeetRequest(endpoint, None if flow is None else flow_id(flow))).fault or NO_FAULT


def refusal_of(fault: ApiFault) -> Refusal | None:
    """The error that a fault answers with, or what the journal has if no answer comes. None if it is only late."""
    if fault.answer in BROKEN_OFF:
        return errors.broken_off()
    return None if fault.answer is None else errors.faulted(fault.answer, fault.retry_after)


def response(fault: ApiFault, refusal: Refusal, headers: dict[str, str]) -> Response:
    """The answer to a request that is refused; by a fault, perhaps."""
    if fault.answer in BROKEN_OFF:
        return Reset()
    if isinstance(fault.body, str):
        return PlainTextResponse(fault.body, refusal.status, headers)
    return Json(refusal.body if fault.body is None else fault.body, refusal.status, headers)
