"""The configuration of HAProxy in front of several mocks. tests/proxy puts it to work."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from zlib import crc32

import orjson

from mockserver.core.slots import SLOTS, slot
from mockserver.sandbox.registry import DEFAULT
from mockserver.wire import errors
from mockserver.wire.errors import Refusal

if TYPE_CHECKING:
    from mockserver.cli.proxy import Shard

HEAD = """\
# Made by `routee-mock proxy haproxy` for HAProxy 2.6 or later: {count}, {form}.
# Each application has a slot, 0 to {last}: crc32 of its id, or of the id of its sandbox, or the first three digits of
# its token. Each slot has its shard. So any number of these proxies can stand side by side: none remembers anything.
global
  maxconn 4000
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 310s
  timeout server 310s
  timeout http-request 40s
  timeout http-keep-alive 60s
  # A scenario that breaks a connection off breaks it off here too.
  errorfile 502 /dev/null
  {error}
frontend mock
  bind {bind}
  acl ready path /_mock/ready
  {ready}
  http-request return {post} if METH_POST {{ path /_mock/sandboxes }}
  # Whatever names nobody goes where the sandbox `default` is.
  acl control path_beg /_mock/
  acl sandbox path_beg /_mock/sandboxes/
  acl named req.hdr(Mock-Shard) -m found
  acl known req.hdr(Mock-Shard) -m str {names}
  http-request return {unknown} if control !sandbox named !known
  acl bearer req.hdr(Authorization) -m beg -i "bearer "
  acl basic req.hdr(Authorization) -m beg -i "basic "
  http-request set-var(txn.slot) int({default})
  http-request set-var(txn.hex) req.hdr(Authorization),word(2,' '),bytes(0,3) if bearer !control
  http-request set-var(txn.digits) str(0),concat(,txn.hex,) if bearer !control
  http-request set-var(txn.slot) var(txn.digits),hex2i if bearer !control
  http-request set-var(txn.slot) http_auth_user,crc32,and({last}) if basic !control
  http-request set-var(txn.slot) path,field(4,/),url_dec,crc32,and({last}) if {{ path_beg /_mock/sandboxes/ }}
  http-response set-header Mock-Shard %s
  default_backend shards
"""

SHARDS = """\
backend shards
  balance hash var(txn.slot)
  hash-type consistent sdbm avalanche
{retries}
  # The header Mock-Shard chooses the shard of what belongs to no sandbox: /_mock/metrics, say.
"""

MEMORY = """\
  # No checks here: a slot stays with its shard, and its users are told when that is down. A retry finds no other.
  retries 0"""

STORE = """\
  # A shard that is down gives its slots to the others, which find in the store what it held.
  option httpchk GET /_mock/health
  default-server check inter 500ms fall 2 rise 1
  retries 1
  option redispatch 1"""

CHECKS = """\
# The same shards, only to know which are up.
backend checked
  option httpchk GET /_mock/health
  default-server check inter 500ms fall 2 rise 1
"""

RANGE = 1 << 20
"""A server has its place on HAProxy's ring by its id, below this. The id comes from its name, whatever the order."""


def configuration(shards: "Iterable[Shard]", bind: str, *, store: bool) -> str:
    """The text of the file. bind: where the proxy listens. store: whether the shards share one."""
    every = list(shards)
    names = sorted(each.name for each in every)
    count = f"{len(every)} shard{'' if len(every) == 1 else 's'}"
    form, checked = ("that share a store", "shards") if store else ("each with what it holds in memory", "checked")
    least = 1 if store else len(every)
    down = errors.no_shard() if store else errors.shard_down("%s")
    unready = errors.shards_down(f"%[nbsrv({checked})]", len(every))
    head = HEAD.format(
        count=count,
        form=form,
        last=SLOTS - 1,
        bind=bind,
        error=f"http-error {_answer(down)}",
        ready=f"http-request return {_answer(unready)} if ready {{ nbsrv({checked}) lt {least} }}",
        names=" ".join(names),
        unknown=_answer(errors.unknown_shard(", ".join(names))),
        post=_answer(errors.id_in_the_path()),
        default=slot(DEFAULT),
    )
    servers = "".join(f"  server {each.name} {each.address} id {_place(each)} weight 100\n" for each in every)
    chosen = "".join(f"  use-server {name} if {rule}\n" for name, rule in _chosen(every))
    checks = "" if store else CHECKS + "".join(f"  server {each.name} {each.address}\n" for each in every)
    return head + SHARDS.format(retries=STORE if store else MEMORY) + chosen + servers + checks


def _answer(refusal: Refusal) -> str:
    """A refusal as the proxy gives it; % in its text is the proxy's."""
    headers = "".join(f' hdr {name} "{value}"' for name, value in refusal.headers.items())
    body = orjson.dumps(refusal.body).decode()
    return f"status {refusal.status} content-type application/json lf-string '{body}'{headers}"


def _chosen(shards: "Iterable[Shard]") -> "Iterator[tuple[str, str]]":
    free = "{ path_beg /_mock/ } !{ path_beg /_mock/sandboxes/ }"
    return ((each.name, f"{{ req.hdr(Mock-Shard) -m str {each.name} }} {free}") for each in shards)


def _place(shard: "Shard") -> int:
    return crc32(shard.name.encode()) % RANGE + 1
