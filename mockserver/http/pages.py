"""Pages for people to read in a browser: they run no script, and ask nothing of any other place."""

from starlette.responses import HTMLResponse

from mockserver.wire.openapi.page import POLICY

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Page(HTMLResponse):
    """A page of `wire.openapi.page`."""

    def __init__(self, content: str) -> None:
        super().__init__(content, headers=HEADERS)
