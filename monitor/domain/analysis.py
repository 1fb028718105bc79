"""Everything the statistics say as of one day: what reports and alerts are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.domain.effects import CorrelationReport
from monitor.domain.exposure import ExposureComparison
from monitor.domain.findings import DetectionPoint, PressureForecast, PressureResult, RedFlag
from monitor.domain.nps import NpsReport, SegmentScore
from monitor.domain.series import DailySeries


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The statistics of one history, computed with nothing later than `as_of`.

    Attributes:
        as_of: last day considered.
        daily: posts about us a day; `negative` counts negative posts and marketing complaints,
            `negative_marketing` the complaints. None when there is not a single post.
        correlation: verdicts on campaigns; None when there is no day or no campaign to judge.
        nps: score, dips and their links; None without answers.
        nps_segments: scores by segment, partially pooled.
        complaint_spikes, negative_spikes: one point a collected day, judged from its past.
        red_flags: the boundary scorecard, worst first.
        pressure: dose-response of complaints and unsubscribes to touches.
        forecast: expected complaints of the planned calendar; None when there is no plan.
        notes: what a reader has to know about the data, in words.
        exposure: customers who received a campaign against those who did not; () without campaigns.
    """

    as_of: date
    daily: DailySeries | None
    correlation: CorrelationReport | None
    nps: NpsReport | None
    nps_segments: tuple[SegmentScore, ...] = ()
    complaint_spikes: tuple[DetectionPoint, ...] = ()
    negative_spikes: tuple[DetectionPoint, ...] = ()
    red_flags: tuple[RedFlag, ...] = ()
    pressure: tuple[PressureResult, ...] = ()
    forecast: PressureForecast | None = None
    notes: tuple[str, ...] = ()
    exposure: tuple[ExposureComparison, ...] = ()
