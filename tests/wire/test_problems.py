"""The words an error is told in."""

import pytest

from mockserver.wire.problems import nearest, path


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


def test_a_path_is_written_as_the_caller_would() -> None:
    assert path(["flow", 2, "message", "body"]) == "flow[2].message.body"
    assert path([0, "type"]) == "[0].type"
