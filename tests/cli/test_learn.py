"""`routee-mock learn`: what it says, what it writes, and what it never does."""

import ast
import io
import json
import os
import re
import shlex
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cli import main
from mockserver.cli.learn import KINDS
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.values import replace
from mockserver.learning import report
from mockserver.learning.learner import Learner
from mockserver.learning.sightings import Recorded
from mockserver.learning.stories import tell
from mockserver.recordings.fields import Kind
from mockserver.recordings.lines import line
from mockserver.recordings.masking import Mask
from mockserver.recordings.readers import read
from mockserver.recordings.values import Callback, Exchange, Place
from mockserver.testing import process
from mockserver.wire.control.learnt import read_file
from mockserver.wire.dialect import read_text, write_text
from tests.http.mocks import sms, viber
from tests.learning.worlds import World
from tests.plugins import LEAN

TO = "+306900001234"

SEND: dict[str, Any] = {
    "flow": [
        viber(TO, message={"text": "Dear Maria, it is here."}),
        sms(TO, **{"from": "Parcels"}, message={"body": "Dear Maria, it is here."}),
    ],
    "callback": {"strategy": "OnStep", "url": "https://shop.example/hook?key=sesame"},
}

PERSONAL = ("0001234", "Maria", "Parcels", "shop.example", "sesame", "connect.example")

OTHER = replace(DEFAULT, success_status=201, viber_ttl_echo="decimal")


def recording(tmp_path: Path, dialect: Dialect = DEFAULT, *more: bytes) -> Path:
    world = World(dialect, queue=[200, 500])
    world.play({"when": {"to": TO}, "viber": "expired", "sms": "delivered"})
    world.send(SEND)
    world.run()
    file = tmp_path / "recording.jsonl"
    file.write_bytes(
        b"".join([*(line(each) for each in world.records if isinstance(each, Exchange | Callback)), *more])
    )
    return file


def learn(*words: object) -> Result:
    return CliRunner().invoke(main, ["learn", *map(str, words)])


def test_what_holds_and_what_does_not(tmp_path: Path) -> None:
    same = learn(recording(tmp_path))
    assert same.exit_code == 0
    assert "do not hold" not in same.output
    other = learn(recording(tmp_path, OTHER))
    assert other.exit_code == 1
    told = other.output.splitlines()
    assert told[0] == "Read 1 exchange and 6 callbacks of 1 flow."
    assert told[2] == "2 rules do not hold there:"
    assert "  send.success-status  (choice, 1 of 1 times otherwise)" in told
    assert told[-2:] == ["  success-status = 201", '  viber-ttl-echo = "decimal"']
    assert len(told) < 24
    assert max(map(len, told)) <= 110
    assert len(learn(recording(tmp_path, OTHER), "--all").output.splitlines()) > 24


def test_the_dialect_that_was_adopted_shows_no_drift(tmp_path: Path) -> None:
    file, dialect = recording(tmp_path, OTHER), tmp_path / "dialect.toml"
    first = learn(file, "--adopt", dialect)
    assert first.exit_code == 1
    words = shlex.join(["routee-mock", "learn", "--dialect", str(dialect), str(file)])
    assert first.output.splitlines()[-1] == f"The dialect is in {dialect}. `{words}` says what still differs."
    assert read_text(dialect.read_text(), "dialect.toml") == OTHER
    assert learn(file, "--dialect", dialect).exit_code == 0
    again = learn(file, "--dialect", dialect, "--adopt", tmp_path / "again.toml")
    assert again.exit_code == 0
    assert (tmp_path / "again.toml").read_text() == dialect.read_text() == write_text(OTHER)


NOTHINGS = {"no lines": "", "other lines": "nonsense\n{}\n"}


@pytest.mark.parametrize("name", NOTHINGS)
@pytest.mark.parametrize("as_json", [False, True])
def test_where_nothing_was_read_nothing_is_written(tmp_path: Path, name: str, as_json: bool) -> None:
    file, kept = tmp_path / "recording.jsonl", tmp_path / "kept.toml"
    file.write_text(NOTHINGS[name])
    kept.write_text("success-status = 201\n")
    outs = ["--adopt", kept, "--write", tmp_path / "learnt", "--masked", tmp_path / "masked.jsonl"]
    told = learn(file, *outs, *["--json"] * as_json)
    assert told.exit_code == 2
    assert as_json or told.stdout.splitlines()[-1].startswith("Nothing was learnt: ")
    assert as_json or "is in" not in told.stdout
    assert not as_json or json.loads(told.stdout)["dialect"] == {}
    assert {each.name for each in tmp_path.iterdir()} == {"recording.jsonl", "kept.toml"}
    assert kept.read_text() == "success-status = 201\n"


