"""Find spikes in a table of counts: the use case behind `goodwill detect`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import isfinite
from pathlib import Path
from typing import Any

from monitor.correlate.spikes import detect
from monitor.domain.findings import DetectionPoint
from monitor.errors import InputError

SCHEMA_VERSION = 1
DATE_COLUMN = "date"
TOTAL_COLUMN = "total"


@dataclass(frozen=True, slots=True)
class CountTable:
    """A column of counts with its times, in the order of the file.

    Attributes:
        labels: the times as they stand in the file.
        moments: the same as aware UTC times.
        counts: the counts.
        totals: all posts of each step, None when the file has no such column.
        time_key: "date" or "timestamp".
    """

    labels: tuple[str, ...]
    moments: tuple[datetime, ...]
    counts: tuple[float, ...]
    totals: tuple[float, ...] | None
    time_key: str


def detect_file(
    path: Path, *, column: str = "negative", timestamp_column: str | None = None, budget_per_year: float = 4.0
) -> dict[str, Any]:
    """Judge each row of a CSV file from earlier rows.

    Args:
        path: CSV file with a header: date, [total,] and the column of counts; or a timestamp column.
        column: the column of counts.
        timestamp_column: column of ISO times for steps other than days; None reads `date`.
        budget_per_year: alarms a year that the user is willing to look at.

    Returns:
        The document `{"schema_version", "points": [{"date" or "timestamp", "value", "expected", "low", "high",
        "score", "alarm", "in_incident"}]}`, one point per row in the order of the file. A column `total`
        (all posts) is used as exposure when there is one.

    Raises:
        InputError: the file, a column, a time or a count cannot be used.
    """
    table = read_counts(path, column, timestamp_column)
    points = detect(table.counts, table.moments, exposure=table.totals, budget_per_year=budget_per_year)
    rows = [_row(table.time_key, label, point) for label, point in zip(table.labels, points, strict=True)]
    return {"schema_version": SCHEMA_VERSION, "points": rows}


def read_counts(path: Path, column: str, timestamp_column: str | None = None) -> CountTable:
    """Read a column of counts from a CSV file; see `detect_file`.

    Raises:
        InputError: naming the file, the row and the value.
    """
    time_column = timestamp_column or DATE_COLUMN
    rows = _read_rows(path)
    header = tuple(rows[0]) if rows else ()
    for wanted in (time_column, column):
        if rows and wanted not in header:
            raise InputError(
                f"{path.name} has no column {wanted!r}: it has {', '.join(header)}; name one of them"
            )
    if not rows:
        raise InputError(f"{path.name} has no rows: a header and one row per step expected")
    labels = tuple(str(row[time_column] or "").strip() for row in rows)
    moments = tuple(
        _moment(path, number, label, is_day=timestamp_column is None)
        for number, label in enumerate(labels, start=2)
    )
    counts = _numbers(path, rows, column)
    totals = _numbers(path, rows, TOTAL_COLUMN) if TOTAL_COLUMN in header and column != TOTAL_COLUMN else None
    return CountTable(labels, moments, counts, totals, "timestamp" if timestamp_column else "date")


def _read_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
            header = reader.fieldnames
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give the path of a CSV file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} is not a UTF-8 CSV file: save it as CSV (UTF-8) and try again"
        ) from error
    if header is None:
        raise InputError(f"{path.name} is empty: a header and one row per step expected")
    return rows


def _moment(path: Path, number: int, label: str, *, is_day: bool) -> datetime:
    try:
        if is_day:
            return datetime.combine(date.fromisoformat(label), time(), UTC)
        moment = datetime.fromisoformat(label)
    except ValueError as error:
        kind = "a day like 2026-03-31" if is_day else "an ISO time like 2026-03-31T14:00"
        raise InputError(
            f"{path.name}, row {number}: {label!r} is no time: {kind} expected, fix the row"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _numbers(path: Path, rows: list[dict[str, str]], column: str) -> tuple[float, ...]:
    numbers = []
    for number, row in enumerate(rows, start=2):
        text = str(row[column] or "").strip()
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not isfinite(value) or value < 0:
            raise InputError(
                f"{path.name}, row {number}: {column} is {text!r}: a count of 0 or more expected; leave the row out "
                "if that step was not collected"
            )
        numbers.append(value)
    return tuple(numbers)


def _row(time_key: str, label: str, point: DetectionPoint) -> dict[str, Any]:
    return {
        time_key: label,
        "value": int(point.value) if point.value == int(point.value) else point.value,
        "expected": round(point.expected, 4),
        "low": point.low,
        "high": point.high,
        "score": point.score,
        "alarm": point.alarm,
        "in_incident": point.in_incident,
    }
