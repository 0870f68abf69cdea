"""Where a database is: from its URL, and as it is shown."""

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
