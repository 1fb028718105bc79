"""Run the statistics over the database, as of one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.effects import CorrelationReport
from monitor.domain.findings import DetectionPoint
from monitor.domain.nps import NpsReport, NpsResponse, SegmentScore
from monitor.domain.posts import CoverageGap
from monitor.domain.series import CampaignWindow, DailySeries, Incident
from monitor.settings import ReportSettings
from monitor.store import counts as count_store
from monitor.store import sources as source_store
from monitor.store.database import Database
from monitor.store.records import read_records

def analyse(database: Database, settings: ReportSettings, as_of: date, *, seed: int = 0) -> Analysis:
    """Compute every statistic of a report from what the database knows up to `as_of`.

    Args:
        database: scored and labelled.
        settings: history length, holidays, time zone.
        as_of: last day considered; nothing later is read, so an old week's report does not change with
            later campaigns.
        seed: makes simulated p-values repeatable.
    """
    since = as_of - timedelta(weeks=settings.history_weeks) + timedelta(days=1)
    with database.reading() as connection:
        counts = count_store.daily_counts(connection, since, as_of)
        gaps = source_store.read_gaps(
            connection, _start_of(since, settings), _start_of(as_of + timedelta(days=1), settings)
        )
        campaigns = [c for c in read_records(connection, Campaign, until=as_of) if c.end >= since]
        incidents = [i for i in read_records(connection, KnownIncident, until=as_of) if i.end >= since]
        answers = list(
            read_records(
                connection,
                NpsResponse,
                since=_start_of(since, settings),
                until=_start_of(as_of + timedelta(days=1), settings) - timedelta(microseconds=1),
            )
        )
    daily = daily_series(counts, gaps, as_of, settings)
    return Analysis(
        as_of=as_of,
        daily=daily,
        correlation=_correlate(daily, campaigns, incidents, settings, seed),
        nps=_nps(answers, campaigns, settings, seed),
        nps_segments=_segments(answers),
        complaint_spikes=_spikes(daily, "negative_marketing"),
        negative_spikes=_spikes(daily, "negative"),
    )


def _start_of(day: date, settings: ReportSettings) -> datetime:
    return datetime.combine(day, time(), tzinfo=settings.zone).astimezone(UTC)


def daily_series(
    counts: Sequence[count_store.DayCount], gaps: Sequence[CoverageGap], as_of: date, settings: ReportSettings
) -> DailySeries | None:
    """Counts on consecutive days; a day inside a gap of a whole source counts as not collected."""
    if not counts:
        return None
    first = counts[0].day
    days = [first + timedelta(days=offset) for offset in range((as_of - first).days + 1)]
    by_day = {count.day: count for count in counts}
    missed = _missed_days(gaps, settings)
    collected = np.array([day not in missed for day in days])

    def column(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        values = [getattr(by_day[day], name) if day in by_day and day not in missed else 0 for day in days]
        return np.array(values, dtype=np.int64)

    return DailySeries(
        dates=tuple(days),
        total=column("total"),
        negative=column("negative_or_complaint"),
        negative_marketing=column("complaints"),
        collected=collected,
    )


def _missed_days(gaps: Sequence[CoverageGap], settings: ReportSettings) -> set[date]:
    days: set[date] = set()
    for gap in gaps:
        if gap.channel:
            continue
        day, last = gap.start.astimezone(settings.zone).date(), gap.end.astimezone(settings.zone).date()
        while day <= last:
            days.add(day)
            day += timedelta(days=1)
    return days


def _correlate(
    daily: DailySeries | None,
    campaigns: Sequence[Campaign],
    incidents: Sequence[KnownIncident],
    settings: ReportSettings,
    seed: int,
) -> CorrelationReport | None:
    from monitor.correlate.event_study import estimate_effects
    from monitor.correlate.options import CorrelatorOptions

    if daily is None or not campaigns:
        return None
    windows = [CampaignWindow(c.external_id, c.type, c.channel, c.start, c.end) for c in campaigns]
    known = [Incident(i.kind, i.start, i.end) for i in incidents]
    options = CorrelatorOptions(country=settings.holidays or None)
    return estimate_effects(daily, windows, known, seed=seed, options=options)


def _nps(
    answers: Sequence[NpsResponse], campaigns: Sequence[Campaign], settings: ReportSettings, seed: int
) -> NpsReport | None:
    from monitor.correlate.nps_dips import CampaignStart, find_dips

    if not answers:
        return None
    return find_dips(
        [answer.answered_at.astimezone(settings.zone).date() for answer in answers],
        [answer.score for answer in answers],
        [CampaignStart(c.external_id, c.start) for c in campaigns],
        segments=[answer.segments.get("product_line", "") for answer in answers],
        seed=seed,
    )


def _segments(answers: Sequence[NpsResponse]) -> tuple[SegmentScore, ...]:
    from monitor.correlate.nps import segment_scores

    attributes = sorted({name for answer in answers for name in answer.segments})
    scores = [answer.score for answer in answers]
    parts = [answer.segments for answer in answers]
    return tuple(segment for name in attributes for segment in segment_scores(scores, parts, name))


def _spikes(daily: DailySeries | None, name: str) -> tuple[DetectionPoint, ...]:
    from monitor.correlate.spikes import detect

    if daily is None:
        return ()
    counts = daily.negative if name == "negative" else daily.negative_marketing
    if counts is None:
        return ()
    kept = np.flatnonzero(daily.collected)
    moments = [datetime.combine(daily.dates[index], time(), tzinfo=UTC) for index in kept]
    return tuple(detect(counts[kept].astype(float), moments, exposure=daily.total[kept].astype(float)))
