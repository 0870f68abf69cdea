"""The types that several requests share."""

import pytest

from mockserver.wire import types


@pytest.mark.parametrize("url", ["http://a/", "https://a.example:8443/b?c=d#e", "HTTP://a", "http://127.0.0.1:1/é"])
def test_an_address_is_kept_as_it_was_written(url: str) -> None:
    assert types.url(url) == url


# rule send.urls
@pytest.mark.parametrize(
    "url",
    [
        *("", "a", "ftp://a/", "//a/", "http:///a", "http://", "http://?a", "http://[::1", "http://a:99999/"),
        *("http://a b/", " http://a/", "http://a/ ", "http://a/\nb", "http://a/\x7f", "http://a/\x00"),
    ],
)
def test_a_bad_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match=r"http or https URL.*such as https://example\.com/path"):
        types.url(url)


@pytest.mark.parametrize("name", ["success-status", "success_status", "SuccessStatus", "successStatus"])
def test_a_name_in_any_spelling_is_one_in_json(name: str) -> None:
    assert types.camel(name) == "successStatus"
