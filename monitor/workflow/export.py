"""Data out: daily counts, labelled posts (redacted) and corrections."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from monitor.errors import UsageError
from monitor.store import counts as count_store
from monitor.store import post_lists
from monitor.store.database import Database
from monitor.workflow.redaction import build_strict_redactor
from reports.clean import csv_cell

DAILY = ("date", "total", "negative", "negative_marketing")
POSTS = (
    "id",
    "date",
    "source",
    "kind",
    "about_us",
    "sentiment",
    "complaint",
    "tags",
    "channel",
    "language",
    "unsure",
    "corrected",
    "text",
)
CORRECTIONS = ("post_id", "field", "old_value", "new_value", "corrected_at", "text")


def export_rows(database: Database, what: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """Column names and rows of an export.

    Args:
        database: scored and labelled.
        what: daily, posts or corrections.

    Raises:
        UsageError: another word.
    """
    if what == "daily":
        return DAILY, _daily(database)
    if what == "posts":
        return POSTS, _posts(database)
    if what == "corrections":
        return CORRECTIONS, _corrections(database)
    raise UsageError(f"{what!r} cannot be exported: expected daily, posts or corrections.")


def _daily(database: Database) -> list[Sequence[Any]]:
    """Days that were read; the columns are those of `goodwill correlate --daily`."""
    with database.reading() as connection:
        counts = count_store.daily_counts(connection, date.min, date.max)
    return [(c.day.isoformat(), c.total, c.negative_or_complaint, c.complaints) for c in counts]


def _posts(database: Database) -> Iterator[Sequence[Any]]:
    redactor = build_strict_redactor(database)
    with database.reading() as connection:
        for row in post_lists.labelled_posts(connection):
            yield (
                row.id,
                row.day.isoformat(),
                row.source,
                row.kind,
                row.about_us,
                row.sentiment,
                row.complaint,
                row.tags,
                row.channel,
                row.language,
                row.unsure,
                row.corrected,
                redactor.redact(row.text, [name for name in (row.author_name, row.account) if name]),
            )


def _corrections(database: Database) -> Iterator[Sequence[Any]]:
    redactor = build_strict_redactor(database)
    with database.reading() as connection:
        for row in post_lists.all_corrections(connection):
            yield (
                row.post_id,
                row.field,
                row.old_value,
                row.new_value,
                row.corrected_at.isoformat(),
                redactor.redact(row.text, [name for name in (row.author_name, row.account) if name]),
            )


def render_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], output_format: str) -> str:
    """Rows as CSV (formulas made harmless) or JSON lines, ending with a line break.

    Raises:
        UsageError: another format.
    """
    if output_format == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([csv_cell(value) for value in row] for row in rows)
        return buffer.getvalue()
    if output_format == "jsonl":
        lines = [
            json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, sort_keys=True) for row in rows
        ]
        return "".join(f"{line}\n" for line in lines)
    raise UsageError(f"the format {output_format!r} is unknown: expected csv or jsonl.")
