"""The journal as a stream, over a real socket."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from mockserver.core.commands import Mode
from mockserver.http import following
from mockserver.server import running
from mockserver.settings import Settings
from tests.http.mocks import Mock, mocking, sms, unverified, viber

Json = dict[str, Any]

JOURNAL = "/_mock/journal"


@contextmanager
def stream(mock: Mock, path: str = JOURNAL, last: str | None = None, **query: Any) -> Iterator[Iterator[str]]:
    """The stream of a journal, block by block."""
    headers = {"accept": "text/event-stream"} | ({} if last is None else {"last-event-id": last})
    with mock.client.stream("GET", path, params=query or None, headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield blocks(response)


def blocks(response: httpx2.Response) -> Iterator[str]:
    block: list[str] = []
    for line in response.iter_lines():
        if line:
            block.append(line)
        else:
            yield "\n".join(block)
            block = []


def read(block: str) -> Json:
    """The entry in a block. Its id and event are checked too."""
    id_, event, data = block.split("\n")
    entry: Json = json.loads(data.removeprefix("data: "))
    assert (id_, event) == (f"id: {entry['number']}", f"event: {entry['kind']}")
    return entry


def test_old_entries_come_first_and_then_each_new_one(mock: Mock) -> None:
    mock.send(sms())
    with stream(mock) as told:
        known = mock.client.get(JOURNAL).json()["entries"]
        assert [read(next(told)) for _ in known] == known
        mock.advance(until="idle")
        later = mock.client.get(JOURNAL, params={"after": len(known)}).json()["entries"]
        assert later
        assert [read(next(told)) for _ in later] == later


def test_a_follower_gets_entries_while_time_passes_by_itself() -> None:
    with mocking(clock=Mode.REALTIME, rate=100) as mock, stream(mock, kind="status") as told:
        mock.send(viber())
        assert [read(next(told))["status"] for _ in range(2)] == ["QUEUED", "DELIVERED"]


def test_only_what_is_asked_for_comes(mock: Mock) -> None:
    mock.send(sms())
    with stream(mock, after=2, kind="send,flow") as told:
        flow = mock.send(sms())
        mock.advance(until="idle")
        assert read(next(told))["kind"] == "send"
        assert read(next(told))["trackingId"] == flow
        assert [read(next(told))["kind"] for _ in range(4)] == ["flow"] * 4
    with stream(mock, flow=flow, limit=3) as told:
        assert {read(block)["trackingId"] for block in told} == {flow}


def test_a_limit_ends_the_stream_and_the_last_id_is_kept(mock: Mock) -> None:
    mock.send(sms())
    with stream(mock, limit=2) as told:
        assert [read(block)["number"] for block in told] == [1, 2]
    with stream(mock, limit=0) as told:
        assert list(told) == []


def test_a_follower_that_comes_back_continues_after_its_last_id(mock: Mock) -> None:
    mock.send(sms())
    with stream(mock, last="3", after=1, limit=1) as told:
        assert read(next(told))["number"] == 4
    with stream(mock, last="999", after=1, limit=1) as told:
        assert read(next(told))["number"] == 2, "an id of a journal that is no more"
    with stream(mock, last="", limit=1) as told:
        assert read(next(told))["number"] == 1


def test_the_format_in_the_query_wins_over_the_accept_header(mock: Mock) -> None:
    with mock.client.stream("GET", JOURNAL, params={"format": "sse"}) as response:
        assert read(next(blocks(response)))["number"] == 1
    plain = mock.client.get(JOURNAL, params={"format": "json"}, headers={"accept": "text/event-stream"})
    assert plain.json()["entries"][0]["number"] == 1
    head = mock.client.head(JOURNAL, params={"format": "sse"})
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


def test_a_comment_is_sent_when_nothing_happens(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "KEEP_ALIVE", 0.05)
    with stream(mock, after=100) as told:
        assert [next(told), next(told)] == [": keep-alive"] * 2
    with stream(mock, kind="flow") as told:
        assert next(told) == ": keep-alive", "for those who ask for little, too"


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/reset")])
def test_the_stream_ends_with_its_sandbox(mock: Mock, method: str, path: str) -> None:
    mock.client.post("/_mock/sandboxes", json={"id": "mine"})
    with stream(mock, "/_mock/sandboxes/mine/journal") as told:
        mock.client.request(method, f"/_mock/sandboxes/mine{path}")
        assert list(told) == ["id:"], "the last id is cleared: the next journal begins at 1"


def test_other_sandboxes_go_on(mock: Mock) -> None:
    mock.client.post("/_mock/sandboxes", json={"id": "mine"})
    with stream(mock, kind="clock") as told:
        mock.client.delete("/_mock/sandboxes/mine")
        mock.advance(by=5)
        assert read(next(told))["kind"] == "clock"


def test_followers_do_not_delay_the_end_of_the_server() -> None:
    with ExitStack() as followers:
        with running(Settings(port=0, clock=Mode.MANUAL)) as server:
            client = followers.enter_context(unverified(server.url))
            told = followers.enter_context(stream(Mock(client)))
        assert list(told) == ["id:"], "uvicorn would have broken it off"


def test_a_bad_query_of_the_stream_is_refused_in_words(mock: Mock) -> None:
    headers = {"accept": "text/event-stream"}
    wrong = mock.client.get(JOURNAL, params={"kind": "stats", "limit": "x"}, headers=headers)
    assert (wrong.status_code, wrong.json()["properties"].keys()) == (400, {"kind", "limit"})
    lost = mock.client.get(JOURNAL, headers=headers | {"last-event-id": "abc"})
    assert (lost.status_code, lost.json()["properties"].keys()) == (400, {"Last-Event-ID"})
    formats = mock.client.get(JOURNAL, params={"format": "xml"})
    assert formats.json()["properties"]["format"] == "must be json, jsonl, text, mermaid or sse"
    elsewhere = mock.client.get("/_mock/requests", params={"format": "sse"})
    assert elsewhere.json()["properties"]["format"] == "must be json or jsonl"


def signal(block: str) -> tuple[str, Json]:
    """The name and the data of a signal, which has no id: a browser that comes back names an entry."""
    event, data = block.split("\n")
    return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_with_signals_a_follower_is_told_where_it_begins_and_how_the_clock_stands(mock: Mock) -> None:
    mock.send(sms())
    written = mock.client.get("/_mock/sandboxes/default").json()["journal"]
    with stream(mock, f"{JOURNAL}?signals=true&last=2&kind=send") as told:
        name, hello = signal(next(told))
        assert (name, hello["sandbox"], hello["last"], hello["clock"]) == (
            "hello",
            "default",
            written,
            mock.clock(),
        )
        assert hello["counts"] == mock.client.get("/_mock/flows").json()["counts"]
        assert signal(next(told))[0] == "pulse", "neither of the last two entries is a send"
        mock.advance(by="10s")
        name, pulse = signal(next(told))
        assert (name, pulse) == ("pulse", {"clock": mock.clock(), "counts": hello["counts"] | pulse["counts"]})
        flow = mock.send(sms())
        assert read(next(told))["trackingId"] == flow
        assert signal(next(told))[1]["counts"]["all"] == 2


def test_many_entries_have_one_pulse(mock: Mock) -> None:
    for _ in range(20):
        mock.send(sms())
    with stream(mock, signals="true") as told:
        names = [block.split("\n")[0].removeprefix("event: ") for block in (next(told) for _ in range(64))]
    assert (names[0], names[-1], names.count("pulse")) == ("hello", "pulse", 1)


@pytest.mark.parametrize(("method", "path", "why"), [("DELETE", "", "deleted"), ("POST", "/reset", "reset")])
def test_with_signals_the_end_of_a_sandbox_is_told(mock: Mock, method: str, path: str, why: str) -> None:
    mock.client.post("/_mock/sandboxes", json={"id": "mine"})
    with stream(mock, "/_mock/sandboxes/mine/journal", signals="true") as told:
        epoch = signal(next(told))[1]["epoch"]
        mock.client.request(method, f"/_mock/sandboxes/mine{path}")
        empty, *rest = next(told).split("\n")
        assert (empty, signal("\n".join(rest))) == ("id:", ("reset", {"sandbox": "mine", "why": why}))
        assert list(told) == []
    if why == "reset":
        with stream(mock, "/_mock/sandboxes/mine/journal", signals="true") as told:
            assert signal(next(told))[1]["epoch"] != epoch


def test_with_signals_the_end_of_the_server_is_told() -> None:
    with ExitStack() as followers:
        with running(Settings(port=0, clock=Mode.MANUAL)) as server:
            client = followers.enter_context(unverified(server.url))
            told = followers.enter_context(stream(Mock(client), signals="true"))
            next(told)
        assert signal(next(told).partition("\n")[2])[1]["why"] == "stopped"


def test_the_last_entries_are_asked_for_in_any_format(mock: Mock) -> None:
    mock.send(sms())
    every = mock.client.get(JOURNAL).json()["entries"]
    assert mock.client.get(JOURNAL, params={"last": 2}).json()["entries"] == every[-2:]
    assert mock.client.get(JOURNAL, params={"last": 0}).json()["entries"] == []
    assert mock.client.get(JOURNAL, params={"last": 999}).json()["entries"] == every
    assert len(mock.client.get(JOURNAL, params={"last": 2, "format": "jsonl"}).text.splitlines()) == 2
    wrong = mock.client.get(JOURNAL, params={"last": "x", "signals": "yes"}).json()["properties"]
    assert wrong.keys() == {"last", "signals"}
