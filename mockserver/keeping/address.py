"""Where a database is, from its URL and as it is shown; and why it cannot be used, in words."""

from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import conninfo

from mockserver.keeping.values import StoreError

CONNECTION = {
    "application_name": "routee-mock",
    "connect_timeout": "3",
    "keepalives_idle": "3",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
}
"""How to connect, where the URL does not say it: a database that is cut off is noticed within seconds."""

LENT = (
    "a pooler lends its sessions for a transaction each (PgBouncer's pool_mode = transaction), and a mock needs some of"
    " its own: use pool_mode = session, or the port of the database itself"
)

WHAT_TO_DO: dict[type[psycopg.Error], str] = {
    psycopg.errors.InsufficientPrivilege: ": a mock needs a schema of its own, which `create schema routee_mock"
    " authorization USER` makes for its user; or the right to make one",
    psycopg.errors.DuplicateTable: ": its schema routee_mock is another program's; use another database",
}


def read_url(url: str) -> dict[str, Any]:
    """The parts of a URL, as libpq names them. Raises StoreError, which has nothing of a password."""
    try:
        return conninfo.conninfo_to_dict(url)
    except psycopg.Error:  # what it says can have a piece of the password
        raise StoreError(
            "--store cannot be read as postgresql://user:password@host:5432/database?option=value: percent-encode what"
            " is special in the user and the password (@ is %40, / is %2F, : is %3A, % is %25), and check the options"
        ) from None


def without_password(url: str) -> str:
    """The URL to show: user, host, port and database, and nothing that can be secret."""
    parts = read_url(url)
    user = f"{quote(str(parts['user']), safe='')}@" if "user" in parts else ""
    hosts, ports = (str(parts.get(each, "")).split(",") for each in ("host", "port"))
    places = ",".join(map(_shown, hosts, ports if len(ports) == len(hosts) else ports * len(hosts)))
    return f"postgresql://{user}{places}/{quote(str(parts.get('dbname', '')), safe='')}"


def _shown(host: str, port: str) -> str:
    return (f"[{host}]" if ":" in host else quote(host, safe="")) + (port and f":{port}")


def words(error: psycopg.Error) -> str:
    """The first line of what PostgreSQL says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
