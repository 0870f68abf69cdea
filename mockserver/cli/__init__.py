"""The command `routee-mock`: one file for each subcommand. A subcommand imports what it needs when it runs."""

import click

from mockserver.cli.config import config
from mockserver.cli.data import data
from mockserver.cli.demo import demo
from mockserver.cli.health import health
from mockserver.cli.replay import replay
from mockserver.cli.scenarios import scenarios
from mockserver.cli.serving import serve
from mockserver.cli.sweep import sweep
from mockserver.settings import VERSION

__all__ = ["main", "serve"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="routee-mock")
def main() -> None:
    """A local test double of Routee's Failover API."""


for _command in (config, data, demo, health, replay, scenarios, serve, sweep):
    main.add_command(_command)
