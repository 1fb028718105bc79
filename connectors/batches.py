"""Gather records into batches of a bounded size."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.base import Batch, Record
from monitor.domain.posts import DeletedPost, Post, SkippedItem

BATCH_SIZE = 1_000


class BatchBuffer:
    """Records and skipped items that wait for their batch."""

    def __init__(self, size: int = BATCH_SIZE) -> None:
        self._size = size
        self._records: list[Record] = []
        self._skipped: list[SkippedItem] = []

    @property
    def is_full(self) -> bool:
        """Whether `take` should be called now."""
        return len(self._records) >= self._size or len(self._skipped) >= self._size

    @property
    def is_half_full(self) -> bool:
        """Whether a good place to stop should be used: the next stretch may not fit."""
        return 2 * max(len(self._records), len(self._skipped)) >= self._size

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._records and not self._skipped

    def add(self, item: Record | SkippedItem) -> None:
        """Keep one record or skipped item."""
        if isinstance(item, SkippedItem):
            self._skipped.append(item)
        else:
            self._records.append(item)

    def take(
        self,
        cursors: Mapping[str, str] | None = None,
        expected: Mapping[str, tuple[int, int]] | None = None,
    ) -> Batch:
        """Everything that waits, as one batch with these cursors; the buffer is empty afterwards."""
        records = _last_word_on_deletions(self._records)
        batch = Batch(tuple(records), tuple(self._skipped), cursors=cursors or {}, expected=expected or {})
        self._records, self._skipped = [], []
        return batch


def _last_word_on_deletions(records: list[Record]) -> list[Record]:
    """Records in which a post that is also deleted comes once: as whatever came last."""
    deleted = {record.external_id for record in records if isinstance(record, DeletedPost)}
    if not deleted:
        return records
    last: dict[str, Record] = {}
    others: list[Record] = []
    for record in records:
        if isinstance(record, Post | DeletedPost) and record.external_id in deleted:
            last[record.external_id] = record
        else:
            others.append(record)
    return [*others, *last.values()]