@pytest.mark.parametrize("option", ["--adopt", "--masked"])
def test_a_recording_is_not_written_over(tmp_path: Path, option: str) -> None:
    file = recording(tmp_path)
    before = file.read_bytes()
    told = learn(file, option, tmp_path / "." / file.name)
    assert told.exit_code == 2
    assert f"{option} would write over the recording" in told.stderr
    assert file.read_bytes() == before


def test_why_there_is_no_scenario_is_told(tmp_path: Path) -> None:
    world = World(DEFAULT)
    world.send({"flow": [sms()]})
    file = tmp_path / "sends.jsonl"
    file.write_bytes(b"".join(line(each) for each in world.records if isinstance(each, Exchange)))
    told = learn(file, "--write", tmp_path / "learnt").output.splitlines()
    at = told.index(f"No scenario was written to {tmp_path / 'learnt'}.")
    assert told[at + 1].startswith("  it takes callbacks of a flow, or answers to its tracking")


def test_a_flow_that_was_asked_for_too_early_is_told(tmp_path: Path) -> None:
    world = World(DEFAULT)
    world.track(world.send({"flow": [sms()]}))
    file = tmp_path / "early.jsonl"
    file.write_bytes(b"".join(line(each) for each in world.records if isinstance(each, Exchange)))
    told = learn(file, "--write", tmp_path / "learnt").output
    assert "  not written: flows that were seen only before their first message: nothing was heard of them yet" in told


def test_a_recording_by_another_clock_is_told_and_has_its_scenario(tmp_path: Path) -> None:
    """As when a mock runs at rate 10: what happens seems to come in a tenth of its time."""
    rows = [json.loads(each) for each in recording(tmp_path).read_bytes().splitlines()]
    began = datetime.fromisoformat(rows[0]["at"])
    for each in rows:
        each["at"] = (began + (datetime.fromisoformat(each["at"]) - began) / 10).isoformat()
    file = tmp_path / "fast.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in rows))
    told = learn(file, "--write", tmp_path / "learnt").output
    assert "the clock of the recorder is not that of the service; let a mock run at rate 1" in told
    assert "1 scenario, and a test of it, is in" in told
    assert "not written" not in told


def test_json_for_machines(tmp_path: Path) -> None:
    found = json.loads(learn(recording(tmp_path, OTHER), "--json").stdout)
    assert found["drift"] is True
    assert found["dialect"] == {"success_status": 201, "viber_ttl_echo": "decimal"}
    assert found["rules"]["send.success-status"] == {
        "mark": "choice",
        "seen": "contradicted",
        "confirmed": 0,
        "contradicted": 1,
        "examples": [
            {
                "about": "the status",
                "expected": 200,
                "found": 201,
                "place": found["rules"]["send.success-status"]["examples"][0]["place"],
            }
        ],
    }
    assert found["rules"]["statuses.ttl-end"]["seen"] == "confirmed"
    assert found["rules"]["otp.health"]["seen"] == "not seen"


@pytest.mark.parametrize(
    "dialect", [DEFAULT, replace(OTHER, retry_plan=(60, 120), taken_answers="any")], ids=["default", "another"]
)
def test_the_scenarios_and_tests_that_are_written_pass(tmp_path: Path, dialect: Dialect) -> None:
    out = tmp_path / "out"
    told = learn(recording(tmp_path, dialect), "--write", out)
    [scenario] = (out / "scenarios").iterdir()
    assert scenario.read_text().startswith("# It was so under this dialect: successStatus 201") is (dialect != DEFAULT)
    assert "viber-expired-then-sms-delivered  (once)" in told.output
    assert [each.name for each in (out / "scenarios").iterdir()] == ["viber-expired-then-sms-delivered.yaml"]
    command = [sys.executable, "-m", "pytest", "-q", *LEAN, str(out)]
    there = os.environ | {"ROUTEE_MOCK_URL": process.shared()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=out, env=there)
    assert "1 passed" in done.stdout, done.stdout
    checked = CliRunner().invoke(main, ["scenarios", "check", str(out / "scenarios")])
    assert checked.output == "1 good, 0 bad\n"


def test_what_a_switch_can_be_is_shown_as_it_is(tmp_path: Path) -> None:
    told = learn(recording(tmp_path, OTHER)).output
    assert "accepted: decimal, not integer" in told


@pytest.mark.parametrize(
    ("left", "said"),
    [
        *((left, "the recording ends before it does") for left in (2, 3, 4, 5)),
        *((left, "1 scenario, and a test of it") for left in (6, 7)),
    ],
)
def test_a_recording_can_end_before_a_retry_comes_but_not_before_the_flow_ends(
    tmp_path: Path, left: int, said: str
) -> None:
    """What is played can go on longer than what was recorded."""
    file, out = recording(tmp_path), tmp_path / "out"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:left]))
    told = learn(file, "--write", out)
    assert told.exit_code == 0
    assert said in told.output, told.output


