"""`routee-mock health`: whether the mock is ready. It starts quickly, because a container runs it every few seconds."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mockserver.cli.options import takes
from mockserver.cli.sources import Configured
from mockserver.settings import REACHED

PATIENCE = 2.0
"""Real seconds that an answer may take."""

SHOWN = ("config", "host", "port", "ready_file", "url")


@click.command(cls=Configured)
@takes
@click.option(
    "--url", envvar="ROUTEE_MOCK_URL", show_envvar=True, help="Ask the mock at this URL.  [default: from host and port]"
)
def health(url: str | None, host: str, port: int, ready_file: Path | None, **_: Any) -> None:
    """Exit with 0 if the mock is ready. If not, say why and exit with 1.

    It finds the mock by the options, the environment and the file of `serve`, and with --port 0 by the --ready-file.
    """
    where = REACHED.get(host, host)
    listening = f"http://{f'[{where}]' if ':' in where else where}:{port}"
    asked = url or (listening if port else _chosen(ready_file))
    problem = ask(asked)
    if problem is not None:
        raise click.ClickException(f"no routee-mock is ready at {asked}: {problem}")
    click.echo(f"ready: {asked}")


for _param in health.params:
    if isinstance(_param, click.Option) and _param.name not in SHOWN:
        _param.hidden = True


def _chosen(file: Path | None) -> str:
    """The URL of a mock that chose its port at start."""
    if file is None:
        raise click.UsageError("with --port 0 the mock chooses its port: name its --ready-file, or its --url.")
    import json

    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, LookupError, TypeError):
        raise click.ClickException(f"no routee-mock is ready: {file} does not name one.") from None


def ask(url: str) -> str | None:
    """Why the mock at a URL is not ready; None when it is."""
    import json
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "that is not a URL such as http://127.0.0.1:8080"
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"{parts.path.rstrip('/')}/_mock/ready")
            answer = connection.getresponse()
            answered = json.loads(answer.read(65_536))
        finally:
            connection.close()
    except ValueError:
        return "something else answers there"
    except HTTPException as error:
        return f"something else answers there ({type(error).__name__})"
    except OSError as error:
        return str(error.strerror or error)
    ready = isinstance(answered, dict) and answered.get("status") == "ready" and "instance" in answered
    if answer.status in (400, 503) and isinstance(answered, dict) and "developerMessage" in answered:
        return str(answered["developerMessage"])
    return None if answer.status == 200 and ready else f"it answers {answer.status}, but is not a routee-mock"
