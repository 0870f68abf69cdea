"""The account of a sandbox: its balance and its tokens."""

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.facts import TokensRevoked
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.wire.control import views


async def read_balance(control: Control, request: Request) -> Response:
    """The balance."""
    return Json({"balance": views.euro(control.sandbox(request).driver.engine.purse.balance)})


async def set_balance(control: Control, request: Request) -> Response:
    """Change the balance."""
    driver = control.sandbox(request).driver
    driver.submit(views.read_balance(await control.body(request)))
    return Json({"balance": views.euro(driver.engine.purse.balance)})


async def revoke_tokens(control: Control, request: Request) -> Response:
    """Revoke tokens, or make them expire."""
    driver = control.sandbox(request).driver
    revoke = views.read_revocation(request.query_params)
    driver.submit(revoke)
    [entry] = driver.engine.journal.after(len(driver.engine.journal) - 1)
    assert isinstance(entry.fact, TokensRevoked)  # noqa: S101 -- nothing comes between a command and its fact
    return Json({"expired" if revoke.expire else "revoked": entry.fact.count})
