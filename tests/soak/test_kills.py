"""A few kills: nothing that was answered is lost, and every webhook comes."""

import os
from collections import Counter

import pytest

from tests.soak.kills import Account, kill_again_and_again


def test_a_mock_that_is_killed_loses_nothing_that_it_answered() -> None:
    account = kill_again_and_again(5, seed=4, longest=1.5)
    assert account.passed, str(account)
    assert account.kills.total() == 5


@pytest.mark.parametrize("place", ["postgresql", "replicas"])
def test_mocks_on_a_database_that_are_killed_lose_nothing_that_they_answered(place: str) -> None:
    try:
        account = kill_again_and_again(3, seed=5, longest=1.5, place=place)
    except FileNotFoundError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    assert account.passed, str(account)
    assert account.kills.total() == 3


def test_the_account_finds_what_is_wrong() -> None:
    assert not Account(sent=["a"], lost=1).passed
    assert not Account(sent=["a"], missing=1).passed
    assert not Account(sent=["a"], reworded=1).passed
    assert not Account().passed
    good = Account(kills=Counter({"while it served": 3}), sent=["a"], repeated=1)
    assert (good.passed, str(good).endswith("passed")) == (True, True)
