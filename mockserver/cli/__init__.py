"""The command `routee-mock`: one file for each subcommand. A subcommand imports what it needs when it runs."""

from typing import Any

import click

from mockserver.cli.config import config
from mockserver.cli.data import data
from mockserver.cli.demo import demo
from mockserver.cli.health import health
from mockserver.cli.learn import learn
from mockserver.cli.probe import probe
from mockserver.cli.proxy import proxy
from mockserver.cli.record import record
from mockserver.cli.replay import replay
from mockserver.cli.scenarios import scenarios
from mockserver.cli.serving import serve
from mockserver.cli.sweep import sweep
from mockserver.settings import VERSION

__all__ = ["main", "serve"]


INTERRUPTED = 130
"""The exit code after ctrl-c, as shells have it: 128 and the number of the signal."""


class Commands(click.Group):
    """The commands. Ctrl-C ends each of them with the exit code INTERRUPTED, which means no failure."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(err=True)
            ctx.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="routee-mock")
def main() -> None:
    """A local test double of Routee's Failover API."""


for _command in (config, data, demo, health, learn, probe, proxy, record, replay, scenarios, serve, sweep):
    main.add_command(_command)
