"""What `routee-mock serve` takes: the options, and the settings they come to."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mockserver.core.behaviour import Limits
from mockserver.core.clock import LAST
from mockserver.core.commands import Mode
from mockserver.settings import Policy

UNLIMITED = "unlimited"


class Instant(click.ParamType[int]):
    """An ISO 8601 instant, as milliseconds since 1970."""

    name = "iso"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say what an instant looks like."""
        from mockserver.wire.instants import read_instant

        try:
            instant = value if isinstance(value, int) else read_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not 0 <= instant <= LAST:
            self.fail("the clock runs from 1970 to the end of the year 9999", param, ctx)
        return instant


class Limit(click.ParamType[int | None]):
    """A number of at least `least`, or `unlimited` (None), multiplied by `unit`."""

    name = "number|unlimited"

    def __init__(self, unit: int, least: float) -> None:
        self._unit = unit
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Read it, or say what is expected."""
        if value == UNLIMITED:
            return None
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not self._least <= number <= 1e12:
            self.fail(f"{value!r} is neither a number from {self._least:g} up nor the word {UNLIMITED}", param, ctx)
        return round(number * self._unit)


class Application(click.ParamType[tuple[str, str]]):
    """An application's id and secret, as ID:SECRET."""

    name = "id:secret"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split it, or say what is missing."""
        application, colon, secret = value.partition(":")
        if not (application and colon and secret):
            self.fail(f"{value!r} is not ID:SECRET, for example 5f9138288b71de3617a87cd3:my-secret", param, ctx)
        return application, secret


class HostName(click.ParamType[str]):
    """A host name without scheme, port and path, or `*` for any."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or say what a host name looks like."""
        if value != "*" and not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", value):
            self.fail(f"{value!r} is neither a host name, for example mock.example.com, nor *", param, ctx)
        return str(value)


