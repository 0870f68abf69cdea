"""`routee-mock health`: whether the mock is ready. Quick to start, for a container asks every few seconds."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mockserver.cli.options import takes
from mockserver.cli.sources import Configured
from mockserver.settings import REACHED

PATIENCE = 2.0
"""Real seconds an answer may take."""

SHOWN = ("config", "host", "port", "ready_file", "url")


@click.command(cls=Configured)
@takes
@click.option("--url", envvar="ROUTEE_MOCK_URL", show_envvar=True, help="Ask this one.  [default: by host and port]")
def health(url: str | None, host: str, port: int, ready_file: Path | None, **_: Any) -> None:
    """Exit with 0 when the mock is ready, and with 1, saying why, when it is not.

    It follows the options, environment and file of `serve`; with --port 0, what stands in the --ready-file.
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
    """The URL of a mock that chose its port at the start."""
    if file is None:
        raise click.UsageError("--port 0 is chosen at the start: name the mock's --ready-file, or its --url.")
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
            return "that is no URL such as http://127.0.0.1:8080"
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"{parts.path.rstrip('/')}/_mock/ready")
            answer = connection.getresponse()
            answered = json.loads(answer.read(65_536))
        finally:
            connection.close()
    except ValueError:
        return "what answers there is something else"
    except HTTPException as error:
        return f"what answers there is something else ({type(error).__name__})"
    except OSError as error:
        return str(error.strerror or error)
    ready = isinstance(answered, dict) and answered.get("status") == "ready" and "instance" in answered
    if answer.status == 503 and isinstance(answered, dict) and "developerMessage" in answered:
        return str(answered["developerMessage"])
    return None if answer.status == 200 and ready else f"it answers {answer.status}, and not as a routee-mock does"
