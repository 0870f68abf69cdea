"""Every error that the mock answers with, in Routee's own shapes. Only this file chooses HTTP statuses of errors.

An error is a `Refusal`: raised where it is found, and turned into a response in one place. Routee's codes have nine
digits: three for HTTP, three for the module, three for the error (seen). The texts are ours (choice).
"""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

from mockserver.core.faults import ApiAnswer

MOST = 100
"""Wrong fields of one request that are named, in its answer and in the journal."""


class Refusal(Exception):
    """A request is answered with an error: the status, the JSON body, and headers, if any.

    aside: what the journal says beside it, where the answer says what Routee says.
    """

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None, aside: str = ""
    ) -> None:
        super().__init__(f"{status}: {_said(body) or body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})
        self.aside = aside

    def explain(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What was wrong, in a sentence and field by field; cut to what the journal keeps."""
        said = _said(self.body)
        return _short(f"{said}: {self.aside}" if self.aside else said, 1_000), tuple(
            (_short(field, 200), _short(text, 500)) for field, text in islice(_wrong(self.body), MOST + 1)
        )


def _said(body: Mapping[str, Any]) -> str:
    """What is wrong, in a sentence: each of the shapes has it elsewhere."""
    detail = body.get("detail", "")
    told = detail if isinstance(detail, str) else "Validation Error!"
    return str(body.get("developerMessage") or body.get("error_description") or body.get("message") or told)


def _wrong(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that are wrong, each with what is wrong with it."""
    detail = body.get("detail", ())
    yield from body.get("properties", {}).items()
    yield from () if isinstance(detail, str) else ((_path(each["loc"]), each["msg"]) for each in detail)


def _path(place: Sequence[str | int]) -> str:
    """A field of the body or the query: names joined by dots, positions in brackets."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place[1:])
    return parts.removeprefix(".") or str(place[0])


def routee(status: int, message: str, *, error: int = 0, **more: Any) -> Refusal:
    """Routee's common shape: a `code` of nine digits and a `developerMessage` (shape seen)."""
    return Refusal(status, {"code": f"{status:03d}{error:06d}", "developerMessage": message, **more})


def oauth(
    status: int, error: str, description: str, headers: Mapping[str, str] | None = None, aside: str = ""
) -> Refusal:
    """OAuth 2's shape: `error` and `error_description`."""
    return Refusal(status, {"error": error, "error_description": description}, headers, aside)


def invalid(properties: Mapping[str, str]) -> Refusal:
    """400 when fields are wrong; it names every one by its JSON path (shape seen, texts choice)."""
    return routee(400, "Validation Error!", entity="FailoverMessage", properties=dict(properties))


def malformed(message: str, properties: Mapping[str, str] | None = None, **more: Any) -> Refusal:
    """400 for a request that cannot be read."""
    return routee(400, message, properties=dict(properties), **more) if properties else routee(400, message)


def too_large(limit: int) -> Refusal:
    """413 for a body over the size limit (choice)."""
    return routee(413, f"The body is larger than {limit} bytes.")


def insufficient_balance() -> Refusal:
    """400 for a send that cannot be paid, where such sends are refused at once (seen on the sibling SMS API)."""
    return routee(400, "Insufficient Balance", error=1009)


def unknown_flow(
    tracking_id: str, forgotten: int = 0, said: str = "There is no such flow.", code: str = "404000000"
) -> Refusal:
    """404 for a trackingId that is unknown, or another application's (shape seen on a sibling, code choice).

    forgotten: how many flows were forgotten to make room; this one may be among them. said: more than Routee would say.
    code: as a dialect has it.
    """
    hint = f" {forgotten} flows have been forgotten to make room for later ones (--max-flows)." if forgotten else ""
    place = {"entity": "failover", "property": "trackingId", "value": tracking_id[:200]}
    return routee(404, f"{said}{hint}", error=int(code.removeprefix("404")), **place)


def unknown_callback(number: str) -> Refusal:
    """404 for a callback that does not exist, or was forgotten with its flow (choice)."""
    return routee(404, f"There is no callback {_short(number)}: none with this number, or it was forgotten.")


def unknown_sandbox(id_: str, near: Sequence[str]) -> Refusal:
    """404 for a sandbox that does not exist; it names similar ones (choice)."""
    hint = f"; close to it: {', '.join(near)}" if near else "; GET /_mock/sandboxes lists what there is"
    return routee(404, f"There is no sandbox {_short(id_)}{hint}.")


def made_otherwise(id_: str, fields: Sequence[str]) -> Refusal:
    """409 for a sandbox that is there, and was made with other settings than these (choice)."""
    ways = "to have it as it is, delete it first, or choose another id"
    return routee(
        409,
        f"There is a sandbox {_short(id_)} already, made with another {' and another '.join(fields)}: leave that out"
        f" {ways}.",
        properties=dict.fromkeys(fields, f"the sandbox {_short(id_)} was made with another: leave this out {ways}"),
    )


def there_already(id_: str) -> Refusal:
    """412 for a sandbox that is to be made if there is none, and there is (choice)."""
    taken = f"there is a sandbox {_short(id_)} already: delete or reset it, or choose another id"
    return routee(412, f"{taken[0].upper()}{taken[1:]}.", properties={"id": taken})


def no_tls() -> Refusal:
    """404 for the certificate of a server without TLS (choice)."""
    return routee(404, "There is nothing to trust: the mock speaks plain HTTP only. Start it with --tls for HTTPS too.")


def plain_http(secure: str, plain: str) -> Refusal:
    """400 for plain HTTP on the port for HTTPS (choice)."""
    return malformed(f"This port speaks HTTPS only: use {secure}, or {plain} for plain HTTP.")


def unknown_scenario(why: str) -> Refusal:
    """404 for a scenario that does not exist (choice)."""
    return routee(404, why)


def faulted(answer: int | ApiAnswer, retry_after: int | None = None) -> Refusal:
    """The error that a scenario makes a request get (choice); not for a fault that breaks the connection."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    known = insufficient_balance() if answer is ApiAnswer.BALANCE else routee(int(answer), _phrase(int(answer)))
    return Refusal(known.status, known.body, headers)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


def broken_off() -> Refusal:
    """For the journal, a request whose connection a scenario broke: it got no answer, so there is no status."""
    return routee(0, "No answer: the connection was reset, as a scenario has it.")


def log_given_up() -> Refusal:
    """409 for a log that is not kept any more (choice)."""
    return routee(
        409,
        "The log of this sandbox is not kept any more: it grew longer than --max-journal, or flows in it were forgotten"
        " to make room (--max-flows, --max-payload). POST /_mock/reset begins a new one.",
    )


def waits_for_itself(url: str) -> Refusal:
    """409 for a move of the clock that the handler of a callback asks for (choice)."""
    return routee(
        409,
        f"This move of the clock waits for the answer to the callback to {_short(url)}, and its handler waits for this"
        " move. Answer the callback first, and move the clock from the test.",
    )


def unknown_host(host: str) -> Refusal:
    """403 for a request under a name the mock does not go by (choice)."""
    return routee(
        403,
        f"The mock does not answer to the host {_short(host) or 'without a name'}: a web page could have made"
        " that name lead here. If it is the mock's own, start the mock with --allow-host and that name.",
    )


def foreign_origin(origin: str) -> Refusal:
    """403 for a request that a browser sends for another site's page (choice)."""
    return routee(
        403,
        f"The mock does not take requests that a browser makes for a page of {_short(origin)};"
        " call it from the mock's own pages, from this machine, or from outside a browser.",
    )


def own_callback() -> Refusal:
    """403 for a callback that the mock, or another one, posts to the mock itself (choice)."""
    return routee(
        403,
        "This is a callback of the mock, and callbacks reach nothing of a mock but its sinks (POST /_mock/sink/NAME):"
        " whoever sends a flow could act through them.",
    )


def no_control_token() -> Refusal:
    """401 for a request to the control API without its token (choice)."""
    refusal = routee(
        401,
        "The control API wants the token the mock was started with (--control-token):"
        " send it as X-Mock-Token: TOKEN, or as Authorization: Bearer TOKEN.",
    )
    refusal.headers["WWW-Authenticate"] = 'Bearer realm="routee-mock control"'
    return refusal


def no_room(why: str) -> Refusal:
    """503 when a limit is reached (choice)."""
    return routee(503, f"There is no room: {why}.")


def busy(late: float) -> Refusal:
    """503 when requests have to wait for others too long (choice)."""
    return routee(503, f"The mock is busy: requests wait {late:.1f} s for others.")


def cannot_keep(why: str, where: object) -> Refusal:
    """503 for a request that could change something while nothing can be kept (choice)."""
    refusal = routee(
        503,
        f"The mock cannot keep anything at the moment: {why}, in {where}. What it has accepted so far is not lost; try"
        " again.",
    )
    refusal.headers["Retry-After"] = "1"
    return refusal


def elsewhere(id_: str, owner: str | None, until: str) -> Refusal:
    """503 for a sandbox that another server of the same store has, or that none has yet (choice).

    owner: None if none has it. until: when the lease ends, or has ended, in real time.
    """
    refusal = routee(
        503,
        f"No mock had the sandbox {_short(id_)} at {until}. Another one, or this one, has it in a moment: try again."
        if owner is None
        else f"The sandbox {_short(id_)} is kept by another mock, {_short(owner)}, until {until} or longer: this one"
        " knows nothing of it. Ask that one, or try again.",
    )
    refusal.headers["Retry-After"] = "1"
    return refusal


def lost(id_: str) -> Refusal:
    """503 for a request that was under way when another server took its sandbox over (choice)."""
    refusal = routee(
        503,
        f"The sandbox {_short(id_)} is kept by another mock now: nobody here knows what became of this request. Ask"
        " that one, or try again.",
    )
    refusal.headers["Retry-After"] = "1"
    return refusal


def keeps_nothing() -> Refusal:
    """409 for a seal on a server that keeps nothing (choice)."""
    return routee(409, "This server keeps nothing on disk. Start it with --data DIRECTORY.")


def no_store() -> Refusal:
    """404 for the store of a server that has none (choice)."""
    return routee(404, "This server has no store. Start it with --data DIRECTORY or --store URL.")


def restoring(back: int, of: int) -> Refusal:
    """503 for a request to a sandbox that is still being brought back (choice)."""
    refusal = routee(
        503, f"The mock is being restored: {back} of {of} sandboxes are back, and this one is still to come; try again."
    )
    refusal.headers["Retry-After"] = "1"
    return refusal


def encoded(coding: str) -> Refusal:
    """400 for a body with a Content-Encoding (choice)."""
    return malformed(f"The body is encoded (Content-Encoding: {_short(coding)}); send it as it is.")


def head_too_large(limit: int) -> Refusal:
    """431 for a request line and headers over the size limit (choice)."""
    return routee(431, f"The request line and headers are larger than {limit} bytes.")


def too_slow(seconds: float) -> Refusal:
    """408 for a request that does not come whole in time (choice)."""
    return routee(408, f"The request did not come whole within {seconds:g} s; the connection is closed.")


def stopping() -> Refusal:
    """503 for a request that is cut short because the mock is stopping (choice)."""
    return routee(503, "The mock is shutting down; this request was not waited for.")


def shard_down(name: str = "") -> Refusal:
    """503 from a proxy for the applications of a shard that is down, or of any when all are (choice)."""
    refusal = routee(
        503,
        f"The shard of this application is down{f': {name}' if name else ''}. What it held, no other has; the"
        " applications of other shards go on. Start it again.",
    )
    refusal.headers["Retry-After"] = "1"
    return refusal


def no_shard() -> Refusal:
    """503 from a proxy in front of shards that share a store, when none is up (choice)."""
    refusal = routee(503, "No shard is up. What is in the store is not lost: start a shard.")
    refusal.headers["Retry-After"] = "1"
    return refusal


def shards_down(up: str, all_: int) -> Refusal:
    """503 from a proxy that is asked whether all shards are ready (choice)."""
    return routee(503, f"{up} of {all_} shards are up.")


def id_in_the_path() -> Refusal:
    """400 from a proxy for a sandbox to be made whose id is not in the path (choice)."""
    return malformed(
        "Behind a proxy, the id of a sandbox must be in the path: it says which shard the sandbox belongs to. PUT"
        " /_mock/sandboxes/{id} makes it, with the same body; in Python, create_sandbox(id)."
    )


def unknown_shard(names: str) -> Refusal:
    """400 from a proxy for a header Mock-Shard with a name that no shard has (choice). names: those they have."""
    return malformed(f"The header Mock-Shard names no shard of this proxy; it has {names}.")


def nothing_here(method: str, path: str, near: Sequence[str]) -> Refusal:
    """404 for an unknown path; it names similar ones (choice)."""
    hint = f"; close to it: {', '.join(near)}" if near else "; GET /openapi.json lists what there is"
    return routee(404, f"Nothing lives at {method} {_short(path)}{hint}.")


OTHER_PRODUCTS = {
    *("2step", "accounts", "blacklist", "callback", "contacts", "groups", "ivr", "lookup", "messages"),
    *("number-validator", "reports", "sms", "system", "viber", "voice", "webhook"),
}
"""The first part of paths that Routee serves and the mock does not."""


def other_product(method: str, path: str) -> Refusal:
    """404 for an endpoint of another of Routee's products (choice)."""
    return routee(
        404,
        f"{method} {_short(path)} belongs to another product of Routee. This mock plays the Failover API and the OTP"
        " service alone; GET /openapi.json lists its endpoints.",
    )


def wrong_method(method: str, path: str, allowed: Sequence[str]) -> Refusal:
    """405 for a path that does not take this method (choice)."""
    refusal = routee(405, f"{_short(path)} does not take {method}; it takes {', '.join(allowed)}.")
    refusal.headers["Allow"] = ", ".join([*allowed, *["HEAD"] * ("GET" in allowed)])
    return refusal


def _short(text: str, most: int = 100) -> str:
    """A piece of the request, for an error to quote: printable, and at most `most` characters long."""
    printable = text[: most + 1]
    if not printable.isprintable():
        printable = "".join(character if character.isprintable() else "?" for character in printable)
    return printable if len(printable) <= most else f"{printable[:most]}..."
