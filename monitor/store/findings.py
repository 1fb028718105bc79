"""Results of expensive statistics, kept by a digest of everything they were computed from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from monitor.store.tables import FindingRow
from monitor.store.upsert import insert_or_update

FINDINGS: Table = FindingRow.__table__  # type: ignore[attr-defined]
KEPT_DAYS = 400
QUOTING = ("WordFacts",)
"""Kinds whose results hold words of posts: they go whenever a post goes."""


def read_finding(connection: Connection, kind: str, digest: str) -> Any:
    """The stored result of one computation; None when it was never made."""
    query = select(FINDINGS.c.payload).where(FINDINGS.c.kind == kind, FINDINGS.c.digest == digest)
    return connection.execute(query).scalar()


def save_finding(connection: Connection, kind: str, digest: str, as_of: date, payload: Any) -> None:
    """Keep a result (JSON-ready), and let results of more than a year before go."""
    connection.execute(
        insert_or_update(connection, FINDINGS, ("kind", "digest")),
        [{"kind": kind, "digest": digest, "as_of": as_of, "payload": payload}],
    )
    oldest = date.fromordinal(as_of.toordinal() - KEPT_DAYS)
    connection.execute(delete(FINDINGS).where(FINDINGS.c.kind == kind, FINDINGS.c.as_of < oldest))


def drop_quoting_findings(connection: Connection) -> None:
    """Let go of every result that may quote a post; the next report makes it again without the deleted ones."""
    connection.execute(delete(FINDINGS).where(FINDINGS.c.kind.in_(QUOTING)))
