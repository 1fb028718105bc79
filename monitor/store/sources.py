"""Sources, their cursors, their sync runs and what they did not see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, Table, cast, func, or_, select, update

from monitor.domain.posts import CoverageGap, IdentityPolicy, SyncSummary
from monitor.store.tables import CoverageGapRow, CursorRow, MetaRow, SourceRow, SyncRunRow
from monitor.store.upsert import insert_or_update

SOURCES: Table = SourceRow.__table__  # type: ignore[attr-defined]
CURSORS: Table = CursorRow.__table__  # type: ignore[attr-defined]
RUNS: Table = SyncRunRow.__table__  # type: ignore[attr-defined]
GAPS: Table = CoverageGapRow.__table__  # type: ignore[attr-defined]
META: Table = MetaRow.__table__  # type: ignore[attr-defined]
_CONFIGURED = "configured_sources"


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as the database knows it.

    Attributes:
        last_success_at: end of the last complete sync, aware UTC; None when there was none.
    """

    name: str
    kind: str
    identity_policy: IdentityPolicy
    retention_days: int | None
    last_success_at: datetime | None


def register(
    connection: Connection, name: str, kind: str, policy: IdentityPolicy, retention_days: int | None = None
) -> None:
    """Note a configured source and its present policy."""
    row = {"name": name, "kind": kind, "identity_policy": policy.value, "retention_days": retention_days}
    only = ("kind", "identity_policy", "retention_days")
    connection.execute(insert_or_update(connection, SOURCES, ("name",), only=only), [row])


def read_sources(connection: Connection) -> list[StoredSource]:
    """All sources that were ever synced, by name."""
    rows = connection.execute(select(SOURCES).order_by(SOURCES.c.name))
    return [
        StoredSource(
            row.name, row.kind, IdentityPolicy(row.identity_policy), row.retention_days, row.last_success_at
        )
        for row in rows
    ]


def read_cursors(connection: Connection, source: str) -> dict[str, str]:
    """Where each stream of a source goes on."""
    query = select(CURSORS.c.stream, CURSORS.c.value).where(CURSORS.c.source == source)
    return {row.stream: row.value for row in connection.execute(query)}


def save_cursors(connection: Connection, source: str, cursors: Mapping[str, str]) -> None:
    """Move cursors, in the same transaction as the batch they belong to."""
    known = read_cursors(connection, source)
    rows = [
        {"source": source, "stream": stream, "value": value}
        for stream, value in sorted(cursors.items())
        if known.get(stream) != value
    ]
    if rows:
        connection.execute(insert_or_update(connection, CURSORS, ("source", "stream")), rows)


def save_gaps(connection: Connection, gaps: Sequence[CoverageGap]) -> None:
    """Record what was not seen; the same gap reported again is one gap."""
    rows = [
        {
            "source": gap.source,
            "channel": gap.channel,
            "start_at": gap.start,
            "reason": gap.reason,
            "end_at": gap.end,
        }
        for gap in gaps
    ]
    if rows:
        connection.execute(
            insert_or_update(connection, GAPS, ("source", "channel", "start_at", "reason")), rows
        )


def read_gaps(connection: Connection, since: datetime, until: datetime) -> list[CoverageGap]:
    """Gaps that touch a stretch of time; one of no length was read later and is none any more."""
    query = (
        select(GAPS)
        .where(GAPS.c.end_at >= since, GAPS.c.start_at <= until, GAPS.c.end_at > GAPS.c.start_at)
        .order_by(GAPS.c.start_at, GAPS.c.source, GAPS.c.channel, GAPS.c.reason)
    )
    return [
        CoverageGap(r.source, r.channel, r.start_at, r.end_at, r.reason) for r in connection.execute(query)
    ]


