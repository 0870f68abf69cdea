"""Readiness, the instance and the metrics over a real socket, read as Prometheus reads them."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests import receivers
from tests.http.mocks import Mock, mocking, sms
from tests.receivers import Receiver

LABELS = ("sandbox", "method", "path", "status", "state", "result")

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A server that has counted nothing yet."""
    with mocking() as mock:
        yield mock


def scrape(mock: Mock) -> Samples:
    """Every sample, by its name without the prefix and the values of its labels in the order of LABELS."""
    response = mock.client.get("/_mock/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    samples: Samples = {}
    for family in text_string_to_metric_families(response.text):
        assert family.documentation
        for sample in family.samples:
            key = (
                sample.name.removeprefix("routee_mock_"),
                *(sample.labels[name] for name in LABELS if name in sample.labels),
            )
            assert key not in samples
            samples[key] = sample.value
    return samples


def test_a_shard_has_its_name_on_every_answer_and_every_number() -> None:
    with mocking(shard="s-1") as mock:
        mock.send(sms())
        answers = [
            mock.client.get(path) for path in ("/_mock/ready", "/nowhere", "/failover/tracking/x", "/_mock/metrics")
        ]
        answers.append(mock.client.post("/failover", json={"flow": [sms()]}))
        assert {answer.headers["mock-shard"] for answer in answers} == {"s-1"}
        for family in text_string_to_metric_families(answers[3].text):
            assert {sample.labels["shard"] for sample in family.samples} in ({"s-1"}, set())
    with mocking() as mock:
        assert "mock-shard" not in mock.client.get("/_mock/ready").headers
        assert "shard=" not in mock.client.get("/_mock/metrics").text


def test_ready_health_and_version_name_the_instance_and_every_server_has_another(mock: Mock) -> None:
    def instance(of: Mock, path: str) -> str:
        return str(of.client.get(path).json()["instance"])

    assert mock.client.get("/_mock/ready").json() == {"status": "ready", "instance": instance(mock, "/_mock/health")}
    assert len({instance(mock, f"/_mock/{name}") for name in ("ready", "health", "version")}) == 1
    with mocking(control_token="Sesame") as other:
        assert instance(other, "/_mock/ready") != instance(mock, "/_mock/ready")


def test_a_new_server_has_a_sandbox_with_a_token_and_nothing_else(mock: Mock) -> None:
    samples = scrape(mock)
    assert samples["sandboxes",] == 1
    assert samples["tokens", "default"] == 1
    assert samples["clock_seconds", "default"] == 1_893_499_200
    assert samples["journal_entries", "default"] == 2
    assert samples["pending_events", "default"] == 0
    assert {key[2]: value for key, value in samples.items() if key[0] == "flows"} == dict.fromkeys(
        ("Queued", "InProgress", "Succeeded", "Failed"), 0
    )
    assert {key[2]: value for key, value in samples.items() if key[0] == "callbacks"} == dict.fromkeys(
        ("under way", "delivered", "waiting to retry", "given up", "dropped", "delayed", "held back"), 0
    )
    assert not [key for key in samples if key[0] == "callback_attempts_total"]


def test_what_a_sandbox_holds_is_read_when_asked(mock: Mock, raw_receiver: Receiver) -> None:
    raw_receiver.reactions.extend([receivers.answer(500), receivers.hang_up])
    mock.send(sms(), url=raw_receiver.url, strategy="OnCompletion")
    mock.send(sms("+306900000020"), url=f"{mock.url}/_mock/nothing", strategy="OnCompletion")
    assert scrape(mock)["flows", "default", "Queued"] == 2
    mock.advance(by="50s")
    samples = scrape(mock)
    assert samples["flows", "default", "Succeeded"] == samples["flows", "default", "Failed"] == 1
    assert samples["callbacks", "default", "waiting to retry"] == samples["pending_events", "default"] == 2
    mock.advance(until="idle")
    samples = scrape(mock)
    assert samples["callbacks", "default", "delivered"] == samples["callbacks", "default", "given up"] == 1
    attempts = {key[2]: value for key, value in samples.items() if key[0] == "callback_attempts_total"}
    assert attempts == {"2xx": 1, "4xx": 13, "5xx": 1, "none": 1}
    assert samples["journal_entries", "default"] == len(mock.client.get("/_mock/journal").json()["entries"])
    assert samples["clock_seconds", "default"] > 1_893_499_200 + 86_400


def test_sandboxes_are_told_apart_and_come_and_go(mock: Mock) -> None:
    mock.client.post("/_mock/sandboxes", json={"id": "other.one"})
    mock.send(sms())
    samples = scrape(mock)
    assert samples["sandboxes",] == 2
    assert (samples["flows", "default", "Queued"], samples["flows", "other.one", "Queued"]) == (1, 0)
    mock.client.delete("/_mock/sandboxes/other.one")
    mock.client.post("/_mock/reset")
    samples = scrape(mock)
    assert samples["sandboxes",] == 1
    assert samples["flows", "default", "Queued"] == samples["tokens", "default"] == 0
    assert not [key for key in samples if "other.one" in key]


def test_requests_are_counted_by_route_and_never_by_what_a_client_made_up(mock: Mock) -> None:
    for number in range(5):
        mock.client.get(f"/failover/tracking/{number}")
        mock.client.get(f"/nowhere/{number}")
        mock.client.get("/_mock/clock")
    flow = mock.send(sms())
    mock.track(flow)
    mock.client.delete("/failover")
    requests = {key[1:]: value for key, value in scrape(mock).items() if key[0] == "requests_total"}
    assert requests == {
        ("POST", "/oauth/token", "200"): 1,
        ("GET", "/failover/tracking/{trackingId}", "404"): 5,
        ("GET", "/failover/tracking/{trackingId}", "200"): 1,
        ("POST", "/failover", "200"): 1,
        ("GET", "none", "404"): 5,
        ("DELETE", "none", "405"): 1,
    }
    mock.client.post("/_mock/reset")
    assert scrape(mock)["requests_total", "POST", "/oauth/token", "200"] == 1


def test_two_servers_in_one_process_do_not_share_numbers(mock: Mock) -> None:
    with mocking() as other:
        other.send(sms())
        assert scrape(other)["flows", "default", "Queued"] == 1
        assert scrape(mock)["flows", "default", "Queued"] == 0


def test_the_metrics_want_the_control_token() -> None:
    with mocking(control_token="Sesame") as mock:
        assert mock.client.get("/_mock/metrics").status_code == 401
        mock.client.headers["authorization"] = "Bearer Sesame"
        assert scrape(mock)["sandboxes",] == 1


@pytest.mark.parametrize("module", ["prometheus_client", "idna"])
def test_what_takes_long_to_import_is_not_imported_at_start_up(module: str) -> None:
    script = f"import sys; from mockserver.app import create_app; create_app(); sys.exit({module!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