class Secret(click.ParamType[str]):
    """A token that can be sent in a header."""

    name = "token"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or say what it must be; an empty one would be a lock that is open."""
        if not re.fullmatch(r"[!-~]+", value):
            self.fail("a token is one or more visible ASCII characters, without spaces", param, ctx)
        return str(value)


class Destination(click.ParamType[str]):
    """A pattern of where callbacks go."""

    name = "pattern"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or say what a pattern looks like."""
        from mockserver.destinations import read_pattern

        try:
            return read_pattern(value).text
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Rewriting(click.ParamType[str]):
    """A rule for where callbacks go instead."""

    name = "from=to"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or say what a rule looks like."""
        from mockserver.rewrites import read_rewrite

        try:
            read_rewrite(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class CertificateName(click.ParamType[str]):
    """A host name or IP address that a certificate is good for."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or say what a name looks like."""
        from mockserver.tls import read_name

        try:
            return read_name(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


OPTIONS = (
    click.option("--host", default="127.0.0.1", help="Address to listen on."),
    click.option("--port", type=click.IntRange(0, 65_535), default=8080, help="Port; 0 lets the system choose."),
    click.option(
        "--tls",
        is_flag=True,
        help="Answer HTTPS too, as auth.routee.net and connect.routee.net, with a certificate made for this run.",
    ),
    click.option("--tls-port", type=click.IntRange(0, 65_535), default=8443, help="Port for HTTPS."),
    click.option(
        "--tls-ca",
        type=click.Path(path_type=Path),
        help="Write the certificate that clients are to trust into this file or directory.  [default: /_mock/ca.pem has"
        " it]",
    ),
    click.option(
        "--tls-name",
        "tls_names",
        type=CertificateName(),
        multiple=True,
        help="Answer HTTPS under this host name or IP address too; may be repeated.  [default: Routee's, this machine]",
    ),
    click.option(
        "--clock",
        type=click.Choice([str(mode) for mode in Mode]),
        default=str(Mode.REALTIME),
        help="How time moves.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0.001, 1_000_000),
        default=1.0,
        help="Virtual seconds in a real one, for --clock realtime.",
    ),
    click.option("--start", type=Instant(), help="Where the clock starts.  [default: now]"),
    click.option("--seed", type=int, default=0, help="Of all ids and delays."),
    click.option(
        "--app",
        "applications",
        type=Application(),
        multiple=True,
        help="Take only these credentials; may be repeated.  [default: any]",
    ),
    click.option(
        "--sandboxes",
        type=click.Choice([str(policy) for policy in Policy]),
        default=str(Policy.DEFAULT),
        help="Where an application goes that no sandbox was made for: into the default one, a new one of its own"
        " (auto), or nowhere (strict).",
    ),
    click.option(
        "--scenarios",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar="ROUTEE_MOCK_SCENARIOS",
        show_envvar=True,
        help="A directory of scenario files to play; read again when they change.",
    ),
    click.option(
        "--scenario",
        envvar="ROUTEE_MOCK_SCENARIO",
        show_envvar=True,
        help="Play this one, of that directory or of the library: `routee-mock scenarios` lists it.",
    ),
    click.option("--max-sandboxes", type=click.IntRange(1), default=1_000, help="Sandboxes kept, at the most."),
    click.option(
        "--sandbox-idle",
        type=Limit(1, 1),
        default=3_600,
        help="Real seconds after which a sandbox nobody has asked for is forgotten; never the default one.",
    ),
    click.option(
        "--max-flows",
        type=click.IntRange(1),
        default=Limits().flows,
        help="Flows a sandbox keeps; those that ended first make room.",
    ),
    click.option(
        "--max-journal",
        type=click.IntRange(100),
        default=Limits().entries,
        help="Journal entries a sandbox keeps; the oldest make room.",
    ),
    click.option(
        "--max-payload",
        type=click.IntRange(1),
        default=Limits().payload,
        help="Bytes of sent flows a sandbox keeps; those that ended first make room.",
    ),
    click.option("--token-life", type=Limit(1_000, 1), default=3_600, help="Seconds on the virtual clock."),
    click.option("--balance", type=Limit(10_000, 0), default=UNLIMITED, help="In euro."),
    click.option(
        "--balance-mode",
        type=click.Choice(["later", "at-once"]),
        default="later",
        help="A send that cannot be paid is accepted and fails later, or is refused at once.",
    ),
    click.option("--strict/--no-strict", default=False, help="Refuse fields that are unknown or out of place."),
    click.option("--transcode/--no-transcode", default=True, help="For an Sms that does not say."),
    click.option("--max-body", type=click.IntRange(1), default=1_048_576, help="Bytes of a request's body."),
    click.option(
        "--allow-host",
        "allow_hosts",
        type=HostName(),
        multiple=True,
        help="Let /_mock/ answer to this Host too; * is any; may be repeated.  [default: local names, IP addresses]",
    ),
    click.option(
        "--callback-allow",
        type=Destination(),
        multiple=True,
        help="Post callbacks only there: a host (*. for all below), address or network, with a :port if need be; may be"
        " repeated.  [default: anywhere]",
    ),
    click.option(
        "--callback-deny",
        type=Destination(),
        multiple=True,
        help="Post no callbacks there, whatever is allowed; may be repeated.  [default: nowhere]",
    ),
    click.option(
        "--callback-rewrite",
        type=Rewriting(),
        multiple=True,
        help="Post callbacks for FROM to TO, each a host with a port or scheme if need be, as in"
        " localhost=host.docker.internal; may be repeated.  [default: as they are]",
    ),
    click.option(
        "--control-token",
        envvar="ROUTEE_MOCK_CONTROL_TOKEN",
        show_envvar=True,
        type=Secret(),
        help="What /_mock/ wants as X-Mock-Token or bearer.  [default: nothing]",
    ),
    click.option(
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
    return Settings(
        **{name: options[name] for name in (*names, *bounds)},
        tls=Tls(options["tls_port"], options["tls_ca"], options["tls_names"]) if options["tls"] else None,
        clock=Mode(options["clock"]),
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
