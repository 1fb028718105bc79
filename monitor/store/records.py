"""Campaigns, results, incidents, NPS answers, metrics and deals: one mapping for all of them.

Their tables have the same column names as the domain types have fields, so one description per type
(its table and its identity) is all there is to say; a round-trip property test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, select, update

from monitor.domain.campaign_identity import CampaignBook, settle_campaigns, settle_results
from monitor.domain.campaigns import Campaign, CampaignResult, KnownIncident
from monitor.domain.deals import Deal
from monitor.domain.metrics import MetricPoint
from monitor.domain.nps import NpsResponse
from monitor.store.forgotten import LostNames
from monitor.store.tables import (
    CampaignResultRow,
    CampaignRow,
    DealRow,
    KnownIncidentRow,
    MetricRow,
    NpsResponseRow,
)
from monitor.store.upsert import FORGOTTEN, WriteCounts, row_hash, write_rows

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
    """Records of one type in a stable order; a campaign that several sources name comes once.

    Args:
        connection: for reading.
        kind: Campaign, CampaignResult, KnownIncident, NpsResponse, MetricPoint or Deal.
        since, until: first and last value of the type's time column (a campaign's start day, an answer's
            moment, ...); no meaning for deals.
    """
    if kind in _SETTLED:
        yield from _SETTLED[kind](connection, since, until)
    else:
        yield from _read_rows(connection, kind, since, until)


def read_campaign_book(connection: Connection) -> CampaignBook:
    """All campaigns, and what is known of those that several sources seem to name."""
    return settle_campaigns(_read_rows(connection, Campaign, None, None))


def _campaigns(connection: Connection, since: Any, until: Any) -> Iterator[Campaign]:
    # settled over all of them: an id must not depend on the stretch of time somebody asks for
    for campaign in read_campaign_book(connection).campaigns:
        if (since is None or campaign.start >= since) and (until is None or campaign.start <= until):
            yield campaign


def _results(connection: Connection, since: Any, until: Any) -> Iterator[CampaignResult]:
    found = _read_rows(connection, CampaignResult, since, until)
    return settle_results(found, read_campaign_book(connection))


_SETTLED: dict[type[Any], Callable[[Connection, Any, Any], Iterator[Any]]] = {
    Campaign: _campaigns,
    CampaignResult: _results,
}


def _read_rows(connection: Connection, kind: type[T], since: Any, until: Any) -> Iterator[T]:
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


def forget_respondent(
    connection: Connection, source: str, respondent_id: str, lost: LostNames | None = None
) -> int:
    """Take the person out of their NPS answers, for good; score and day stay as counts.

    Args:
        connection: inside a write transaction.
        source: the answers' source.
        respondent_id: the person's id there.
        lost: takes the names of the accounts.

    Returns:
        the number of answers.
    """
    answers = _MAPPINGS[NpsResponse].table
    return _make_anonymous(
        connection, and_(answers.c.source == source, answers.c.respondent_id == respondent_id), lost
    )


def forget_older_respondents(
    connection: Connection, source: str, oldest: datetime, lost: LostNames | None = None
) -> int:
    """Take the people out of a source's NPS answers from before `oldest` (its retention period)."""
    answers = _MAPPINGS[NpsResponse].table
    known = answers.c.respondent_id.is_not(None) | answers.c.account.is_not(None)
    return _make_anonymous(
        connection, and_(answers.c.source == source, answers.c.answered_at < oldest, known), lost
    )


def _make_anonymous(connection: Connection, condition: ColumnElement[bool], lost: LostNames | None) -> int:
    answers = _MAPPINGS[NpsResponse].table
    if lost is not None:
        accounts = select(answers.c.account).where(condition).distinct()
        lost.accounts.update(name for name in connection.execute(accounts).scalars() if name)
    values = {"respondent_id": None, "account": None, "row_hash": FORGOTTEN}
    return connection.execute(update(answers).where(condition).values(**values)).rowcount


def forget_owner(connection: Connection, source: str, owner: str, lost: LostNames | None = None) -> int:
    """Take a person's name off their deals, until the CRM says something new about one of them."""
    deals = _MAPPINGS[Deal].table
    statement = update(deals).where(deals.c.source == source, deals.c.owner == owner).values(owner=None)
    count = connection.execute(statement).rowcount
    if count and lost is not None:
        lost.accounts.add(owner)
    return count
