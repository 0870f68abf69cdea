"""Files that all kinds of programs write, and what is wrong with some of them."""

import base64
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.recordings import splitting
from mockserver.recordings.lines import line
from mockserver.recordings.readers import read, read_all
from mockserver.recordings.rows import endpoint
from mockserver.recordings.splitting import Malformed, Splitter
from mockserver.recordings.values import Callback, Exchange, Place, Record, Unreadable

DOCUMENT = {"trackingId": "t-1", "messages": [], "status": "Queued"}

TOKEN_ENTRY: dict[str, Any] = {
    "startedDateTime": "2030-01-01T12:00:00.250Z",
    "time": 12.5,
    "request": {
        "method": "POST",
        "url": "https://auth.routee.net/oauth/token",
        "headers": [{"name": "Authorization", "value": "Basic YTpi"}],
        "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "grant_type", "value": "x"}]},
    },
    "response": {"status": 400, "headers": [], "content": {"size": 2, "text": "e30=", "encoding": "base64"}},
}


def har(*entries: Any, **log: Any) -> bytes:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "entries"}, **log, "entries": entries}}).encode()


def reads(data: bytes) -> list[Record | None]:
    return list(read(io.BytesIO(data), "file"))


def reasons(data: bytes) -> list[str]:
    return [str(each) for each in reads(data) if isinstance(each, Unreadable)]


def test_a_har_file_has_its_bodies_in_any_encoding() -> None:
    [exchange] = reads(har(TOKEN_ENTRY, pages=[{"title": '"entries": ['}]))
    assert isinstance(exchange, Exchange)
    assert exchange.at == 1_893_499_200_250
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/oauth/token", 400)
    assert (exchange.sent, exchange.body) == (b"grant_type=x", b"{}")
    assert exchange.asked == {"authorization": "Basic YTpi"}
    assert str(exchange.place) == "file, entry 1"


def test_what_a_har_file_lacks_is_nothing_to_stumble_over() -> None:
    bare = {
        "request": {"method": "get", "url": "https://connect.routee.net/accounts/me/balance"},
        "response": {"status": 200},
    }
    cut = bare | {"response": {"status": 200, "content": {"size": 10}}}
    one, two = reads(har(bare, cut))
    assert isinstance(one, Exchange)
    assert isinstance(two, Exchange)
    assert (one.method, one.at, one.body) == ("GET", None, b"")
    assert two.body is None  # it was not recorded


def test_other_services_are_passed_over_and_callbacks_are_found_among_exchanges() -> None:
    other = TOKEN_ENTRY | {"request": {"method": "GET", "url": "https://shop.example/app.js"}}
    posted = TOKEN_ENTRY | {
        "request": {"method": "POST", "url": "https://shop.example/hook", "postData": {"text": json.dumps(DOCUMENT)}},
        "response": {"status": 500},
    }
    nothing, callback = reads(har(other, posted))
    assert nothing is None
    assert isinstance(callback, Callback)
    assert (callback.status, callback.url, json.loads(callback.body)) == (500, "https://shop.example/hook", DOCUMENT)


