"""The Dockerfile as it is written. tests/containers/ builds the image and runs it, where that is possible."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[1]

KNOWN_TO_ALL = {"interval", "timeout", "start-period", "retries"}
"""Options of a health check that Podman 4 and Docker before 25 know too."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word, the options after it, and the rest."""

    word: str
    options: dict[str, str]
    rest: str


def read(file: Path) -> list[list[Instruction]]:
    """The stages of a Dockerfile, each a list of instructions."""
    text = re.sub(r"(?m)^\s*#.*\n", "", file.read_text()).replace("\\\n", " ")
    stages: list[list[Instruction]] = []
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.split(maxsplit=1)
        options = {}
        while option := re.match(r"--([\w-]+)=(\S+)\s+", rest):
            options[option[1]], rest = option[2], rest[option.end() :]
        if word == "FROM":
            stages.append([])
        stages[-1].append(Instruction(word, options, rest.strip()))
    return stages


BUILD, FINAL = read(HOME / "Dockerfile")


def last(word: str) -> Instruction:
    """The last instruction of the final stage with this word."""
    return [each for each in FINAL if each.word == word][-1]


def test_it_is_slim_and_its_user_is_not_root() -> None:
    assert all(stage[0].rest.split()[0].endswith("-slim") for stage in (BUILD, FINAL))
    assert BUILD[0].rest.split()[0] == FINAL[0].rest
    assert not [step for step in FINAL if step.word in ("RUN", "ADD", "SHELL")]
    assert all(int(number) > 0 for number in last("USER").rest.split(":"))
    for word in ("ENTRYPOINT", "CMD"):
        assert last(word).rest.startswith("["), "a shell would be process 1, and keep signals to itself"
    assert last("EXPOSE").rest.split() == ["8080", "8443"]


def test_its_health_is_asked_often_in_a_way_that_old_engines_know() -> None:
    check = last("HEALTHCHECK")
    assert check.options.keys() <= KNOWN_TO_ALL
    assert int(check.options["interval"].removesuffix("s")) <= 2
    assert json.loads(check.rest.removeprefix("CMD ")) == ["routee-mock", "health"]


def test_what_is_copied_is_not_ignored_and_nothing_else_is_sent() -> None:
    first, *others = [
        line for line in (HOME / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert first == "*"
    copied = {source for step in BUILD if step.word == "COPY" for source in step.rest.split()[:-1]}
    assert {line.removeprefix("!") for line in others if line.startswith("!")} == copied
