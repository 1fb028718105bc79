"""Pull what is new from every configured source into the database.

Each batch and the cursors that hold after it are stored in one transaction: a crash anywhere repeats at most
one batch, and the repeat changes nothing. A source that fails is a problem of this run, never its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from connectors.base import Batch, Connector
from monitor.domain.metrics import MetricPoint
from monitor.domain.posts import CoverageGap, DeletedPost, IdentityPolicy, Post, SkippedItem, SyncSummary
from monitor.errors import GoodwillError, StoreError
from monitor.store import posts as post_store
from monitor.store import search
from monitor.store import sources as source_store
from monitor.store.database import Database
from monitor.store.forgotten import LostNames
from monitor.store.records import StoredRecord, save_records
from monitor.store.upsert import WriteCounts
from monitor.workflow.forget import keep_hashes

Status = Literal["complete", "partial", "failed"]
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class SourceJob:
    """One source to sync.

    Attributes:
        connector: opened, with its options.
        retention_days: posts older than this are deleted; None keeps them.
    """

    connector: Connector
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What one source's sync did.

    Attributes:
        status: complete, partial (something was not read) or failed (nothing more could be read).
        expected: name -> (what the source said it holds, what was fetched).
        examples: the first skipped items of each reason, so that a person finds them.
        metrics: names of the metrics that were read.
    """

    summary: SyncSummary
    status: Status
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    examples: tuple[SkippedItem, ...] = ()
    metrics: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Tally:
    counts: WriteCounts = field(default_factory=WriteCounts)
    deleted: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    gaps: list[CoverageGap] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    examples: list[SkippedItem] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)

    def skip(self, items: Iterable[SkippedItem]) -> None:
        for item in items:
            self.skipped[item.reason] += 1
            if self.skipped[item.reason] <= _EXAMPLES:
                self.examples.append(item)

    def summary(self, source: str) -> SyncSummary:
        return SyncSummary(
            source=source,
            added=self.counts.added,
            changed=self.counts.changed,
            unchanged=self.counts.unchanged,
            deleted=self.deleted,
            skipped=dict(sorted(self.skipped.items())),
            gaps=tuple(self.gaps),
            problems=tuple(self.problems),
        )


def sync_sources(
    database: Database,
    jobs: Iterable[SourceJob],
    *,
    now: datetime,
    progress: Callable[[str, int], None] | None = None,
) -> list[SyncOutcome]:
    """Sync sources one after the other.

    Args:
        database: the caller holds its run lock.
        jobs: the sources; each is independent of the others.
        now: the run's moment, aware UTC.
        progress: called with the source's name and the records read so far.
    """
    return [sync_source(database, job, now=now, progress=progress) for job in jobs]


def note_configured(database: Database, names: Iterable[str]) -> None:
    """Remember which sources the settings read: the last problem of another one is no news any more."""
    with database.transaction() as connection:
        source_store.note_configured(connection, names)


def sync_source(
    database: Database,
    job: SourceJob,
    *,
    now: datetime,
    progress: Callable[[str, int], None] | None = None,
) -> SyncOutcome:
    """Sync one source; its failure is reported in the outcome, not raised.

    Raises:
        StoreError: the database failed.
    """
    connector = job.connector
    with database.transaction() as connection:
        source_store.register(
            connection, connector.name, connector.kind, connector.identity_policy, job.retention_days
        )
        run_id = source_store.start_run(connection, connector.name, now)
        cursors = source_store.read_cursors(connection, connector.name)
    tally = _Tally()
    status: Status = "complete"
    read = 0
    try:
        for batch in connector.fetch(cursors, now):
            _store_batch(database, job, batch, tally, now)
            read += len(batch.records)
            if progress is not None:
                progress(connector.name, read)
    except StoreError:
        raise  # not the source's fault: nothing can be stored now, whatever the other sources say
    except GoodwillError as error:
        tally.problems.append(str(error))
        status = "failed"
    if tally.problems and status == "complete":
        status = "partial"
    _finish(database, connector.name, tally, run_id, status, now)
    summary, examples = tally.summary(connector.name), tuple(tally.examples)
    return SyncOutcome(summary, status, tally.expected, examples, frozenset(tally.metrics))


def _store_batch(database: Database, job: SourceJob, batch: Batch, tally: _Tally, now: datetime) -> None:
    posts = [record for record in batch.records if isinstance(record, Post)]
    deleted = [record for record in batch.records if isinstance(record, DeletedPost)]
    others: list[StoredRecord] = [
        record for record in batch.records if not isinstance(record, Post | DeletedPost)
    ]
    if job.retention_days is not None:  # what is stored already goes by `forget.forget_old`
        oldest = now - timedelta(days=job.retention_days)
        kept = [post for post in posts if post.created_at >= oldest]
        tally.skipped["older than the retention period"] += len(posts) - len(kept)
        posts = kept
    with database.transaction() as connection:
        tally.counts += post_store.save_posts(connection, posts, zone=database.time_zone, now=now)
        tally.counts += save_records(connection, others)
        lost = LostNames()
        tally.deleted += post_store.delete_posts(connection, deleted, now=now, lost=lost)
        if job.connector.identity_policy is IdentityPolicy.FIRST_PARTY:
            keep_hashes(connection, lost)
        source_store.save_gaps(connection, batch.gaps)
        source_store.save_cursors(connection, job.connector.name, batch.cursors)
    tally.metrics.update(record.metric for record in others if isinstance(record, MetricPoint))
    tally.skip(batch.skipped)
    tally.gaps.extend(gap for gap in batch.gaps if gap.end > gap.start)  # one of no length was closed
    tally.problems.extend(batch.problems)
    for name, (told, fetched) in batch.expected.items():
        before = tally.expected.get(name, (0, 0))
        tally.expected[name] = (before[0] + told, before[1] + fetched)


def _finish(database: Database, name: str, tally: _Tally, run_id: int, status: Status, now: datetime) -> None:
    with database.transaction() as connection:
        tally.skipped += Counter()  # drops reasons counted zero times
        search.refresh(connection)
        source_store.finish_run(
            connection, run_id, tally.summary(name), now, status=status, expected=tally.expected
        )