def start_run(connection: Connection, source: str, now: datetime) -> int:
    """Note that a sync begins; a run that was killed earlier is marked as interrupted.

    Returns:
        the run's id.
    """
    connection.execute(
        update(RUNS).where(RUNS.c.source == source, RUNS.c.status == "running").values(status="interrupted")
    )
    result = connection.execute(RUNS.insert().values(source=source, started_at=now, status="running"))
    key = result.inserted_primary_key
    return int(key[0]) if key is not None else 0


def finish_run(
    connection: Connection,
    run_id: int,
    summary: SyncSummary,
    now: datetime,
    *,
    status: str,
    expected: Mapping[str, tuple[int, int]],
) -> None:
    """Note what a sync did.

    Args:
        status: "complete", "partial" or "failed".
        expected: name -> (what the source said it holds, what was fetched).
    """
    connection.execute(
        update(RUNS)
        .where(RUNS.c.id == run_id)
        .values(
            finished_at=now,
            status=status,
            added=summary.added,
            changed=summary.changed,
            unchanged=summary.unchanged,
            deleted=summary.deleted,
            skipped=dict(summary.skipped),
            expected={name: list(pair) for name, pair in expected.items()},
            problems=list(summary.problems),
        )
    )
    if status == "complete":
        connection.execute(
            update(SOURCES).where(SOURCES.c.name == summary.source).values(last_success_at=now)
        )


def last_read(connection: Connection) -> datetime | None:
    """When any source was last read, completely or in part, aware UTC; None before the first time."""
    read = RUNS.c.status.in_(["complete", "partial"])
    found: datetime | None = connection.execute(select(func.max(RUNS.c.finished_at)).where(read)).scalar()
    return found


def note_configured(connection: Connection, names: Iterable[str]) -> None:
    """Remember which sources goodwill.toml reads, so that a report knows whose problems still matter."""
    value = json.dumps(sorted(set(names)))
    if connection.execute(select(META.c.value).where(META.c.key == _CONFIGURED)).scalar() != value:
        connection.execute(
            insert_or_update(connection, META, ("key",)), [{"key": _CONFIGURED, "value": value}]
        )


def last_runs(connection: Connection) -> list[SyncSummary]:
    """The latest finished run of every source that is still read, by source.

    A file that has not changed is not read again: what was left out of it stands in the run that read it.

    A source that was taken out of goodwill.toml (or switched off there) has no problem any more that somebody
    could mend. Where everything was imported by hand and nothing is configured, all sources count.
    """
    finished = RUNS.c.status.not_in(["running", "interrupted"])
    latest = select(func.max(RUNS.c.id)).where(finished).group_by(RUNS.c.source)
    query = select(RUNS).where(RUNS.c.id.in_(latest)).order_by(RUNS.c.source)
    noted = connection.execute(select(META.c.value).where(META.c.key == _CONFIGURED)).scalar()
    configured = set(json.loads(noted)) if noted else set()
    if configured:
        query = query.where(RUNS.c.source.in_(sorted(configured)))
    return [
        SyncSummary(
            source=row.source,
            added=row.added,
            changed=row.changed,
            unchanged=row.unchanged,
            deleted=row.deleted,
            skipped=row.skipped or _skipped_before(connection, row),
            problems=tuple(row.problems or ()),
        )
        for row in connection.execute(query).all()
    ]


def _skipped_before(connection: Connection, run: Row[Any]) -> dict[str, int]:
    """What the run before left out, where this one found nothing new to read; {} elsewhere."""
    if run.added or run.changed or run.unchanged or run.deleted:
        return {}
    brought = or_(RUNS.c.added > 0, RUNS.c.changed > 0, RUNS.c.unchanged > 0, RUNS.c.deleted > 0)
    read = or_(brought, cast(RUNS.c.skipped, String).not_in(["{}", "null"]))
    earlier = select(RUNS.c.skipped).where(RUNS.c.source == run.source, RUNS.c.id < run.id, read)
    found: dict[str, int] | None = connection.execute(earlier.order_by(RUNS.c.id.desc()).limit(1)).scalar()
    return found or {}
