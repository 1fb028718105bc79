"""Spikes as alerts see them: the detector's evidence, with a bar, a beginning and an end of their own.

The detector judges windows of up to seven days, so its own incidents last long, and a second problem would hide
in the first. Here a spike begins with new evidence while the last three days lie at 1.5 times their expectation,
and ends as soon as the last three are back below twice of it (plus half a post).

Complaints about marketing follow marketing. So the year's budget of alarms is not spent evenly: a day while a
campaign runs, or soon after it, gets twice as much of it as another day. docs/decisions/0041 has what this
and other ideas gained, docs/how-to/slack-bot.md the curve of budget against detection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from math import exp, log1p

from monitor.domain.alerts import AlertOptions, Measure, RuleName, RuleOptions, Sensitivity, Signal
from monitor.domain.campaigns import Campaign
from monitor.domain.findings import DetectionPoint
from monitor.domain.series import DailySeries

SPIKE_RULES = (RuleName.COMPLAINT_SPIKE, RuleName.NEGATIVE_SPIKE)
ALARMS_A_YEAR: Mapping[RuleName, Mapping[Sensitivity, float]] = {
    RuleName.COMPLAINT_SPIKE: {
        Sensitivity.FEWER: 6.0,
        Sensitivity.BALANCED: 11.0,
        Sensitivity.MORE: 16.0,
    },
    # Outages and bugs make most spikes of negative posts: marketing hears of them more rarely.
    RuleName.NEGATIVE_SPIKE: {
        Sensitivity.FEWER: 1.0,
        Sensitivity.BALANCED: 2.0,
        Sensitivity.MORE: 3.0,
    },
}
"""What each word asks of the detector, per series."""

NEAR_WEIGHT = 2.0
"""How much more of the budget a day near a campaign gets."""
_NEAR_DAYS_AFTER_END, _NEAR_DAYS_AFTER_START = 7, 21
_JUDGED_AT = 12.0
_COUNTED = {
    RuleName.COMPLAINT_SPIKE: ("negative_marketing", "marketing complaints"),
    RuleName.NEGATIVE_SPIKE: ("negative", "negative posts and complaints"),
}
_BEGIN_DAYS, _BEGIN_RATIO = 3, 1.5
_END_DAYS, _END_RATIO, _END_POSTS = 3, 2.0, 0.5
_SPIKE_QUESTIONS = (
    "Which campaign or message went out in the days before?",
    "Do the posts name one channel or one audience?",
    "Is it many people, or one loud thread?",
)


def judge_spikes(
    daily: DailySeries | None, options: AlertOptions, campaigns: Sequence[Campaign] = ()
) -> dict[RuleName, Sequence[DetectionPoint]]:
    """Both spike rules' points, one a collected day.

    Args:
        daily: posts a day; None without posts.
        options: the rules' sensitivities.
        campaigns: those that began by the last day; each day is judged by what had begun by then.
    """
    near = days_near(campaigns)
    return {
        rule: detect_days(daily, rule, ALARMS_A_YEAR[rule][options.rules[rule].sensitivity], near)
        for rule in SPIKE_RULES
    }


def days_near(campaigns: Sequence[Campaign]) -> frozenset[date]:
    """Days on which a campaign's complaints come: until a week after its end, at most three weeks from its start."""
    after_end, after_start = timedelta(days=_NEAR_DAYS_AFTER_END), timedelta(days=_NEAR_DAYS_AFTER_START)
    return frozenset(
        campaign.start + timedelta(days=offset)
        for campaign in campaigns
        for offset in range(
            (min(campaign.end + after_end, campaign.start + after_start) - campaign.start).days + 1
        )
    )


def detect_days(
    daily: DailySeries | None, rule: RuleName, budget: float, near: Set[date] = frozenset()
) -> Sequence[DetectionPoint]:
    """Judge every collected day of a series, from earlier days only.

    Args:
        daily: posts a day; None without posts.
        rule: which of the spike rules.
        budget: alarms a year.
        near: days that get more of the budget than others.
    """
    import numpy as np

    from monitor.correlate.reporting_delay import completeness_of_last
    from monitor.correlate.spikes import detect

    counts = None if daily is None else getattr(daily, _COUNTED[rule][0])
    if daily is None or counts is None:
        return ()
    kept = np.flatnonzero(daily.collected)
    moments = [datetime.combine(daily.dates[index], time(), tzinfo=UTC) for index in kept]
    exposure = daily.total[kept].astype(float)
    points = detect(
        counts[kept].astype(float),
        moments,
        exposure=exposure,
        budget_per_year=_JUDGED_AT,
        completeness=completeness_of_last(daily.known_share[kept]),
    )
    bars = [_bar(share) for share in _budgets([moment.date() in near for moment in moments], budget)]
    return tuple(_with_own_end(points, bars))


