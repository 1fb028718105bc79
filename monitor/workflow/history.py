"""Everything the statistics need of the database, read in one go and nothing later than one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from monitor.domain.campaigns import Campaign, CampaignResult, KnownIncident
from monitor.domain.deals import Deal
from monitor.domain.metrics import MetricPoint
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import CoverageGap
from monitor.settings import ReportSettings
from monitor.store import counts as count_store
from monitor.store import sources as source_store
from monitor.store.counts import DayCount
from monitor.store.database import Database
from monitor.store.records import read_records

LONGEST_PLAN_DAYS = 28


@dataclass(frozen=True, slots=True)
class History:
    """What happened from `since` to `as_of`, inclusive, in the report's time zone.

    Attributes:
        counts: labelled posts about us a day.
        campaigns: those that started by `as_of` and ended within the history.
        planned: campaigns that start in the four weeks after `as_of`.
        deal_notes: (day, notes, negative notes) of expansion deals.
    """

    since: date
    as_of: date
    counts: tuple[DayCount, ...]
    gaps: tuple[CoverageGap, ...]
    campaigns: tuple[Campaign, ...]
    planned: tuple[Campaign, ...]
    results: tuple[CampaignResult, ...]
    incidents: tuple[KnownIncident, ...]
    answers: tuple[NpsResponse, ...]
    metrics: tuple[MetricPoint, ...]
    deals: tuple[Deal, ...]
    deal_notes: tuple[tuple[date, int, int], ...]


def read_history(database: Database, settings: ReportSettings, as_of: date) -> History:
    """Read the report's history from one consistent view of the database."""
    since = as_of - timedelta(weeks=settings.history_weeks) + timedelta(days=1)
    first = start_of_day(since, settings)
    last = start_of_day(as_of + timedelta(days=1), settings) - timedelta(microseconds=1)
    plan_end = as_of + timedelta(days=LONGEST_PLAN_DAYS)
    with database.reading() as connection:
        return History(
            since=since,
            as_of=as_of,
            counts=tuple(count_store.daily_counts(connection, since, as_of)),
            gaps=tuple(source_store.read_gaps(connection, first, last)),
            campaigns=tuple(c for c in read_records(connection, Campaign, until=as_of) if c.end >= since),
            planned=tuple(
                read_records(connection, Campaign, since=as_of + timedelta(days=1), until=plan_end)
            ),
            results=tuple(read_records(connection, CampaignResult, since=since, until=as_of)),
            incidents=tuple(
                i for i in read_records(connection, KnownIncident, until=as_of) if i.end >= since
            ),
            answers=tuple(read_records(connection, NpsResponse, since=first, until=last)),
            metrics=tuple(read_records(connection, MetricPoint, since=since, until=as_of)),
            deals=tuple(
                deal
                for deal in read_records(connection, Deal)
                if deal.opened_on is None or deal.opened_on <= as_of
            ),
            deal_notes=tuple(count_store.deal_note_counts(connection, since, as_of, "expansion")),
        )


def start_of_day(day: date, settings: ReportSettings) -> datetime:
    """Midnight of a day in the report's zone, as aware UTC."""
    return datetime.combine(day, time(), tzinfo=settings.zone).astimezone(UTC)
