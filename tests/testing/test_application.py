"""Applications as webhooks: WSGI and ASGI, with and without a running loop."""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import Any

import httpx2
import pytest
from django.conf import settings  # type: ignore[import-untyped]
from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]
from django.http import HttpResponse, JsonResponse  # type: ignore[import-untyped]
from django.urls import path  # type: ignore[import-untyped]
from fastapi import FastAPI, Response
from flask import Flask, jsonify, request

from mockserver.testing.receiver import Receiver, receiving

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="-", LOGGING_CONFIG=None)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def post(url: str, **more: Any) -> httpx2.Response:
    return httpx2.post(url, timeout=60, trust_env=False, **more)


def flask_app() -> Flask:
    app = Flask("shop")

    @app.post("/hook/<which>")
    def hook(which: str) -> tuple[Any, int]:
        told = {"id": which, "q": request.args["q"], "json": request.get_json(), "x": request.headers["X-A"]}
        answer = jsonify(told | {"base": request.host_url})
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer, 201

    @app.post("/broken")
    def broken() -> str:
        return str(1 // int(request.args["by"]))

    return app


def fastapi_app(begun: list[str] | None = None) -> FastAPI:
    from contextlib import asynccontextmanager

    notes = [] if begun is None else begun

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        notes.append("began")
        yield {"loop": asyncio.get_running_loop()}
        notes.append("ended")

    app = FastAPI(lifespan=lifespan)

    @app.post("/hook/{which}")
    async def hook(which: str, q: str, body: dict[str, int]) -> dict[str, Any]:
        return {"id": which, "q": q, "json": body, "loops": id(asyncio.get_running_loop())}

    @app.post("/broken")
    async def broken(by: int) -> Response:
        return Response(str(1 // by))

    return app


def test_flask_answers_with_all_that_it_says(receiver: Receiver) -> None:
    url = receiver.app(flask_app())
    answer = post(f"{url}/hook/%C3%A9?q=1%262", json={"n": 1}, headers={"X-A": "b"})
    assert answer.status_code == 201
    assert answer.json() == {"id": "é", "q": "1&2", "json": {"n": 1}, "x": "b", "base": f"{url}/"}
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert [each.json for each in receiver.requests] == [{"n": 1}]
    assert post(url).status_code == 404
    receiver.check()


def test_fastapi_answers_in_a_loop_of_its_own_and_has_its_lifespan() -> None:
    begun: list[str] = []
    with receiving() as receiver:
        url = receiver.app(fastapi_app(begun))
        first, second = (post(f"{url}/hook/é?q=1%262", json={"n": 1}).json() for _ in range(2))
        assert first == second == {"id": "é", "q": "1&2", "json": {"n": 1}, "loops": first["loops"]}
        assert begun == ["began"]
    assert begun == ["began", "ended"]


def test_in_an_asynchronous_test_it_answers_in_the_loop_of_the_test() -> None:
    begun: list[str] = []

    async def scene() -> None:
        receiver = Receiver()
        url = receiver.app(fastapi_app(begun))
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{url}/hook/1", params={"q": "2"}, json={})
        assert answer.json()["loops"] == id(asyncio.get_running_loop())
        receiver.close()
        await asyncio.sleep(0.01)

    asyncio.run(scene())
    assert begun == ["began", "ended"]


def test_a_loop_that_has_stopped_is_said(receiver: Receiver) -> None:
    async def scene() -> str:
        return receiver.app(fastapi_app())

    url = asyncio.run(scene())
    assert "the event loop in which receiver.app() was called has stopped" in post(url).text
    with pytest.raises(RuntimeError, match="has stopped"):
        receiver.check()


def test_django_answers(receiver: Receiver) -> None:
    url = receiver.app(get_wsgi_application())
    assert post(f"{url}/hook").json() == {"method": "POST"}
    assert post(f"{url}/broken?by=0").status_code == 500
    with pytest.raises(ZeroDivisionError):
        receiver.check()


def django_hook(asked: Any) -> Any:
    return JsonResponse({"method": asked.method})


def django_broken(asked: Any) -> Any:
    return HttpResponse(str(1 // int(asked.GET["by"])))


urlpatterns = [path("hook", django_hook), path("broken", django_broken)]


@pytest.mark.parametrize("make", [flask_app, fastapi_app])
def test_what_it_raises_is_told_with_its_own_traceback_whoever_answers(
    receiver: Receiver, make: Callable[[], Any]
) -> None:
    url = receiver.app(make())
    assert post(f"{url}/broken?by=1").text == "1"
    assert post(f"{url}/broken?by=0").status_code == 500
    [error] = receiver.take_failures()
    assert isinstance(error, ZeroDivisionError)
    frames = traceback.extract_tb(error.__traceback__)
    assert frames[0].name == frames[-1].name == "broken"
    assert f"The webhook handler {type(make()).__name__} raised this" in error.__notes__[0]


def test_what_it_raises_in_its_lifespan_is_told(receiver: Receiver) -> None:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        raise OSError("no database")
        yield

    receiver.app(FastAPI(lifespan=lifespan))
    receiver.close()
    with pytest.raises(OSError, match="no database"):
        receiver.check()


def test_answers_of_the_test_come_first(receiver: Receiver) -> None:
    url = receiver.app(flask_app())
    receiver.answers(503)
    assert [post(f"{url}/broken?by=1").status_code for _ in range(2)] == [503, 200]


def test_plain_applications_of_both_kinds_answer(receiver: Receiver) -> None:
    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        write = start_response("202 Accepted", [("X-Path", environ["PATH_INFO"])])
        write(b"a")
        yield environ["wsgi.input"].read()

    async def asgi(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"  # it knows no lifespan
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 202, "headers": [(b"x-path", scope["raw_path"])]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": body})
        assert (await receive())["type"] == "http.disconnect"

    for app in (wsgi, asgi):
        url = receiver.app(app)
        answer = post(f"{url}/x", content=b"b")
        assert (answer.status_code, answer.text, answer.headers["x-path"]) == (202, "ab", "/x")
        receiver.check()


@pytest.mark.parametrize(
    ("app", "hint"), [(flask_app, "; call the function that makes it"), (Flask, "; call"), (5, ""), ("shop:app", "")]
)
def test_what_is_no_application_is_refused(receiver: Receiver, app: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=f"is neither a WSGI nor an ASGI application{hint}"):
        receiver.app(app)


def test_no_framework_is_imported_for_it() -> None:
    from mockserver.testing import application

    assert {name.partition(".")[0] for name in application.SIGNALS} == {"flask", "quart", "django"}
    assert "quart" not in sys.modules
