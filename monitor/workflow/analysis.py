"""Run the statistics over the database, as of one day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from monitor.domain.analysis import Analysis
from monitor.domain.effects import CorrelationReport
from monitor.domain.exposure import ExposureComparison
from monitor.domain.findings import DetectionPoint, PressureForecast, PressureResult, RedFlag
from monitor.domain.nps import NpsReport, NpsResponse, SegmentScore
from monitor.domain.posts import CoverageGap
from monitor.domain.series import CampaignWindow, DailySeries, Incident
from monitor.settings import ReportSettings
from monitor.store.counts import DayCount
from monitor.store.database import Database
from monitor.workflow.contact_pressure import contact_pressure
from monitor.workflow.exposed import KnownCustomers, compare_exposed, read_known_customers
from monitor.workflow.history import History, read_history
from monitor.workflow.late_posts import known_share, without_silent_end, without_unknown_days
from monitor.workflow.remembered import remembered
from monitor.workflow.scorecard import red_flags


@dataclass(frozen=True, slots=True)
class OtherStatistics:
    """All statistics but the correlator's and the NPS dips, which are remembered by themselves.

    Each is quick; together with the import of scipy they would be a third of a second of every report.
    Attributes as in `Analysis`.
    """

    nps_segments: tuple[SegmentScore, ...]
    complaint_spikes: tuple[DetectionPoint, ...]
    negative_spikes: tuple[DetectionPoint, ...]
    red_flags: tuple[RedFlag, ...]
    pressure: tuple[PressureResult, ...]
    forecast: PressureForecast | None
    exposure: tuple[ExposureComparison, ...]


def analyse(
    database: Database, settings: ReportSettings, as_of: date, *, customers: int = 0, seed: int = 0
) -> Analysis:
    """Compute every statistic of a report from what the database knows up to `as_of`.

    Args:
        database: scored and labelled.
        settings: history length, holidays, time zone.
        as_of: last day considered; nothing later is read (but the calendar's plan), so an old week's report
            does not change with what happened afterwards.
        customers: people marketing can reach; 0 = unknown.
        seed: makes simulated p-values repeatable.
    """
    history = read_history(database, settings, as_of)
    daily = daily_series(history.counts, history.gaps, as_of, settings)
    if daily is not None:
        daily = without_unknown_days(without_silent_end(daily), known_share(database, settings, daily.dates))
    other = _others(database, history, daily, settings, customers, seed)
    return Analysis(
        as_of=as_of,
        daily=daily,
        correlation=_correlate(database, daily, history, settings, seed),
        nps=_nps(database, history, settings, seed),
        nps_segments=other.nps_segments,
        complaint_spikes=other.complaint_spikes,
        negative_spikes=other.negative_spikes,
        red_flags=other.red_flags,
        pressure=other.pressure,
        forecast=other.forecast,
        exposure=other.exposure,
    )


def _others(
    database: Database,
    history: History,
    daily: DailySeries | None,
    settings: ReportSettings,
    customers: int,
    seed: int,
) -> OtherStatistics:
    known = read_known_customers(database, history, daily)
    # what the daily counts are made of stands in the history, but for the shares that are in already
    shares = None if daily is None else daily.known_share.tolist()
    return remembered(
        database,
        OtherStatistics,
        history.as_of,
        (history, known, shares, settings.time_zone, customers, seed),
        lambda: _compute_others(history, daily, known, settings, customers, seed),
    )


def _compute_others(
    history: History,
    daily: DailySeries | None,
    known: KnownCustomers,
    settings: ReportSettings,
    customers: int,
    seed: int,
) -> OtherStatistics:
    pressure = contact_pressure(history, daily, customers, seed=seed)
    return OtherStatistics(
        nps_segments=_segments(history.answers),
        complaint_spikes=_spikes(daily, "negative_marketing"),
        negative_spikes=_spikes(daily, "negative"),
        red_flags=red_flags(history, daily, pressure.weeks, pressure.touches, settings.zone),
        pressure=pressure.results,
        forecast=pressure.forecast,
        exposure=compare_exposed(known, history, daily, settings),
    )


def daily_series(
    counts: Sequence[DayCount], gaps: Sequence[CoverageGap], as_of: date, settings: ReportSettings
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
    database: Database, daily: DailySeries | None, history: History, settings: ReportSettings, seed: int
) -> CorrelationReport | None:
    from monitor.correlate.options import CorrelatorOptions

    if daily is None or not history.campaigns:
        return None
    windows = [CampaignWindow(c.external_id, c.type, c.channel, c.start, c.end) for c in history.campaigns]
    known = [Incident(i.kind, i.start, i.end) for i in history.incidents]
    options = CorrelatorOptions(country=settings.holidays or None)
    counts = [column.tolist() for column in (daily.total, daily.negative, daily.collected)]
    tagged = None if daily.negative_marketing is None else daily.negative_marketing.tolist()

    def compute() -> CorrelationReport:
        from monitor.correlate.event_study import estimate_effects  # imports scipy: a quarter of a second

        return estimate_effects(daily, windows, known, seed=seed, options=options)

    return remembered(
        database,
        CorrelationReport,
        history.as_of,
        (daily.dates[0], counts, tagged, daily.known_share.tolist(), windows, known, options, seed),
        compute,
    )


def _nps(database: Database, history: History, settings: ReportSettings, seed: int) -> NpsReport | None:
    from monitor.correlate.nps_dips import CampaignStart, find_dips

    if not history.answers:
        return None
    days = [answer.answered_at.astimezone(settings.zone).date() for answer in history.answers]
    scores = [answer.score for answer in history.answers]
    starts = [CampaignStart(c.external_id, c.start) for c in history.campaigns]
    segments = [answer.segments.get("product_line", "") for answer in history.answers]
    return remembered(
        database,
        NpsReport,
        history.as_of,
        (days, scores, starts, segments, seed),
        lambda: find_dips(days, scores, starts, segments=segments, seed=seed),
    )


def _segments(answers: Sequence[NpsResponse]) -> tuple[SegmentScore, ...]:
    from monitor.correlate.nps import segment_scores

    attributes = sorted({name for answer in answers for name in answer.segments})
    scores = [answer.score for answer in answers]
    parts = [answer.segments for answer in answers]
    return tuple(segment for name in attributes for segment in segment_scores(scores, parts, name))


def _spikes(daily: DailySeries | None, name: str) -> tuple[DetectionPoint, ...]:
    from monitor.correlate.reporting_delay import completeness_of_last
    from monitor.correlate.spikes import detect

    if daily is None:
        return ()
    counts = daily.negative if name == "negative" else daily.negative_marketing
    if counts is None:
        return ()
    kept = np.flatnonzero(daily.collected)
    moments = [datetime.combine(daily.dates[index], time(), tzinfo=UTC) for index in kept]
    exposure, known = daily.total[kept].astype(float), completeness_of_last(daily.known_share[kept])
    return tuple(detect(counts[kept].astype(float), moments, exposure=exposure, completeness=known))
