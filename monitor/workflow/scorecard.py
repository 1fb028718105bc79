"""The boundary scorecard: every red flag, from whatever the database knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

import numpy as np

from monitor.correlate import red_flag_inputs as inputs
from monitor.correlate.red_flags import FlagSeries, scorecard
from monitor.domain.findings import FlagLevel, RedFlag
from monitor.domain.series import DailySeries
from monitor.workflow.history import History

_ORDER = {FlagLevel.CRITICAL: 0, FlagLevel.CAUTION: 1, FlagLevel.OK: 2, FlagLevel.NO_DATA: 3}


def red_flags(
    history: History,
    daily: DailySeries | None,
    weeks: Sequence[date],
    touches: Sequence[float],
    zone: tzinfo,
) -> tuple[RedFlag, ...]:
    """Judge every row of the table; the worst first, within a level in the table's order.

    Args:
        history: what the database knows.
        daily: posts a day; None without posts.
        weeks, touches: (T,) Mondays and touches per customer and week; empty when unknown.
        zone: the report's, which says on which day an NPS answer came.
    """
    series: dict[str, FlagSeries] = {
        **inputs.from_metrics(history.metrics),
        **inputs.from_campaign_results(history.results),
        **inputs.from_nps(history.answers, zone),
        **inputs.from_deals(history.deals),
    }
    if weeks:
        series["emails_per_customer_week"] = inputs.value_series(
            [week + timedelta(days=6) for week in weeks], list(touches)
        )
    if daily is not None:
        series |= _post_shares(daily)
    if history.deal_notes:
        days, notes, negative = zip(*history.deal_notes, strict=True)
        series["deal_note_negative_share"] = inputs.share_series(days, negative, notes)
    flags = scorecard(series, history.as_of)
    return tuple(sorted(flags, key=lambda flag: _ORDER[flag.level]))


def _post_shares(daily: DailySeries) -> dict[str, FlagSeries]:
    kept = np.flatnonzero(daily.collected & (daily.total > 0))
    days = [daily.dates[index] for index in kept]
    counts = {"negative_post_share": daily.negative[kept].astype(float)}
    if daily.negative_marketing is not None:
        counts["marketing_complaint_share"] = daily.negative_marketing[kept].astype(float)
    return inputs.from_daily_counts(
        days, daily.total[kept].astype(float).tolist(), {k: v.tolist() for k, v in counts.items()}
    )
