"""The settings, from every source: command line, environment, file, default; and `routee-mock config`."""

import inspect
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pydantic.alias_generators import to_camel

from mockserver.cli import main, serve
from mockserver.cli.kinds import KINDS
from mockserver.cli.options import settings
from mockserver.cli.sources import key, variable
from mockserver.client import AsyncServer, Server
from mockserver.core.behaviour import Behaviour
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.pytest_plugin import MARKER
from mockserver.server import running
from mockserver.settings import PLACES, SANDBOX, SETTINGS, Form, Setting, Settings
from mockserver.wire.control.sandboxes import EXAMPLE, SandboxModel, read_sandbox

NOT_SETTINGS = {"config"}

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("ROUTEE_MOCK_")]:
        monkeypatch.delenv(name)


def config(*arguments: str, **environment: str) -> str:
    result = CliRunner().invoke(main, ["config", *arguments], env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str, **environment: str) -> str:
    result = CliRunner().invoke(main, ["config", *arguments], env=environment)
    assert result.exit_code == 2, result.output
    return result.output.partition("Error: ")[2].strip()


def told(*arguments: str, **environment: str) -> dict[str, dict[str, object]]:
    return dict(json.loads(config("--json", *arguments, **environment)))


def read(*arguments: str) -> Settings:
    context = serve.make_context("serve", list(arguments))
    read = settings(context.params)
    assert isinstance(read, Settings)
    return read


def test_without_options_the_settings_are_the_defaults() -> None:
    assert read() == Settings()
    assert {each["from"] for each in told().values()} == {"default"}


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text("port = 1\n\nclock = 'manual'\nseed = 3\n")
    said = told("--config", str(file), "--port", "3", ROUTEE_MOCK_PORT="2", ROUTEE_MOCK_CLOCK="instant")
    assert said["port"] == {"value": 3, "from": "--port"}
    assert said["clock"] == {"value": "instant", "from": "ROUTEE_MOCK_CLOCK (environment)"}
    assert said["seed"] == {"value": 3, "from": f"{file}, line 4: seed"}
    assert said["host"] == {"value": "127.0.0.1", "from": "default"}


def test_the_file_can_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text('"max-body" = 5')
    assert told(ROUTEE_MOCK_CONFIG=str(file))["max-body"] == {"value": 5, "from": f"{file}, line 1: max-body"}


