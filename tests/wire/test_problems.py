"""The words an error is told in."""

from collections import Counter
from collections.abc import Callable
from cProfile import Profile
from functools import partial

import orjson
import pytest

from mockserver.http.scenarios import LARGEST
from mockserver.settings import MIB
from mockserver.wire.control.events import read_event
from mockserver.wire.control.journal import read_excerpt
from mockserver.wire.control.sandboxes import read_sandbox
from mockserver.wire.control.views import read_advance, read_clock
from mockserver.wire.errors import Refusal
from mockserver.wire.otp.requests import read_send as read_otp
from mockserver.wire.problems import (
    LOOKED_THROUGH,
    MORE,
    MOST_NESTS,
    NAMED,
    TEXT,
    Wrong,
    cut,
    many,
    near,
    nearest,
    path,
    read_json,
    there_are,
)
from mockserver.wire.routee.careful import read_carefully
from mockserver.wire.routee.requests import read_send
from mockserver.wire.routee.search import read_search
from mockserver.wire.routee.tokens import read_token_request
from mockserver.wire.scenario.language import nothing
from mockserver.wire.scenario.texts import BadScenario, read_text
from mockserver.wire.verify.request import read_verification


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("Faild", ["Undelivered", "Failed"], "; did you mean Failed?"),
        ("FAILD", ["Undelivered", "Failed"], "; did you mean Failed?"),
        ("xyz", ["Undelivered", "Failed"], ""),
        ("", ["Failed"], ""),
        (None, ["Failed"], ""),
        (5, ["5"], ""),
        ("ttl", ["ttl"], ""),
        ("fileUrl", ["fileUrl", "fileURL"], "; did you mean fileURL?"),
    ],
)
def test_the_nearest_word_is_another_word_that_comes_close(word: object, known: list[str], said: str) -> None:
    assert nearest(word, known) == nearest(word, reversed(known)) == nearest(word, frozenset(known)) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "there is none at all"),
        (["default"], "there is only default"),
        (["default", "mine"], "there are default, mine"),
        (["x"] * (NAMED + 1_000), f"there are {', '.join(['x'] * NAMED)} and 1,000 more"),
    ],
)
def test_what_there_is_reads_well_for_any_number(names: list[str], said: str) -> None:
    assert there_are(iter(names)) == said


