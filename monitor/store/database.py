"""The engine, its pragmas and its transactions: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.errors import ConfigurationError, StoreError
from monitor.store import days, migrate


class Database:
    """An open, migrated database.

    Args:
        url: SQLAlchemy URL ("sqlite:///goodwill.db", "postgresql://user@host/name") or a file path.
        time_zone: the report's zone; posts are counted on the day they fall on there. None takes the zone
            they are counted in already (UTC in a new database).

    Attributes:
        is_new: the database was empty or not there.

    Raises:
        ConfigurationError: the URL cannot be read, or its driver is not installed.
        StoreError: the database cannot be opened or was written by a newer version.
    """

    def __init__(self, url: str, *, time_zone: ZoneInfo | None = None) -> None:
        self.url = _parse_url(url)
        self.engine = _create_engine(self.url)
        try:
            with self._explained():
                self.is_new = migrate.upgrade(self.engine)
            self.time_zone = self._agree_on_days(time_zone)
        except StoreError:
            self.engine.dispose()
            raise

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
        """One write transaction: committed at the end, rolled back on any error.

        Raises:
            StoreError: the database refused (disk full, not writable, connection lost, ...).
        """
        with self._explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view for reading, whatever others write meanwhile.

        Raises:
            StoreError: the database refused.
        """
        options: dict[str, Any] = {"reading": True}
        if not self.is_sqlite:
            options["isolation_level"] = "REPEATABLE READ"  # READ COMMITTED is a new view for every statement
        with self._explained(), self.engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn a driver's error into one that a user understands; it holds no parameters, so no post's text."""
        driver_error = self.engine.dialect.loaded_dbapi.Error  # COPY goes past SQLAlchemy
        try:
            yield
        except (exc.DBAPIError, driver_error) as error:
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            raise StoreError(
                f"the database {self.shown_url} cannot be used: {_first_line(cause)}. {_advice(cause)}"
            ) from error

    def _agree_on_days(self, zone: ZoneInfo | None) -> ZoneInfo:
        with self.reading() as connection:
            stored = days.stored_zone(connection)
        chosen = zone or stored or ZoneInfo("UTC")
        if stored != chosen:
            with self.transaction() as connection:
                days.count_in(connection, chosen)
        return chosen

    def shrink_log(self) -> None:
        """Move SQLite's write-ahead log into the file and empty it: it still holds what was deleted."""
        if self.is_sqlite:
            with self._explained(), self.engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

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
    except (exc.ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "database.url cannot be read as a database URL. "
            "Expected sqlite:///path/to/file.db or postgresql://user@host/name."
        ) from error
    if "@" in (parsed.host or ""):
        # the rest of the password would stand in the driver's "unknown host" message
        raise ConfigurationError(
            "database.url holds more than one '@': write the '@' of a password as %40 (and '/' as %2F, ':' as %3A)."
        )
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError(
            f"database.url names {parsed.get_backend_name()!r}: only sqlite and postgresql are supported. "
            "Set sqlite:///path/to/file.db or postgresql://user@host/name."
        )
    return parsed


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            _make_private_file(Path(url.database))
        engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_immediately)
        return engine
    try:
        return create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "database.url names PostgreSQL, but its driver is not installed: pip install 'goodwill-monitor[postgres]'."
        ) from error


def _make_private_file(path: Path) -> None:
    """An empty file only its owner can read: posts are personal data. SQLite gives -wal and -shm the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not path.parent.is_dir():
            raise StoreError(
                f"the database {path} cannot be made: {path.parent} is no folder. Set another database.url."
            ) from None
    except OSError as error:
        raise StoreError(
            f"the database {path} cannot be made ({error.strerror}): set another database.url, or make its folder writable."
        ) from error


def _first_line(cause: BaseException | None) -> str:
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)


def _advice(cause: BaseException | None) -> str:
    said = str(cause).lower()
    if "locked" in said:
        return "Another process writes to it: try again when that has ended."
    if "full" in said or "no space" in said:
        return "Free some space on the disk and run the same command again: nothing is lost."
    if "connection" in said or "host" in said:
        return "Check that the server runs and that database.url names it, then run the same command again."
    return (
        "Check that the folder is writable and the file is a Goodwill database, or set another database.url."
    )


def _set_pragmas(connection: object, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined] # transactions are begun below, not by the driver
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",  # with WAL a power cut may lose the last commits, never the database
        "foreign_keys=ON",
        "secure_delete=ON",  # a deleted text is overwritten, not only unlinked
        "temp_store=MEMORY",
        "cache_size=-65536",
        "wal_autocheckpoint=8000",  # 32 MB: index pages touched by batch after batch are copied once
        "mmap_size=100663296",  # counts towards the memory of a report
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: Connection) -> None:
    # Deferred transactions that turn into writers fail at once with "database is locked"; readers under WAL
    # do not block, so only connections opened by `transaction()` need the write lock.
    mode = "DEFERRED" if connection.get_execution_options().get("reading") else "IMMEDIATE"
    connection.execute(text(f"BEGIN {mode}"))