def test_values_are_written_as_toml_means_them(tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text(
        "start = 2030-01-01T12:00:00Z\ntls = true\ntranscode = false\nrate = 0.5\napp = ['a:b', 'c:d']\n"
        "allow_host = 'mock.test'\ntoken-life = 'unlimited'\nbalance = 2.5\n"
    )
    wanted = read("--config", str(file))
    assert (wanted.start, wanted.transcode, wanted.rate) == (1_893_499_200_000, False, 0.5)
    assert (wanted.applications, wanted.allow_hosts) == ({"a": "b", "c": "d"}, ("mock.test",))
    assert wanted.tls is not None
    assert (wanted.behaviour.token_life, wanted.behaviour.balance) == (None, 25_000)


def test_what_config_prints_is_a_file_that_says_the_same(tmp_path: Path) -> None:
    options = (
        "--port",
        "9",
        "--clock",
        "manual",
        "--start",
        "2030-01-01",
        "--balance",
        "0.5",
        "--callback-deny",
        "*:25",
    )
    file = tmp_path / "mock.toml"
    file.write_text(config(*options))
    assert read("--config", str(file)) == read(*options)
    assert tomllib.loads(file.read_text())["balance"] == 0.5


def test_secrets_are_never_printed() -> None:
    for output in (
        config("--app", "me:hush-hush", "--control-token", "hush-hush"),
        config("--json", ROUTEE_MOCK_APP="me:hush-hush", ROUTEE_MOCK_CONTROL_TOKEN="hush-hush"),
    ):
        assert "me:(secret)" in output
        assert "hush" not in output


def test_every_setting_has_a_variable_and_a_key() -> None:
    for param in serve.params:
        assert variable(param) == "ROUTEE_MOCK_" + key(param).replace("-", "_").upper()
    assert told().keys() == {key(param) for param in serve.params} - NOT_SETTINGS


def test_several_values_are_parted_by_spaces_in_the_environment() -> None:
    said = told(ROUTEE_MOCK_ALLOW_HOST="a.test b.test", ROUTEE_MOCK_STRICT_FIELDS="yes", ROUTEE_MOCK_TLS="0")
    assert (said["allow-host"]["value"], said["strict-fields"]["value"], said["tls"]["value"]) == (
        ["a.test", "b.test"],
        True,
        False,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\nprot = 1", "line 2: there is no setting prot; did you mean port?"),
        ("max_jurnal = 1", "line 1: there is no setting max_jurnal; did you mean max-journal?"),
        ("[server]\nport = 1", "line 1: there is no setting server"),
        ("port = 'x'", "line 1: port: 'x' is not a valid integer"),
        ("port = true", "line 1: port must be a text or a number, not true or false"),
        ("strict-fields = 'yes'", "line 1: strict-fields must be true or false"),
        ("port = [1]", "line 1: port must be one value"),
        ("[port]\na = 1", "line 1: port must be one value"),
        ("app = [['a']]", "line 1: app must be one value"),
        ("app = 'nobody'", "it must be ID:SECRET"),
        ("start = 12:00:00", "line 1: start must be one value"),
        ("port == 1", "is not TOML: Invalid value (at line 1, column 7)"),
        ("clock = 'sundial'", "'sundial' is not one of"),
    ],
)
def test_an_error_in_a_file_names_file_line_and_key(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "mock.toml"
    file.write_text(text)
    said = refused("--config", str(file))
    assert words in said
    assert str(file) in said


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_bytes(b"\xff")
    assert refused("--config", str(file)) == f"{file} cannot be read: it is not UTF-8, at byte 1; save it as UTF-8"
    assert "does not exist" in refused("--config", str(tmp_path / "nowhere.toml"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_may_begin_with_a_mark_as_windows_writes_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "mock.toml"
    file.write_text("port = 9\n", encoding=encoding)
    assert read("--config", str(file)).port == 9


def test_what_is_wrong_elsewhere_is_said_of_where_it_stands() -> None:
    assert refused("--port", "x").startswith("Invalid value for --port: 'x'")
    assert refused(ROUTEE_MOCK_PORT="x").startswith("Invalid value for ROUTEE_MOCK_PORT (environment): 'x'")
    assert refused(ROUTEE_MOCK_PROT="1") == (
        "there is no setting ROUTEE_MOCK_PROT (environment); did you mean ROUTEE_MOCK_PORT?"
    )
    assert re.search(r"\((Did you mean|Possible options:) .*--port", refused("--prot", "1"))  # as click says it


def test_the_url_of_a_running_mock_is_no_setting_and_no_error() -> None:
    assert told(ROUTEE_MOCK_URL="http://mock.test:8080")["port"]["from"] == "default"


def test_variables_of_a_kubernetes_service_of_our_name_are_ignored() -> None:
    service = {
        "ROUTEE_MOCK_SERVICE_HOST": "10.0.0.1",
        "ROUTEE_MOCK_SERVICE_PORT": "8080",
        "ROUTEE_MOCK_SERVICE_PORT_HTTP": "8080",
        "ROUTEE_MOCK_PORT": "tcp://10.0.0.1:8080",
        "ROUTEE_MOCK_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "ROUTEE_MOCK_PORT_8080_TCP_ADDR": "10.0.0.1",
    }
    more = {name.replace("ROUTEE_MOCK_", "ROUTEE_MOCK_TLS_"): value for name, value in service.items()}
    others = {name.replace("ROUTEE_MOCK_", "ROUTEE_MOCK_B_C_"): value for name, value in service.items()}
    got = told(**service, **more, **others)
    assert got["port"] == {"value": 8080, "from": "default"}
    assert got["tls-port"] == {"value": 8443, "from": "default"}
    assert "ROUTEE_MOCK_B_PORT" in refused(ROUTEE_MOCK_B_PORT="8080")
    assert "ROUTEE_MOCK_PORT_8080" in refused(ROUTEE_MOCK_PORT_8080="1")


def test_the_help_names_the_variable_of_every_option() -> None:
    output = CliRunner().invoke(main, ["serve", "--help"], terminal_width=200).output
    for param in serve.params:
        assert isinstance(param, click.Option)
        assert re.search(rf"env\s+var:\s+{variable(param)}\b", output), param.name


# One field, and everything that is made from it

SAMPLES = {
    Form.TEXT: "mock.test",
    Form.WHOLE: "443",
    Form.NUMBER: "2.5",
    Form.AMOUNT: "7",
    Form.INSTANT: "2030-01-01T12:00:00Z",
    Form.PATH: "mock.pem",
    Form.FILE: "mock.json",
    Form.DIRECTORY: ".",
    Form.APPLICATION: "me:hush",
    Form.SECRET: "hush",
    Form.DATABASE: "postgresql://me:hush@db/mocks",
    Form.HOST: "mock.test",
    Form.CERTIFIED: "mock.test",
    Form.DESTINATION: "*:25",
    Form.REWRITE: "localhost=mock.test",
    Form.DIALECT: '{"successStatus": 201}',
    Form.SHARD: "s1",
}
"""A value of each form without words; no setting has it by default."""


def sample(setting: Setting) -> str:
    """A value that is not the default, as it is written."""
    if setting.form in (Form.FLAG, Form.SWITCH):
        return "false" if setting.default else "true"
    return setting.words[-1] if setting.words else SAMPLES[setting.form]


def as_argument(setting: Setting) -> list[str]:
    word = setting.name.replace("_", "-")
    if setting.form in (Form.FLAG, Form.SWITCH):
        return [f"--no-{word}" if setting.default else f"--{word}"]
    return [f"--{word}", sample(setting)]


def as_json(setting: Setting) -> Any:
    plain = setting.form in (Form.FLAG, Form.SWITCH, Form.WHOLE, Form.NUMBER, Form.AMOUNT, Form.DIALECT)
    return json.loads(sample(setting)) if plain else sample(setting)


def test_every_field_is_a_setting() -> None:
    held = {(*place, each.name) for place, kind in PLACES.items() for each in fields(kind)}
    assert {each.path for each in SETTINGS.values()} == held - {("behaviour",)}
    engine = {each.name for each in fields(Behaviour)} - {each.name for each in fields(PLACES["behaviour",])}
    assert engine == {"sources", "limits"}


def test_every_form_is_read() -> None:
    assert KINDS.keys() == set(Form) - {Form.PLAIN}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_has_an_option_a_variable_a_key_help_and_a_row_in_the_reference(setting: Setting) -> None:
    [option] = [param for param in serve.params if param.name == setting.name]
    word, name = setting.name.replace("_", "-"), f"ROUTEE_MOCK_{setting.name.upper()}"
    assert isinstance(option, click.Option)
    assert f"--{word}" in option.opts
    assert (variable(option), key(option)) == (name, word)
    assert setting.help.endswith(".")
    assert (option.help or "").startswith(setting.help)
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line]
    assert row.startswith(f"| `--{word}")
    assert setting.help in row


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_is_the_same_wherever_it_is_given(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = as_argument(SETTINGS[setting.needs[0]]) if setting.needs else []
    wanted = read(*before, *as_argument(setting))
    assert wanted != read(*before)
    with monkeypatch.context() as patched:
        patched.setenv(f"ROUTEE_MOCK_{setting.name.upper()}", sample(setting))
        assert read(*before) == wanted
    file = tmp_path / "mock.toml"
    text = sample(setting) if setting.form is Form.DIALECT else as_json(setting)
    file.write_text(f"{setting.name.replace('_', '-')} = {json.dumps(text)}\n")
    assert read(*before, "--config", str(file)) == wanted


@pytest.mark.parametrize("setting", [each for each in SETTINGS.values() if each.needs], ids=lambda each: each.name)
def test_a_setting_that_does_nothing_without_another_is_refused(setting: Setting) -> None:
    word = f"--{setting.name.replace('_', '-')}"
    with pytest.raises(click.UsageError) as refused:
        read(*as_argument(setting))
    lacking = " or ".join(f"--{name}" for name in setting.needs)
    assert refused.value.message == f"{word} needs {lacking} too: alone it does nothing."
    for name in setting.needs:
        read(*as_argument(setting), *as_argument(SETTINGS[name]))


def test_all_settings_that_do_nothing_for_want_of_one_are_named() -> None:
    with pytest.raises(
        click.UsageError, match=r"^--sync and --downtime need --data or --store too: alone they do noth"
    ):
        read("--sync", "power", "--downtime", "stands")


@pytest.mark.parametrize("name", SANDBOX)
def test_a_sandbox_takes_a_setting_as_the_option_does(name: str) -> None:
    setting, field = SETTINGS[name], to_camel(name)
    wanted = read_sandbox(json.dumps({field: as_json(setting)}).encode())
    server = ("--clock", "instant", "--token-life", "5")
    assert wanted.settings(read(*server)) == read(*server, *as_argument(setting))
    assert field in SandboxModel.names()
    assert f'"{field}"' in EXAMPLE
    assert f"`{field}`" in (DOCS / "howto" / "sandboxes.md").read_text(encoding="utf-8")


def test_the_client_takes_every_setting_of_a_sandbox() -> None:
    wanted = {name: as_json(SETTINGS[name]) for name in SANDBOX} | {"scenario": "carrier-filtering"}
    with running(Settings(port=0)) as there, Server(there.url) as server:
        made = server.create_sandbox("all", **wanted)
        assert (made.info.seed, made.info.clock.mode, made.info.clock.rate) == (443, "instant", 2.5)
    pages = [str(inspect.getdoc(kind.create_sandbox)) for kind in (Server, AsyncServer)]
    pages.append((DOCS / "howto" / "client.md").read_text(encoding="utf-8"))
    assert not [name for name in SANDBOX for page in pages if not re.search(rf"\b{name}\b", page)]


def test_the_marker_takes_every_setting_of_a_sandbox() -> None:
    assert set(MARKER.partition(")")[0].removeprefix("routee(").split(", ")) == {*SANDBOX, "strict"}


# A dialect


def test_a_dialect_is_a_file_or_an_object_or_a_table_of_the_configuration(tmp_path: Path) -> None:
    account, file = tmp_path / "account.toml", tmp_path / "mock.toml"
    account.write_text("success-status = 201\n")
    file.write_text("[dialect]\nsuccess-status = 201\n")
    wanted = Dialect(success_status=201)
    for arguments in (("--dialect", str(account)), ("--dialect", '{"successStatus": 201}'), ("--config", str(file))):
        assert read(*arguments).behaviour.dialect == wanted
    assert read().behaviour.dialect is DEFAULT
    file.write_text(config("--dialect", str(account)))
    assert read("--config", str(file)).behaviour.dialect == wanted


def test_what_is_wrong_with_a_dialect_is_said_with_file_line_and_key(tmp_path: Path) -> None:
    account, file = tmp_path / "account.toml", tmp_path / "mock.toml"
    account.write_text("# ours\n\nsucces-status = 201\n")
    said = refused("--dialect", str(account))
    assert said == (
        f"Invalid value for --dialect: {account}, line 3: succes-status is no switch of a dialect;"
        " did you mean success-status?"
    )
    file.write_text('port = 9\n\n[dialect]\nsearch-order = "oldest"\n')
    said = refused("--config", str(file))
    assert said.startswith(f"Invalid value for {file}, line 3: dialect: search-order must be one of newest-first")
    assert "cannot be read: No such file" in refused(ROUTEE_MOCK_DIALECT="nowhere.toml")
    assert "it is not JSON" in refused("--dialect", "{")
