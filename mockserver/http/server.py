"""The server itself: health, version, certificate, metrics."""

from starlette.requests import Request
from starlette.responses import Response

from mockserver.http.control import Control
from mockserver.http.lag import TOO_LATE
from mockserver.http.replies import Json
from mockserver.settings import VERSION
from mockserver.wire import errors


async def health(control: Control, _: Request) -> Response:
    """Answer: this shows that the server runs."""
    return Json({"status": "ok", "instance": control.instance})


async def ready(control: Control, _: Request) -> Response:
    """Answer: this shows that the server takes requests, or (503) how far it is with bringing sandboxes back.

    Raises Refusal (503) when it is busy for too long, and when nothing can be kept.
    """
    if control.archive.coming:
        return Json({"status": "restoring", "sandboxes": control.archive.restored()}, 503, {"Retry-After": "1"})
    if control.archive.keeper is not None and control.archive.keeper.trouble is not None:
        raise control.archive.refusal()
    if control.lag.seconds > TOO_LATE:
        raise errors.busy(control.lag.seconds)
    return Json({"status": "ready", "instance": control.instance})


async def store(control: Control, _: Request) -> Response:
    """How the store stands. Raises Refusal (404) without one, and (503) when it cannot be asked."""
    return Json(await control.archive.standing())


async def seal(control: Control, _: Request) -> Response:
    """Seal every sandbox. Raises Refusal (409) without a disk, and (503) when it cannot be done."""
    sealed = await control.archive.seal()
    told = [{"id": each["id"], "entries": each["tail"]["entries"], "bytes": each["bytes"]} for each in sealed]
    return Json({"sealed": told})


async def version(control: Control, _: Request) -> Response:
    """The name and version of the mock."""
    return Json({"name": "routee-failover-mock", "version": VERSION, "instance": control.instance})


async def certificate(control: Control, _: Request) -> Response:
    """The certificate of the authority. Raises Refusal (404) without TLS."""
    if control.ca is None:
        raise errors.no_tls()
    return Response(control.ca, media_type="application/x-pem-file")


async def metrics(control: Control, _: Request) -> Response:
    """Every number, in Prometheus' text format."""
    body, kind = await control.metrics.render()
    return Response(body, headers={"Content-Type": kind})
