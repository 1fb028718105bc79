"""Spikes as alerts see them: the detector's evidence, with a beginning and an end of their own.

The detector judges windows of up to seven days, so its own incidents last long, and a second problem would hide
in the first. Here a spike begins with new evidence while the last three days lie at 1.7 times their expectation,
and ends as soon as the last three are back below twice of it (plus half a post). docs/how-to/slack-bot.md has the
curve of budget against detection, benchmarks/alerts computes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from monitor.domain.alerts import AlertOptions, Measure, RuleName, RuleOptions, Sensitivity, Signal
from monitor.domain.findings import DetectionPoint
from monitor.domain.series import DailySeries

SPIKE_RULES = (RuleName.COMPLAINT_SPIKE, RuleName.NEGATIVE_SPIKE)
ALARMS_A_YEAR: Mapping[Sensitivity, float] = {
    Sensitivity.FEWER: 4.0,
    Sensitivity.BALANCED: 8.0,
    Sensitivity.MORE: 12.0,
}
"""What each word asks of the detector, per series."""

_COUNTED = {
    RuleName.COMPLAINT_SPIKE: ("negative_marketing", "marketing complaints"),
    RuleName.NEGATIVE_SPIKE: ("negative", "negative posts"),
}
_BEGIN_DAYS, _BEGIN_RATIO = 3, 1.7
_END_DAYS, _END_RATIO, _END_POSTS = 3, 2.0, 0.5
_NEW_EVIDENCE = 0.5
_SPIKE_QUESTIONS = (
    "Which campaign or message went out in the days before?",
    "Do the posts name one channel or one audience?",
    "Is it many people, or one loud thread?",
)


def judge_spikes(
    daily: DailySeries | None, options: AlertOptions
) -> dict[RuleName, Sequence[DetectionPoint]]:
    """Both spike rules' points, one a collected day."""
    return {
        rule: detect_days(daily, rule, ALARMS_A_YEAR[options.rules[rule].sensitivity]) for rule in SPIKE_RULES
    }


def detect_days(daily: DailySeries | None, rule: RuleName, budget: float) -> Sequence[DetectionPoint]:
    """Judge every collected day of a series, from earlier days only, at a yearly budget of alarms."""
    import numpy as np

    from monitor.correlate.spikes import detect

    counts = None if daily is None else getattr(daily, _COUNTED[rule][0])
    if daily is None or counts is None:
        return ()
    kept = np.flatnonzero(daily.collected)
    moments = [datetime.combine(daily.dates[index], time(), tzinfo=UTC) for index in kept]
    exposure = daily.total[kept].astype(float)
    points = detect(counts[kept].astype(float), moments, exposure=exposure, budget_per_year=budget)
    return tuple(_with_own_end(points))


def _with_own_end(points: Sequence[DetectionPoint]) -> Iterator[DetectionPoint]:
    is_open = False
    for index, point in enumerate(points):
        value, expected = _sums(points, index, _END_DAYS)
        begins = False
        if is_open and value <= _END_RATIO * expected + _END_POSTS:
            is_open = False
        elif not is_open and point.score >= _NEW_EVIDENCE:
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
