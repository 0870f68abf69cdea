"""Right calls: neither mypy nor pyright finds anything here."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockserver import (
    AsyncRoutee,
    FlowPath,
    Misuse,
    MockError,
    Receiver,
    Refused,
    Reply,
    Routee,
    RouteeMock,
    Server,
    Unreachable,
    every_path,
)

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


@pytest.mark.parametrize("path", every_path("Viber", "Sms"))
def test_sync(routee: Routee, routee_server: Server, path: FlowPath) -> None:
    routee.when(to="+3069*", channel="Sms", uses=2).viber("expired").sms("failed", "delivered", after="4s")
    routee.when().viber({"delivered": 9, "seen": 1}).voice([{"at": 0, "status": "Queued"}])
    routee.when().steps({"viber": "expired"}, {"sms": "roaming"}).callbacks(drop="last", duplicate=[1], reorder="30%")
    routee.when().api(429, endpoint=["send", "token"], retry_after=30, body={"a": 1}, delay="1s")
    routee.when().api("reset")
    routee.play(path.scenario)
    routee.play("lost-reply")
    routee.play(Path("own.yaml"))
    routee.stop("path")
    flow = routee.send([SMS], callback=routee.receiver.url, strategy="OnCompletion")
    routee.send({"flow": [SMS]}, transactional=True)
    routee.push("SEEN", flow, channel="Viber", reason="any")
    routee.inbound("Thanks", flow)
    routee.clock.advance(minutes=1)
    routee.clock.until_final(flow)
    routee.expect.flow(flow, status="Succeeded", status_code="2", heard=["Viber EXPIRED", "Sms Delivered"], count=0)
    routee.expect.callback(message_status="EXPIRED", at_least=1)
    routee.receiver.answers(500, "hang", Reply(204))
    routee.receiver.always(lambda received: ({"got": received.json}, 200))
    routee.journal(kind=["send", "status"])
    assert routee.flow(flow).status == path.status
    with pytest.raises(Refused), routee_server.create_sandbox(start=datetime.now(UTC), token_life="unlimited") as own:
        own.clock.set("instant", rate=2.0)
    for error in (MockError, Misuse, Unreachable):
        assert issubclass(error, Exception)


def test_elsewhere(receiver: Receiver) -> None:
    with RouteeMock(clock="realtime", balance="unlimited", scenario=["lost-reply", Path("own.yaml")]) as routee:
        routee.send([SMS], callback=receiver.url)


async def test_async(async_routee: AsyncRoutee) -> None:
    await async_routee.when().sms("failed")
    flow = await async_routee.send([SMS])
    await async_routee.expect.flow(flow, status="Failed")
    assert (await async_routee.flows)[0].statuses == ("Failed",)
