"""The report as JSON: everything the other outputs show, for other programs; sorted keys, no NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np

from monitor.domain.weeks import IsoWeek
from reports.weekly import SCHEMA_VERSION, WeeklyReport


def render_json(report: WeeklyReport) -> str:
    """The report as one JSON document, ending with a line break."""
    document = {"schema_version": SCHEMA_VERSION, **report_document(report)}
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def report_document(report: WeeklyReport) -> dict[str, Any]:
    """The report as plain lists and mappings.

    Spikes are cut to the days in which something happened: the daily counts are in `analysis.daily`.
    """
    plain = _plain(report)
    if not isinstance(plain, dict):
        raise TypeError(f"a report became {type(plain).__name__}: expected a mapping")
    for name in ("complaint_spikes", "negative_spikes"):
        plain["analysis"][name] = [p for p in plain["analysis"][name] if p["alarm"] or p["in_incident"]]
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, IsoWeek | datetime | date | Enum):
        return _as_text(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _as_text(value: IsoWeek | datetime | date | Enum) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value.value) if isinstance(value, Enum) else str(value)
