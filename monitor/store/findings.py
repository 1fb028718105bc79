"""Results of expensive statistics, kept by a digest of everything they were computed from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select

from monitor.store.tables import FindingRow
from monitor.store.upsert import insert_or_update

FINDINGS: Table = FindingRow.__table__  # type: ignore[attr-defined]
KEPT_DAYS = 400
DAILY_DAYS = 30
"""Older than this only results of Sundays are kept: weekly reports end with them, alert checks are over."""
VARIANTS = 3
"""Results of one kind and day: hourly checks make a new one whenever a late post or a correction came in."""
QUOTING = ("WordFacts",)
"""Kinds whose results hold words of posts: they go whenever a post goes."""


def read_finding(connection: Connection, kind: str, digest: str) -> Any:
    """The stored result of one computation; None when it was never made."""
    query = select(FINDINGS.c.payload).where(FINDINGS.c.kind == kind, FINDINGS.c.digest == digest)
    return connection.execute(query).scalar()


def save_finding(connection: Connection, kind: str, digest: str, as_of: date, payload: Any) -> None:
    """Keep a result (JSON-ready), and let go of those that nobody will ask for again."""
    connection.execute(
        insert_or_update(connection, FINDINGS, ("kind", "digest")),
        [{"kind": kind, "digest": digest, "as_of": as_of, "payload": payload}],
    )
    days = select(FINDINGS.c.as_of, func.count()).where(FINDINGS.c.kind == kind).group_by(FINDINGS.c.as_of)
    gone = [day for day, count in connection.execute(days).all() if count > VARIANTS or _is_over(day, as_of)]
    if gone:
        # of a crowded day all but this one go, since nothing tells their order: they are made again if needed
        dropped = delete(FINDINGS).where(FINDINGS.c.kind == kind, FINDINGS.c.as_of.in_(gone))
        connection.execute(dropped.where(FINDINGS.c.digest != digest))


def _is_over(day: date, now: date) -> bool:
    if day < now - timedelta(days=KEPT_DAYS):
        return True
    return day < now - timedelta(days=DAILY_DAYS) and day.isoweekday() != 7


def drop_quoting_findings(connection: Connection) -> None:
    """Let go of every result that may quote a post; the next report makes it again without the deleted ones."""
    connection.execute(delete(FINDINGS).where(FINDINGS.c.kind.in_(QUOTING)))
