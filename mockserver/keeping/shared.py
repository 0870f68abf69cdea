"""A database that several servers share, from its URL."""

from typing import TYPE_CHECKING, Any

from mockserver.keeping.values import StoreError

if TYPE_CHECKING:
    from mockserver.keeping.postgres import PostgresStore


def database(url: str, **options: Any) -> "PostgresStore":
    """The database. options: as PostgresStore takes them. Raises StoreError, also if its driver is not installed."""
    try:
        from mockserver.keeping.postgres import PostgresStore  # its driver is an extra, and takes a while
    except ImportError as error:
        raise StoreError(str(error)) from None
    return PostgresStore(url, **options)
