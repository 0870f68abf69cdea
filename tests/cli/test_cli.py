"""The command, as a user types it."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from mockserver.cli import main, serve, story
from mockserver.client import Server
from mockserver.loader import LIBRARY
from mockserver.server import running


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """`python -m mockserver serve`, as a process of its own; its URL."""
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield line.strip().removeprefix("ROUTEE_MOCK_URL=")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
            process.stdout.read()


def test_serve_starts_by_real_time_at_rate_1() -> None:
    with serving() as url:
        assert url.startswith("http://127.0.0.1:")
        clock = httpx2.get(f"{url}/_mock/clock").json()
        assert (clock["mode"], clock["rate"], clock["pending"], clock["next"]) == ("realtime", 1, 0, None)


def test_serve_does_as_its_options_say() -> None:
    options = (
        "--clock manual --start 2030-01-01T12:00Z --seed 7 --app me:mine --token-life 60 --strict-fields --no-transcode"
    )
    more = "--balance 0.01 --balance-mode at-once --max-body 2000 --rate 60"
    with serving(*options.split(), *more.split()) as url, httpx2.Client(base_url=url) as client:
        clock = client.get("/_mock/clock").json()
        assert (clock["mode"], clock["rate"], clock["now"]) == ("manual", 60, "2030-01-01T12:00:00Z")
        grant = {"grant_type": "client_credentials"}
        assert client.post("/oauth/token", auth=("me", "not mine"), data=grant).status_code == 401
        token = client.post("/oauth/token", auth=("me", "mine"), data=grant).json()
        assert token["expires_in"] == 59
        client.headers["authorization"] = f"Bearer {token['access_token']}"
        step = {"type": "Sms", "to": "+306900000000", "from": "Me", "message": {"body": "hello"}}
        assert client.post("/failover", json={"flow": [step]}).json()["code"] == "400001009"
        strict = client.post("/failover", json={"flow": [step | {"colour": "red"}]})
        assert list(strict.json()["properties"]) == ["flow[0].colour"]
        assert client.post("/failover", json={"flow": ["x" * 2_000]}).status_code == 413


def test_serve_guards_the_control_api_as_its_options_say() -> None:
    options = "--allow-host one.example --allow-host two.example --control-token Sesame"
    bounds = "--callback-allow *.webhook.test --callback-allow [::1]:80 --callback-deny 10.0.0.0/8 --callback-deny *:81"
    with serving(*options.split(), *bounds.split()) as url:
        token = {"x-mock-token": "Sesame"}
        assert httpx2.get(f"{url}/_mock/clock").status_code == 401
        for host, status in (("one.example", 200), ("two.example", 200), ("three.example", 403)):
            assert httpx2.get(f"{url}/_mock/clock", headers=token | {"host": host}).status_code == status


def test_a_taken_port_is_an_error_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output = run("serve", "--port", str(port))
    assert code == 1
    assert output == (
        f"Error: cannot listen on 127.0.0.1 port {port}: Address already in use."
        " Choose another with --port; --port 0 takes any that is free.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--clock slow", "'slow' is not one of 'realtime', 'manual', 'instant'"),
        ("--rate 0", "0.001"),
        ("--rate nan", "0.001"),
        ("--seed 9223372036854775808", "9223372036854775807"),
        ("--start tomorrow", "'tomorrow' is not an instant such as 2030-01-31T12:00:00Z"),
        ("--app nosecret", "it must be ID:SECRET"),
        ("--token-life soon", "'soon' is neither a number of at least 1 nor unlimited"),
        ("--balance -1", "'-1' is neither a number of at least 0"),
        ("--max-body 0", "0 is not in the range"),
        ("--prot 80", "--port"),
        ("--allow-host http://mock.example.com", "'http://mock.example.com' is neither a host name"),
        (
            "--callback-allow http://webhook.test/",
            "'http://webhook.test/' is no destination: write a host (webhook.test,",
        ),
        ("--callback-deny 10.0.0.0/99", "'10.0.0.0/99' is no destination"),
        ("--callback-deny webhook.test:0", "a port from 1 to 65535"),
        ("--callback-rewrite localhost", "'localhost' is no rewrite: write FROM=TO"),
        ("--control-token=", "a token is one or more visible ASCII characters"),
    ],
)
def test_a_wrong_option_is_explained(arguments: str, words: str) -> None:
    code, output = run("serve", *arguments.split())
    assert code == 2
    assert words in output


@pytest.mark.parametrize(
    "command",
    ["serve --data", "serve --learnt", "serve --dialect", "serve --config", "data list --data", "learn x --adopt"],
)
def test_a_path_without_letters_is_not_the_working_directory(command: str) -> None:
    """As in `--data "$DIRECTORY"`, where that is not set."""
    code, output = run(*command.split(), "")
    assert (code, "it is empty: is a variable of your shell not set?" in output) == (2, True)


def test_scenarios_are_listed_shown_and_checked(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("why: Mine.\nsms: failed\n")
    code, output = run("scenarios", "list", "--scenarios", str(tmp_path))
    assert code == 0
    assert "mine\n    Mine." in output
    assert "phone-off-over-night\n    The phone is off" in output
    assert run("scenarios")[1].startswith("answering-machine\n")
    assert run("scenarios", "show", "mine", "--scenarios", str(tmp_path)) == (0, mine.read_text())
    assert "viber: not a viber user" in run("scenarios", "show", "viber-not-installed")[1]
    code, output = run("scenarios", "show", "viber-not-instaled")
    assert (code, "did you mean viber-not-installed?" in output) == (1, True)
    assert run("scenarios", "check", str(LIBRARY)) == (0, f"{len(list(LIBRARY.glob('*.yaml')))} good, 0 bad\n")
    (tmp_path / "bad.yaml").write_text("viber: expired\nsms:\n  outcome: delivred\n  afer: 4s\n")
    code, output = run("scenarios", "check", str(tmp_path), str(mine))
    assert code == 1
    assert output.splitlines() == [
        f"{tmp_path}/bad.yaml:3: sms.outcome: 'delivred' is no outcome of Sms; did you mean delivered?",
        f"{tmp_path}/bad.yaml:4: sms.afer: is not known here; did you mean after?",
        "2 good, 1 bad",
    ]
    assert f"{tmp_path}/bad.yaml:3:" in run("scenarios", "list", "--scenarios", str(tmp_path))[1]
    assert json.loads(run("scenarios", "schema")[1])["title"] == "A scenario of routee-failover-mock"


def test_of_a_scenario_file_that_cannot_be_opened_no_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b.yaml").mkdir()
    code, output = run("scenarios", "check", str(tmp_path))
    assert code == 1
    assert output.splitlines() == [
        f"{tmp_path}/a.yaml: cannot be read: No such file or directory",
        f"{tmp_path}/b.yaml: cannot be read: Is a directory",
        "0 good, 2 bad",
    ]


def test_serve_plays_a_scenario_and_a_directory_of_them(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("sms: failed\n")
    with serving("--scenarios", str(tmp_path), "--scenario", "lost-reply") as url:
        playing = httpx2.get(f"{url}/_mock/scenarios").json()["scenarios"]
        assert [each["name"] for each in playing] == ["lost-reply", "mine"]
    code, output = run("serve", "--scenario", "lost-repply")
    assert (code, output) == (1, "Error: There is no scenario 'lost-repply'; did you mean lost-reply?\n")


def test_help_and_version() -> None:
    for arguments in (["--help"], ["serve", "--help"], ["demo", "--help"], ["-h"]):
        code, output = run(*arguments)
        assert code == 0
        assert "Usage" in output
    assert run("--version") == (0, "routee-mock, version 0.1.0\n")


def test_the_demo_shows_a_one_time_password() -> None:
    command = [sys.executable, "-m", "mockserver", "demo", "--otp"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "viber DELIVERED, sms queued" in done.stdout
    assert "Succeeded over sms" in done.stdout


def test_the_demo_shows_a_whole_flow() -> None:
    done = subprocess.run([sys.executable, "-m", "mockserver", "demo"], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    told = [line for line in lines if line.startswith("+")]
    assert [" ".join(line.split()[1:3]) for line in told] == [
        *("Viber QUEUED", "Viber EXPIRED"),
        *("Sms Queued", "Sms Sent", "Sms Undelivered"),
        *("Voice Queued", "Voice Initiated", "Voice Ringing", "Voice InProgress", "Voice Completed"),
    ]
    assert "Succeeded over Voice" in lines[-1]
    assert "10 callbacks" in lines[-1]
    assert done.stderr == ""


def test_the_demo_on_the_page_begins_a_story_and_ends_with_ctrl_c() -> None:
    command = [sys.executable, "-m", "mockserver", "demo", "--page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            page, says = process.stdout.readline().split()[1], process.stdout.readline()
            shown = httpx2.get(page)
            told = httpx2.get(page.removesuffix("ui/") + "flows", params={"order": "desc"}).json()
        finally:
            process.send_signal(signal.SIGINT)
            code, said = process.wait(60), process.stderr.read()
    assert (code, said) == (130, "")
    assert "Ctrl-c ends it" in says
    assert "<title>" in shown.text
    assert [each["status"] for each in told["flows"]] == ["Queued", *["Succeeded"] * 4]
    assert [each["webhook"]["failing"] for each in told["flows"]] == [0, 0, 3, 0, 0]


def test_the_story_of_the_demo_can_play_by_itself() -> None:
    with running(story.settings()) as reached, Server(reached.url) as server:
        sandbox = server.sandbox()
        flow = story.begin(sandbox)
        story.play(sandbox, pause=0)
        sandbox.expect.flow(flow, status="Succeeded", heard=["Viber EXPIRED", "Sms Undelivered", "Voice Completed"])
    code, output = run("demo", "--play")
    assert code == 2
    assert "--play is for --page" in output


def test_every_option_of_serve_says_what_it_is_for() -> None:
    for option in serve.params:
        assert getattr(option, "help", None), f"{option.name} has no help"


def test_the_demo_plays_a_scenario_and_a_flow_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    step = {"type": "Sms", "to": "+15555550100", "from": "x", "message": {"body": "a"}}
    file.write_text(json.dumps({"flow": [step]}))
    played = CliRunner().invoke(main, ["demo", "--scenario", "nobody-reached", "--flow", str(file)])
    assert played.exit_code == 0, played.output
    assert "Failed over Sms after" in played.output
    for wrong, words in (
        (["--scenario", "nobody-reachd"], "did you mean nobody-reached?"),
        (["--flow", __file__], "is not JSON"),
    ):
        refused = CliRunner().invoke(main, ["demo", *wrong])
        assert (refused.exit_code, words in refused.output) == (1, True)
    file.write_text(json.dumps({"flow": []}))
    assert "Validation Error" in CliRunner().invoke(main, ["demo", "--flow", str(file)]).output


def test_help_has_every_setting_in_a_group_and_every_text_is_a_sentence() -> None:
    from mockserver.cli.sources import GROUPS
    from mockserver.settings import SETTINGS

    assert GROUPS.keys() == SETTINGS.keys()
    assert not [each.name for each in SETTINGS.values() if not each.help.endswith(".")]
    said = CliRunner().invoke(main, ["serve", "--help"]).output
    assert [line for line in said.splitlines() if line.endswith(":") and not line.startswith(" ")] == [
        f"{heading}:" for heading in (*dict.fromkeys(GROUPS.values()), "Options")
    ]
    assert "..." not in CliRunner().invoke(main, ["--help"]).output.partition("Commands:")[2]


def test_a_misspelt_word_is_told_which_comes_close() -> None:
    said = CliRunner().invoke(main, ["serve", "--clock", "manul"]).output
    assert "Did you mean 'manual'?" in said