def test_the_count_of_each_rule_is_written_and_nothing_else(tmp_path: Path) -> None:
    file, out = (
        recording(tmp_path, OTHER, line(Callback(b'{"messages": [], "trackingId": 1, "odd": 2}', Place("", 1)))),
        tmp_path / "out",
    )
    told = learn(file, "--write", out)
    assert (
        f"What it says of each rule is in {out / 'learnt.json'}: `routee-mock serve --learnt {out / 'learnt.json'}` shows it."
        in told.output
    )
    seen = json.loads(learn(file, "--json").stdout)["rules"]
    wanted = {
        rule: {each: counts[each] for each in ("confirmed", "contradicted")}
        for rule, counts in seen.items()
        if counts["seen"] != "not seen"
    }
    written = json.loads((out / "learnt.json").read_text())
    assert written == {"format": 1, "rules": wanted}
    assert wanted["send.success-status"] == {"confirmed": 0, "contradicted": 1}
    assert read_file(out / "learnt.json") == wanted


def test_tests_run_in_the_dialect_that_was_observed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    learn(recording(tmp_path, replace(DEFAULT, retry_plan=(60, 300, 900), success_status=201)), "--write", out)
    head = (out / "test_learnt.py").read_text()
    mark = re.search(r"pytestmark = pytest.mark.routee\(dialect=(.*?})\)\n", head, re.DOTALL)
    assert mark is not None
    seen = ast.literal_eval(mark[1])
    assert (seen["success_status"], seen["retry_plan"][:2]) == (201, [60, 60]), "the second retry was not seen"


def test_the_log_of_a_webhook_alone_is_enough(tmp_path: Path) -> None:
    rows = [json.loads(row) for row in recording(tmp_path).read_text().splitlines()]
    log = tmp_path / "webhook.log"
    log.write_text(
        "".join(f"{row['at']} got {json.dumps(row['callback']['json'])}\n" for row in rows if "callback" in row)
    )
    told = learn(log, "--write", tmp_path / "out")
    assert told.exit_code == 0
    assert "viber-expired-then-sms-delivered  (once)" in told.output
    assert "routee.receiver.answers(200, 503)" in (tmp_path / "out" / "test_learnt.py").read_text()


def written(tmp_path: Path, *options: str) -> str:
    """All that is printed and written."""
    out, masked = tmp_path / "out", tmp_path / "masked.jsonl"
    bad = line(
        Exchange(
            "POST",
            "https://connect.example/failover",
            400,
            World().place,
            sent=orjson.dumps(SEND),
            body=b'{"code": "400000000"}',
        )
    )
    file = recording(tmp_path, OTHER, bad, b"Maria nonsense\n")
    said = [
        learn(file, "--write", out, "--masked", masked, "--all", *options, *more).output for more in ((), ("--json",))
    ]
    return "".join([*said, masked.read_text(), *(each.read_text() for each in out.rglob("*") if each.is_file())])


def test_nothing_personal_is_printed_or_written(tmp_path: Path) -> None:
    told = written(tmp_path)
    assert [each for each in PERSONAL if each in told] == []
    assert [each for each in PERSONAL if each in written(tmp_path, "--keep", "numbers", "--keep", "texts")] == [
        "0001234",
        "Maria",
    ]


def test_a_masked_recording_says_the_same(tmp_path: Path) -> None:
    file, masked = recording(tmp_path, OTHER), tmp_path / "masked.jsonl"
    learn(file, "--masked", masked)
    plain, hidden = (json.loads(learn(each, "--json").stdout) for each in (file, masked))
    for rule, told in plain["rules"].items():
        assert (told["confirmed"], told["contradicted"]) == (
            hidden["rules"][rule]["confirmed"],
            hidden["rules"][rule]["contradicted"],
        )
    assert [learn(each, "--write", tmp_path / each.stem).exit_code for each in (file, masked)] == [1, 1]
    one, other = ((tmp_path / each.stem / "test_learnt.py").read_text() for each in (file, masked))
    assert one.count("\n") == other.count("\n")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = recording(tmp_path, DEFAULT, b"nonsense\n" * 15)
    told = learn(file)
    assert told.exit_code == 0
    assert f"{file}, line 8: there is no JSON object in it" in told.stderr
    assert "... and 5 more could not be read" in told.stderr
    assert "15 could not be read" in told.stdout