def _budgets(near: Sequence[bool], budget: float) -> Iterator[float]:
    """Each day's alarms a year; over the days up to each they come to the budget."""
    for days, (is_near, seen) in enumerate(zip(near, accumulate(near), strict=True), 1):
        share = seen / days
        elsewhere = budget / (NEAR_WEIGHT * share + 1 - share)
        yield NEAR_WEIGHT * elsewhere if is_near else elsewhere


def _bar(budget: float) -> float:
    """The score of the detector, as it judges here, that is an alarm at a budget.

    Its score is e / (e + t) with e the softened evidence and t the softened threshold of the budget it judges at.
    """
    here, there = _softened(budget), _softened(_JUDGED_AT)
    return here / (here + there)


def _softened(budget: float) -> float:
    from monitor.correlate.spikes import threshold

    return log1p(exp(threshold(budget)))


def _with_own_end(points: Sequence[DetectionPoint], bars: Sequence[float]) -> Iterator[DetectionPoint]:
    is_open = False
    for index, (point, bar) in enumerate(zip(points, bars, strict=True)):
        value, expected = _sums(points, index, _END_DAYS)
        begins = False
        if is_open and value <= _END_RATIO * expected + _END_POSTS:
            is_open = False
        elif not is_open and point.score >= bar:
            value, expected = _sums(points, index, _BEGIN_DAYS)
            begins = is_open = value > _BEGIN_RATIO * expected
        yield replace(point, alarm=begins, in_incident=is_open)


def _sums(points: Sequence[DetectionPoint], index: int, days: int) -> tuple[float, float]:
    """Posts and expected posts of the last days up to one."""
    last = points[max(0, index - days + 1) : index + 1]
    return sum(point.value for point in last), sum(point.expected for point in last)


def spike_signals(
    points: Sequence[DetectionPoint], rule: RuleName, options: RuleOptions, as_of: date
) -> Iterator[Signal]:
    """The spike that is going on at the last point, if there is one."""
    if not points or not points[-1].in_incident:
        return
    begin = max((index for index, point in enumerate(points) if point.alarm), default=len(points) - 1)
    # The days on whose evidence it was raised belong to the story.
    stretch = points[max(0, begin - _BEGIN_DAYS + 1) :]
    peak = max(stretch, key=lambda point: point.value - point.expected)
    total = sum(point.value for point in stretch)
    if total < options.minimum_posts:
        return
    onset, peak_day = points[begin].timestamp.date(), peak.timestamp.date()
    what = _COUNTED[rule][1]
    measure = Measure(
        what=f"{what} on {peak_day.isoformat()}",
        value=f"{peak.value:g}",
        expected=f"{peak.expected:.1f}",
        low=f"{peak.low:g}",
        high=f"{peak.high:g}",
        n=int(total),
        window=f"{stretch[0].timestamp.date().isoformat()} to {as_of.isoformat()}",
    )
    yield Signal(
        rule=rule,
        subject="all",
        onset=onset,
        last_day=as_of,
        sentence=_what_happened(what.capitalize(), stretch, peak),
        measure=measure,
        strength=peak.value / max(peak.expected, 0.5),
        questions=_SPIKE_QUESTIONS,
    )


def _what_happened(what: str, stretch: Sequence[DetectionPoint], peak: DetectionPoint) -> str:
    day = peak.timestamp.date().isoformat()
    if peak.value > peak.high:
        usual = f"{peak.expected:.1f} ({peak.low:g} to {peak.high:g}) were expected"
        return f"{what} rose above their usual range: {peak.value:g} on {day}, where {usual}."
    value, expected = sum(point.value for point in stretch), sum(point.expected for point in stretch)
    highest = (
        f"{peak.value:g} on the highest, {day}, where {peak.low:g} to {peak.high:g} are usual for one day"
    )
    return (
        f"{what} stay high: {value:g} in {len(stretch)} days, where {expected:.1f} were expected; {highest}."
    )
