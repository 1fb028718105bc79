"""Bring a database to the schema of this version, and keep its days in the report's time zone."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, inspect, text

from monitor.errors import StoreError
from monitor.store.types import from_microseconds

HEAD_REVISION = "0002"
"""The newest revision in migrations/versions (a test holds the two together)."""

_MIGRATIONS = Path(__file__).parent / "migrations"


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


def upgrade(engine: Engine) -> None:
    """Create or migrate the schema; does nothing (and imports no Alembic) when it is current.

    Raises:
        StoreError: the database was written by a newer version of Goodwill.
    """
    with engine.connect() as connection:
        revision = current_revision(connection)
    if revision == HEAD_REVISION:
        return
    if revision is not None and not any(_MIGRATIONS.glob(f"versions/{revision}_*.py")):
        raise StoreError(
            f"the database has the schema {revision!r}, this version of Goodwill knows up to {HEAD_REVISION!r}. "
            "Update Goodwill (pip install --upgrade goodwill-monitor), or open another database."
        )
    _run_alembic(engine, "head")


def upgrade_to(engine: Engine, revision: str) -> None:
    """Create or migrate the schema up to one revision (tests of migrations start from older ones)."""
    _run_alembic(engine, revision)


def _run_alembic(engine: Engine, revision: str) -> None:
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
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        finally:
            connection.rollback()
            if is_sqlite:
                _set_foreign_keys(connection, enabled=True)


def _set_foreign_keys(connection: Connection, *, enabled: bool) -> None:
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA foreign_keys={'ON' if enabled else 'OFF'}")


def align_time_zone(connection: Connection, zone: ZoneInfo) -> None:
    """Recompute every post's day when the report's time zone is not the one the days were counted in."""
    stored = connection.execute(text("SELECT value FROM meta WHERE key = 'time_zone'")).scalar()
    if stored == zone.key:
        return
    if stored is None:
        connection.execute(
            text("INSERT INTO meta (key, value) VALUES ('time_zone', :zone)"), {"zone": zone.key}
        )
        return
    _recount_days(connection, zone)
    connection.execute(text("UPDATE meta SET value = :zone WHERE key = 'time_zone'"), {"zone": zone.key})


def _recount_days(connection: Connection, zone: ZoneInfo) -> None:
    connection.execute(
        text("INSERT INTO dirty_days (day) SELECT DISTINCT day FROM posts WHERE true ON CONFLICT DO NOTHING")
    )
    last = 0
    while True:
        rows = connection.execute(
            text("SELECT id, created_at, day FROM posts WHERE id > :last ORDER BY id LIMIT 5000"),
            {"last": last},
        ).all()
        if not rows:
            break
        last = rows[-1].id
        moved = [
            {"id": row.id, "day": day}
            for row in rows
            if (day := from_microseconds(row.created_at).astimezone(zone).date().isoformat()) != str(row.day)
        ]
        if moved:
            connection.execute(
                text("UPDATE posts SET day = CAST(:day AS DATE) WHERE id = :id")
                if connection.dialect.name != "sqlite"
                else text("UPDATE posts SET day = :day WHERE id = :id"),
                moved,
            )
            connection.execute(
                text("UPDATE labels SET day = CAST(:day AS DATE) WHERE post_id = :id")
                if connection.dialect.name != "sqlite"
                else text("UPDATE labels SET day = :day WHERE post_id = :id"),
                moved,
            )
    connection.execute(
        text("INSERT INTO dirty_days (day) SELECT DISTINCT day FROM posts WHERE true ON CONFLICT DO NOTHING")
    )
