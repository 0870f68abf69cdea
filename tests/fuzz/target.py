"""The server under attack, in a process of its own: how it is set up, what it logs, and what it has used."""

import asyncio
import json
import os
import re
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.fuzz.answers import Answer, Broken, read_answer
from tests.fuzz.corpus import FLOW, SANDBOXES, TOKEN

MODES = ("manual", "instant", "realtime")

BOUNDS = ("--max-flows", "150", "--max-journal", "3000", "--max-sandboxes", "12", "--max-payload", "3000000")
"""Small, so that they are reached."""

SECRET = "fuzzed"
"""The control token, where there is one."""

LINE = b"Host: localhost\r\n"
"""A line of every head that nobody has spoilt."""

GRACE = 60.0
"""Real seconds that a server has to start, to answer whether it lives, and to stop."""

SUSPICIOUS = re.compile(r"Traceback|^\S+ error:|\"level\":\"error\"|never (retrieved|awaited)|^\s+File \"")
"""What no line of the log says as long as the mock is in order."""

TIME = re.compile(r"^\d\d:\d\d:\d\d |\"at\":\"[^\"]*\",")
"""What tells lines apart that are alike."""

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(slots=True)
class Target:
    """A running server. tls: how to connect, unless in clear. secret: its control token.

    token, flow: valid for now. logged: the lines of its log that are faults.
    """

    process: asyncio.subprocess.Process
    port: int
    tls: ssl.SSLContext | None = None
    secret: str = ""
    token: str = ""
    flow: str = FLOW
    logged: list[str] = field(default_factory=list)

    async def connect(self, longest: int = 2**16) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection. longest: bytes that its reader takes in one go."""
        return await asyncio.open_connection("127.0.0.1", self.port, limit=longest, ssl=self.tls)

    def filled(self, data: bytes, *, known: bool = True) -> bytes:
        """Bytes of a case, with what is known only now. known: the control token is."""
        if self.secret and known:
            data = data.replace(LINE, b"%sX-Mock-Token: %s\r\n" % (LINE, self.secret.encode()))
        return data.replace(TOKEN.encode(), self.token.encode()).replace(FLOW.encode(), self.flow.encode())

    async def ask(self, method: str, path: str, body: object = None, *headers: str) -> Answer:
        """A request with nothing wrong. Raises OSError or Broken where there is no answer, TimeoutError."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(data)}", "Connection: close"]
        head += [f"X-Mock-Token: {self.secret}"] if self.secret else []
        async with asyncio.timeout(GRACE):
            reader, writer = await self.connect()
            try:
                writer.write("\r\n".join([*head, *headers, "", ""]).encode() + data)
                answer = await read_answer(reader, method)
            finally:
                writer.close()
        if answer is None:
            raise Broken(f"{method} {path} is not answered")
        return answer

    async def renew(self) -> None:
        """A token that is valid, and the sandboxes that cases speak of; what is there already stays."""
        for name, mode in zip(SANDBOXES[1:], MODES, strict=True):
            asked = {"id": name, "clock": mode, "strictFields": name == "two"}
            made = await self.ask("POST", "/_mock/sandboxes", asked)
            if b"properties" in made.body and b"there is a sandbox" not in made.body:  # it is wrong, not only there
                raise Broken(f"the sandbox {name} cannot be made: {made.body[:200]!r}")
        headers = ("Content-Type: application/x-www-form-urlencoded", "Authorization: Basic YXBwOnNlY3JldA==")
        answer = await self.ask("POST", "/oauth/token", b"grant_type=client_credentials", *headers)
        if answer.status != 200:
            raise Broken(f"there is no token to be had: {answer.status} {answer.body[:200]!r}")
        self.token = json.loads(answer.body)["access_token"]

    async def lives(self) -> bool:
        """Whether it answers that it does."""
        with suppress(OSError, Broken, TimeoutError, asyncio.IncompleteReadError):
            return (await self.ask("GET", "/_mock/health")).status == 200
        return False

    def worked(self) -> float:
        """Seconds of CPU that it has used so far."""
        used = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes of memory that it holds."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    async def read_log(self) -> None:
        """Look at each line of the log as it comes."""
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            text = line.decode(errors="replace").rstrip("\n")
            if SUSPICIOUS.search(text) or CONTROL.search(text):
                self.logged.append(TIME.sub("", text)[:300])

    async def stop(self) -> str | None:
        """Ask it to stop. What is wrong with how it does."""
        if self.process.returncode is not None:
            return None
        self.process.terminate()
        try:
            async with asyncio.timeout(GRACE):
                code = await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            return f"it did not stop within {GRACE:g} s"
        return None if code == 0 else f"it stopped with exit code {code}"


def _ports(ready: Path) -> tuple[int, int]:
    """Where a server listens, in clear and over TLS; 0 where it does not."""
    said = json.loads(ready.read_text())
    return urlsplit(said["url"]).port or 0, urlsplit(said["tlsUrl"] or "").port or 0


def _trusting() -> ssl.SSLContext:
    """How to connect to a server over TLS, whoever it is."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@asynccontextmanager
async def running(hook: int, options: Sequence[str] = ()) -> AsyncIterator[Target]:
    """A server, ready to be attacked. hook: the port of the receiver of its callbacks, which get nowhere else."""
    rewrite = f"webhook.invalid=127.0.0.1:{hook}"
    command = ["-m", "mockserver", "serve", "--port", "0", "--log-level", "warning", *BOUNDS]
    command += ["--callback-rewrite", rewrite, "--callback-allow", f"127.0.0.1:{hook}", *options]
    folder = tempfile.TemporaryDirectory()
    command += ["--ready-file", ready := f"{folder.name}/ready"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ROUTEE_MOCK_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=clean,
        limit=2**24,
    )
    assert process.stdout is not None
    async with asyncio.timeout(GRACE * 3):
        await process.stdout.readline()
    with folder:
        plain, secure = _ports(Path(ready))
    secret = SECRET if SECRET in options else ""
    target = Target(process, secure or plain, _trusting() if secure else None, secret)
    reading = [asyncio.create_task(target.read_log()), asyncio.create_task(process.stdout.read())]
    try:
        await target.renew()
        yield target
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await asyncio.gather(*reading)
