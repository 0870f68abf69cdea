"""What can go wrong with a request to a mock, in the words of the Python API."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""

PART = re.compile(r"^expect\[0\]\.((sends|flow|callback|request)\.)?")
"""Where a field of an expectation is in the request. The call has it as a keyword."""

NAMES = {"trackingId": "flow", "from": "from_"}
"""Fields of requests that have another name as a keyword."""

DIALECT = "dialect"
"""The setting whose keys are keywords too."""

MEANT = re.compile(r"(?<=is not known here; did you mean )\w+")
"""The nearest key, as an error names it."""

WORDS = {
    "must be true or false": "must be True or False",
    "must be a text": "must be a string",
    "must be an array": "must be a list",
    "must be an object": "must be a dictionary",
    "must be a whole number": "must be an int",
}
"""What the mock says of a field, and what Python says instead."""


LOCKED = (
    "the mock was started with --control-token, and this is not its token: set ROUTEE_MOCK_CONTROL_TOKEN, or give it as"
    " Server(token=...)"
)
"""What a client without the token of the control API is told."""

LONG = 60
"""Characters of how a near miss differs, after which it is not said twice."""


class MockError(Exception):
    """A request to the mock went wrong: it is Refused, a Misuse, or Unreachable; or the mock itself failed.

    status: the HTTP status of the answer; 0 without one. wrong: by field, what is wrong with it.
    """

    def __init__(self, text: str, status: int = 0, wrong: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.wrong = dict(wrong or {})


class Refused(MockError):
    """An endpoint of Routee refused a request, as Routee would or a scenario has it. An application gets the same."""


class Misuse(MockError, ValueError):
    """A test asked the mock for what it cannot do: a field is wrong, a flow does not exist, a status cannot follow."""


class Unreachable(MockError):
    """No answer came: no mock is at the URL, or it was stopped meanwhile."""


def kind_of(path: str, status: int = 0) -> type[MockError]:
    """The kind of error for a path of the mock. status: of the answer; 0 if there was none."""
    if not path.startswith("/_mock"):
        return Refused
    return Misuse if 400 <= status < 500 else MockError if status else Unreachable


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a request was made for: an error says what is wrong with it, and not with the request.

    name: as in `expect.flow`. keywords: for fields whose keyword is another word.
    """

    name: str
    keywords: Mapping[str, str] = field(default_factory=dict)

    def place(self, place: str, _: int) -> str:
        """The keyword for a place in the request."""
        head, rest = _parted(PART.sub("", place))
        where = _snake(rest) if head == DIALECT else rest
        return f"{self.name}({self.keywords.get(head) or NAMES.get(head) or _snake(head)}=...){where}"


@dataclass(frozen=True, slots=True)
class PlayCall(Call):
    """A call that was given a scenario; if it stands in a file, an error names the line. name: of call or file."""

    in_file: bool = False

    def place(self, place: str, line: int) -> str:
        """The place in the scenario."""
        where = f"{self.name}:{line}" if self.in_file else f"{self.name}()"
        return where if place.startswith("line ") else f"{where}: {place}"


@dataclass(frozen=True, slots=True)
class WhenCall(Call):
    """A scenario written word by word."""

    def place(self, place: str, _: int) -> str:
        """The word, and its keyword: `when(to=...)` or `when().sms(after=...)`."""
        word, rest = _parted(place)
        called, detail = ("", f".{word}{rest}") if word in ("name", "priority", "uses") else (f"().{word}", rest)
        called, detail = ("", rest) if word == "when" else (called, detail)
        keyword, more = _parted(detail.removeprefix(".")) if detail.startswith(".") else ("", detail)
        return f"when{called}({f'{NAMES.get(keyword, keyword)}=...' if keyword else '...'}){more}"


def _parted(place: str) -> tuple[str, str]:
    """The first name in a place, and the rest."""
    end = next((index for index, letter in enumerate(place) if letter in ".["), len(place))
    return place[:end], place[end:]


def refusal(path: str, status: int, body: Any, call: Call | None = None) -> MockError:
    """The error for an answer in Routee's shape; its text has a line for each wrong field. path: that was asked for."""
    kind = kind_of(path, status)
    if (kind, status) == (Misuse, 401):
        return kind(LOCKED, status)
    if not isinstance(body, Mapping):
        said = f": {body[:LONG]!r}" if isinstance(body, str) and body else ""
        return kind(f"the mock answered {status}{said}; a scenario's answer, or no routee-mock of this version", status)
    body = _in_common_shape(body)
    wrong = {str(place): str(text) for place, text in (body.get("properties") or {}).items()}
    if call is not None and wrong:
        lines = body.get("lines") or {}
        text = "\n".join(
            f"{call.place(place, lines.get(place, 1))}: {_in_python(said, place)}" for place, said in wrong.items()
        )
        return kind(text, status, wrong)
    said = body.get("developerMessage") or body.get("error_description") or body.get("message") or f"answered {status}"
    return kind("".join([str(said), *(f"\n  {place}: {text}" for place, text in wrong.items())]), status, wrong)


def _in_common_shape(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer of the OTP service, which has one `detail`, in Routee's common shape; another one as it is."""
    detail = body.get("detail")
    if not isinstance(detail, list):
        return {"developerMessage": detail} if isinstance(detail, str) else body
    places = [[f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"][1:]] for each in detail]
    wrong = {"".join(place).removeprefix("."): each["msg"] for place, each in zip(places, detail, strict=True)}
    return {"developerMessage": "Validation Error!", "properties": wrong}


FLOWS = "routee_flows"
"""The attribute of a failed expectation that holds the trackingIds of the flows it is about."""


def failed(verdict: Mapping[str, Any]) -> AssertionError:
    """The error for a failed expectation: what was expected, what was found, and the near misses."""
    lines = [str(verdict["says"])]
    misses = verdict.get("nearest", ())
    for differs, which in _alike(misses).items() if len(misses) > 1 else ():
        lines.append(f"  near: {'; '.join(which)}: {differs}")
    found = verdict.get("matched", ())
    lines += [f"  found: {', '.join(f'{name} {value}' for name, value in each.items())}" for each in found]
    for refused in verdict.get("refused", ()):
        wrong = "; ".join(f"{place} {text}" for place, text in refused["wrong"].items())
        lines.append(f"  refused: {refused['method']} {refused['path']}: {refused['error']} {wrong}".rstrip())
    error = AssertionError("\n".join(lines))
    vars(error)[FLOWS] = tuple(each["trackingId"] for each in (*found, *misses) if each.get("trackingId"))
    return error


def _alike(misses: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Near misses by how they differ, in words; the sentence before them has it of the nearest, which may be long."""
    alike: dict[str, list[str]] = {}
    for miss in misses:
        differs = "; ".join(f"{name} {text}" for name, text in miss["differs"].items())
        which = ", ".join(f"{name} {value}" for name, value in miss.items() if name != "differs")
        alike.setdefault(differs, []).append(which)
    first = next(iter(alike), None)
    return {"as said" if differs == first and len(differs) > LONG else differs: each for differs, each in alike.items()}


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0].lower()}", word)


def _in_python(text: str, place: str) -> str:
    if place.startswith(f"{DIALECT}."):
        text = MEANT.sub(lambda meant: _snake(meant[0]), text)
    for said, python in WORDS.items():
        text = text.replace(said, python)
    return text