def test_one_is_no_plural() -> None:
    assert [many(number, "commit") for number in (0, 1, 2_000)] == ["0 commits", "1 commit", "2,000 commits"]
    assert [many(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def test_a_path_is_written_as_the_caller_would() -> None:
    assert path(["flow", 2, "message", "body"]) == "flow[2].message.body"
    assert path([0, "type"]) == "[0].type"


# So much of what is wrong, and no more


# rule send.most-errors
def test_a_hundred_fields_are_named_and_the_rest_is_counted() -> None:
    wrong = Wrong()
    wrong.unknown([f"k{number}" for number in range(60_000)], ["k"])
    assert len(wrong) == NAMED + 1
    assert list(wrong.items())[-1] == (MORE, "and 59,900 more")
    wrong["late"] = "is wrong too"
    wrong["k1"] = "is told otherwise"
    wrong.setdefault("k2", "is not told again")
    assert (wrong[MORE], wrong["k1"]) == ("and 59,901 more", "is told otherwise")
    assert wrong["k2"].startswith("is not known here")


def test_what_a_part_has_found_counts_for_the_whole() -> None:
    whole = Wrong()
    whole["first"] = "is wrong"
    part = Wrong(whole.room)
    part.unknown([f"k{number}" for number in range(NAMED)])
    whole.take(part, "part.{}".format)
    assert (len(whole), whole[MORE], list(whole)[1]) == (NAMED + 1, "and 1 more", "part.k0")


def test_names_and_sentences_are_clipped() -> None:
    wrong = Wrong()
    wrong["a" * 10_000] = "b" * 10_000
    [(field, sentence)] = wrong.items()
    assert (len(field), len(sentence)) == (203, 1_003)


def test_fields_that_are_not_known_are_cut_away_before_they_cost_anything() -> None:
    strange = {f"k{number}": {"x": 1} for number in range(500)}
    data = strange | {"to": strange | {"phone": 1}, "last": 2}
    few, lost = cut(data, {"to", "phone", "last"})
    assert lost == 2 * (500 - NAMED)
    assert (few["last"], few["to"]["phone"], len(few), len(few["to"])) == (2, 1, NAMED + 2, NAMED + 1)
    assert cut([1, strange], ()) == ([1, dict(list(strange.items())[:NAMED])], 500 - NAMED)


def test_of_a_long_array_only_the_first_entries_are_looked_at() -> None:
    strange = {f"x{number}": number for number in range(NAMED + 1)}
    few, lost = cut([strange] * (LOOKED_THROUGH + 3), ())
    assert (lost, len(few)) == (LOOKED_THROUGH, LOOKED_THROUGH + 3)
    assert [len(each) for each in few[LOOKED_THROUGH - 1 :]] == [NAMED, *[NAMED + 1] * 3]


def junk(name: str, number: int, value: str = "0") -> str:
    return "{" + ",".join(f'"{name}{each:05}":{value}' for each in range(number)) + "}"


STEP = '{"type": "Sms", "to": "+306900000000", "from": "a", "message": '
VERB = '{"type": "SAYX"}'

BODIES: dict[str, tuple[Callable[[bytes], object], str]] = {
    "a sandbox": (read_sandbox, junk("seed", 60_000)),
    "an event": (read_event, junk("status", 60_000)),
    "an event that is an array": (read_event, '{"trackingId": [' + ",".join(["{}"] * 300_000) + "]}"),
    "a verification": (
        read_verification,
        '{"expect": [' + ",".join([junk("sends", 1, junk("labe", 600))] * 100) + "]}",
    ),
    "expectations": (
        read_verification,
        '{"expect": [' + ",".join(['{"sends": ' + junk("labe", 600) + "}"] * 100) + "]}",
    ),
    "expected statuses": (
        read_verification,
        '{"expect": ['
        + ",".join(['{"flow": {}, "heard": ["' + '", "'.join(map(str, range(100))) + '"]}'] * 100)
        + "]}",
    ),
    "a clock": (read_clock, junk("mode", 60_000)),
    "a move": (read_advance, junk("by", 60_000)),
    "a search": (partial(read_search, {}), "[" + ",".join(['{"fieldName": "tx", "searchOperator": "iz"}'] * 20) + "]"),
    "a send": (partial(read_carefully, application="a", strict=True), junk("flow", 60_000)),
    "a callback": (partial(read_carefully, application="a", strict=True), '{"callback": ' + junk("ur", 60_000) + "}"),
    "a step": (partial(read_carefully, application="a", strict=True), f'{{"flow": [{STEP}{junk("body", 60_000)}}}]}}'),
    "steps": (
        partial(read_carefully, application="a", strict=True),
        '{"flow": [' + ",".join([f"{STEP}{junk('body', 600)}}}"] * 100) + "]}",
    ),
    "verbs": (
        partial(read_carefully, application="a"),
        '{"flow": [{"type": "Voice", "dialPlan": {"verbs": [' + ",".join([VERB] * 58_000) + "]}}]}",
    ),
    "triggers": (
        partial(read_carefully, application="a"),
        f'{{"flow": [{STEP}{{"body": "a"}}, "failoverOnStatuses": [' + ",".join(['"Faild"'] * 100_000) + "]}]}",
    ),
    "fields of verbs": (
        partial(read_carefully, application="a", strict=True),
        '{"flow": [{"type": "Voice", "dialPlan": {"verbs": [' + ",".join([junk("text", 600)] * 100) + "]}}]}",
    ),
    "a message that is an array": (
        partial(read_carefully, application="a", strict=True),
        f'{{"flow": [{STEP}[' + ",".join(["{}"] * 300_000) + "]}]}",
    ),
    "a message that is an array of objects": (
        partial(read_carefully, application="a", strict=True),
        f'{{"flow": [{STEP}[' + ",".join(['{"a":1}'] * 90_000) + "]}]}",
    ),
    "many steps": (
        partial(read_carefully, application="a"),
        '{"flow": [' + ",".join(['{"type": "x"}'] * 58_000) + "]}",
    ),
    "scopes": (
        lambda body: read_token_request("Basic YTpi", {}, body, None),
        "grant_type=client_credentials&scope=" + "+".join(f"sm{number}" for number in range(100_000)),
    ),
    "kinds": (lambda body: read_excerpt({"kind": body.decode()}), ",".join(f"sen{number}" for number in range(10_000))),
    "parameters": (
        lambda body: read_excerpt(dict.fromkeys(body.decode().split(","), "")),
        ",".join(map(str, range(10_000))),
    ),
}
"""What is all wrong, within the limit of a body, and what reads it."""


@pytest.mark.parametrize(("read", "body"), BODIES.values(), ids=BODIES)
def test_junk_costs_little_and_is_answered_shortly(read: Callable[[bytes], object], body: str) -> None:
    assert len(body) < MIB
    profile = Profile()
    with pytest.raises(Refusal) as error:
        profile.runcall(read, body.encode())
    calls = _calls(profile)
    assert calls["get_close_matches"] <= 2 * NAMED, "words are looked for only where they are told"
    assert calls["_sentence"] <= NAMED + 5
    assert calls.total() < 1_200_000, "the work grows no faster than the body"
    assert len(error.value.body.get("properties", {})) <= NAMED + 1
    assert len(orjson.dumps(error.value.body)) < 30_000


OTP = '{"type": "ViberOtp", "templateType": "'


@pytest.mark.parametrize(
    "flow",
    [
        junk("pin", 60_000, "0.5"),
        ",".join([f'{OTP}basik{step}", "p": {junk("pi", 600, "0.5")}}}' for step in range(100)]),
        ",".join([f'{OTP}basik{step}", {junk("pi", 98, "0.5")[1:]}' for step in range(100)]),
    ],
    ids=["a step", "steps", "parameters"],
)
def test_passwords_of_junk_cost_little(flow: str) -> None:
    body = f'{{"flow": [{flow}]}}'
    assert len(body) < MIB
    profile = Profile()
    with pytest.raises(Refusal) as error:
        profile.runcall(read_otp, body.encode(), "a")
    calls = _calls(profile)
    assert calls["get_close_matches"] <= 2 * NAMED
    assert calls.total() < 1_200_000
    assert len(error.value.body["detail"]) <= NAMED + 1


def tree(levels: int) -> str:
    return "[]" if not levels else f"[{tree(levels - 1)},{tree(levels - 1)}]"


NESTS = {
    "apart": "[]," * 300_000 + "[]",
    "pairs": "[{}]," * 150_000 + "[]",
    "deep": f"{'[' * 200}{']' * 200}," * 2_000 + "[]",
    "a tree": tree(16),
}

READERS: dict[str, Callable[[bytes], object]] = {
    "a send": partial(read_send, application="a"),
    "a one-time password": partial(read_otp, application="a"),
    "a search": partial(read_search, {}),
    "an event": read_event,
}


# rule send.most-nests
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("nests", NESTS)
def test_many_arrays_and_objects_are_refused_before_they_are_made(nests: str, reader: str) -> None:
    body = f'{{"flow": [{{"x": [{NESTS[nests]}]}}]}}'.encode()
    assert len(body) < MIB
    profile = Profile()
    with pytest.raises(Refusal) as error:
        profile.runcall(READERS[reader], body)
    assert error.value.body["developerMessage"] == "The body holds more than 50,000 arrays and objects."
    calls = _calls(profile)
    assert not [name for name in calls if "loads" in name]
    assert calls.total() < 100


def test_brackets_in_texts_are_no_arrays() -> None:
    text = '[{"\\' * 20_000
    assert read_json(orjson.dumps([text, text])) == [text, text]
    assert read_json(b"[" + b"[]," * (MOST_NESTS - 2) + b"[]]") == [[]] * (MOST_NESTS - 1)
    with pytest.raises(Refusal):
        read_json(b"[" + b"[]," * MOST_NESTS + b"[]]")


@pytest.mark.parametrize("piece", ['\\"', "[", "\\\n"])
def test_no_byte_of_a_text_without_an_end_is_looked_at_twice(piece: str) -> None:
    text = '"' + piece * 300_000
    assert TEXT.findall(text.encode()) == [text.encode()]
    with pytest.raises((ValueError, Refusal)):
        read_json(text.encode())


def _calls(profile: Profile) -> Counter[str]:
    """How often each function was called, by its name."""
    counted: Counter[str] = Counter()
    for entry in profile.getstats():
        counted[getattr(entry.code, "co_name", str(entry.code))] += entry.callcount
    return counted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 60_000, "brackets are nested more than 50 deep"),
        ("{a: " * 15_000, "brackets are nested more than 50 deep"),
        ("[" + "a," * 30_000 + "]", "there are more than 8,000 keys and values; as JSON there may be"),
        ("\n".join(f"k{number}: 1" for number in range(6_000)), "there are more than 8,000 keys and values"),
        ('{"sms": {' + ",".join(f'"deliv{number:03}": 1' for number in range(4_000)) + "}}", "and 3,900 more"),
        ('{"sms": [' + ",".join(['{"at": 1, "status": "Deliverd"}'] * 1_000) + "]}", "and 900 more"),
        ("{" + ",".join(f'"sm{number}": 1' for number in range(5_000)) + "}", "and 4,900 more"),
    ],
    ids=["brackets", "braces", "many", "keys", "weights", "timeline", "words"],
)
def test_a_scenario_of_junk_costs_little(text: str, said: str) -> None:
    assert len(text) < LARGEST
    profile = Profile()
    with pytest.raises(BadScenario, match=said) as error:
        profile.runcall(read_text, text, "a.yaml", "a", nothing)
    calls = _calls(profile)
    assert calls["get_close_matches"] <= NAMED
    assert calls.total() < 1_200_000
    assert len(error.value.problems) <= NAMED + 1


def test_words_are_looked_for_among_so_many_and_no_more() -> None:
    assert near("a" * 100_000, ["a" * 50]) == ["a" * 50]
    assert near("abcd", [*map(str, range(10_000)), "abce"]) == []
