"""`with RouteeMock() as routee:`, and the process the mock runs in."""

import asyncio
import json
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import httpx2
import pytest

import mockserver
from mockserver import RouteeMock
from mockserver.client import Server, Unreachable
from mockserver.testing import Receiver, Routee, process
from mockserver.testing.process import NotStarted, started
from tests.http.mocks import sms, viber


def test_a_mock_in_a_process_of_its_own_lasts_as_long_as_the_block() -> None:
    with started(["--clock", "manual"]) as url:
        with Server(url) as server:
            assert server.sandbox().info.clock.mode == "manual"
        gone = Server(url)
    with pytest.raises(Unreachable):
        gone.ready()
    gone.close()


def test_a_mock_that_does_not_start_says_why() -> None:
    with pytest.raises(NotStarted, match=r"No such option:? '?--prot\b"), started(["--prot", "1"]):
        pass
    with pytest.raises(NotStarted, match="no scenario 'nowhere'"), started(["--scenario", "nowhere"]):
        pass


def test_a_mock_ends_with_the_program_that_started_it_however_that_ends(tmp_path: Path) -> None:
    program = "import os\nfrom mockserver.testing import process\nprint(process.shared(), flush=True)\nos._exit(1)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600)
    url = done.stdout.strip()
    assert url.startswith("http"), done.stderr
    for _ in range(400):
        try:
            httpx2.get(url, trust_env=False)
        except httpx2.TransportError:
            return
        threading_pause()
    pytest.fail("the mock outlived its program")


def threading_pause() -> None:
    import time

    time.sleep(0.025)


def test_a_block_has_a_sandbox_and_a_receiver() -> None:
    with RouteeMock() as routee:
        routee.when().viber("expired").sms("delivered")
        flow = routee.send([viber(ttl=10), sms()], callback=routee.receiver.url)
        assert routee.clock.just_after_ttl(flow).callbacks
        routee.clock.until_idle()
        assert [each["status"] for each in routee.receiver.payloads][-1] == "Succeeded"
        url, id_ = routee.url, routee.id
    assert url == process.shared()
    with Server(url) as server:
        assert id_ not in [each.id for each in server.sandboxes]


def test_without_a_block_it_says_where_the_sandbox_is() -> None:
    with pytest.raises(AttributeError, match=r"RouteeMock has no send, but its sandbox has: `with RouteeMock\(\) as"):
        RouteeMock().send([])  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="has no attribute 'sned'"):
        RouteeMock().sned([])  # type: ignore[attr-defined]


def test_a_block_is_awaited_as_well() -> None:
    async def sent() -> tuple[int, str]:
        async with RouteeMock(clock="instant", seed=5) as routee:
            flow = await routee.send([sms()], callback=routee.receiver.url)
            await routee.expect.flow(flow, status="Succeeded", within=5)
            await routee.play("lost-reply")
            return len(routee.receiver.requests), flow.tracking_id

    count, tracking_id = asyncio.run(sent())
    assert count == 3
    assert asyncio.run(sent()) == (count, tracking_id)


def test_a_day_that_passes_logs_nobody_out() -> None:
    with RouteeMock() as routee:
        token = routee.token()
        routee.clock.advance(days=1)
        headers = {"authorization": f"Bearer {token}"}
        assert httpx2.get(f"{routee.url}/accounts/me/balance", headers=headers, trust_env=False).status_code == 200


def test_scenarios_are_played_by_name_or_as_files_or_nothing_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "no-calls.yaml"
    file.write_text("voice: busy\n")
    with RouteeMock(scenario="carrier-filtering") as one, RouteeMock(scenario=["carrier-filtering", file]) as two:
        flow = one.send([sms()])
        one.clock.until_idle()
        one.expect.flow(flow, status="Failed")
        assert set(two.scenarios) == {"carrier-filtering", "no-calls"}

    async def story() -> list[str]:
        async with RouteeMock(scenario=file) as routee:
            return await routee.scenarios

    assert asyncio.run(story()) == ["no-calls"]
    with Server(process.shared()) as server:
        before = len(server.sandboxes)
        with pytest.raises(mockserver.client.MockError, match="did you mean lost-reply"):
            RouteeMock(scenario="lost-repli").__enter__()
        with pytest.raises(mockserver.client.MockError, match="did you mean lost-reply"):
            asyncio.run(RouteeMock(scenario="lost-repli").__aenter__())
        assert len(server.sandboxes) == before


def test_a_mock_that_runs_already_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with started() as url:
        monkeypatch.setenv("ROUTEE_MOCK_URL", url)
        with RouteeMock() as routee, RouteeMock(url) as other:
            assert routee.url == other.url == url


