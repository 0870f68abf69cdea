"""Several mocks behind HAProxy: every request finds the shard that knows its application."""

import random
import string
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

import httpx2
import pytest

from mockserver.client import Misuse, Server
from mockserver.core.slots import slot
from tests.http.mocks import sms
from tests.proxy.balancers import bearer, login, proxied, sharing

LETTERS = string.printable + "äßçñøЖλ中文日本한국😀\u200d\u0301 %,;=\"'\\/{}[]()"
IN_IDS = string.ascii_letters + string.digits + "._-"

DOWN = "The shard of this application is down: s2."
PATIENCE = 60.0
"""Real seconds that the proxy may take to notice who is down."""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    """A client of a proxy in front of two mocks."""
    with sharing(1) as one, sharing(2) as two, proxied([one, two]) as client:
        yield client


def applications(chance: random.Random, count: int) -> Iterator[str]:
    """Ids of applications, short and long; a colon would end them."""
    yield from ("a", "é" * 64, "x" * 200, "%41", "a b", " a", "a,b", "a\tb", "default", "😀")
    for _ in range(count - 10):
        text = "".join(chance.choices(LETTERS, k=chance.choice((1, 5, 24, 64))))
        yield text.replace(":", "").strip() or "x"


def ids(chance: random.Random, count: int) -> Iterator[str]:
    """Ids of sandboxes."""
    yield from ("my-test", "A.b-c_d", "y" * 64)
    for _ in range(count - 3):
        text = "".join(chance.choices(IN_IDS, k=chance.choice((5, 24, 63))))
        yield f"s{text}"


def here(answer: httpx2.Response, name: str, status: int = 200) -> str:
    """The shard of an answer, which must be as expected, and of the slot that the name has in Python."""
    assert (answer.status_code, answer.headers["mock-slot"]) == (status, str(slot(name))), f"{name!r}: {answer.text}"
    return answer.headers["mock-shard"]


def test_of_a_thousand_random_names_none_is_misrouted(client: httpx2.Client) -> None:
    chance, met = random.Random(15), Counter[str]()
    for name in applications(chance, 700):
        logged_in = login(client, name, "se:cr:et")
        shard = here(logged_in, name)
        assert shard == here(client.get("/accounts/me/balance", headers=bearer(logged_in)), name)
        met[shard] += 1
    for name in ids(chance, 300):
        place = f"/_mock/sandboxes/{quote(name).replace('A', '%41')}"
        made = client.put(place, json={"clock": "manual"})
        shard, sandbox = here(made, name, 201), made.json()
        logged_in = login(client, sandbox["applicationId"], sandbox["applicationSecret"])
        sent = client.post("/failover", json={"flow": [sms()]}, headers=bearer(logged_in))
        looked_at = client.get(f"{place}/flows")
        assert [shard] * 3 == [here(each, name) for each in (logged_in, sent, looked_at)]
        assert [each["trackingId"] for each in looked_at.json()["flows"]] == [sent.json()["trackingId"]]
        met[shard] += 1
    assert sum(met.values()) == 1_000
    assert min(met.values()) > 400


def test_whatever_names_nobody_goes_where_default_is_or_where_it_is_told_to(client: httpx2.Client) -> None:
    asked = (
        client.get("/_mock/version"),
        client.get("/_mock/clock", headers={"authorization": "Bearer control"}),
        client.get("/_mock/sandboxes/default"),
        client.get("/_mock/ready"),
        client.get("/openapi.json"),
    )
    assert len({here(each, "default") for each in asked}) == 1
    for header in ({}, {"authorization": "Bearer zz"}, {"authorization": "Bearer"}, {"authorization": "Basic ?"}):
        assert client.get("/accounts/me/balance", headers=header).status_code == 401
    for name in ("s1", "s2"):
        answer = client.get("/_mock/metrics", headers={"mock-shard": name})
        assert answer.headers["mock-shard"] == name
        assert f'routee_mock_sandboxes{{shard="{name}"}}' in answer.text


