"""`goodwill correlate --daily ...`: CSV files in, verdicts out, without a database."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from monitor.domain.effects import CorrelationReport, EffectEstimate, PooledEffect
from monitor.domain.series import CampaignWindow, DailySeries, Incident, SeriesName
from monitor.errors import InputError

SCHEMA_VERSION = 1
LONGEST_SERIES_DAYS = 20 * 366
FUTURE_TOLERANCE = timedelta(days=400)
"""Calendars are planned ahead and test data are shifted by a year; beyond that a date is a typing error."""


@dataclass(frozen=True, slots=True)
class CorrelateFiles:
    """Paths of one request; only `daily` and `campaigns` are needed.

    Attributes:
        daily: date, total, negative[, negative_marketing]; absent days were not collected.
        campaigns: id, type, start, end[, channel].
        incidents: kind, start, end.
        nps: date, score[, segment].
    """

    daily: Path
    campaigns: Path
    incidents: Path | None = None
    nps: Path | None = None


def correlate_files(
    files: CorrelateFiles,
    *,
    series: SeriesName | None = None,
    seed: int = 0,
    country: str | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """Judge the campaigns of a calendar from files and return the documented JSON object.

    Args:
        files: where to read.
        series: judge this series only; None = the primary one, with all negatives beside.
        seed: makes simulated p-values repeatable.
        country: ISO code of the holidays to model, None = none.
        today: the day after which dates are called future; None = today, UTC.

    Returns:
        `{"schema_version", "series", "campaigns": [...], "nps": {...} or None, "notes": [...]}` with
        numbers or None and never NaN.

    Raises:
        InputError: naming file, row, value and what to do.
    """
    from monitor.correlate.event_study import estimate_effects
    from monitor.correlate.options import CorrelatorOptions
    from monitor.workflow.nps_file import nps_document

    latest = (today or datetime.now(UTC).date()) + FUTURE_TOLERANCE
    daily = read_daily(files.daily, latest)
    campaigns = read_campaigns(files.campaigns)
    incidents = read_incidents(files.incidents) if files.incidents else ()
    options = CorrelatorOptions(country=country)
    report = estimate_effects(daily, campaigns, incidents, series=series, seed=seed, options=options)
    nps = None
    if files.nps is not None:
        starts = [(campaign.id, campaign.start) for campaign in campaigns]
        nps = nps_document(files.nps, starts, latest=latest, seed=seed)
    return {**report_as_dict(report), "nps": nps}


def report_as_dict(report: CorrelationReport) -> dict[str, Any]:
    """Turn a report into the documented JSON object (without its NPS part)."""
    second = {estimate.campaign_id: estimate for estimate in report.all_negative}
    rows = []
    for estimate in report.campaigns:
        row = _estimate_as_dict(estimate)
        if estimate.campaign_id in second:
            row["all_negative"] = _estimate_as_dict(second[estimate.campaign_id])
        rows.append(row)
    return {
        "schema_version": SCHEMA_VERSION,
        "series": report.series,
        "campaigns": rows,
        "pooled": [_pooled_as_dict(pooled) for pooled in report.pooled],
        "notes": list(report.notes),
    }


def _estimate_as_dict(estimate: EffectEstimate) -> dict[str, Any]:
    return {
        "id": estimate.campaign_id,
        "verdict": estimate.verdict,
        "p_value": _rounded(estimate.p_value),
        "q_value": _rounded(estimate.q_value),
        "rate_ratio": _rounded(estimate.rate_ratio),
        "low": _rounded(estimate.low),
        "high": _rounded(estimate.high),
        "lag_days": estimate.lag_days,
        "last_day": estimate.last_day,
        "excess": _rounded(estimate.excess),
        "excess_low": _rounded(estimate.excess_low),
        "excess_high": _rounded(estimate.excess_high),
        "minimum_detectable_rate_ratio": _rounded(estimate.minimum_detectable_rate_ratio),
        "confounded_with": list(estimate.confounded_with),
        "n": estimate.n,
        "reason": estimate.reason,
        "method": estimate.method,
        "placebo_p_value": _rounded(estimate.placebo_p_value),
        "sentence": estimate.sentence(),
    }


def _pooled_as_dict(pooled: PooledEffect) -> dict[str, Any]:
    return {
        "attribute": pooled.attribute,
        "value": pooled.value,
        "rate_ratio": _rounded(pooled.rate_ratio),
        "low": _rounded(pooled.low),
        "high": _rounded(pooled.high),
        "spread": _rounded(pooled.spread),
        "campaigns": [
            {"id": identifier, "rate_ratio": _rounded(ratio)}
            for identifier, ratio in zip(pooled.campaign_ids, pooled.shrunk, strict=True)
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def read_daily(path: Path, latest: date) -> DailySeries:
    """Read daily counts; rows may come in any order, absent days are marked as not collected.

    Args:
        path: CSV with date, total, negative[, negative_marketing].
        latest: the last day that is believed.

    Raises:
        InputError: for a missing column, a bad date or count, a day given twice, a day after `latest`,
            no rows at all, or a span of more than twenty years.
    """
    rows: dict[date, Mapping[str, str]] = {}
    for number, row in _rows(path, ("date", "total", "negative")):
        day = _date(row, "date", path, number)
        if day in rows:
            raise InputError(f"{path.name} row {number}: {day} is given twice: one row a day expected")
        if day > latest:
            raise InputError(f"{path.name} row {number}: {day} lies in the future: correct or drop the row")
        rows[day] = {**row, "row": str(number)}
    if not rows:
        raise InputError(f"{path.name} has no rows: one row a collected day expected")
    first, last = min(rows), max(rows)
    if (last - first).days >= LONGEST_SERIES_DAYS:
        raise InputError(f"{path.name} spans {first} to {last}: at most 20 years expected, check both dates")
    days = tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))
    columns = ["total", "negative"]
    if "negative_marketing" in next(iter(rows.values())):
        columns.append("negative_marketing")
    counts = {name: [_count(rows[day], name, path) if day in rows else 0 for day in days] for name in columns}
    arrays = {name: np.array(values, dtype=np.int64) for name, values in counts.items()}
    collected = np.array([day in rows for day in days])
    return DailySeries(days, arrays["total"], arrays["negative"], arrays.get("negative_marketing"), collected)


def read_campaigns(path: Path) -> tuple[CampaignWindow, ...]:
    """Read the calendar: id, type, start, end and, when there is one, channel.

    Raises:
        InputError: for a missing column, a bad date, an empty id or one given twice, an end before its start.
    """
    campaigns: dict[str, CampaignWindow] = {}
    for number, row in _rows(path, ("id", "start", "end")):
        identifier = row["id"].strip()
        if not identifier or identifier in campaigns:
            problem = f"the id {identifier!r} is given twice" if identifier else "the id is empty"
            raise InputError(f"{path.name} row {number}: {problem}: one id a campaign expected")
        start, end = _date(row, "start", path, number), _date(row, "end", path, number)
        kind, channel = row.get("type", "").strip(), row.get("channel", "").strip()
        campaigns[identifier] = CampaignWindow(identifier, kind, channel, start, end)
    return tuple(campaigns.values())


def read_incidents(path: Path) -> tuple[Incident, ...]:
    """Read known outages and releases: kind, start, end.

    Raises:
        InputError: for a missing column, a bad date, or an end before its start.
    """
    return tuple(
        Incident(row["kind"].strip(), _date(row, "start", path, number), _date(row, "end", path, number))
        for number, row in _rows(path, ("kind", "start", "end"))
    )


def _rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, cells) of a CSV file with a header; row 1 is the header."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give the path of a CSV file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}): save it as CSV UTF-8") from error
    reader = csv.DictReader(text.splitlines())
    header = [(name or "").strip() for name in reader.fieldnames or []]
    missing = [name for name in needed if name not in header]
    if missing:
        raise InputError(
            f"{path.name} has the columns {', '.join(header) or '(none)'}: {', '.join(missing)} is missing, "
            f"expected at least {', '.join(needed)}"
        )
    for number, row in enumerate(reader, start=2):
        yield number, {name.strip(): value or "" for name, value in row.items() if isinstance(name, str)}


def _date(row: Mapping[str, str], column: str, path: Path, number: int) -> date:
    text = row[column].strip()
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise InputError(
            f"{path.name} row {number}: {column} is {text!r}: a date like 2025-03-31 expected"
        ) from error


def _count(row: Mapping[str, str], column: str, path: Path) -> int:
    text = row[column].strip()
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (value >= 0 and value == int(value)):
        raise InputError(
            f"{path.name} row {row['row']}: {column} is {text!r}: a whole number of at least 0 expected; "
            "drop the row when the day was not collected"
        )
    return int(value)