@pytest.mark.parametrize(
    "row",
    [
        json.dumps(DOCUMENT),
        f"2030-01-01T12:00:00Z {json.dumps(DOCUMENT)}",
        f"2030-01-01 12:00:00 INFO webhook: {json.dumps(DOCUMENT)}",
        f"[01/Jan/2030:12:00:00 +0000] {json.dumps(DOCUMENT)}",
        json.dumps({"time": 1_893_499_200, "headers": {"User-Agent": "x"}, "body": DOCUMENT}),
        json.dumps({"ts": 1_893_499_200_000, "payload": json.dumps(DOCUMENT), "status": 200}),
        json.dumps({"received_at": "2030-01-01T12:00:00Z", "request": {"body": json.dumps(DOCUMENT)}}),
        json.dumps({"at": "2030-01-01T12:00:00Z", "callback": {"json": DOCUMENT}, "answered": 200}),
    ],
)
def test_the_log_of_a_webhook_in_any_form(row: str) -> None:
    found = reads(f"{row}\n\n{row}\n".encode())
    assert len(found) == 2
    for each in found:
        assert isinstance(each, Callback)
        assert json.loads(each.body) == DOCUMENT
        assert each.at == (None if row.startswith('{"tracking') else 1_893_499_200_000)
    assert str(found[1].place) == "file, line 3"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "row",
    [
        {"log": f"webhook got {json.dumps(DOCUMENT)}\n", "stream": "stdout", "time": "2030-01-01T12:00:00.000000001Z"},
        {"MESSAGE": json.dumps(DOCUMENT), "__REALTIME_TIMESTAMP": "1893499200000000"},
        {"@timestamp": "2030-01-01T12:00:00.000Z", "@message": f"INFO [{{id}}] {json.dumps(DOCUMENT)}"},
        {"timestamp": "2030-01-01T12:00:00Z", "jsonPayload": DOCUMENT},
        {"time": "2030-01-01T12:00:00+00:00", "request_body": json.dumps(DOCUMENT), "status": "200"},
        {"ts": "1893499200", "msg": f"callback {json.dumps(DOCUMENT)}"},
    ],
)
def test_the_logs_of_containers_and_of_clouds(row: dict[str, Any]) -> None:
    [found] = reads(json.dumps(row).encode())
    assert isinstance(found, Callback), found
    assert json.loads(found.body) == DOCUMENT
    assert found.at == 1_893_499_200_000


ROW = json.dumps(DOCUMENT).encode()


@pytest.mark.parametrize(
    ("data", "count", "said"),
    [
        (ROW + b"\r\n\r\n  \r\n" + ROW + b"\r\n", 2, []),
        (b"\xef\xbb\xbf" + ROW + b"\n\xef\xbb\xbf" + ROW, 2, []),
        (b"\n\n" + ROW + b",\n" + ROW + b" ,\r\n", 2, []),
        (b"\x1e" + ROW + b"\n\x1e" + ROW + b"\n", 2, []),
        (ROW + b"\n" + ROW[:30], 1, ["file, line 2: it is not JSON: unexpected end of data"]),
        (ROW + b"\n" + b"\0" * 4096, 1, ["file, line 2: there is no JSON object in it"]),
        (b"\0" * 99 + ROW + b"\n" + ROW, 2, []),
        (ROW + b"\0\n" + ROW, 1, ["file, line 1: it is not JSON: unexpected"]),
        (ROW + ROW + b"\n" + ROW, 1, ["file, line 1: it is not JSON: unexpected"]),
        (
            ROW[:20] + b"\n" + ROW[20:] + b"\n" + ROW,
            1,
            ["file, line 1: it is not JSON", "file, line 2: there is no JSON"],
        ),
        (
            b'{"trackingId": "\xff", "messages": []}\n' + ROW,
            1,
            ["file, line 1: it is not JSON: it is not UTF-8, in which JSON is written: byte 17 is 0xff"],
        ),
        (b"2030-01-01 [req {7}] " + ROW + b"\n", 1, []),
        (json.dumps(DOCUMENT, indent=2).encode() * 3, 3, []),
        ((json.dumps(DOCUMENT, indent=2).encode() + b"\r\n") * 3, 3, []),
        (json.dumps(DOCUMENT, indent=2).encode() * 2 + b'{\n "x": }\n{"trac', 2, ["file, entry 3", "file, entry 4"]),
        ((json.dumps({"x": [7] * 9_000, **DOCUMENT}, indent=1) * 2).encode(), 2, []),
    ],
)
def test_lines_however_they_end_begin_or_break(data: bytes, count: int, said: list[str]) -> None:
    found = reads(data)
    assert sum(isinstance(each, Callback) for each in found) == count
    wrong = [str(each) for each in found if isinstance(each, Unreadable)]
    assert len(wrong) == len(said), wrong
    assert all(told.startswith(start) for told, start in zip(wrong, said, strict=True)), wrong


@pytest.mark.parametrize("spaces", ["", "  "])
def test_an_array_and_a_document_over_several_lines(spaces: str) -> None:
    indent = len(spaces) or None
    assert len(reads(json.dumps([DOCUMENT, DOCUMENT], indent=indent).encode())) == 2
    [document] = reads(b"\xef\xbb\xbf" + json.dumps(DOCUMENT, indent=indent).encode())
    assert isinstance(document, Callback)


