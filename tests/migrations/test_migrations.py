"""The database of every earlier version still opens, empty and with rows."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, create_engine, event, inspect, text
from sqlmodel import SQLModel

from monitor.errors import StoreError
from monitor.store import migrate, tables
from monitor.store.database import Database

FOLDER = Path(migrate.__file__).parent / "migrations"


def script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config)


REVISIONS = [revision.revision for revision in reversed(list(script().walk_revisions()))]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    event.listen(made, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    return made


def value_for(column: Any) -> Any:
    """A value of the column's type for a row that any schema accepts."""
    kind = column.type
    if isinstance(kind, tables.UtcDateTime):
        return datetime(2026, 11, 16, 8, tzinfo=UTC)
    if isinstance(kind, tables.SortedJson):
        return {}
    return {str: "x", int: 1, float: 0.5, bool: True, date: date(2026, 11, 16), bytes: b"x"}[
        getattr(kind, "impl", kind).python_type
    ]


def fill(engine: Engine) -> dict[str, int]:
    """One row in every table of ours that the schema has, with foreign keys in order."""
    present = set(inspect(engine).get_table_names())
    counts: dict[str, int] = {}
    with engine.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in present:
                continue
            columns = {column["name"] for column in inspect(connection).get_columns(table.name)}
            row = {c.name: value_for(c) for c in table.columns if c.name in columns}
            connection.execute(_only(table, columns).values(row))
            counts[table.name] = 1
    return counts


def _only(table: Table, columns: set[str]) -> Any:
    partial = Table(
        table.name, SQLModel.metadata.__class__(), *(c._copy() for c in table.columns if c.name in columns)
    )
    return partial.insert()


def test_the_newest_revision_is_the_one_the_code_expects() -> None:
    assert script().get_current_head() == migrate.HEAD_REVISION


def test_the_migrated_schema_is_the_schema_of_the_tables(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [
            difference
            for difference in compare_metadata(context, SQLModel.metadata)
            if "posts_search" not in str(difference)
        ]
    assert differences == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_earlier_database_opens_and_keeps_its_rows(engine: Engine, revision: str, tmp_path: Path) -> None:
    migrate.upgrade_to(engine, revision)
    counts = fill(engine)
    engine.dispose()
    with Database(str(tmp_path / "old.db")) as database, database.reading() as connection:
        found = {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() for name in counts}
    # opening writes the report's time zone beside the row that was there
    assert {**found, "meta": 1} == {**counts, "meta": 1}


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_earlier_empty_database_opens(engine: Engine, revision: str, tmp_path: Path) -> None:
    migrate.upgrade_to(engine, revision)
    engine.dispose()
    with Database(str(tmp_path / "old.db")) as database, database.reading() as connection:
        assert migrate.current_revision(connection) == migrate.HEAD_REVISION


def test_a_database_of_a_newer_version_is_refused_with_what_to_do(engine: Engine, tmp_path: Path) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"9999.*Update Goodwill"):
        Database(str(tmp_path / "old.db"))


def test_a_foreign_database_is_left_alone(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="invoices"):
        Database(str(tmp_path / "old.db"))


def test_a_file_that_is_no_database_is_an_error_a_user_understands(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(
        "this is not a database, it is a note that is long enough to be read as a page header" * 50
    )
    with pytest.raises(StoreError, match=r"cannot be used.*database\.url"):
        Database(str(path))


def test_two_processes_that_start_on_an_empty_database_do_not_disturb_each_other(tmp_path: Path) -> None:
    """The scheduled run and the bot often start together."""
    code = f"from monitor.store.database import Database; Database({str(tmp_path / 'new.db')!r}).close()"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [(process.communicate()[1], process.returncode) for process in started] == [("", 0)] * 3
