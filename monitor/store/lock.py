"""One writer at a time: a lock that a killed process cannot leave behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import text

from monitor.errors import LockedError, StoreError
from monitor.store.database import Database

_ADVISORY_KEY = 0x600D_0717
_MESSAGE = "another Goodwill run is working on {url}. Wait for it to end, or stop it; the lock goes with its process."


@contextmanager
def exclusive(database: Database) -> Iterator[None]:
    """Hold the database's run lock.

    SQLite: an operating-system lock on `<database>.lock`, which ends with the process however it ends.
    PostgreSQL: an advisory lock of one connection, which ends with the connection.

    Raises:
        LockedError: another run holds it.
        StoreError: the lock file cannot be opened.
    """
    if not database.is_sqlite:
        with _advisory_lock(database):
            yield
        return
    name = database.url.database
    if not name or name == ":memory:":
        yield
        return
    path = Path(f"{name}.lock")
    try:
        handle = path.open("a+b")
    except OSError as error:
        raise StoreError(
            f"the lock file {path} cannot be opened ({error.strerror}): make it a writable file, or remove it."
        ) from error
    with handle:
        if not try_lock(handle):
            raise LockedError(_MESSAGE.format(url=database.shown_url))
        yield


@contextmanager
def _advisory_lock(database: Database) -> Iterator[None]:
    with database.engine.connect() as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}).scalar()
        connection.commit()  # a session lock outlives the transaction; an idle transaction would block VACUUM
        if not held:
            raise LockedError(_MESSAGE.format(url=database.shown_url))
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
            connection.commit()


def try_lock(handle: IO[bytes]) -> bool:
    """Take the operating system's lock on an open file without waiting.

    Args:
        handle: the file, opened for writing; the lock is held until it is closed.

    Returns:
        False when another process, or another handle of this one, holds it.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