@pytest.mark.parametrize(("name", "why"), [("none.har", "No such file or directory"), (".", "Is a directory")])
def test_of_what_cannot_be_opened_no_line_is_named(name: str, why: str, tmp_path: Path) -> None:
    nothing = learn(tmp_path / name)
    assert nothing.exit_code == 2
    assert nothing.stderr == f"{tmp_path / name}: it cannot be read: {why}\n"


def test_the_standard_input(tmp_path: Path) -> None:
    file = recording(tmp_path)
    command = [sys.executable, "-m", "mockserver", "learn", "-", "--json"]
    done = subprocess.run(command, input=file.read_bytes(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["read"]["flows"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--keep", "nubmers"], "Did you mean 'numbers'?"),
        (["--write", "{file}/x"], "cannot be written"),
        (["--adopt", "{file}/x"], "cannot be written"),
        (["--masked", "{file}/x"], "cannot be written"),
        (["--dialect", "/nowhere"], "nowhere"),
    ],
)
def test_what_it_cannot_do_is_said(tmp_path: Path, options: list[str], said: str) -> None:
    file = recording(tmp_path)
    told = learn(file, *(each.format(file=file) for each in options))
    assert told.exit_code in (1, 2)
    assert said in told.output
    assert not isinstance(told.exception, OSError)


ROW = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("status", "name", "type", "ttl", "to", "at", "x")), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = (
    "oauth/token",
    "failover",
    "failover/tracking",
    "failover/tracking/x",
    "accounts/me/balance",
    "failover-otp/otp/failover",
    "failover/transactional",
)
FIELDS = (
    *(
        "trackingId",
        "messages",
        "updatedAt",
        "createdAt",
        "status",
        "flow",
        "callback",
        "properties",
        "access_token",
        "expires_in",
    ),
    *(
        "scope",
        "permissions",
        "content",
        "currency",
        "detail",
        "statusCode",
        "totalElements",
        "referenceTrackingId",
        "direction",
    ),
)
BODY = st.dictionaries(
    st.sampled_from(FIELDS),
    ROW
    | st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(("Sms", "Viber", "Voice", "x"))},
            optional={
                "status": ROW,
                "ttl": ROW,
                "createdAt": ROW,
                "part": ROW,
                "parts": ROW,
                "body": ROW,
                "latency": ROW,
                "failoverOnStatuses": ROW,
            },
        ),
        max_size=3,
    ),
)
EXCHANGES = st.builds(
    lambda path, status, method, sent, body: {
        "method": method,
        "url": f"http://a/{path}",
        "status": status,
        "request": {"headers": {"accept": "x"}, "json": sent},
        "response": {"headers": {"x": "y"}, "json": body},
    },
    st.sampled_from(PATHS),
    st.sampled_from((200, 201, 400, 401, 403, 404, 413, 422, 500)),
    st.sampled_from(("GET", "POST")),
    BODY | ROW,
    BODY | ROW,
)
CALLBACKS = st.builds(lambda at, body: {"at": at, "callback": {"json": body}, "answered": 500}, ROW, BODY)


@given(st.lists(EXCHANGES | CALLBACKS | BODY | ROW, max_size=5))
def test_no_recording_is_too_odd_to_learn_from(rows: list[Any]) -> None:
    text = "\n".join(json.dumps(each) for each in rows).encode()
    over: list[Recorded] = []
    learner, mask = Learner(over=over.append), Mask(b"key")
    for record in read(io.BytesIO(text), "odd"):
        learner.take(record)
        if isinstance(record, Exchange | Callback):
            mask.record(record)
    learner.finish()
    learner.adopted()
    assert [*report.text(learner, mask, everything=True)]
    orjson.dumps(report.document(learner, mask), default=str)
    for flow in over:
        story = tell(flow)
        assert story is None or story.name


@pytest.mark.parametrize("depth", [150, 250, 500, 1_000, 100_000])
def test_what_is_very_deep_ends_in_no_traceback(tmp_path: Path, depth: int) -> None:
    deep = '{"x":' * depth + "1" + "}" * depth
    document = f'{{"trackingId": "t", "messages": [], "x": {deep}}}'
    exchange = {
        "method": "POST",
        "url": "http://a/failover",
        "status": 200,
        "request": {"text": deep},
        "response": {"text": document},
    }
    file = tmp_path / "deep.jsonl"
    file.write_text("\n".join((deep, document, json.dumps(exchange), f"[{document}]")))
    other = tmp_path / "deep.har"
    other.write_text(f'{{"log": {{"entries": [{deep}, {document}]}}}}')
    told = learn(file, other, "--masked", tmp_path / "masked", "--json")
    assert told.exit_code in (0, 1, 2)
    assert told.exception is None or isinstance(told.exception, SystemExit)


def test_the_kinds_are_those_that_are_masked() -> None:
    assert (*KINDS,) == tuple(map(str, Kind))
