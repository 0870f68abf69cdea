"""Wrong calls: mypy and pyright find an error in each line below that has a comment."""

from pathlib import Path

from mockserver import AsyncRoutee, Flow, Receiver, Routee, RouteeContainer, RouteeMock, Server, every_path


def test_words(routee: Flow) -> None:
    routee.status == "Sucess"  # wrong # noqa: B015


def test_sync(routee: Routee, routee_server: Server) -> None:
    flow = routee.send([{}], callback="http://a/", strategy="OnStp")  # wrong
    routee.send([{}], stratgey="OnStep")  # wrong
    routee.send("flow")  # wrong
    routee.expect.flow(flow, status="Sucess")  # wrong
    routee.expect.flow(flow, status_code=2)  # wrong
    routee.expect.flow(flow, heard=["Viber EXPIRD"])  # wrong
    routee.expect.flow(flow, termination_channel="Whatsapp")  # wrong
    routee.expect.flow(flow, count="none")  # wrong
    routee.expect.send(channel="SMS")  # wrong
    routee.expect.send(kind="transaction")  # wrong
    routee.expect.callback(message_status="Sms Lost")  # wrong
    routee.expect.request(status="401")  # wrong
    routee.when().viber("exipred")  # wrong
    routee.when().sms({"delivred": 1})  # wrong
    routee.when().voice([{"at": "0s", "status": "Ringin"}])  # wrong
    routee.when().steps({"vibr": "delivered"})  # wrong
    routee.when().steps({"viber": "completed"})  # wrong
    routee.when(channel="Sns")  # wrong
    routee.when(uses="once")  # wrong
    routee.when().api("rest")  # wrong
    routee.when().api(503, endpoint="tokens")  # wrong
    routee.when().callbacks(drp="last")  # wrong
    routee.receiver.answers("hnag")  # wrong
    routee.receiver.always("rest")  # wrong
    routee.push("DELIVRED", flow)  # wrong
    routee.push("SEEN", channel="viber")  # wrong
    routee.journal(kind="sends")  # wrong
    routee.clock.set("manuel")  # wrong
    routee.clock.advance(minuts=1)  # wrong
    routee.clock.until_final(5)  # wrong
    routee.set_balance("a lot")  # wrong
    routee.play(503)  # wrong
    routee.clock.advance("1h").stopped == "idl"  # wrong # noqa: B015
    routee.callbacks[0].state == "droped"  # wrong # noqa: B015
    routee_server.create_sandbox(clock="manul")  # wrong
    routee_server.create_sandbox(token_life="forever")  # wrong
    RouteeMock(clok="manual")  # wrong
    RouteeMock(balance="a lot")  # wrong
    RouteeMock(scenario=5)  # wrong
    RouteeContainer(sandboxes="all")  # wrong
    every_path("Viber", "SMS")  # wrong
    Receiver(5)  # wrong
    Path(routee.scenarios)  # wrong
    routee.clok.until_idle()  # wrong
    routee.when().vibr("expired")  # wrong
    routee.receiver.handler(print)  # wrong


async def test_async(async_routee: AsyncRoutee) -> None:
    await async_routee.send([{}], callback="http://a/", strategy="OnStp")  # wrong
    await async_routee.when().viber("exipred")  # wrong
    await async_routee.expect.flow(status="Sucess")  # wrong
    (await async_routee.flows)[0].status == "Sucess"  # wrong # noqa: B015
