"""`routee-mock proxy`: the configuration of a proxy that makes several servers look like one."""

import re
from collections import Counter
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

import click

from mockserver.cli.kinds import ParamType, ShardName


class Shard(NamedTuple):
    """One server behind a proxy. address: its host and port."""

    name: str
    address: str


class ShardAddress(ParamType[Shard]):
    """A shard, as NAME=URL."""

    name = "name=url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """Read it, or say what is wrong with it, and what may have been meant."""
        name, equals, url = value.partition("=")
        if not equals or "://" in name:
            self._refuse(value, "is not NAME=URL, for example s1=http://127.0.0.1:8081", _named(value), param, ctx)
        name = ShardName().convert(name, param, ctx)
        address = _address(url)
        if address is None:
            why = "has no URL of plain HTTP with nothing after its port, for example http://127.0.0.1:8081"
            meant = _meant(url)
            self._refuse(value, why, meant and f"{name}={meant}", param, ctx)
        return Shard(name, address)

    def _refuse(
        self, value: str, why: str, meant: str | None, param: click.Parameter | None, ctx: click.Context | None
    ) -> NoReturn:
        self.fail(f"{value!r} {why}." + (f" Did you mean {meant}?" if meant else ""), param, ctx)


def _address(url: str) -> str | None:
    """The host and port of a URL of plain HTTP; None for anything else."""
    try:
        parts = urlsplit(url)
        port = 80 if parts.port is None else parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = parts.scheme == "http" and parts.path in ("", "/") and "@" not in parts.netloc and port
    if not (plain and re.fullmatch(r"[\w.-]+|[0-9a-f:]+", host)) or parts.query or parts.fragment:
        return None
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _meant(url: str) -> str | None:
    """A URL that would do, made of one that does not."""
    bare = re.sub(r"^\w*:/*(?=\D)|^//", "", url).partition("/")[0].rpartition("@")[2]
    return f"http://{bare}" if bare and _address(f"http://{bare}") else None


def _named(value: str) -> str | None:
    """NAME=URL, made of the same in another order, with another sign between them, or without a name."""
    url, _, name = value.rpartition("=")
    if url and _address(url):
        return f"{name}={url}"
    found = re.fullmatch(r"([\w.-]+)[:,\s]\s*(http://.*)", value)
    if found and _address(found[2]):
        return f"{found[1]}={found[2]}"
    return f"s1={value}" if _address(value) else None


@click.group()
def proxy() -> None:
    """Print the configuration of a proxy."""


@proxy.command(short_help="Print the configuration of HAProxy.")
@click.option(
    "--shard",
    "shards",
    type=ShardAddress(),
    multiple=True,
    required=True,
    help="A mock that was started with --shard NAME, and its URL as the proxy reaches it; repeat it for each.",
)
@click.option("--store", is_flag=True, help="The shards share a store: if one is down, the others take its sandboxes.")
@click.option(
    "--bind",
    default=":8080",
    show_default=True,
    help="Where the proxy listens: [ADDRESS]:PORT; without an address, on every one of this machine.",
)
def haproxy(shards: tuple[Shard, ...], bind: str, *, store: bool) -> None:
    """Print the configuration of HAProxy (2.6 or later) that leads each application to its shard.

    Without a store, the applications of a shard that is down are told so; the others go on.
    """
    from mockserver.cli.haproxy import configuration

    for what, values in (("name", [each.name for each in shards]), ("address", [each.address for each in shards])):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise click.UsageError(f"two shards have the {what} {twice[0]}: give each --shard one of its own.")
    listens = re.fullmatch(r"(?:\*|[\w.-]*|\[[0-9a-fA-F:]+\]):(\d{1,5})", bind)
    if listens is None or int(listens[1]) not in range(1, 65_536):
        raise click.UsageError(f"--bind {bind!r} is not [ADDRESS]:PORT, for example :8080 or 127.0.0.1:8080.")
    click.echo(configuration(shards, bind, store=store), nl=False)
