"""Tokens live until their instant, and are told apart by who asks for what."""

import pytest

from mockserver.core.chance import Chance
from mockserver.core.clock import LAST
from mockserver.core.tokens import Token, Tokens


def test_a_token_lives_until_the_instant_it_expires() -> None:
    token = Token("t", "app", ("sms",), 100)
    assert (token.alive(99), token.alive(100)) == (True, False)
    assert Token("t", "app", (), None).alive(LAST)


# rule token.by-scopes
def test_tokens_are_told_apart_by_application_and_scopes() -> None:
    tokens = Tokens()
    first = tokens.issue("app", ("sms",), 100, Chance(1))
    assert (first.application, first.scopes, first.expires) == ("app", ("sms",), 100)
    assert len(tokens) == 1
    assert (tokens.find(first.value), tokens.find("2")) == (first, None)
    assert tokens.living("app", ("sms",), 99) == first
    assert tokens.living("app", ("sms",), 100) is None
    assert tokens.living("app", (), 0) is None
    assert tokens.living("other", ("sms",), 0) is None


def test_a_new_token_replaces_an_expired_one_which_can_still_be_found() -> None:
    tokens = Tokens()
    old, new = (tokens.issue("app", (), expires, Chance(1)) for expires in (100, 200))
    assert (tokens.find(old.value), tokens.find(new.value), len(tokens)) == (old, new, 2)
    assert tokens.living("app", (), 150) == new


def test_of_more_tokens_than_are_kept_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.core.tokens.MOST", 2)
    tokens, chance = Tokens(), Chance(0)
    first, second, third = (tokens.issue(name, (), None, chance) for name in ("a", "b", "c"))
    assert [tokens.find(each.value) for each in (first, second, third)] == [None, second, third]
    assert tokens.living("a", (), 0) is None
    assert len(tokens) == 2
