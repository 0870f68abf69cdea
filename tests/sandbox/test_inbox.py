"""The sinks: bounded places to receive callbacks."""

from mockserver.sandbox.inbox import KEPT, SINKS, Sinks


def test_sinks_are_bounded() -> None:
    sinks = Sinks()
    for number in range(KEPT + 5):
        sinks.put("one", "now", str(number).encode())
    assert [each["body"] for each in sinks.read("one")] == list(range(5, KEPT + 5))
    for number in range(SINKS - 1):
        sinks.put(f"sink-{number}", "now", b"{}")
    sinks.put("one", "now", b"1")
    sinks.put("another", "now", b"1")
    assert sinks.read("sink-0") == []
    assert len(sinks.read("one")) == KEPT
