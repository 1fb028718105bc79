"""Batches of a bounded size."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.batches import BatchBuffer
from monitor.domain.posts import DeletedPost, Post, PostKind, SkippedItem


def post(number: int) -> Post:
    return Post("s", str(number), PostKind.COMMENT, "text", datetime(2026, 1, 1, tzinfo=UTC))


def test_a_buffer_fills_and_empties() -> None:
    """Records and skipped items count each for themselves."""
    buffer = BatchBuffer(size=2)
    assert buffer.is_empty
    buffer.add(post(1))
    assert buffer.is_half_full
    buffer.add(SkippedItem("no text"))
    assert not buffer.is_full
    buffer.add(post(2))
    assert buffer.is_full
    batch = buffer.take({"a": "1"})
    assert (batch.records, batch.skipped, batch.cursors) == (
        (post(1), post(2)),
        (SkippedItem("no text"),),
        {"a": "1"},
    )
    assert buffer.is_empty


def test_the_last_word_on_a_deletion_counts() -> None:
    """Deleted after it was read, or restored after it was deleted: one record either way."""
    buffer = BatchBuffer()
    for item in (post(1), DeletedPost("s", "1"), DeletedPost("s", "2"), post(2), post(3)):
        buffer.add(item)
    assert buffer.take().records == (post(3), DeletedPost("s", "1"), post(2))
