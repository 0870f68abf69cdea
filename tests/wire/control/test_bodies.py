"""The body of a request as it is shown: as it came, without the users and passwords of URLs."""

import pytest

from mockserver.wire.control.bodies import shown


@pytest.mark.parametrize(
    "body",
    [
        b'{"flow":  [1.50, "caf\xc3\xa9"], "a": "mail x@y.z", "url": "http://h/a@b"}',
        b"{not json, a@b",
        b"",
        b"null",
        b'"http://h:8080/p?q=a@b"',
    ],
)
def test_what_has_no_user_in_it_is_shown_as_it_came(body: bytes) -> None:
    assert shown(body) == body.decode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"callback": {"url": "http://me:s3cret@h:1/p"}}',
        b'{"a": [{"HTTPS://s3cret@h": 1}]}',
        b'{"a": "http:\\/\\/me:s3cret\\u0040h/p"}',
        b'{"a": "http:\\/\\/me:s3cret@h/p", broken',
        b'{"a": "http\\u003a\\u002F\\u002fme:s3cret\\u0040h/p", broken',
        b'{"a": " x http://me:s3cret@@h/p"}',
    ],
)
def test_users_and_passwords_are_left_out(body: bytes) -> None:
    assert "s3cret" not in shown(body)
    assert "h" in shown(body)


def test_what_is_no_text_or_nested_too_deep_is_shown_somehow() -> None:
    assert shown(b"\xff{") == "\ufffd{"
    deep = b"[" * 900 + b'"http://a@h"' + b"]" * 900
    assert shown(deep) == ""