def test_a_packed_file_is_unpacked() -> None:
    assert isinstance(reads(gzip.compress(har(TOKEN_ENTRY)))[0], Exchange)


def test_what_cannot_be_read_is_named_and_the_reading_goes_on() -> None:
    good = json.dumps(DOCUMENT)
    lines = f"nonsense\n{good}\n[1]\n{{broken}}\n{{}}\n{good}".encode()
    assert len(reads(lines)) == 6
    assert [each.partition(" char")[0] for each in reasons(lines)] == [
        "file, line 1: there is no JSON object in it",
        "file, line 3: there is no JSON object in it",
        "file, line 4: it is not JSON: unexpected",
        "file, line 5: it is neither an exchange nor a callback of the service",
    ]


def test_a_har_file_that_is_damaged_loses_only_what_is_damaged() -> None:
    entry = json.dumps(TOKEN_ENTRY)
    whole = har(TOKEN_ENTRY, TOKEN_ENTRY, TOKEN_ENTRY).decode()
    damaged = whole.replace(entry, entry.replace(': "POST"', ": POST"), 1)
    assert reasons(damaged.encode()) == ["file, entry 1: it is not JSON: Expecting value"]
    assert len(reads(damaged.encode())) == 3
    assert reasons(whole[:-60].encode()) == ["file, entry 3: the file ends before it does"]
    assert reasons(b'{"log": {"version": "1.2"}}') == ["file: it has no log.entries"]
    blocked = TOKEN_ENTRY | {"response": {"status": 0}}
    assert reasons(har(blocked, [], TOKEN_ENTRY)) == [
        "file, entry 1: it has no answer: the request was blocked, or broken off",
        "file, entry 2: it is not a JSON object",
    ]
    odd = [
        TOKEN_ENTRY | {"request": request}
        for request in ({}, {"method": 1, "url": 2}, {"method": "GET", "url": "http://["})
    ]
    for status in (True, 99, 600, 1e9):
        assert reasons(har(TOKEN_ENTRY | {"response": {"status": status}})) == [
            "file, entry 1: its status is none of HTTP"
        ]
    bad = TOKEN_ENTRY | {"response": {"status": 200, "content": {"text": "*", "encoding": "base64"}}}
    assert len(reasons(har(*odd, bad))) == 4


def test_files_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    (tmp_path / "utf16").write_bytes(json.dumps(DOCUMENT).encode("utf-16"))
    found = list(read_all([str(tmp_path / "none"), str(tmp_path), str(tmp_path / "utf16")]))
    assert [each.reason for each in found if isinstance(each, Unreadable)] == [
        "it cannot be read: No such file or directory",
        "it cannot be read: Is a directory",
        "it is UTF-16; send it in UTF-8",
    ]
    assert reads(b"") == []
    (tmp_path / "odd\n\x1b[31m").write_bytes(b"nonsense")
    assert [each.partition("odd")[2] for each in map(str, read_all([str(tmp_path / "odd\n\x1b[31m")]))] == [
        "\\n\\x1b[31m, line 1: there is no JSON object in it"
    ]


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_file_is_too_odd_to_be_read(data: bytes) -> None:
    reads(data)
    reads(b'{"log": {"entries": [' + data)
    reads(gzip.compress(data)[:-3])


ROWS = st.dictionaries(
    st.sampled_from(
        ("request", "response", "callback", "body", "url", "status", "method", "messages", "trackingId", "at")
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(("method", "url", "headers", "text", "json", "status")), inner)
        ),
        max_leaves=8,
    ),
)


@given(st.lists(ROWS))
def test_no_row_is_too_odd_to_be_read(rows: list[Any]) -> None:
    assert len(reads(json.dumps(rows).encode() if rows else b"[]")) == len(rows)
    assert len(reads(har(*rows))) == len(rows)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_values_are_found_wherever_a_chunk_ends(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "CHUNK", size)
    values = [{"a": 'é"]}, \\'}, [[]], "x", 12, -1.5e3, True, None, {"b": [{"c": "[{"}]}]
    text = json.dumps({"x": [1], "log": {"y": {"entries": []}, "entries": values, "z": 1}}, ensure_ascii=False)
    splitter = Splitter(io.BytesIO(text.encode()))
    assert splitter.enter("log", "entries")
    assert list(splitter.values()) == values
    other = Splitter(io.BytesIO(b'[1, nonsense, 2, {"a": }, 3'))
    assert other.enter()
    found = [type(each) if isinstance(each, Malformed) else each for each in other.values()]
    assert found == [1, Malformed, 2, Malformed, 3, Malformed]


