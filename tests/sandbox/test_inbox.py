"""The sinks: bounded places to receive callbacks."""

import orjson

from mockserver.sandbox.inbox import KEPT, SINKS, Sinks


def test_sinks_are_bounded() -> None:
    sinks = Sinks()
    for number in range(KEPT + 5):
        sinks.put("one", "now", str(number).encode())
    assert [each["body"] for each in orjson.loads(orjson.dumps(sinks.read("one")))] == list(range(5, KEPT + 5))
    for number in range(SINKS - 1):
        sinks.put(f"sink-{number}", "now", b"{}")
    sinks.put("one", "now", b"1")
    sinks.put("another", "now", b"1")
    assert sinks.read("sink-0") == []
    assert len(sinks.read("one")) == KEPT


def test_what_is_kept_is_shown_as_it_came() -> None:
    sinks = Sinks()
    for body in (
        b"[" * 1_000 + b"]" * 1_000,
        b'{"n":123456789012345678901234567890}',
        b"-0.0",
        b"NaN",
        b"1e400",
        b"\xff",
    ):
        sinks.put("a", "now", body)
    told = [orjson.dumps(each["body"]) for each in sinks.read("a")]
    assert told[:3] == [b"[" * 1_000 + b"]" * 1_000, b'{"n":123456789012345678901234567890}', b"-0.0"]
    assert told[3:] == [b'"NaN"', b'"1e400"', '"\ufffd"'.encode()]
