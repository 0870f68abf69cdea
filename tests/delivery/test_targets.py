"""Where a callback's URL leads, and how its request begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.delivery.targets import Origin, read_target
from mockserver.settings import VERSION


def test_a_request_is_written_as_it_goes_on_the_wire() -> None:
    target = read_target("http://Webhook.test:8000/hook?a=b")
    assert target.request(b'{"a":1}') == (
        b"POST /hook?a=b HTTP/1.1\r\nHost: Webhook.test:8000\r\nContent-Type: application/json\r\n"
        b"User-Agent: routee-failover-mock/%b\r\nAccept: */*\r\nContent-Length: 7\r\n\r\n"
        b'{"a":1}' % VERSION.encode()
    )


HTTP, HTTPS = (False, 80), (True, 443)

# URL: (TLS and port, host asked for, what stands in Host, what stands in the first line)
TARGETS: dict[str, tuple[tuple[bool, int], str, str, str]] = {
    "http://a.test": (HTTP, "a.test", "a.test", "/"),
    "http://a.test/": (HTTP, "a.test", "a.test", "/"),
    "http://a.test?a=b": (HTTP, "a.test", "a.test", "/?a=b"),
    "http://a.test/?": (HTTP, "a.test", "a.test", "/"),
    "http://a.test/h?a=b%2Fc#d": (HTTP, "a.test", "a.test", "/h?a=b%2Fc"),
    "http://a.test#d": (HTTP, "a.test", "a.test", "/"),
    "HTTPS://A.test/X": (HTTPS, "a.test", "A.test", "/X"),
    "https://a.test:443/": (HTTPS, "a.test", "a.test", "/"),
    "https://a.test:80/": ((True, 80), "a.test", "a.test:80", "/"),
    "http://a.test:/": (HTTP, "a.test", "a.test", "/"),
    "http://a.test:08080/": ((False, 8080), "a.test", "a.test:8080", "/"),
    "http://a.test.:1/": ((False, 1), "a.test.", "a.test:1", "/"),
    "http://user:pass@a.test/": (HTTP, "a.test", "a.test", "/"),
    "http://a@b@a.test/": (HTTP, "a.test", "a.test", "/"),
    "http://üser:é@a.test/": (HTTP, "a.test", "a.test", "/"),
    "http://127.0.0.1:9/": ((False, 9), "127.0.0.1", "127.0.0.1:9", "/"),
    "http://0x7f.1/": (HTTP, "0x7f.1", "0x7f.1", "/"),
    "http://[::1]/": (HTTP, "::1", "[::1]", "/"),
    "http://[::FFFF:1.2.3.4]:9/": ((False, 9), "::ffff:1.2.3.4", "[::FFFF:1.2.3.4]:9", "/"),
    "http://[fe80::1%25eth0]:9/": ((False, 9), "fe80::1%eth0", "[fe80::1]:9", "/"),
    "http://[fe80::1%eth0]/": (HTTP, "fe80::1%eth0", "[fe80::1]", "/"),
    "http://a_b-.test/": (HTTP, "a_b-.test", "a_b-.test", "/"),
    "http://a%20b/": (HTTP, "a%20b", "a%20b", "/"),
    "http://bücher.example/": (HTTP, "xn--bcher-kva.example", "xn--bcher-kva.example", "/"),
    "http://BÜCHER.example:9/": ((False, 9), "xn--bcher-kva.example", "xn--bcher-kva.example:9", "/"),
    "http://faß.de/": (HTTP, "xn--fa-hia.de", "xn--fa-hia.de", "/"),
    "http://例え。テスト/": (HTTP, "xn--r8jz45g.xn--zckzah", "xn--r8jz45g.xn--zckzah", "/"),
    "http://☃.net/": (HTTP, "xn--n3h.net", "xn--n3h.net", "/"),
    "http://é.test./": (HTTP, "xn--9ca.test.", "xn--9ca.test", "/"),
    "http://a.test/a%2Fb/../c/./d//e": (HTTP, "a.test", "a.test", "/a%2Fb/../c/./d//e"),
    "http://a.test/%zz%": (HTTP, "a.test", "a.test", "/%zz%"),
    "http://a.test/a|b^c`d\"e<f>g{h}\\i;j,k'l(m)n*o!p$q[r]": (
        *(HTTP, "a.test", "a.test"),
        "/a|b^c`d\"e<f>g{h}\\i;j,k'l(m)n*o!p$q[r]",
    ),
    "http://a.test/é%2F?ü=%C3%A9+😀": (HTTP, "a.test", "a.test", "/%C3%A9%2F?%C3%BC=%C3%A9+%F0%9F%98%80"),
    "http://a.test/a b?c d": (HTTP, "a.test", "a.test", "/a%20b?c%20d"),
    " http://a.test/a\tb\r\nX: y": (HTTP, "a.test", "a.test", "/abX:%20y"),
    "http://a.test/\x00\x1b\x7f": (HTTP, "a.test", "a.test", "/%00%1B%7F"),
}


@pytest.mark.parametrize("url", TARGETS)
def test_what_can_go_on_the_wire_goes_as_it_was_given(url: str) -> None:
    (tls, port), host, place, path = TARGETS[url]
    target = read_target(url)
    assert target.origin == Origin(tls, host, port)
    first, named, *_ = target.head.decode("ascii").split("\r\n")
    assert (first, named) == (f"POST {path} HTTP/1.1", f"Host: {place}")


NONE: dict[str, str] = {
    "": "start with http://",
    "nonsense": "start with http://",
    "/path": "start with http://",
    "//a.test/": "start with http://",
    "ftp://a.test/": "start with http://",
    "ws://a.test/": "start with http://",
    "http:": "host or port",
    "http:///path": "host or port",
    "http://user@/": "host or port",
    "http://:80/": "host or port",
    "http://::1/": "host or port",
    "http://a:b/": "host or port",
    "http://a:-1/": "host or port",
    "http://a:80:80/": "host or port",
    "http://a:٨٠/": "host or port",
    "http://a\\b/": "host or port",
    "http://x[::1]/": "host or port",
    "http://[::1]x/": "host or port",
    "http://a:0/": "1 to 65535",
    "http://a:65536/": "1 to 65535",
    "http://a:" + "9" * 5_000 + "/": ".",
    "http://[/": ".",
    "http://[1]/": ".",
    "http://[v1.a]/": ".",
    "http://[fe80::1%25]/": "zone",
    "http://[fe80::1%25a/b]/": ".",
    "http://[fe80::1%a b]/": "zone",
    "http://256.256.256.256/": "256",
    "http://127.1/": "4 octets",
    "http://0177.0.0.1/": ".",
    "http://127.0.0.1./": "4 octets",
    "http://./": "label",
    "http://.a/": "label",
    "http://a../": "label",
    "http://a..b/": "label",
    "http://" + "a" * 64 + "/": "label",
    "http://a b/": "host cannot be read",
    "http://a\x1bb/": "host cannot be read",
    "http://a\x00b/": "host cannot be read",
    "http://a\u200bb.test/": "not seen",
    "http://\u2100.test/": ".",
    "http://\udcff/": ".",
    "http://é..test/": ".",
    "http://a.test/\udcff": ".",
}


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_url_to_post_to_is_said_to_be_none(url: str) -> None:
    with pytest.raises(ValueError, match=NONE[url]):
        read_target(url)


@given(st.one_of(st.text(), st.text().map("http://{}".format), st.text().map("https://a.test/{}".format)))
def test_whatever_is_given_a_head_is_three_words_and_its_lines(url: str) -> None:
    try:
        target = read_target(url)
    except ValueError:
        return
    lines = target.head.decode("ascii").split("\r\n")
    assert len(lines) == 6
    assert lines[0].count(" ") == 2
    assert all(line.isprintable() for line in lines)
    assert " " not in lines[1].removeprefix("Host: ")
