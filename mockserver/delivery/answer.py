"""The answer of a receiver, read from its bytes as they come. No socket and no clock is touched here.

Theory of operation. The head decides. Once a line with a status has come, and after it an empty line, there is an
answer, whatever stands between the two and whatever follows. The headers say no more than where the answer ends, and
so whether its connection can be used again: where they leave a doubt, or more comes than they said, it cannot.

Nothing that is found depends on where the bytes were cut on their way. And nothing is read without an end: the head
must have ended within so many bytes, after so many interim answers; of a body so many bytes are read, and fewer kept.

A receiver may send more than it said, and late: then it comes on a connection that has been used again. What stands
before the head of an answer that follows another is such a rest. It is passed over, and the connection not used again.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct

from mockserver.delivery.bodies import Body, Chunked, Nothing, Sized, Unbounded

KEPT = 1_024
"""Bytes kept of the body of an answer (choice)."""

READ = 65_536
"""Bytes read of a body so that its connection can be used again; a longer one costs the connection (choice)."""

HEAD = 65_536
"""Bytes within which the head of an answer must have ended, interim answers before it included (choice)."""

SHORT = 1_024
"""Bytes of a head that is remembered, at the most: a receiver's next answer mostly has the same one."""

INTERIM = 16
"""Interim answers (1xx) that may come before the one that counts (choice)."""

SWITCHED = 101
"""Interim by its number, but what follows it is not HTTP any longer."""

BODILESS = frozenset({SWITCHED, 204, 304})
"""Statuses of answers without a body, whatever their headers say."""

START = b"HTTP/"

STATUS = re.compile(rb"HTTP/(\d(?:\.\d)?)[ \t]+([1-9]\d\d)(?:[ \t]([^\r\n]*))?\r?\n")

FIELDS = frozenset({b"connection", b"content-length", b"location", b"transfer-encoding"})
"""The headers that are looked at, in lower case."""

DIGITS = 15
"""Digits of the length of a body that is believed in, at the most."""

ALERT = b"\x15\x03"
"""How TLS begins to say that it cannot understand."""

SHOWN = 40
"""Bytes shown of what is not HTTP, at the most."""

NOT_HTTP = "what came back is not HTTP"

Fields = Mapping[bytes, bytes]


class AnswerReader:
    """Reads one answer: `feed` it until it is complete, or nothing more comes.

    status: None until the head has come. phrase, location: what the head says beside it. body: its beginning.
    fault: in words, why this can be no answer. complete: whether there is no more to read. reusable: whether the
    connection can be used again. follows: it is not the first answer on its connection.
    """

    status: int | None = None
    phrase = b""
    location: bytes | None = None
    body = b""
    fault: str | None = None
    complete = False
    reusable = False
    _searched = _passed = _interim = _read = 0
    _left = b""
    _keeps = False
    _rest: Body

    def __init__(self, *, follows: bool = False) -> None:
        self._head = bytearray()
        self._follows = follows

    def feed(self, data: bytes) -> None:
        """Read on. What comes after a complete answer belongs to nothing: its connection is not used again."""
        if self.complete:
            self.reusable = self.reusable and not data
        elif self.status is not None:
            self._read_body(data)
        elif self._head or self._passed or not self._read_whole(data):
            self._read_head(data)

    def _read_whole(self, data: bytes) -> bool:
        """Read an answer that comes in one piece, all of it, as most do. False if this is none."""
        end = _end(data, 0)
        head = _known_head(data[:end]) if 0 < end <= SHORT else None
        if head is None or head.length != len(data) - end or head.length > KEPT:
            return False
        self.status, self.phrase, self.location, self.reusable = head.status, head.phrase, head.location, head.keeps
        self.body, self.complete = data[end:], True
        return True

    # The head

    def judge(self, head: bytes) -> "_Head | None":
        """What a whole head says; None if it is none that counts, or the body has no length."""
        self._read_head(head)
        if self.status is None:
            return None
        length = self._rest.left if isinstance(self._rest, Sized) else 0
        if length == 0 and not self.reusable:
            return None
        return _Head(self.status, self.phrase, self.location, self._keeps, length)

    def _read_head(self, data: bytes) -> None:
        head = self._head
        if not head:  # empty lines before it are passed over
            stripped = data.lstrip(b"\r\n")
            self._passed += len(data) - len(stripped)
            data = stripped
        head += data
        if self._follows and not START.startswith(bytes(head[: len(START)])):
            self._pass_over_rest()
        end = _end(head, self._searched)
        size = end or len(head)
        if not START.startswith(bytes(head[: len(START)])):
            self._fail(_not_http(head))
        elif self._passed + size > HEAD:
            self._fail(f"{NOT_HTTP}: its head is longer than {HEAD:,} bytes")
        elif not end:
            self._searched = max(0, size - 2)
        else:
            self._judge(bytes(head[:size]), bytes(head[size:]))

    def _judge(self, head: bytes, rest: bytes) -> None:
        line = STATUS.match(head)
        if line is None:
            self._fail(_not_http(head))
        elif line[2] < b"200" and int(line[2]) != SWITCHED:
            self._pass(int(line[2]), head, rest)
        else:
            self._begin(line, head, rest)

    def _pass_over_rest(self) -> None:
        """Drop what an earlier answer has left, up to where a head may begin. If none comes, that is the fault."""
        head = bytes(self._head)
        held = range(max(0, len(head) - len(START)), len(head))
        at = head.find(START)
        if at < 0:
            at = next((at for at in held if START.startswith(head[at:])), len(head))
        self._left += head[: min(at, SHOWN - len(self._left))]
        self._passed += at
        self.fault = _not_http(self._left)
        del self._head[:at]

    def _pass(self, status: int, head: bytes, rest: bytes) -> None:
        """An interim answer says that another one will come."""
        self._interim += 1
        self._passed += len(head)
        self._searched = 0
        self._head.clear()
        if self._interim > INTERIM:
            self._fail(f"more than {INTERIM} interim answers came, the last with {status}, and none that counts")
        elif rest:
            self._read_head(rest)

    def _begin(self, line: re.Match[bytes], head: bytes, rest: bytes) -> None:
        self.status, self.phrase = int(line[2]), line[3] or b""
        fields = _fields(head)
        self.location = fields.get(b"location")
        self._keeps = _is_kept(line[1], fields) and self.fault is None
        self.fault = None
        self._rest = _framed(self.status, fields)
        self._read_body(rest)

    def _fail(self, fault: str) -> None:
        self.fault, self.complete = fault, True
        self._head.clear()

    # The body

    def _read_body(self, data: bytes) -> None:
        """Take what comes of a body, until it ends or is too long to be worth it."""
        piece = data[: READ + 1 - self._read]
        self._read += len(piece)
        content = self._rest.take(piece)
        if len(self.body) < KEPT:
            self.body += content[: KEPT - len(self.body)]
        whole = self._rest.whole
        self.complete = whole is not None or self._read > READ
        self.reusable = whole is True and self._keeps and self._read <= READ