class Cut(io.BytesIO):
    """A file that is read in two goes."""

    def __init__(self, data: bytes, cut: int) -> None:
        super().__init__(data)
        self._cut = cut

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._cut - self.tell() if self.tell() < self._cut else size)


def test_signs_in_a_text_that_is_cut_are_no_signs() -> None:
    """As in the scripts of pages that a browser recorded: a piece of one can close more than it opens."""
    values = [{"a": '}}}])\\"}]", [['}, "x, y]", ["]]]", "\\"], {"b": "\\\\"}, 7, {"c": "{[{"}]
    text = json.dumps(values).encode()
    for cut in range(1, len(text)):
        splitter = Splitter(Cut(text, cut))
        assert splitter.enter()
        assert list(splitter.values()) == values, text[:cut]


def test_half_a_letter_is_marked_and_nothing_is_lost() -> None:
    """A browser cuts a text where it likes, also between the two halves of an emoji."""
    row = DOCUMENT | {"label": "Hello \ud83d", "\udc00": ["\ud83d\ude00"]}
    [found, other] = reads(json.dumps([row, DOCUMENT]).encode())
    assert isinstance(found, Callback)
    assert isinstance(other, Callback)
    assert json.loads(found.body)["label"] == "Hello \ufffd"
    assert json.loads(found.body)["\ufffd"] == ["\U0001f600"]
    assert line(found)


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    entry = json.dumps(TOKEN_ENTRY | {"response": {"status": 200, "content": {"text": "x" * 5_000}}})
    file = tmp_path / "large.har"
    with file.open("w") as out:
        out.write('{"log": {"entries": [')
        out.writelines(f"{entry}," for _ in range(5_000))
        out.write(f"{entry}]}}}}")
    steps: list[int] = []
    tracemalloc.start()
    count = sum(1 for _ in read_all([str(file)], steps.append))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, steps[-1]) == (5_001, file.stat().st_size)
    assert peak < 6 << 20 < file.stat().st_size


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/failover", "/failover"),
        ("/proxy/v1/failover/tracking/abc", "/failover/tracking/abc"),
        ("/oauth/token/", "/oauth/token"),
        ("/failover-otp/otp/failover/x", "/failover-otp/otp/failover/x"),
        ("/failover-otp/health", "/failover-otp/health"),
        ("/failovers", None),
        ("/", None),
    ],
)
def test_the_endpoint_of_a_path(path: str, known: str | None) -> None:
    assert endpoint(path) == known


BODIES = st.binary(max_size=20) | st.sampled_from([b"{}", b'{"ttl": 10.0}', b'{"ttl":10.0}', b"", b"null"])
HEADERS = st.dictionaries(st.sampled_from(("a", "b")), st.text(st.characters(codec="ascii"), max_size=5))
AT = st.none() | st.integers(0, 10**13)


@given(
    st.builds(
        Exchange,
        method=st.just("POST"),
        url=st.just("https://connect.routee.net/failover"),
        status=st.integers(100, 599),
        place=st.just(Place("file", 1)),
        at=AT,
        asked=HEADERS,
        sent=st.none() | BODIES,
        headers=HEADERS,
        body=st.none() | BODIES,
    )
    | st.builds(
        Callback, BODIES, st.just(Place("file", 1)), AT, st.just("http://a/b"), HEADERS, st.none() | st.just(200)
    )
)
def test_what_is_written_is_read_as_the_same(record: Exchange | Callback) -> None:
    assert reads(line(record)) == [record]


def test_a_body_of_any_bytes_is_written() -> None:
    written = json.loads(line(Callback(b"\xff", Place("file", 1))))
    assert written == {"callback": {"base64": base64.b64encode(b"\xff").decode()}}
