"""Answers read from their bytes: the head decides, wherever the bytes are cut."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.delivery.answer import HEAD, INTERIM, KEPT, READ, AnswerReader


@dataclass(frozen=True)
class Found:
    """What is found in an answer."""

    status: int | None
    phrase: bytes
    location: bytes | None
    body: bytes
    is_none: bool
    complete: bool
    reusable: bool


def read(*pieces: bytes, follows: bool = False) -> AnswerReader:
    reader = AnswerReader(follows=follows)
    for piece in pieces:
        reader.feed(piece)
    return reader


def found(*pieces: bytes, follows: bool = False) -> Found:
    each = read(*pieces, follows=follows)
    fault = each.fault is not None
    return Found(each.status, each.phrase, each.location, each.body, fault, each.complete, each.reusable)


def cut(data: bytes, *places: int) -> list[bytes]:
    return [data[start:end] for start, end in pairwise((0, *sorted(places), len(data)))]


OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# name: (what comes, status, body, complete, reusable)
GOOD: dict[str, tuple[bytes, int, bytes, bool, bool]] = {
    "a body of a length": (SIZED, 200, b"hello", True, True),
    "half of it": (SIZED[:-3], 200, b"he", False, False),
    "more than it": (SIZED + b"!", 200, b"hello", True, False),
    "another answer after it": (SIZED + SIZED, 200, b"hello", True, False),
    "no body": (OK + b"Content-Length: 0\r\n\r\n", 200, b"", True, True),
    "a body until the end": (OK + b"\r\nhello", 200, b"hello", False, False),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True, True),
    "204 with no length": (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, b"", True, True),
    "204 with a body": (b"HTTP/1.1 204 No Content\r\n\r\nhello", 204, b"", True, False),
    "204 with a length": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, b"", True, False),
    "204 with a length and a body": (b"HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\nhello", 204, b"", True, False),
    "204 in chunks": (b"HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 204, b"", True, False),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b"", True, False),
    "chunks": (CHUNKED + b"5\r\nhello\r\n00A \r\n, world, b\r\n0\r\n\r\n", 200, b"hello, world, b", True, True),
    "the last chunk alone": (CHUNKED + b"0\r\n\r\n", 200, b"", True, True),
    "a last chunk without an end": (CHUNKED + b"0\r\n", 200, b"", False, False),
    "chunks with extensions and trailers": (
        CHUNKED + b"5;a=b\r\nhello\r\n0;c\r\nA: b\r\nC: d\r\n\r\n",
        200,
        b"hello",
        True,
        True,
    ),
    "something after the chunks": (CHUNKED + b"0\r\n\r\n!", 200, b"", True, False),
    "a chunk without a size": (CHUNKED + b"hello\r\n", 200, b"", True, False),
    "a chunk of a size that is none": (CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", 200, b"", True, False),
    "a chunk of an endless size": (CHUNKED + b"f" * 13 + b"\r\nhello", 200, b"", True, False),
    "a chunk longer than its size": (CHUNKED + b"4\r\nhello\r\n0\r\n\r\n", 200, b"hell", True, False),
    "a line between chunks without an end": (CHUNKED + b"5;" + b"a" * 2_000, 200, b"", True, False),
    "chunks within chunks": (OK + b"Transfer-Encoding: gzip, Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 200, b"a", True, True),
    "another coding": (OK + b"Transfer-Encoding: gzip\r\n\r\nabc", 200, b"abc", False, False),
    "chunks and a length": (
        OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        200,
        b"a",
        True,
        False,
    ),
    "a length given twice": (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", 200, b"ab", True, True),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 1\r\n\r\nab", 200, b"ab", False, False),
    "a length that is none": (OK + b"Content-Length: +2\r\n\r\nab", 200, b"ab", False, False),
    "a length of nothing": (OK + b"Content-Length:\r\n\r\nab", 200, b"ab", False, False),
    "a length beyond all numbers": (OK + b"Content-Length: " + b"9" * 9_000 + b"\r\n\r\n", 200, b"", False, False),
    "a zipped body": (OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", 200, b"\x1f\x8b", True, True),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, b"a", True, False),
    "HTTP/1.0, kept": (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 200, b"", True, True),
    "HTTP/1.1, closed": (OK + b"connection: foo, Close\r\nContent-Length: 0\r\n\r\n", 200, b"", True, False),
    "HTTP/2 by its line": (b"HTTP/2 200\r\nContent-Length: 0\r\n\r\n", 200, b"", True, False),
    "lines without CR": (b"HTTP/1.1 200 OK\nContent-Length: 1\n\na", 200, b"a", True, True),
    "lines of both kinds": (b"HTTP/1.1 200 OK\nContent-Length: 1\r\nA: b\n\r\na", 200, b"a", True, True),
    "no phrase": (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, b"", True, True),
    "empty lines before it": (b"\r\n\r\n\n" + SIZED, 200, b"hello", True, True),
    "a header of 9,000 bytes": (OK + b"A: " + b"a" * 9_000 + b"\r\nContent-Length: 0\r\n\r\n", 200, b"", True, True),
    "150 headers": (OK + b"Name: value\r\n" * 150 + b"Content-Length: 0\r\n\r\n", 200, b"", True, True),
    "headers that are none": (OK + b"no colon\r\n: no name\r\n\x00\xff\r\n folded\r\n\r\n", 200, b"", False, False),
    "a status nobody knows": (b"HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n", 799, b"", True, True),
    "the last byte of a head": (OK + b"A: ".ljust(HEAD - len(OK) - 4, b"a") + b"\r\n\r\n", 200, b"", False, False),
    "100 before it": (b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED, 200, b"hello", True, True),
    "103 before it": (b"HTTP/1.1 103 Early Hints\r\nLink: a\r\nContent-Length: 3\r\n\r\n" + SIZED, 200, b"hello", True, True),
    "many before it": (b"HTTP/1.1 102 Processing\r\n\r\n" * INTERIM + SIZED, 200, b"hello", True, True),
    "another protocol from here": (b"HTTP/1.1 101 x\r\nUpgrade: a\r\n\r\n\x01\x02", 101, b"", True, False),
}  # fmt: skip


# rules callbacks.head-decides, callbacks.head-limits
@pytest.mark.parametrize("name", GOOD)
def test_the_head_decides_wherever_it_is_cut(name: str) -> None:
    data, status, body, complete, reusable = GOOD[name]
    whole = found(data)
    assert (whole.status, whole.body, whole.complete, whole.reusable) == (status, body, complete, reusable)
    assert not whole.is_none
    ends = min(len(data), 1_200)  # of what is long, the beginning and the end
    for place in {*range(ends), *range(len(data) - ends, len(data))}:
        assert found(*cut(data, place)) == whole
    assert found(*(data[at : at + 1] for at in range(len(data)))) == whole


BAD: dict[str, tuple[bytes, str]] = {
    "garbage": (b"\x00\x01 good evening", r"not HTTP: it begins with '\x00\x01 good evening'"),
    "HTTP/0.9": (b"<html>hello</html>", "not HTTP: it begins with '<html>hello</html>'"),
    "another protocol": (b"SSH-2.0-OpenSSH\r\n", r"not HTTP: it begins with 'SSH-2.0-OpenSSH\r\n'"),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x46", "not HTTP but TLS; should the URL start with https://?"),
    "no status": (b"HTTP/1.1 OK\r\n\r\n", r"not HTTP: it begins with 'HTTP/1.1 OK\r\n\r\n'"),
    "a short status": (b"HTTP/1.1 20 OK\r\n\r\n", "not HTTP"),
    "a long status": (b"HTTP/1.1 2000 OK\r\n\r\n", "not HTTP"),
    "a status below all": (b"HTTP/1.1 099 OK\r\n\r\n", "not HTTP"),
    "a long beginning": (b"x" * 100, f"not HTTP: it begins with '{'x' * 40}'"),
    "a head too long": (OK + b"A: ".ljust(HEAD - len(OK) - 3, b"a") + b"\r\n\r\n", "its head is longer than 65,536 b"),
    "a head without an end": (OK + b"A: " + b"a" * HEAD, "its head is longer than 65,536 bytes"),
    "a line without an end": (b"HTTP/1.1 200 " + b"a" * HEAD, "its head is longer than 65,536 bytes"),
    "lines without an end": (OK + b"A: b\r\n" * 20_000, "its head is longer than 65,536 bytes"),
    "empty lines without an end": (b"\r\n" * HEAD + b"HTTP", "its head is longer than 65,536 bytes"),
    "interim answers too long": (
        (b"HTTP/1.1 103 x\r\nA: " + b"a" * 10_000 + b"\r\n\r\n") * 7 + SIZED,
        "its head is longer than 65,536 bytes",
    ),
    "interim answers without an end": (
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * (INTERIM + 1),
        "more than 16 interim answers came, the last with 103, and none that counts",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_can_be_no_answer_is_said_in_words_wherever_it_is_cut(name: str) -> None:
    data, words = BAD[name]
    whole = read(data)
    assert words in (whole.fault or "")
    assert (whole.status, whole.body, whole.complete, whole.reusable) == (None, b"", True, False)
    for place in {*range(min(len(data), 200)), len(data) - 2}:
        assert found(*cut(data, place)) == found(data)
    assert found(*(data[at : at + 1] for at in range(len(data)))) == found(data)


LEFT = (b"!", b"hello", b"HTHTTHTTP", b"<p>HTTP</p>\n\n", b"0\r\n\r\n", b"\x00" * 9_000, b"\r\nHTT")
"""What earlier answers leave on their connections."""


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize(
    "name", ["a body of a length", "chunks", "103 before it", "lines without CR", "204 with a body"]
)
def test_what_an_earlier_answer_left_is_passed_over_and_costs_the_connection(name: str, left: bytes) -> None:
    data, status, body, complete, _ = GOOD[name]
    whole = found(left + data, follows=True)
    assert whole == Found(status, whole.phrase, None, body, False, complete, False)
    for place in range(max(0, len(left) - 20), len(left) + len(data)):
        assert found(*cut(left + data, place), follows=True) == whole
    assert found(*(bytes((each,)) for each in left + data), follows=True) == whole


@pytest.mark.parametrize("left", LEFT[:-1])
def test_what_an_earlier_answer_left_is_the_fault_when_nothing_follows_it(left: bytes) -> None:
    for reader in (read(left, follows=True), read(*(bytes((each,)) for each in left), follows=True)):
        assert (reader.status, reader.complete) == (None, False)
        assert "not HTTP: it begins with" in (reader.fault or "")
        reader.feed(b"x" * HEAD)
        assert (reader.status, reader.complete, reader.reusable) == (None, True, False)


def test_nothing_is_passed_over_before_the_first_answer() -> None:
    assert read(b"hello" + SIZED).complete
    assert read(b"hello" + SIZED).status is None


@pytest.mark.parametrize("name", GOOD)
def test_an_answer_that_follows_another_is_read_like_the_first(name: str) -> None:
    assert found(GOOD[name][0], follows=True) == found(GOOD[name][0])


@pytest.mark.parametrize("name", GOOD)
def test_a_head_that_breaks_off_is_no_answer_and_no_fault(name: str) -> None:
    data = GOOD[name][0]
    while read(data[:-1]).status is not None:
        data = data[:-1]
    for end in range(min(len(data), 1_200)):
        reader = read(data[:end])
        assert (reader.status, reader.fault, reader.complete) == (None, None, False)


def test_of_a_body_the_beginning_is_kept_and_no_more_read_than_is_worth_it() -> None:
    long = read(OK + b"Content-Length: 99999999\r\n\r\n" + b"x" * READ)
    assert (long.body, long.complete) == (b"x" * KEPT, False)
    long.feed(b"x")
    assert (long.body, long.complete, long.reusable) == (b"x" * KEPT, True, False)
    just = read(b"%bContent-Length: %d\r\n\r\n" % (OK, READ), b"x" * READ)
    assert (just.body, just.complete, just.reusable) == (b"x" * KEPT, True, True)
    endless = read(OK + b"\r\n", *[b"x" * 50] * READ)
    assert (endless.body, endless.complete, endless.reusable) == (b"x" * KEPT, True, False)
    crumbs = read(CHUNKED, b"1\r\nx\r\n" * READ)
    assert (crumbs.body, crumbs.complete, crumbs.reusable) == (b"x" * KEPT, True, False)


def test_what_a_head_says_beside_its_status_is_kept() -> None:
    reader = read(b"HTTP/1.1 302 Over  there \r\nLOCATION :  /a:b?c \r\n\r\n")
    assert (reader.status, reader.phrase, reader.location) == (302, b"Over  there ", b"/a:b?c")
    assert read(b"HTTP/1.1 302\r\nX-Location: /\r\n\r\n").location is None


# Whatever comes

PIECES = (
    *(b"HTTP/1.1 ", b"HTTP/1.0 ", b"HTTP/2 ", b"200", b"204", b"103", b"101", b"304", b"500", b" OK", b"\r\n", b"\n", b"\r"),
    *(b"Content-Length: ", b"Transfer-Encoding: chunked", b"Connection: close", b"Connection: keep-alive", b"Location: /"),
    *(b": ", b",", b"0", b"1", b"5", b"a", b"hello", b";", b"\r\n\r\n", b"\x00", b"\xff", b"HTTP/1.1 200 OK\r\n"),
    *(b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 204 No Content\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n"),
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=40).map(b"".join), st.booleans(), st.data())
@example(b"", False, None)
def test_nothing_depends_on_where_bytes_are_cut(data: bytes, follows: bool, draw: st.DataObject | None) -> None:
    places = [] if draw is None else draw.draw(st.lists(st.integers(0, len(data)), max_size=10))
    whole = found(data, follows=follows)
    assert found(*cut(data, *places), follows=follows) == whole
    assert (whole.status is None) or not whole.is_none
    assert whole.complete or not whole.reusable


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_one_byte_that_is_another_changes_no_more_than_what_is_found(name: str, draw: st.DataObject) -> None:
    data = bytearray(GOOD[name][0])
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, min(len(data), 400) - 1))] = draw.draw(st.integers(0, 255))
    places = draw.draw(st.lists(st.integers(0, len(data)), max_size=6))
    assert found(*cut(bytes(data), *places)) == found(bytes(data))
