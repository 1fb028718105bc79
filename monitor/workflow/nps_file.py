"""NPS answers from a CSV file, as the `nps` part of `goodwill correlate --json`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor.correlate.nps_dips import CampaignStart, find_dips
from monitor.domain.nps import DipLink, NpsReport
from monitor.errors import InputError


@dataclass(frozen=True, slots=True)
class NpsAnswers:
    """Columns of an NPS file, in date order.

    Attributes:
        days: (n,) day of each answer.
        scores: (n,) answers 0..10.
        segments: (n,) segment of each answer, None when the file has no such column.
    """

    days: tuple[date, ...]
    scores: tuple[int, ...]
    segments: tuple[str, ...] | None


def nps_document(
    path: Path, campaigns: Sequence[tuple[str, date]], *, latest: date | None = None, seed: int = 0
) -> dict[str, Any]:
    """Judge a file of answers: overall score, dips, and how well they follow campaigns.

    Args:
        path: CSV with date, score[, segment]; rows in any order, several a day.
        campaigns: (id, first day) of each campaign.
        latest: the last day that is believed; None = no limit.
        seed: of the simulated null distribution.

    Returns:
        `{"score", "low", "high", "n", "dips": [...], "campaigns": [...], "smallest_detectable", "reason"}`,
        numbers or None; "campaigns" holds one link for every campaign, also of those without a dip.

    Raises:
        InputError: naming the file, the row and the value.
    """
    answers = read_nps(path, latest)
    starts = [
        CampaignStart(identifier, start)
        for identifier, start in sorted(campaigns, key=lambda c: (c[1], c[0]))
    ]
    report = find_dips(answers.days, answers.scores, starts, segments=answers.segments, seed=seed)
    return nps_as_dict(report)


def read_nps(path: Path, latest: date | None = None) -> NpsAnswers:
    """Read date, score[, segment] of each answer.

    Raises:
        InputError: naming the file, the row and the value.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
            header = reader.fieldnames or []
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give the path of a CSV file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} is not a UTF-8 CSV file: save it as CSV (UTF-8) and try again"
        ) from error
    missing = [name for name in ("date", "score") if name not in header]
    if missing:
        raise InputError(
            f"{path.name} lacks the column {', '.join(missing)}: date, score[, segment] expected"
        )
    has_segments = "segment" in header
    read = sorted(_answer(path, number, row, latest) for number, row in enumerate(rows, start=2))
    days, scores, segments = (tuple(column) for column in zip(*read, strict=True)) if read else ((), (), ())
    return NpsAnswers(days, scores, segments if has_segments else None)


def _answer(path: Path, number: int, row: dict[str, str], latest: date | None) -> tuple[date, int, str]:
    where = f"{path.name}, row {number}"
    try:
        day = date.fromisoformat((row["date"] or "").strip()[:10])
    except ValueError as error:
        raise InputError(
            f"{where}: {row['date']!r} is no day: a day like 2026-03-31 expected, fix the row"
        ) from error
    if latest is not None and day > latest:
        raise InputError(f"{where}: {day} lies in the future: correct or drop the row")
    text = (row["score"] or "").strip()
    if not text.isdecimal() or int(text) > 10:
        raise InputError(
            f"{where}: score is {text!r}: a whole number from 0 to 10 expected, fix or drop the row"
        )
    return day, int(text), (row.get("segment") or "").strip()


def nps_as_dict(report: NpsReport) -> dict[str, Any]:
    """Turn a report into the documented JSON object."""
    overall = report.overall
    return {
        "score": _rounded(overall.score),
        "low": _rounded(overall.low),
        "high": _rounded(overall.high),
        "n": overall.n,
        "response_rate": _rounded(overall.response_rate),
        "dips": [
            {
                "start": dip.start.isoformat(),
                "end": dip.end.isoformat(),
                "depth": _rounded(dip.depth),
                "low": _rounded(dip.low),
                "high": _rounded(dip.high),
                "n": dip.n,
                "p_value": _rounded(dip.p_value),
                "campaigns": [_link_as_dict(link) for link in dip.campaigns],
            }
            for dip in report.dips
        ],
        "campaigns": [_link_as_dict(link) for link in report.links],
        "smallest_detectable": report.smallest_detectable,
        "reason": report.reason or overall.reason,
    }


def _link_as_dict(link: DipLink) -> dict[str, Any]:
    return {
        "id": link.campaign_id,
        "p_value": _rounded(link.p_value),
        "q_value": _rounded(link.q_value),
        "verdict": link.verdict,
        "depth": _rounded(link.depth),
        "low": _rounded(link.low),
        "high": _rounded(link.high),
        "smallest_detectable": link.smallest_detectable,
        "reason": link.reason,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
