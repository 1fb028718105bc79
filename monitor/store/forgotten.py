"""Keyed hashes of names that left the database, by which other people's texts go on hiding them.

One random key a database, and digests: no name, no source, no time; in SQLite's file not even the order in
which they came. Whoever holds the database holds the key too, and can test whether a name they guess is among them.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, delete, select

from monitor.store.sources import META
from monitor.store.tables import ForgottenNameRow
from monitor.store.upsert import ROWS_A_STATEMENT, insert_if_absent

HASHES: Table = ForgottenNameRow.__table__  # type: ignore[attr-defined]
_KEY = "forgotten_names_key"
_KEY_BYTES = 32


@dataclass(slots=True)
class LostNames:
    """Names that a deletion took out of the database, until their hashes are made.

    Attributes:
        people: names or handles of authors, as their sources showed them.
        accounts: names of customers and of deals' owners.
    """

    people: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)


def read_key(connection: Connection) -> bytes | None:
    """The database's key, 32 bytes; None where nobody has left yet."""
    value = connection.execute(select(META.c.value).where(META.c.key == _KEY)).scalar()
    return None if value is None else bytes.fromhex(value)


def make_key(connection: Connection) -> bytes:
    """The database's key, made now if there is none.

    Args:
        connection: inside a write transaction.
    """
    made = {"key": _KEY, "value": secrets.token_hex(_KEY_BYTES)}
    connection.execute(insert_if_absent(connection, META, ("key",)), [made])
    return read_key(connection) or b""


def read_hashes(connection: Connection) -> frozenset[bytes]:
    """All digests; few or none."""
    return frozenset(connection.execute(select(HASHES.c.digest)).scalars())


def add_hashes(connection: Connection, digests: Collection[bytes]) -> None:
    """Keep digests; those that are there already stay once."""
    if digests:
        rows = [{"digest": digest} for digest in sorted(digests)]
        connection.execute(insert_if_absent(connection, HASHES, ("digest",)), rows)


def remove_hashes(connection: Connection, digests: Collection[bytes]) -> int:
    """Erase digests; returns how many were there."""
    wanted, count = sorted(digests), 0
    for start in range(0, len(wanted), ROWS_A_STATEMENT):
        part = wanted[start : start + ROWS_A_STATEMENT]
        count += connection.execute(delete(HASHES).where(HASHES.c.digest.in_(part))).rowcount
    return count


def erase_hashes(connection: Connection) -> int:
    """Erase all digests and the key they were made with; returns how many digests there were."""
    connection.execute(delete(META).where(META.c.key == _KEY))
    return connection.execute(delete(HASHES)).rowcount
