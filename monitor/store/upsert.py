"""Write many rows once: new ones are added, changed ones updated, equal ones left alone.

SQLAlchemy Core by `executemany`: on 100,000 posts the ORM wrote 13,000 rows/s and multi-VALUES statements,
which recompile, 8,000.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, and_, select, tuple_
from sqlalchemy.dialects import sqlite

ROWS_A_STATEMENT = 1000
"""Keys looked up in one SELECT; SQLite allows 32,766 parameters and long IN lists stop paying before that."""

FORGOTTEN = "forgotten"
"""A row's digest after its person asked to be forgotten: what the source says of it later changes nothing."""


@dataclass(slots=True)
class WriteCounts:
    """How many rows were added, changed and left alone."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __iadd__(self, other: WriteCounts) -> WriteCounts:
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        return self


def row_hash(values: Iterable[object]) -> str:
    """A short digest of a row's source-given values (text, numbers, dates, None), the same on every machine."""
    return hashlib.blake2b(repr(tuple(values)).encode("utf-8", "replace"), digest_size=16).hexdigest()


def insert_or_update(
    connection: Connection, table: Table, keys: Sequence[str], *, only: Sequence[str] = (), if_other: str = ""
) -> Any:
    """An INSERT ... ON CONFLICT (keys) DO UPDATE.

    Args:
        connection: decides the dialect.
        table: the target.
        keys: the identity columns.
        only: columns to update; empty means every column that is not a key.
        if_other: update only where this column differs, so that an equal row is not written.
    """
    statement = _insert(connection, table)
    names = only or [
        c.name for c in table.columns if c.name not in keys and not (c.primary_key and c.name == "id")
    ]
    return statement.on_conflict_do_update(
        index_elements=list(keys),
        set_={name: statement.excluded[name] for name in names},
        where=table.c[if_other] != statement.excluded[if_other] if if_other else None,
    )


def _insert(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # a twentieth of a second that SQLite need not wait for

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_if_absent(connection: Connection, table: Table, keys: Sequence[str]) -> Any:
    """An INSERT ... ON CONFLICT (keys) DO NOTHING."""
    return _insert(connection, table).on_conflict_do_nothing(index_elements=list(keys))


def insert_adding(connection: Connection, table: Table, keys: Sequence[str], column: str) -> Any:
    """An INSERT ... ON CONFLICT (keys) DO UPDATE that adds a count to the one that is there."""
    statement = _insert(connection, table)
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={column: table.c[column] + statement.excluded[column]}
    )


def write_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> WriteCounts:
    """Upsert rows that carry a `row_hash`; equal rows are not touched.

    Args:
        connection: inside a write transaction.
        table: has a `row_hash` column.
        rows: column name -> value; of rows with the same key the last one wins.
        keys: the identity columns.
    """
    unique = {tuple(row[key] for key in keys): row for row in rows}
    counts = WriteCounts()
    changed: list[Mapping[str, Any]] = []
    known = _known_hashes(connection, table, list(unique), keys)
    for key, row in unique.items():
        if key not in known:
            counts.added += 1
        elif known[key] in {row["row_hash"], FORGOTTEN}:
            counts.unchanged += 1
            continue
        else:
            counts.changed += 1
        changed.append(row)
    if changed:
        connection.execute(insert_or_update(connection, table, keys), changed)
    return counts


def _known_hashes(
    connection: Connection, table: Table, wanted: Sequence[tuple[Any, ...]], keys: Sequence[str]
) -> dict[tuple[Any, ...], str]:
    columns = [table.c[key] for key in keys]
    known: dict[tuple[Any, ...], str] = {}
    for start in range(0, len(wanted), ROWS_A_STATEMENT):
        part = wanted[start : start + ROWS_A_STATEMENT]
        query = select(*columns, table.c.row_hash).where(tuple_(*columns).in_(part))
        known.update({tuple(row[:-1]): row[-1] for row in connection.execute(query)})
    return known


def by_external_id(
    table: Table, columns: Sequence[Column[Any]], source: str, ids: Sequence[str]
) -> Select[Any]:
    """SELECT the columns of one source's rows with these external ids."""
    return select(*columns).where(and_(table.c.source == source, table.c.external_id.in_(ids)))
