"""Clients that know Routee's own URLs and nothing of the mock, as docs/howto/unmodified-clients.md has them.

A test has neither port 443 nor the names. curl is told where they lead (`--connect-to`), Python and Java come through
a proxy as their environment asks (tests/tunnels.py), and for Node, which heeds no proxy, tests/redirect.cjs is
loaded before the client. None of that touches TLS: the names asked for are the names verified.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import yaml

from mockserver.cli import serve
from mockserver.cli.options import settings
from mockserver.server import Addresses, running
from mockserver.settings import Settings, Tls
from mockserver.tls import ROUTEE
from tests.tunnels import Tunnel, tunnelling

EXAMPLES = Path(__file__).parent / "examples" / "unmodified"

REDIRECT = Path(__file__).parent / "redirect.cjs"

ASKED = ["auth.routee.net:443", "connect.routee.net:443"]

BRIEF = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""Tells Java that a program is over soon, so that it does not pay to make it fast."""


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="module")
def mock(trust: Path) -> Iterator[Addresses]:
    with running(Settings(port=0, tls=Tls(port=0, ca=trust))) as server:
        yield server


@pytest.fixture
def tunnel(mock: Addresses) -> Iterator[Tunnel]:
    with tunnelling(_port(mock.tls_url)) as tunnel:
        yield tunnel


def _port(url: str | None) -> int:
    return urlsplit(url or "").port or 0


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a client without the variables of our environment that could lead it elsewhere."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=600
    )


def sent(mock: Addresses, done: subprocess.CompletedProcess[str]) -> None:
    """The client has printed the trackingId of a flow that the mock knows."""
    assert done.returncode == 0, done.stderr
    assert httpx2.get(f"{mock.url}/_mock/flows/{done.stdout.strip()}").status_code == 200


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine, so its recipe is not tried")
    return found


@pytest.mark.parametrize(
    ("client", "variable"),
    [
        ("client.py", "SSL_CERT_FILE"),
        ("client_httpx2.py", "SSL_CERT_FILE"),
        ("client_requests.py", "REQUESTS_CA_BUNDLE"),
    ],
)
def test_python(mock: Addresses, tunnel: Tunnel, client: str, variable: str, tmp_path: Path) -> None:
    proxied = {"HTTPS_PROXY": tunnel.url}
    sent(mock, run(sys.executable, EXAMPLES / client, cwd=tmp_path, **proxied, **{variable: str(mock.ca)}))
    assert tunnel.asked == ASKED
    distrusting = run(sys.executable, EXAMPLES / client, cwd=tmp_path, **proxied)
    assert distrusting.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in distrusting.stderr


def test_a_bundle_trusts_the_mock_beside_everybody_else(
    mock: Addresses, tunnel: Tunnel, trust: Path, tmp_path: Path
) -> None:
    bash = needed("bash")
    if not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        pytest.skip("this machine keeps its authorities elsewhere")
    shutil.copy(trust / "ca.pem", tmp_path)
    script = f"{(EXAMPLES / 'bundle.sh').read_text()}\nexec {sys.executable} {EXAMPLES / 'client.py'}"
    sent(mock, run(bash, "-euc", script, cwd=tmp_path, HTTPS_PROXY=tunnel.url))
    assert (tmp_path / "trusted.pem").read_text().count("BEGIN CERTIFICATE") > 2


def test_node(mock: Addresses, tmp_path: Path) -> None:
    node, preload = needed("node"), f"--require {REDIRECT}"
    redirect = {"NODE_OPTIONS": preload, "REDIRECT_PORT": str(_port(mock.tls_url))}
    sent(mock, run(node, EXAMPLES / "client.mjs", cwd=tmp_path, **redirect, NODE_EXTRA_CA_CERTS=str(mock.ca)))
    distrusting = run(node, EXAMPLES / "client.mjs", cwd=tmp_path, **redirect)
    assert distrusting.returncode != 0
    assert "UNABLE_TO_VERIFY_LEAF_SIGNATURE" in distrusting.stderr


@cache
def _java_home() -> str:
    java = needed("java")
    said = subprocess.run([java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=True)
    [home] = re.findall(r"java\.home = (.+)", said.stderr)
    if not Path(home, "lib", "security", "cacerts").exists() or not Path(home, "bin", "javac").exists():
        pytest.skip("this Java has no compiler or no trust store, so its recipe is not tried")
    return str(home)


def test_java(mock: Addresses, tunnel: Tunnel, trust: Path, tmp_path: Path) -> None:
    home, bash = _java_home(), needed("bash")
    shutil.copy(trust / "ca.pem", tmp_path)
    proxy = f"-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={tunnel.server_port}"
    client = f'exec "$JAVA_HOME/bin/java" {proxy} {EXAMPLES / "Client.java"}'
    path = f"{home}/bin:{os.environ['PATH']}"
    script = f"{(EXAMPLES / 'trust-java.sh').read_text()}\n{client}"
    sent(mock, run(bash, "-euc", script, cwd=tmp_path, JAVA_HOME=home, PATH=path, **BRIEF))
    assert tunnel.asked[:1] + tunnel.asked[-1:] == ASKED
    distrusting = run(bash, "-euc", client, cwd=tmp_path, JAVA_HOME=home, PATH=path, **BRIEF)
    assert distrusting.returncode != 0
    assert "SSLHandshakeException" in distrusting.stderr


def test_java_over_plain_http_offers_h2c_and_is_answered(mock: Addresses, tmp_path: Path) -> None:
    sent(mock, run(f"{_java_home()}/bin/java", EXAMPLES / "Client.java", mock.url, cwd=tmp_path, **BRIEF))


def test_curl(mock: Addresses, tmp_path: Path) -> None:
    needed("curl")
    script = (EXAMPLES / "curl.sh").read_text()
    script = script.replace("http://127.0.0.1:8080", mock.url).replace(":8443", f":{_port(mock.tls_url)}")
    done = run(needed("bash"), "-euc", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"access_token"' in done.stdout
    assert (tmp_path / "ca.pem").read_bytes() == (mock.ca or Path()).read_bytes()


def test_the_compose_file_says_what_the_mock_understands(monkeypatch: pytest.MonkeyPatch) -> None:
    mock = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]["mock"]
    for name, value in mock["environment"].items():
        monkeypatch.setenv(name, value)
    wanted: Settings = settings(serve.make_context("serve", []).params)
    assert wanted.tls == Tls(443, Path("/trust/ca.pem"))
    assert wanted.port == 80
    assert mock["networks"]["default"]["aliases"] == list(ROUTEE)
