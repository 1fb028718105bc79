"""The engine, its pragmas and its transactions: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.errors import ConfigurationError, StoreError
from monitor.store import migrate


class Database:
    """An open, migrated database.

    Args:
        url: SQLAlchemy URL ("sqlite:///goodwill.db", "postgresql://user@host/name") or a file path.
        time_zone: the report's zone; posts are counted on the day they fall on there.

    Raises:
        ConfigurationError: the URL cannot be read, or its driver is not installed.
        StoreError: the database cannot be opened or was written by a newer version.
    """

    def __init__(self, url: str, *, time_zone: ZoneInfo | None = None) -> None:
        self.url = _parse_url(url)
        self.time_zone = time_zone or ZoneInfo("UTC")
        self.engine = _create_engine(self.url)
        try:
            migrate.upgrade(self.engine)
            with self.transaction() as connection:
                migrate.align_time_zone(connection, self.time_zone)
        except exc.DBAPIError as error:
            self.engine.dispose()
            raise StoreError(
                f"the database {self.shown_url} cannot be used: {str(error.orig).splitlines()[0]}. "
                "Check that the folder is writable and the file is a Goodwill database, or set another database.url."
            ) from error

    @property
    def shown_url(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite (else PostgreSQL)."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back on any error."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view for reading."""
        with self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def shown_url(url: str) -> str:
    """A database URL without its password."""
    return _parse_url(url).render_as_string(hide_password=True)


def _parse_url(url: str) -> URL:
    if "://" not in url:
        url = f"sqlite:///{Path(url).expanduser()}"
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise ConfigurationError(
            "database.url cannot be read as a database URL. "
            "Expected sqlite:///path/to/file.db or postgresql://user@host/name."
        ) from error
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError(
            f"database.url names {parsed.get_backend_name()!r}: only sqlite and postgresql are supported."
        )
    return parsed


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 30})
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_immediately)
        return engine
    try:
        return create_engine(url)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "database.url names PostgreSQL, but its driver is not installed: pip install 'goodwill-monitor[postgres]'."
        ) from error


def _set_pragmas(connection: object, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined] # transactions are begun below, not by the driver
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",  # with WAL a power cut may lose the last commits, never the database
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "mmap_size=134217728",  # counts towards the memory of a report
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: Connection) -> None:
    # Deferred transactions that turn into writers fail at once with "database is locked"; readers under WAL
    # do not block, so only connections opened by `transaction()` need the write lock.
    mode = "DEFERRED" if connection.get_execution_options().get("reading") else "IMMEDIATE"
    connection.execute(text(f"BEGIN {mode}"))