def test_a_sandbox_is_put_and_not_posted(client: httpx2.Client) -> None:
    refused = client.post("/_mock/sandboxes", json={"id": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (400, "400000000")
    assert "PUT /_mock/sandboxes/{id} makes it" in refused.json()["developerMessage"]


def test_the_python_client_finds_its_sandboxes_through_it(client: httpx2.Client) -> None:
    with Server(str(client.base_url)) as server:
        for name in ("one", "two", "three", "four"):
            with server.create_sandbox(name) as sandbox:
                flow = sandbox.send([sms()])
                sandbox.clock.until_idle()
                assert sandbox.flow(flow).status == "Succeeded"
        with pytest.raises(Misuse, match="the id of a sandbox must be in the path"):
            server.create_sandbox()


def test_a_scenario_that_breaks_connections_off_breaks_them_off_here_too(client: httpx2.Client) -> None:
    client.put("/_mock/sandboxes/broken")
    client.post("/_mock/sandboxes/broken/scenarios", json={"name": "x", "api": "reset"})
    made = client.get("/_mock/sandboxes/broken").json()
    token = bearer(login(client, made["applicationId"], made["applicationSecret"]))
    with pytest.raises(httpx2.RemoteProtocolError):
        client.post("/failover", json={"flow": [sms()]}, headers=token)
    assert client.get("/accounts/me/balance", headers=token).status_code == 200


def by_shard(client: httpx2.Client, count: int = 20) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Applications, by their shard, each with its headers."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {"s1": [], "s2": []}
    for number in range(count):
        answer = login(client, f"load-{number}")
        found[answer.headers["mock-shard"]].append((f"load-{number}", bearer(answer)))
    assert all(found.values())
    return found


def until(client: httpx2.Client, status: int) -> httpx2.Response:
    """The first answer of /_mock/ready with this status."""
    end = time.monotonic() + PATIENCE
    while (answer := client.get("/_mock/ready")).status_code != status:
        assert time.monotonic() < end, answer.text
        time.sleep(0.05)
    return answer


def test_whoever_belongs_to_a_shard_that_is_down_is_told_so_and_the_others_go_on() -> None:
    with sharing(1) as one, ExitStack() as second:
        two = second.enter_context(sharing(2))
        with proxied([one, two]) as client:
            found = by_shard(client)
            assert until(client, 200).json()["status"] == "ready"
            second.close()
            for unready in (False, True):  # before it is noticed, and after
                for name, headers in found["s2"]:
                    for told in (client.get("/accounts/me/balance", headers=headers), login(client, name)):
                        assert (told.status_code, told.json()["code"]) == (503, "503000000")
                        assert told.json()["developerMessage"].startswith(DOWN)
                        assert told.headers["retry-after"] == "1"
                for _, headers in found["s1"]:
                    assert client.get("/accounts/me/balance", headers=headers).status_code == 200
                if not unready:
                    assert until(client, 503).json()["developerMessage"] == "1 of 2 shards are up."


def test_with_a_store_the_users_of_a_shard_that_is_down_move_to_the_others() -> None:
    """There is no store here: the other shard does not know what it would find there, and makes it anew."""
    with ExitStack() as first, ExitStack() as second:
        urls = [each.enter_context(sharing(number)) for number, each in enumerate((first, second), start=1)]
        with proxied(urls, "--store") as client:
            found = by_shard(client)
            second.close()
            for name, headers in found["s2"]:
                moved = client.get("/accounts/me/balance", headers=headers)
                assert (moved.status_code, moved.headers["mock-shard"]) == (401, "s1")
                assert here(login(client, name), name) == "s1"
            for _, headers in found["s1"]:
                assert client.get("/accounts/me/balance", headers=headers).status_code == 200
            assert until(client, 200).json()["status"] == "ready"
            first.close()
            assert until(client, 503).headers["content-type"] == "application/json"
            told = login(client, "load-1")
            assert (told.status_code, told.json()["developerMessage"][:16]) == (503, "No shard is up. ")


def homes(*words: str) -> dict[str, str]:
    """The shard of each of 1,000 applications. None is up: the proxy says which it has chosen."""
    urls = [f"http://127.0.0.1:{number}" for number in (1, 2, 3)]
    with proxied(urls[: int(words[0])]) as client:
        told = {f"load-{number}": login(client, f"load-{number}") for number in range(1_000)}
    return {name: answer.json()["developerMessage"].split(": ")[1][:2] for name, answer in told.items()}


def test_of_the_applications_a_third_move_when_a_third_shard_is_added_and_all_of_them_to_it() -> None:
    before, after = homes("2"), homes("3")
    moved = [name for name, home in before.items() if after[name] != home]
    assert len(moved) <= 360
    assert {after[name] for name in moved} == {"s3"}
    assert min(Counter(before.values()).values()) >= 420
    assert min(Counter(after.values()).values()) >= 270
