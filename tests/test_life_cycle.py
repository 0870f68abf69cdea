"""The life of a server process: it says when it is ready, logs, and stops at a signal."""

import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from mockserver import logs
from mockserver.cli import main
from mockserver.core.commands import Answer
from mockserver.settings import LogFormat
from mockserver.testing.receiver import Receiver, Reply
from tests.http.mocks import sms

GENEROUS = 60
"""Real seconds after which a test gives up waiting."""


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    name, _, url = process.stdout.readline().strip().partition("=")
    assert name == "ROUTEE_MOCK_URL"
    return url


def ended(process: "subprocess.Popen[str]", how: signal.Signals = signal.SIGTERM) -> list[dict[str, Any]]:
    """Stop a server. Return its log, as JSON."""
    process.send_signal(how)
    _, said = process.communicate(timeout=GENEROUS)
    assert process.returncode == (128 + how if how is signal.SIGINT else 0)
    return [json.loads(line) for line in said.splitlines() if line]


def send(url: str, webhook: str, **step: Any) -> httpx2.Response:
    login = httpx2.post(f"{url}/oauth/token", auth=("a", "my-secret"), data={"grant_type": "client_credentials"})
    body = {"flow": [sms(**step)], "callback": {"strategy": "OnStep", "url": webhook}}
    return httpx2.post(
        f"{url}/failover", json=body, headers={"authorization": f"Bearer {login.json()['access_token']}"}
    )