def test_unnoticed_problems_are_listed() -> None:
    with RouteeMock() as routee:
        routee.receiver.answers(500)
        with pytest.raises(mockserver.client.MockError):
            routee.send([sms("12")])
        routee.when(uses=1).api(429)
        with pytest.raises(mockserver.client.MockError):
            routee.send([sms()])
        assert routee.unnoticed_problems() == [
            "refused: POST /failover answered 400: Validation Error!\n  flow[0].to: " + problem(routee)
        ]
        routee.send([sms()], callback=routee.receiver.url)
        routee.clock.next()
        assert routee.unnoticed_problems()[1:] == [
            f"not delivered: callback 1 to {routee.receiver.url} is waiting to retry: answered 500 Internal Server Error, not 200"
        ]
        routee.clock.until_idle()
        assert len(routee.unnoticed_problems()) == 1


def problem(routee: Any) -> str:
    return str(routee.requests[1].wrong["flow[0].to"])


class InUnittest(unittest.TestCase):
    def setUp(self) -> None:
        self.routee = self.enterContext(RouteeMock())

    def test_it_is_a_context_like_any_other(self) -> None:
        self.routee.send([sms()])
        self.routee.expect.send(count=1)


def test_the_package_gives_what_it_says_and_nothing_else() -> None:
    assert all(getattr(mockserver, name) for name in mockserver.__all__)
    with pytest.raises(AttributeError, match="'mockserver' has no attribute 'RouteMock'"):
        mockserver.RouteMock  # noqa: B018


def test_neither_the_package_nor_the_plugin_imports_anything_heavy() -> None:
    program = "import sys, mockserver, mockserver.pytest_plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"pydantic", "httpx2", "starlette", "uvicorn", "orjson", "yaml", "phonenumbers", "click"}
    assert not heavy & {name.partition(".")[0] for name in done.stdout.split()}


def test_settings_of_a_mock_started_by_hand_do_not_reach_the_one_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTEE_MOCK_CLOCK", "manual")
    monkeypatch.setenv("ROUTEE_MOCK_PORT", "no number")
    with started() as url, Server(url) as server:
        assert server.sandbox().info.clock.mode == "realtime"


def test_the_dialect_of_the_account_does_reach_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    account = tmp_path / "account.toml"
    account.write_text("success-status = 201\n")
    for dialect in (str(account), '{"successStatus": 201}'):
        monkeypatch.setenv("ROUTEE_MOCK_DIALECT", dialect)
        with started() as url, Server(url) as server:
            assert server.sandbox().info.dialect == {"successStatus": 201}
    monkeypatch.setenv("ROUTEE_MOCK_DIALECT", str(tmp_path / "nowhere.toml"))
    with pytest.raises(NotStarted, match=r"nowhere\.toml cannot be read"), started():
        pass


def test_what_was_learnt_of_the_account_does_reach_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    learnt, counts = tmp_path / "learnt.json", {"confirmed": 1, "contradicted": 0}
    learnt.write_text(json.dumps({"format": 1, "rules": {"statuses.success": counts}}))
    monkeypatch.setenv("ROUTEE_MOCK_LEARNT", str(learnt))
    with started() as url, Server(url) as server:
        sandbox = server.create_sandbox(clock="manual")
        flow = sandbox.send([{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "hello"}}])
        sandbox.clock.until_idle()
        told = {each["name"]: each.get("learnt") for each in sandbox.why(flow)}
    assert told["statuses.success"] == counts
    assert [*told.values()].count(None) == len(told) - 1
    learnt.write_text("{}")
    with pytest.raises(NotStarted, match=r"learnt\.json: format is missing"), started():
        pass


def test_a_sandbox_that_is_gone_already_is_no_error_in_the_end() -> None:
    with RouteeMock() as routee:
        routee.delete()


def test_what_a_handler_raises_is_raised_at_the_end_of_the_block() -> None:
    with pytest.raises(ZeroDivisionError), RouteeMock() as routee:
        fail_in_handler(routee)

    async def story() -> None:
        async with RouteeMock() as routee:
            assert httpx2.post(failing(routee.receiver), trust_env=False).status_code == 500

    with pytest.raises(ZeroDivisionError):
        asyncio.run(story())


def failing(receiver: Receiver) -> str:
    receiver.always(lambda _: 1 // 0)
    return receiver.url


def fail_in_handler(routee: Routee) -> None:
    routee.send([sms()], callback=failing(routee.receiver))
    routee.clock.next()
