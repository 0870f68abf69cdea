"""`routee-mock proxy`: what it prints, and what it says to whom it cannot help. tests/proxy puts it to work."""

import subprocess
import sys

import pytest

from tests.cli.test_cli import run

ONE, TWO = "s1=http://127.0.0.1:8081", "s2=http://two"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("s1", "'s1' is not NAME=URL, for example s1=http://127.0.0.1:8081."),
        ("http://a:80=s1", "Did you mean s1=http://a:80?"),
        ("http://a:80", "Did you mean s1=http://a:80?"),
        ("s1:http://a:80", "Did you mean s1=http://a:80?"),
        ("s1=a:80", "Did you mean s1=http://a:80?"),
        ("s1=//a", "Did you mean s1=http://a?"),
        ("s1=https://a", "'s1=https://a' has no URL of plain HTTP with nothing after its port"),
        ("s1=htp://a:80", "Did you mean s1=http://a:80?"),
        ("s1=http://a:80/failover", "Did you mean s1=http://a:80?"),
        ("s1=http://me:secret@a", "Did you mean s1=http://a?"),
        ("s1=http://a?b", "has no URL of plain HTTP"),
        ("s1=http://a:99999", "has no URL of plain HTTP"),
        ("s1=http://a:0", "has no URL of plain HTTP"),
        ("s1=http://", "has no URL of plain HTTP"),
        ("s1=http://[::1", "has no URL of plain HTTP"),
        ("s1=http://a b", "has no URL of plain HTTP"),
        ("s 1=http://a", "underscores, the first a letter or digit. Did you mean 's-1'?"),
        ("-x=http://a", "the first a letter or digit. Did you mean 'x'?"),
        ("=http://a", "'' is not 1 to 32 letters"),
    ],
)
def test_a_shard_that_cannot_be_says_why_and_what_may_be_meant(value: str, said: str) -> None:
    code, output = run("proxy", "haproxy", "--shard", ONE, "--shard", value)
    assert (code, said in " ".join(output.split())) == (2, True), output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Missing option '--shard'"),
        (
            ("--shard", ONE, "--shard", "s1=http://two"),
            "two shards have the name s1: give each --shard one of its own.",
        ),
        (("--shard", ONE, "--shard", "s2=http://127.0.0.1:8081/"), "two shards have the address 127.0.0.1:8081"),
        (("--shard", ONE, "--bind", "8080"), "--bind '8080' is not [ADDRESS]:PORT, for example :8080"),
        (("--shard", ONE, "--bind", ":0"), "--bind ':0' is not [ADDRESS]:PORT"),
        (("--shard", ONE, "--bind", "[::1]:65536"), "--bind '[::1]:65536' is not [ADDRESS]:PORT"),
    ],
)
def test_what_else_is_wrong_is_said_too(words: tuple[str, ...], said: str) -> None:
    code, output = run("proxy", "haproxy", *words)
    assert (code, said in " ".join(output.split())) == (2, True), output


def test_a_server_has_the_same_place_on_the_ring_in_every_list() -> None:
    one, other = (run("proxy", "haproxy", "--shard", a, "--shard", b)[1] for a, b in ((ONE, TWO), (TWO, ONE)))
    assert "  server s1 127.0.0.1:8081 id 342257 weight 100\n" in one
    assert "  server s2 two:80 id 813387 weight 100\n" in one
    assert sorted(one.splitlines()) == sorted(other.splitlines())
    assert "server v6 [::1]:9 " in run("proxy", "haproxy", "--shard", "v6=http://[::1]:9")[1]


@pytest.mark.parametrize(("more", "warned"), [((), True), (("--sandboxes", "auto"), False), (("--app", "a:b"), False)])
def test_a_shard_whose_applications_share_a_sandbox_is_told_what_that_means(
    more: tuple[str, ...], warned: bool
) -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--stop-on-eof", "--shard", "s1", *more]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=600)
    assert (done.returncode, "warning: each shard has a sandbox `default` of its own" in done.stderr) == (0, warned)


@pytest.mark.parametrize("name", ["", "a b", "x" * 33, "-a", "é"])
def test_a_shard_needs_a_name_that_can_be_a_word_of_a_header(name: str) -> None:
    code, output = run("serve", "--shard", name, "--port", "0")
    assert (code, "is not 1 to 32 letters, digits, dots, dashes and underscores" in " ".join(output.split())) == (
        2,
        True,
    )
