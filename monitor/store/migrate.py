"""Bring a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from monitor.errors import StoreError

HEAD_REVISION = "0004"
"""The newest revision in migrations/versions (a test holds the two together)."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_KEY = 0x600D_0718


def current_revision(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database.

    Raises:
        StoreError: the database holds other tables but is not Goodwill's.
    """
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if revision is None else str(revision)
    if tables:
        raise StoreError(
            f"the database holds tables that are not Goodwill's ({', '.join(sorted(tables)[:3])}, ...). "
            "Expected an empty database or one made by Goodwill: set another database.url."
        )
    return None


def upgrade(engine: Engine) -> bool:
    """Create or migrate the schema; does nothing (and imports no Alembic) when it is current.

    Returns:
        whether the database was empty.

    Raises:
        StoreError: the database was written by a newer version of Goodwill.
    """
    with engine.connect().execution_options(reading=True) as connection:
        revision = current_revision(connection)
    if revision == HEAD_REVISION:
        return False
    if revision is not None and not any(_MIGRATIONS.glob(f"versions/{revision}_*.py")):
        raise StoreError(
            f"the database has the schema {revision!r}, this version of Goodwill knows up to {HEAD_REVISION!r}. "
            "Update Goodwill (pip install --upgrade goodwill-monitor), or open another database."
        )
    _run_alembic(engine, "head")
    return revision is None


def upgrade_to(engine: Engine, revision: str) -> None:
    """Create or migrate the schema up to one revision (tests of migrations start from older ones)."""
    _run_alembic(engine, revision)


def _run_alembic(engine: Engine, revision: str) -> None:
    """Migrate in one transaction: killed anywhere it leaves the old schema, and a second process waits for it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Batch operations rebuild tables; with foreign keys on, dropping the old one would cascade.
            _set_foreign_keys(connection, enabled=False)
        try:
            with connection.begin():
                if not is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
        finally:
            if is_sqlite:
                _set_foreign_keys(connection, enabled=True)


def _set_foreign_keys(connection: Connection, *, enabled: bool) -> None:
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA foreign_keys={'ON' if enabled else 'OFF'}")
