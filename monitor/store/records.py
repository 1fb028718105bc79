"""Campaigns, results, incidents, NPS answers, metrics and deals: one mapping for all of them.

Their tables have the same column names as the domain types have fields, so one description per type
(its table and its identity) is all there is to say; a round-trip property test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select

from monitor.domain.campaigns import Campaign, CampaignResult, KnownIncident
from monitor.domain.deals import Deal
from monitor.domain.metrics import MetricPoint
from monitor.domain.nps import NpsResponse
from monitor.store.tables import (
    CampaignResultRow,
    CampaignRow,
    DealRow,
    KnownIncidentRow,
    MetricRow,
    NpsResponseRow,
)
from monitor.store.upsert import WriteCounts, row_hash, write_rows

StoredRecord = Campaign | CampaignResult | KnownIncident | NpsResponse | MetricPoint | Deal
T = TypeVar("T", Campaign, CampaignResult, KnownIncident, NpsResponse, MetricPoint, Deal)


@dataclass(frozen=True, slots=True)
class _Mapping:
    table: Table
    keys: tuple[str, ...]
    order: str
    left_out: frozenset[str] = frozenset()


_BY_ID = ("source", "external_id")
_MAPPINGS: dict[type[Any], _Mapping] = {
    Campaign: _Mapping(CampaignRow.__table__, _BY_ID, "start"),  # type: ignore[attr-defined]
    CampaignResult: _Mapping(CampaignResultRow.__table__, ("source", "campaign_id", "day", "channel"), "day"),  # type: ignore[attr-defined]
    KnownIncident: _Mapping(KnownIncidentRow.__table__, _BY_ID, "start"),  # type: ignore[attr-defined]
    # The comment is a post of its own: one copy of a text, so that one deletion is enough.
    NpsResponse: _Mapping(NpsResponseRow.__table__, _BY_ID, "answered_at", frozenset({"comment"})),  # type: ignore[attr-defined]
    MetricPoint: _Mapping(MetricRow.__table__, ("source", "metric", "day", "segment"), "day"),  # type: ignore[attr-defined]
    Deal: _Mapping(DealRow.__table__, _BY_ID, "external_id"),  # type: ignore[attr-defined]
}


def save_records(connection: Connection, records: Sequence[StoredRecord]) -> WriteCounts:
    """Upsert records of any mixture of types; equal ones are left alone."""
    by_type: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_type[type(record)].append(_to_row(record))
    counts = WriteCounts()
    for kind, rows in by_type.items():
        mapping = _MAPPINGS[kind]
        counts += write_rows(connection, mapping.table, rows, mapping.keys)
    return counts


def _names(kind: type[Any]) -> list[str]:
    return [field.name for field in fields(kind) if field.name not in _MAPPINGS[kind].left_out]


def _to_row(record: StoredRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in _names(type(record))}
    if "segments" in row:
        row["segments"] = dict(sorted(row["segments"].items()))
    row["row_hash"] = row_hash(row.values())
    return row


def read_records(
    connection: Connection,
    kind: type[T],
    *,
    since: date | datetime | None = None,
    until: date | datetime | None = None,
) -> Iterator[T]:
    """Records of one type in a stable order.

    Args:
        connection: for reading.
        kind: Campaign, CampaignResult, KnownIncident, NpsResponse, MetricPoint or Deal.
        since, until: first and last value of the type's time column (a campaign's start day, an answer's
            moment, ...); no meaning for deals.
    """
    mapping = _MAPPINGS[kind]
    names = _names(kind)
    query = select(*(mapping.table.c[name] for name in names))
    column = mapping.table.c[mapping.order]
    if since is not None:
        query = query.where(column >= since)
    if until is not None:
        query = query.where(column <= until)
    query = query.order_by(column, *(mapping.table.c[key] for key in mapping.keys))
    for row in connection.execute(query):
        values = dict(zip(names, row, strict=True))
        if "segments" in values:
            values["segments"] = values["segments"] or {}
        yield kind(**values)
