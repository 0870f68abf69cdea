"""Dialects as people write them."""

import re
from typing import Any

import pytest

from mockserver.core.dialect import DEFAULT, RETRIES, Dialect, as_dialect, differences
from mockserver.wire.dialect import BadDialect, DialectModel, read_fields, read_json, read_text, write_text
from tests.dialects import ALTERED, altered


def test_an_empty_file_is_the_default_itself() -> None:
    assert read_text("", "a.toml") is DEFAULT
    assert read_text('success-status = 200\nsearch-order = "newest-first"', "a.toml") is DEFAULT
    assert read_json("{}") is DEFAULT


@pytest.mark.parametrize("name", ["success-status", "success_status", "successStatus"])
def test_a_key_may_be_spelt_in_three_ways(name: str) -> None:
    assert read_text(f"{name} = 201", "a.toml") == Dialect(success_status=201)
    assert read_fields({name: 201}) == Dialect(success_status=201)


@pytest.mark.parametrize("dialect", altered())
def test_what_is_written_is_read_again(dialect: Dialect) -> None:
    assert read_text(write_text(dialect), "a.toml") == dialect
    assert as_dialect(differences(dialect)) == dialect
    assert len(differences(dialect)) == 1


def test_a_file_says_what_each_switch_means() -> None:
    assert write_text(Dialect(success_status=201, retry_plan=(1, 2))) == (
        "# Success is 201 (send.success-status).\nsuccess-status = 201\n\n"
        "# Otherwise than: A callback that was not taken is posted again up to 12 times, as Routee documents it for three"
        " sibling services: after 30 s, 1 m, 2 m, 5 m, 10 m, 15 m, 30 m, 1 h, 2 h, 4 h, 8 h, 24 h, each after the attempt"
        " before (callbacks.retries).\nretry-plan = [1, 2]\n"
    )
    assert write_text(DEFAULT) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "\nsucces-status = 201",
            "a.toml, line 2: succes-status is no switch of a dialect; did you mean success-status?",
        ),
        ("success-status = 202", "a.toml, line 1: success-status must be one of 200, 201"),
        ("success-status = true", "a.toml, line 1: success-status must be one of 200, 201"),
        (
            'search-order = "oldest"',
            "a.toml, line 1: search-order must be one of newest-first, oldest-first; did you mean oldest-first?",
        ),
        ("retry-plan = [30, 0]", "a.toml, line 1: retry-plan[1] must be at least 1"),
        ("retry-plan = [2_592_001]", "a.toml, line 1: retry-plan[0] must be at most 2592000"),
        ("retry-plan = [0.5]", "a.toml, line 1: retry-plan[0] must be a whole number"),
        ("retry-plan = 30", "a.toml, line 1: retry-plan must be an array"),
        (f"retry-plan = {[1] * 101}", "a.toml, line 1: retry-plan must have at most 100 entries; it has 101"),
        (
            'unknown-flow-code = "404"',
            "a.toml, line 1: unknown-flow-code must be nine digits that begin with 404",
        ),
        (
            "no-such = 1\n\notp-no-bearer = 400",
            "a.toml, line 1: no-such is no switch of a dialect\na.toml, line 3: otp-no-bearer must be one of 403, 401",
        ),
        ("success-status = ", "a.toml is not TOML: Invalid value (at end of document)"),
    ],
)
def test_an_error_names_the_line_the_key_and_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(BadDialect) as wrong:
        read_text(text, "a.toml")
    assert set(str(wrong.value).splitlines()) == set(said.splitlines())


@pytest.mark.parametrize(
    ("text", "said"), [("{", "it is not JSON"), ('{"succesStatus": 1}', "did you mean successStatus?")]
)
def test_a_json_object_is_read_too(text: str, said: str) -> None:
    assert read_json('{"successStatus": 201}') == Dialect(success_status=201)
    with pytest.raises(BadDialect, match=re.escape(said)):
        read_json(text)


def test_the_schema_has_every_switch_with_what_its_values_mean() -> None:
    switches: dict[str, Any] = DialectModel.model_json_schema()["properties"]
    assert len(switches) == len(Dialect.__struct_fields__)
    assert switches["successStatus"]["description"] == "200: Success is 200. 201: Success is 201."


def test_a_dialect_is_a_value() -> None:
    assert hash(Dialect(success_status=201)) == hash(Dialect(success_status=201))
    assert len(set(ALTERED.values())) == len(ALTERED)
    assert DEFAULT.retry_plan == RETRIES