@pytest.fixture
def hung_up() -> Iterator[None]:
    """A program that starts now gets SIGHUP, even if the tests were started by nohup, which ignores it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hung_up")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_either_signal_ends_it_well_and_the_ready_file_is_gone(tmp_path: Path, how: signal.Signals) -> None:
    file = tmp_path / "ready.json"
    with serving("--ready-file", str(file), "--log", "json") as process:
        url = url_of(process)
        told = json.loads(file.read_text())
        assert (told["url"], told["pid"]) == (url, process.pid)
        while (
            "The mock is busy" in (ready := httpx2.get(f"{url}/_mock/ready")).text
        ):  # with its own start, on such a day
            time.sleep(0.1)
        assert ready.status_code == 200
        said = ended(process, how)
    assert [line["event"] for line in said] == ["ready", "stopping"]
    assert list(tmp_path.iterdir()) == []


def test_the_first_line_is_for_machines_and_the_others_for_people() -> None:
    with serving() as process:
        url = url_of(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("routee-mock ")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=GENEROUS)
    assert said.endswith(" stopping\n")
    assert url.startswith("http://127.0.0.1:")


def test_under_nohup_a_terminal_that_goes_is_no_reason_to_stop() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving() as process:
            url = url_of(process)
            process.send_signal(signal.SIGHUP)
            assert httpx2.get(f"{url}/_mock/health").status_code == 200
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_output_that_cannot_be_written_ends_it_in_a_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--ready-file", str(tmp_path / "ready")]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=GENEROUS, check=False)
    assert ended.returncode == 1
    last = "Error: the standard output cannot be written to: No space left on device"
    assert ended.stderr.splitlines()[-1] == last
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_banner_shows_a_line_for_a_token_that_is_issued() -> None:
    for arguments, user in ((("--app", "my shop:secret"), "'my shop'"), ((), "any-id:any-secret")):
        with serving(*arguments) as process:
            url_of(process)
            assert process.stdout is not None
            process.stdout.readline()
            line = process.stdout.readline()
            assert f"curl -u {user} -d " in line
            assert "secret" not in line.replace("any-secret", "")


def test_the_banner_tells_the_clock_that_the_default_sandbox_has_even_if_an_option_names_another(
    tmp_path: Path,
) -> None:
    kept = ("--data", str(tmp_path))
    for arguments, told in (
        ((*kept, "--rate", "60"), "realtime at rate 60"),
        ((*kept, "--clock", "manual"), "(realtime at rate 60, )?as it was kept"),  # the mode once the sandbox is back
        (("--clock", "manual"), "manual"),
    ):
        with serving(*arguments) as process:
            url_of(process)
            assert process.stdout is not None
            assert re.search(rf" \(clock: {told}; ctrl-c stops it\)\n", process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=GENEROUS)


def test_a_callback_under_way_is_broken_off_and_recorded(receiver: Receiver) -> None:
    receiver.always("hang")
    with serving("--log", "json", "--clock", "instant") as process:
        assert send(url_of(process), receiver.url).status_code == 200
        receiver.wait(1, timeout=60)
        said = ended(process)
    [lost] = [line for line in said if line["event"] == "callback"]
    assert (lost["level"], lost["status"]) == ("warning", None)
    assert lost["error"] == "the mock is shutting down; the answer was not waited for"


@pytest.mark.parametrize(
    ("taken", "status", "level"),
    [("2xx", 204, "debug"), ("200", 204, "warning"), ("any", 404, "debug"), ("2xx", 404, "warning")],
)
def test_a_callback_is_a_warning_if_its_answer_does_not_count_as_taken(
    taken: str, status: int, level: str, receiver: Receiver
) -> None:
    receiver.always(Reply(status))
    dialect = json.dumps({"takenAnswers": taken, "retryPlan": []})
    options = ("--log", "json", "--log-level", "debug", "--clock", "instant", "--dialect", dialect)
    with serving(*options) as process:
        assert send(url_of(process), receiver.url).status_code == 200
        receiver.wait(3)
        said = ended(process)
    callbacks = [line for line in said if line["event"] == "callback"]
    assert {line["level"] for line in callbacks} == {level}
    assert ("not 200" in callbacks[0]["message"]) is (level == "warning")


def test_nothing_sensitive_is_logged(receiver: Receiver) -> None:
    hidden = ("my-secret", "hush", "pa55", "hello", "+3069")
    webhook = receiver.url.replace("http://", "http://user:pa55@") + "?key=hush"
    with serving("--log", "json", "--log-level", "debug", "--clock", "instant", "--app", "a:my-secret") as process:
        url = url_of(process)
        assert send(url, webhook).status_code == 200
        assert send(url, webhook, to="+3069hush").status_code == 400
        receiver.wait(3, timeout=60)
        said = ended(process)
    assert {line["event"] for line in said} == {"ready", "request", "refused", "callback", "stopping"}
    assert not [line for line in said for word in hidden if word in json.dumps(line)]
    [refused] = [line for line in said if line["event"] == "refused"]
    assert (refused["wrong"], refused["level"]) == (["flow[0].to"], "warning")


def test_nothing_sensitive_is_logged_of_callbacks_that_fail(receiver: Receiver) -> None:
    receiver.always(Reply(302, headers={"location": "/login?next=hush"}))
    rewrite = f"app.test={receiver.url.partition('//')[2].partition('/')[0]}"
    with serving(
        "--log", "json", "--clock", "instant", "--token-life", "unlimited", "--callback-rewrite", rewrite
    ) as process:
        url = url_of(process)
        for webhook in ("http://user:pa55@app.test/webhook?key=hush", f"http://pa55@127.0.0.1:9/{'x' * 180}?key=hush"):
            assert send(url, webhook).status_code == 200
        said = [json.loads(line) for line in _until(process, 4)]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=GENEROUS)
    callbacks = [line for line in said if line["event"] == "callback"]
    assert {line["url"].partition("x")[0] for line in callbacks} == {"http://app.test/webhook", "http://127.0.0.1:9/"}
    assert {line["postedTo"] for line in callbacks} == {receiver.url, None}
    assert not [line for line in said for word in ("hush", "pa55") if word in json.dumps(line)]
    assert [line for line in callbacks if "a redirect to /login; redirects" in line["error"]]
    assert [line for line in callbacks if line["error"].startswith("nothing listens there;")]


def _until(process: "subprocess.Popen[str]", webhooks: int) -> Iterator[str]:
    """The lines that are logged, until both webhooks have failed so many times."""
    assert process.stderr is not None
    failed: Counter[str] = Counter()
    while len(failed) < 2 or min(failed.values()) < webhooks:
        line = process.stderr.readline()
        failed.update([json.loads(line)["url"]] if '"callback"' in line else [])
        yield line


def test_a_request_under_way_gets_an_answer_when_the_server_stops() -> None:
    with serving("--log", "json") as process, ThreadPoolExecutor() as threads:
        url = url_of(process)
        httpx2.post(f"{url}/_mock/scenarios", json={"name": "slow", "api": {"delay": "60s"}}).raise_for_status()
        sent = threads.submit(send, url, "http://127.0.0.1:9/")
        while not httpx2.get(f"{url}/_mock/flows").json()["flows"]:
            time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as half:
            half.sendall(b"POST /_mock/sink/a HTTP/1.1\r\nhost: mock\r\ncontent-length: 9\r\n\r\nabc")
            assert httpx2.get(f"{url}/_mock/health").status_code == 200
            said = ended(process)
            assert half.recv(65_536).startswith(b"HTTP/1.1 503 ")
    assert sent.result().status_code == 503
    assert "shutting down" in sent.result().json()["developerMessage"]
    late = "timeout graceful shutdown exceeded"  # it has a second for all, and a busy machine may take more
    assert [line["event"] for line in said if late not in str(line)] == ["ready", "stopping"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(tmp_path: Path, how: signal.Signals, receiver: Receiver) -> None:
    receiver.always("hang")
    with serving("--clock", "instant", "--ready-file", str(tmp_path / "ready.json")) as process:
        assert send(url_of(process), receiver.url).status_code == 200
        receiver.wait(1, timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        while "stopping" not in process.stderr.readline():
            pass
        process.send_signal(how)
        process.communicate(timeout=GENEROUS)
    assert process.returncode == 128 + how
    assert list(tmp_path.iterdir()) == []


def test_by_default_only_what_deserves_a_look_is_logged(receiver: Receiver) -> None:
    with serving("--clock", "instant") as process:
        url = url_of(process)
        send(url, receiver.url)
        send(url, receiver.url, to="12")
        receiver.wait(3, timeout=60)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=GENEROUS)
    refused, stopping = said.splitlines()
    assert refused.endswith("warning: POST /failover refused with 400: Validation Error! (flow[0].to)")
    assert stopping.endswith("stopping")


def test_a_taken_port_and_a_file_that_cannot_be_written_are_errors_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--port", port])
    assert (result.exit_code, f"port {port}" in result.output, "--port 0" in result.output) == (1, True, True)
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--ready-file", "/nowhere/at/all"])
    assert result.exit_code == 1
    assert "--ready-file /nowhere/at/all cannot be written: No such file or directory" in result.output


def test_a_server_that_cannot_listen_leaves_the_ready_file_of_the_one_that_does(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with serving("--ready-file", str(file)) as process:
        port = url_of(process).rpartition(":")[2]
        told = file.read_text()
        result = CliRunner().invoke(main, ["serve", "--port", port, "--ready-file", str(file)])
        assert (result.exit_code, file.read_text()) == (1, told)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=GENEROUS)
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_it_even_before_it_listens() -> None:
    program = (
        "import os, signal, sys\n"
        "from mockserver.cli import serving\n"
        "from mockserver.settings import Settings\n"
        "class Late:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'mockserver.server': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Late())\n"
        "serving.serve_until_told(Settings(port=0))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=GENEROUS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _can_be_process_1() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "--pid", "--fork", "true"]).returncode == 0


@pytest.mark.skipif(not _can_be_process_1(), reason="takes Linux, unshare and the right to use it")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_process_1_of_a_container_heeds_signals(how: signal.Signals) -> None:
    command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "-m", "mockserver", "serve"]
    with subprocess.Popen(
        [*command, "--port", "0", "--log", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        try:
            url_of(parent)
            assert parent.stderr is not None
            assert json.loads(parent.stderr.readline())["pid"] == 1
            [child] = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
            os.kill(int(child), how)
            _, said = parent.communicate(timeout=GENEROUS)
        finally:
            parent.kill()
    assert (parent.returncode, json.loads(said)["event"]) == (130 if how is signal.SIGINT else 0, "stopping")


# Health


def health(*arguments: str, **environment: str) -> tuple[int, str]:
    asked = ["health", *arguments]
    while (
        "The mock is busy"
        in (result := CliRunner().invoke(main, asked, env={"ROUTEE_MOCK_URL": None, **environment})).output
    ):
        time.sleep(0.1)
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    with serving("--host", "0.0.0.0", "--control-token", "t0ken") as process:
        yield url_of(process)


def test_a_mock_that_is_ready_is_healthy_wherever_it_listens(running: str) -> None:
    assert running.startswith("http://127.0.0.1:")
    port = running.rpartition(":")[2]
    assert health("--host", "0.0.0.0", "--port", port) == (0, f"ready: http://127.0.0.1:{port}\n")
    assert health(ROUTEE_MOCK_HOST="0.0.0.0", ROUTEE_MOCK_PORT=port, ROUTEE_MOCK_CLOCK="manual")[0] == 0
    assert health("--url", f"http://127.0.0.1:{port}/")[0] == 0
    assert health(ROUTEE_MOCK_URL=f"http://127.0.0.1:{port}")[0] == 0


def test_a_mock_that_chose_its_port_is_found_by_its_ready_file(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    asked = {"ROUTEE_MOCK_PORT": "0", "ROUTEE_MOCK_READY_FILE": str(file)}
    assert health(**asked) == (1, f"Error: no routee-mock is ready: {file} does not name one.\n")
    with serving("--ready-file", str(file)) as process:
        url = url_of(process)
        assert health(**asked) == (0, f"ready: {url}\n")


def test_another_server_is_not_healthy(receiver: Receiver) -> None:
    receiver.always(lambda asked: Reply(body="<html>" if asked.path.startswith("/page") else '{"status": "ready"}'))
    url = receiver.url.removesuffix("/webhook")
    other, page = health("--url", url), health("--url", f"{url}/page")
    assert other == (1, f"Error: no routee-mock is ready at {url}: it answers 200, but is not a routee-mock\n")
    assert page == (1, f"Error: no routee-mock is ready at {url}/page: something else answers there\n")


def test_no_server_is_not_healthy() -> None:
    assert health("--port", "9") == (
        1,
        "Error: no routee-mock is ready at http://127.0.0.1:9: Connection refused\n",
    )
    code, output = health("--port", "0")
    assert (code, "with --port 0 the mock chooses its port" in output) == (2, True)
    assert health("--url", "mock")[1].endswith("that is not a URL such as http://127.0.0.1:8080\n")
    assert health("--host", "::", "--port", "9")[1].startswith("Error: no routee-mock is ready at http://[::1]:9: ")


HEAVY = {
    "pydantic",
    "httpx2",
    "starlette",
    "uvicorn",
    "yaml",
    "phonenumbers",
    "prometheus_client",
    "trustme",
}


def loaded(program: str) -> set[str]:
    """The modules a Python of its own has loaded after a program."""
    told = f"import sys\ntry:\n    {program}\nfinally:\n    print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", [["--help"], ["health", "--port", "9"], ["config"]], ids=" ".join)
def test_what_must_be_quick_imports_nothing_heavy(command: list[str]) -> None:
    modules = loaded(f"from mockserver.cli import main; main({command!r})")
    assert "click" in modules
    assert not (HEAVY | {"asyncio"}) & modules
    if command != ["config"]:
        assert not {"mockserver.core.behaviour", "mockserver.core.commands", "tomllib"} & modules


def test_importing_the_package_imports_nothing_but_itself() -> None:
    modules = loaded("import mockserver") - loaded("pass")
    assert {name for name in modules if name.startswith("mockserver")} == {"mockserver"}
    assert not HEAVY & modules


def loaded_by_serve(*requests: tuple[str, str, Any]) -> set[str]:
    """The modules that a server of its own has loaded after these requests: each a method, a path and a body."""
    with serving("--clock", "manual", PYTHONPROFILEIMPORTTIME="1") as process:
        with httpx2.Client(base_url=url_of(process), headers={"Authorization": "Basic YTpi"}) as client:
            token = client.post("/oauth/token", data={"grant_type": "client_credentials"}).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            for method, path, body in requests:
                assert client.request(method, path, json=body).status_code < 500
        process.terminate()
        assert process.stderr is not None
        told = [line for line in process.stderr if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in told}


READY = ("GET", "/_mock/ready", None)
SEND = ("POST", "/failover", {"flow": [sms()]})
REFUSED = ("POST", "/failover", {"flow": [sms(to="nobody")]})
ADVANCE = ("POST", "/_mock/clock/advance", {"by": "1m"})


def test_a_server_imports_what_is_heavy_when_a_request_first_needs_it() -> None:
    started, sent, refused = loaded_by_serve(READY), loaded_by_serve(SEND, ADVANCE), loaded_by_serve(REFUSED)
    assert (HEAVY | {"pydantic_core", "annotated_types", "cryptography", "idna"}) & started == {"starlette", "uvicorn"}
    assert HEAVY & sent == {"starlette", "uvicorn", "phonenumbers"}
    assert "phonenumbers.carrier" in sent
    assert HEAVY & refused == {"starlette", "uvicorn", "phonenumbers", "pydantic"}


# Lines


def test_a_url_is_logged_without_its_secrets() -> None:
    assert logs.place("https://user:pass@app.test:8443/hook?key=1#x") == "https://app.test:8443/hook"
    assert logs.place("http://[") == "an unreadable URL"


def test_the_log_is_text_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    loggers = [logs.LOG, *map(logging.getLogger, logs.LIBRARIES)]
    kept = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    try:
        for kind in LogFormat:
            logs.configure(kind, "warning")
            logs.tell(logs.INFO, "quiet", "not told")
            answer = Answer(None, "http://app.test/hook: nothing listens there", 1.5)
            logs.callback("http://app.test/hook", answer, taken=False)
            try:
                raise ValueError("a fault")
            except ValueError as error:
                logs.LOG.error("it met %s", "a fault", exc_info=error)
    finally:
        for each, handlers, level, propagate in kept:
            each.handlers[:], each.propagate = handlers, propagate
            each.setLevel(level)
    text, trace, *_, callback, fault = capsys.readouterr().err.splitlines()
    assert text[9:] == "warning: callback to http://app.test/hook: nothing listens there"
    assert trace[9:] == "error: it met a fault"
    told = json.loads(callback)
    assert (told["event"], told["url"], told["error"], told["tookMs"]) == (
        "callback",
        "http://app.test/hook",
        "nothing listens there",
        1.5,
    )
    assert "ValueError: a fault" in json.loads(fault)["trace"]


def test_a_server_starts_without_what_few_ask_for() -> None:
    program = "import sys\nfrom mockserver.server import serve\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    later = {
        "idna",
        "prometheus_client",
        "trustme",
        "httpx2",
        "hypothesis",
        "faker",
        "mockserver.wire.openapi.routee",
    }
    assert not later & set(done.stdout.split())
