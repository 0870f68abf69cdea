"""The examples of the documents are what a mock takes and answers."""

import pytest

from mockserver.wire.openapi.examples import FILE, recorded
from tests.wire.openapi.documents import DOCUMENTS, contents, operations, validator_of
from tools import examples

SHOWN = [
    pytest.param(document, content["schema"], whose, each["value"], id=f"{place} {whose} {name}")
    for document in DOCUMENTS
    for place, operation in operations(document)
    if "{sandbox}/" not in place
    for whose, _, content in contents(operation)
    for name, each in content.get("examples", {}).items()
]


def test_they_were_recorded_from_this_mock() -> None:
    assert FILE.read_bytes() == examples.text(), "run `make generate`"


@pytest.mark.parametrize(("document", "schema", "whose", "value"), SHOWN)
def test_each_fits_its_schema_and_an_answer_has_nothing_else(
    document: str, schema: dict[str, object], whose: str, value: object
) -> None:
    validator_of(document, schema, closed=whose != "request").validate(value)


@pytest.mark.parametrize(
    ("document", "place", "operation"),
    [pytest.param(document, *each, id=each[0]) for document in DOCUMENTS for each in operations(document)],
)
def test_every_body_and_every_good_answer_has_one(document: str, place: str, operation: dict[str, object]) -> None:
    if place in examples.WITHOUT:
        return
    told = [place, place.replace("/sandboxes/{sandbox}", "", 1)]
    assert any(each in recorded() for each in told), f"{place}: ask it in tools/examples.py, and run `make generate`"
    for whose, media, content in contents(operation):
        wanted = whose == "request" or (whose.startswith("2") and media == "application/json")
        assert "examples" in content or not wanted or media == "*/*", f"{place} {whose} {media}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_parameter_of_a_path_has_one(document: str) -> None:
    for place, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter["in"] != "path" or "example" in parameter, f"{place} {parameter['name']}"
