"""Scenario files: read once, read again when they change, and every problem named with its place."""

import codecs
import os
from pathlib import Path

import pytest

from mockserver.loader import LARGEST, ScenarioLibrary
from mockserver.wire.scenario.language import nothing
from mockserver.wire.scenario.texts import BadScenario, read_text, read_yaml


def problems(text: str) -> list[str]:
    with pytest.raises(BadScenario) as caught:
        read_text(text, "f.yaml", "f", nothing)
    return [str(problem) for problem in caught.value.problems]


def test_yaml_is_read_as_people_mean_it() -> None:
    data, _ = read_yaml("a: no\nb: true\nc: 2030-01-01\nd: 1_000\ne: yes\nf: ~\ng: 0.5\n", "f")
    assert data == {"a": "no", "b": True, "c": "2030-01-01", "d": 1_000, "e": "yes", "f": None, "g": 0.5}


@pytest.mark.parametrize("word", ["1:30", "0:30", "1:30:00", "010", "0x1F", "0b11", "1:30.5", ".inf", ".nan", "1e3"])
def test_a_number_is_one_that_everybody_reads_alike(word: str) -> None:
    data, _ = read_yaml(f"a: {word}", "f")
    assert data == {"a": word}


@pytest.mark.parametrize(
    ("word", "number"),
    [("0", 0), ("-5", -5), ("+306900000000", 306900000000), ("0.5", 0.5), (".5", 0.5), ("1.5e3", 1500)],
)
def test_what_is_a_number(word: str, number: float) -> None:
    data, _ = read_yaml(f"a: {word}", "f")
    assert data == {"a": number}


@pytest.mark.parametrize("clock", ["0:30", "1:30"])
def test_a_delay_with_a_colon_is_refused_whatever_its_minutes(clock: str) -> None:
    [problem] = problems(f"sms: {{outcome: delivered, after: {clock}}}")
    assert problem.startswith(f"f.yaml:1: sms.after: '{clock}' is not a duration such as 600 (seconds), \"10m\"")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"sms": "failed", "sms": "delivered"}', "sms"),
        ('{"sms": "failed", "when": {"to": "1", "to": "2"}}', "to"),
        ('{\n\t"steps": [{"sms": "failed", "viber": "seen", "viber": "failed"}]}', "viber"),
    ],
)
def test_a_key_that_stands_twice_in_json_is_a_problem(text: str, key: str) -> None:
    assert problems(text) == [f"f.yaml:1: {key}: stands twice in the same object"]


@pytest.mark.parametrize("text", [r'"\ud83d": 1', r'{"sms": {"\ud83d": 1, "\ud83d": 1}}'])
def test_half_a_character_is_no_key(text: str) -> None:
    [problem] = problems(text)
    assert problem.endswith("a key must be a word")


def test_numbers_and_depths_that_json_can_have_are_no_trouble() -> None:
    assert "sms" in problems('{"sms": ' + "9" * 300 + "}")[0]
    assert len(problems('{"sms": ' + "[" * 990 + "]" * 990 + "}")) == 1


TEXT = "why: für später\nsms: failed\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), '{"why": "für später", "sms": "failed"}'])
def test_a_file_is_read_in_whatever_windows_writes(tmp_path: Path, text: str, encoding: str) -> None:
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    (tmp_path / "a.yaml").write_bytes(mark + text.encode(encoding))
    library = ScenarioLibrary(tmp_path)
    assert library.problems == []
    assert library.own["a"].why == "für später"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (TEXT.encode("latin-1"), "it is not UTF-8, at byte 7; save it as UTF-8"),
        (TEXT.encode("utf-16-le"), "there are NUL characters in it, as in UTF-16 without a mark; save it as UTF-8"),
        (TEXT.encode("utf-16")[:-1], "it is not UTF-16, at byte 57; save it as UTF-8"),
    ],
)
def test_a_file_in_another_encoding_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    assert [problem.text for problem in ScenarioLibrary(tmp_path).problems] == [f"cannot be read: {why}"]


def test_every_place_has_its_line() -> None:
    _, lines = read_yaml("a:\n  b: 1\n  c:\n    - 2\n    - d: 3\n", "f")
    assert {place: line for place, line in lines.items() if place} == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
        ("a", "c", 1, "d"): 5,
    }


def test_every_problem_is_named_in_the_order_of_the_lines() -> None:
    text = (
        "viber:\n  outcome: expird\nsms:\n  - at: 0\n    status: Queued\n  - {at: 3s, status: Snt}\nwhen:\n  too: x\n"
    )
    assert problems(text) == [
        "f.yaml:2: viber.outcome: 'expird' is no outcome of Viber; did you mean expired?",
        "f.yaml:6: sms[1].status: 'Snt' is no status of Sms; did you mean Sent?",
        "f.yaml:8: when.too: is not known here; did you mean to?",
    ]


def test_an_illegal_timeline_is_named_by_its_entry() -> None:
    text = "sms:\n  - {at: 0, status: Queued}\n  - {at: 1, status: Failed}\n  - {at: 2, status: Sent}\n"
    assert problems(text) == [
        "f.yaml:4: sms[2]: Sms timeline, entry 3: 'Sent' cannot come here; legal: nothing",
    ]


def test_json_is_taken_too_whatever_its_white_space() -> None:
    scenario = read_text('{\t"sms":\t"failed"}', "f", "name", nothing)
    assert (scenario.name, scenario.parts[0].turns[0][0].outcome.name) == ("name", "failed")


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"x" * (LARGEST + 1), b"a: [", b"a: *b", b"1", b"!!python/object:os.x {}"]
)
def test_a_file_that_cannot_be_read_is_a_problem_and_no_more(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    (tmp_path / "good.yml").write_text("sms: failed")
    (tmp_path / "notes.txt").write_text("no scenario")
    library = ScenarioLibrary(tmp_path)
    assert list(library.own) == ["good"]
    assert [problem.file for problem in library.problems] == [str(tmp_path / "bad.yaml")]


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("sms: failed")
    library = ScenarioLibrary(tmp_path)
    before = dict(library.own)
    assert not library.refresh()
    (tmp_path / "b.yaml").write_text("sms: roaming")
    os.utime(tmp_path / "b.yaml", ns=(1, 1))
    assert library.refresh()
    assert library.own["a"] is before["a"]
    assert library.own["b"] != before["b"]
    (tmp_path / "a.yaml").unlink()
    assert library.refresh()
    assert list(library.own) == ["b"]
    assert not library.refresh()


def test_a_directory_that_is_gone_is_an_empty_one(tmp_path: Path) -> None:
    library = ScenarioLibrary(tmp_path / "nowhere")
    assert (dict(library.own), library.problems) == ({}, [])


def test_what_is_named_is_asked_before_the_users_other_defaults(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text("sms: failed")
    library = ScenarioLibrary(tmp_path)
    assert [each.name for each in library.played("b")] == ["a", "c", "b"]
    assert [each.name for each in library.played("lost-reply")] == ["a", "b", "c", "lost-reply"]
    assert [each.name for each in library.played(None)] == ["a", "b", "c"]