class _Head(Struct, frozen=True, gc=False):
    """What a head says of an answer whose body has a length, be it 0."""

    status: int
    phrase: bytes
    location: bytes | None
    keeps: bool
    length: int


@lru_cache(maxsize=64)
def _known_head(head: bytes) -> _Head | None:
    return AnswerReader().judge(head)


def _end(head: bytes | bytearray, start: int) -> int:
    """Where a head ends, looked for from `start` on; 0 if that has not come. Lines may end without a CR."""
    strict, plain = head.find(b"\n\r\n", start), head.find(b"\n\n", start)
    if plain < 0 or 0 <= strict < plain:
        return strict + 3 if strict >= 0 else 0
    return plain + 2


def _fields(head: bytes) -> Fields:
    """The headers that are looked at, in lower case; one that came twice is a list."""
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        key, colon, value = line.partition(b":")
        name = key.strip().lower()
        if colon and name in FIELDS:
            fields[name] = fields[name] + b"," + value.strip() if name in fields else value.strip()
    return fields


def _is_kept(version: bytes, fields: Fields) -> bool:
    """Whether the receiver keeps the connection, by its version and by what it says."""
    said = [part.strip().lower() for part in fields.get(b"connection", b"").split(b",")]
    if b"close" in said or {b"content-length", b"transfer-encoding"} <= fields.keys():  # two ends are one too many
        return False
    return version == b"1.1" or (version == b"1.0" and b"keep-alive" in said)


def _framed(status: int, fields: Fields) -> Body:
    """Where the body ends: at once, with its last chunk, after so many bytes, or with the connection."""
    coding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
    if length is not None and b"," in length:
        length = _agreed(length)
    if status in BODILESS:
        return Nothing(sure=status != SWITCHED and coding is None and length in (None, b"0"))
    if coding is not None:
        return Chunked() if coding.rpartition(b",")[2].strip().lower() == b"chunked" else Unbounded()
    return Sized(int(length)) if length and length.isdigit() and len(length) <= DIGITS else Unbounded()


def _agreed(lengths: bytes) -> bytes:
    """What a length given more than once says, if it always says the same."""
    said = {length.strip() for length in lengths.split(b",")}
    return said.pop() if len(said) == 1 else b""


def _not_http(head: Iterable[int]) -> str:
    start = bytes(head)[:SHOWN]
    if start.startswith(ALERT):
        return f"{NOT_HTTP} but TLS; should the URL start with https://?"
    return f"{NOT_HTTP}: it begins with {start.decode('ascii', 'backslashreplace')!r}"
