"""What `routee-mock serve` takes: the options, and the settings they come to.

Each can be said on the command line, by the environment (ROUTEE_MOCK_ and its name), or in a file (`sources`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mockserver.cli.kinds import (
    UNLIMITED,
    Application,
    CertificateName,
    Destination,
    HostName,
    Instant,
    Limit,
    Rewriting,
    Secret,
)
from mockserver.cli.sources import PREFIX, Port, read_file
from mockserver.core.clock import Mode
from mockserver.core.setup import Limits
from mockserver.settings import LogFormat, Policy


def option(name: str, *more: str, **details: Any) -> Callable[..., Any]:
    """An option that can be said by the environment too."""
    word = name.partition("/")[0].removeprefix("--")
    return click.option(name, *more, envvar=PREFIX + word.replace("-", "_").upper(), show_envvar=True, **details)


OPTIONS = (
    option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=read_file,
        help="A TOML file of settings, each called as its option; `routee-mock config` prints one.",
    ),
    option("--host", default="127.0.0.1", help="Address to listen on."),
    option("--port", cls=Port, type=click.IntRange(0, 65_535), default=8080, help="Port; 0 lets the system choose."),
    option(
        "--tls",
        is_flag=True,
        help="Answer HTTPS too, as auth.routee.net and connect.routee.net, with a certificate made for this run.",
    ),
    option("--tls-port", type=click.IntRange(0, 65_535), default=8443, help="Port for HTTPS."),
    option(
        "--tls-ca",
        type=click.Path(path_type=Path),
        help="Write the certificate that clients are to trust into this file or directory.  [default: /_mock/ca.pem has"
        " it]",
    ),
    option(
        "--tls-name",
        "tls_names",
        type=CertificateName(),
        multiple=True,
        help="Answer HTTPS under this host name or IP address too; may be repeated.  [default: Routee's, this machine]",
    ),
    option(
        "--clock",
        type=click.Choice([str(mode) for mode in Mode]),
        default=str(Mode.REALTIME),
        help="How time moves.",
    ),
    option(
        "--rate",
        type=click.FloatRange(0.001, 1_000_000),
        default=1.0,
        help="Virtual seconds in a real one, for --clock realtime.",
    ),
    option("--start", type=Instant(), help="Where the clock starts.  [default: now]"),
    option("--seed", type=int, default=0, help="Of all ids and delays."),
    option(
        "--app",
        "applications",
        type=Application(),
        multiple=True,
        help="Take only these credentials; may be repeated.  [default: any]",
    ),
    option(
        "--sandboxes",
        type=click.Choice([str(policy) for policy in Policy]),
        default=str(Policy.DEFAULT),
        help="Where an application goes that no sandbox was made for: into the default one, a new one of its own"
        " (auto), or nowhere (strict).",
    ),
    option(
        "--scenarios",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A directory of scenario files to play; read again when they change.",
    ),
    option(
        "--scenario",
        help="Play this one, of that directory or of the library: `routee-mock scenarios` lists it.",
    ),
    option("--max-sandboxes", type=click.IntRange(1), default=1_000, help="Sandboxes kept, at the most."),
    option(
        "--sandbox-idle",
        type=Limit(1, 1),
        default=3_600,
        help="Real seconds after which a sandbox nobody has asked for is forgotten; never the default one.",
    ),
    option(
        "--max-flows",
        type=click.IntRange(1),
        default=Limits().flows,
        help="Flows a sandbox keeps; those that ended first make room.",
    ),
    option(
        "--max-journal",
        type=click.IntRange(100),
        default=Limits().entries,
        help="Journal entries a sandbox keeps; the oldest make room.",
    ),
    option(
        "--max-payload",
        type=click.IntRange(1),
        default=Limits().payload,
        help="Bytes of sent flows a sandbox keeps; those that ended first make room.",
    ),
    option("--token-life", type=Limit(1_000, 1), default=3_600, help="Seconds on the virtual clock."),
    option("--balance", type=Limit(10_000, 0), default=UNLIMITED, help="In euro."),
    option(
        "--balance-mode",
        type=click.Choice(["later", "at-once"]),
        default="later",
        help="A send that cannot be paid is accepted and fails later, or is refused at once.",
    ),
    option("--strict/--no-strict", default=False, help="Refuse fields that are unknown or out of place."),
    option("--transcode/--no-transcode", default=True, help="For an Sms that does not say."),
    option("--max-body", type=click.IntRange(1), default=1_048_576, help="Bytes of a request's body."),
    option(
        "--allow-host",
        "allow_hosts",
        type=HostName(),
        multiple=True,
        help="Let /_mock/ answer to this Host too; * is any; may be repeated.  [default: local names, IP addresses]",
    ),
    option(
        "--callback-allow",
        type=Destination(),
        multiple=True,
        help="Post callbacks only there: a host (*. for all below), address or network, with a :port if need be; may be"
        " repeated.  [default: anywhere]",
    ),
    option(
        "--callback-deny",
        type=Destination(),
        multiple=True,
        help="Post no callbacks there, whatever is allowed; may be repeated.  [default: nowhere]",
    ),
    option(
        "--callback-rewrite",
        type=Rewriting(),
        multiple=True,
        help="Post callbacks for FROM to TO, each a host with a port or scheme if need be, as in"
        " localhost=host.docker.internal; may be repeated.  [default: as they are]",
    ),
    option(
        "--control-token",
        type=Secret(),
        help="What /_mock/ wants as X-Mock-Token or bearer.  [default: nothing]",
    ),
    option(
        "--log",
        type=click.Choice([str(each) for each in LogFormat]),
        default=str(LogFormat.TEXT),
        help="How the log is written, to the standard error.",
    ),
    option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        default="info",
        help="From which level on: debug tells of every request and callback, warning of what was refused or lost.",
    ),
    option(
        "--ready-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the URL and the process id into this file, as JSON, when the server answers; it is removed at the"
        " end.",
    ),
    option(
        "--stop-on-eof/--no-stop-on-eof",
        default=False,
        help="Stop when the standard input ends: together with the program that holds its other end.",
    ),
)


def takes(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command every option of `serve`, in their order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def settings(options: dict[str, Any]) -> Any:
    """The settings of a server, by its options."""
    from mockserver.core.behaviour import Behaviour
    from mockserver.settings import Settings, Tls

    if not options["tls"] and (options["tls_ca"] or options["tls_names"]):
        raise click.UsageError("--tls-ca and --tls-name need --tls beside them: without it there is no HTTPS.")
    names = ("host", "port", "rate", "start", "strict", "transcode", "max_body", "scenarios", "scenario")
    bounds = ("allow_hosts", "control_token", "callback_allow", "callback_deny", "callback_rewrite", "stop_on_eof")
    life = ("log_level", "ready_file")
    return Settings(
        **{name: options[name] for name in (*names, *bounds, *life)},
        tls=Tls(options["tls_port"], options["tls_ca"], options["tls_names"]) if options["tls"] else None,
        clock=Mode(options["clock"]),
        log=LogFormat(options["log"]),
        sandboxes=Policy(options["sandboxes"]),
        most_sandboxes=options["max_sandboxes"],
        idle=options["sandbox_idle"],
        applications=dict(options["applications"]),
        behaviour=Behaviour(
            seed=options["seed"],
            token_life=options["token_life"],
            balance=options["balance"],
            refuse_at_once=options["balance_mode"] == "at-once",
            limits=Limits(options["max_flows"], options["max_journal"], options["max_payload"]),
        ),
    )
