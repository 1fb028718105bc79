"""What the detectors found: spikes, incidents of spikes, contact pressure and red flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class DetectionPoint:
    """One count of a series, judged from earlier ones only.

    Attributes:
        timestamp: start of the step, as given (a day is its midnight, UTC).
        value: the count.
        expected: the count that the past, the calendar and the exposure lead to expect.
        low, high: 95 % predictive interval of `value`.
        score: 0..1; new evidence for a spike at this step (0.5 = alarm threshold of the budget).
        alarm: True at the one step on which an incident begins.
        in_incident: True from the alarm until the series is back in its expected range.
    """

    timestamp: datetime
    value: float
    expected: float
    low: float
    high: float
    score: float
    alarm: bool
    in_incident: bool = False


class FlagLevel(StrEnum):
    """How far a metric is over the line."""

    OK = "ok"
    CAUTION = "caution"
    CRITICAL = "critical"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class FlagWindow:
    """A metric's value in one window of its own history.

    Attributes:
        last_day: the window's last day.
        value, low, high: as in `RedFlag`; None where nothing, or too little, was observed.
        n: what stands behind `value`; 0 where nothing was observed.
    """

    last_day: date
    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One row of the boundary scorecard: own history first, general benchmark second.

    Attributes:
        area: "e-mail", "messages", "in-app", "community" or "sales and CS".
        metric: the metric's name in words.
        level: the worse of `own_level` and `benchmark_level`.
        value, low, high: the current window's value and its 95 % interval; None without data.
        n: answers, mails, deals or posts behind `value`.
        unit: "share", "points", "days", "per week" or "posts".
        own_baseline, own_low, own_high: what own history leads to expect (95 % prediction interval
            of the current window); None when the history is too short.
        own_level: verdict against own history.
        benchmark: the general rule in words ("< 95 %"), "" when there is none.
        benchmark_level: verdict against it.
        window: the current window in words ("2026-03-02 to 2026-03-29").
        reason: one sentence why the level is what it is.
        questions: what to ask next.
        history: windows of equal length, oldest first, the current one last; windows without a value are
            kept, so that a line through them breaks. () in flags stored by an earlier version.
        window_days: length of a window; 0 when not known.
        caution_limit, critical_limit: the benchmark as numbers in the metric's unit; None where there is none.
    """

    area: str
    metric: str
    level: FlagLevel
    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str
    own_baseline: float | None
    own_low: float | None
    own_high: float | None
    own_level: FlagLevel
    benchmark: str
    benchmark_level: FlagLevel
    window: str
    reason: str
    questions: tuple[str, ...] = ()
    history: tuple[FlagWindow, ...] = ()
    window_days: int = 0
    caution_limit: float | None = None
    critical_limit: float | None = None


@dataclass(frozen=True, slots=True)
class PressureLevel:
    """Complaints expected at one level of contact pressure.

    Attributes:
        touches: touches per customer and week.
        rate_ratio, low, high: complaint rate against the lowest pressure seen, with its 95 % interval.
        weeks: weeks of history at or above this level.
    """

    touches: float
    rate_ratio: float
    low: float
    high: float
    weeks: int


@dataclass(frozen=True, slots=True)
class PressureResult:
    """Dose-response of complaints (or unsubscribes) to touches per customer and week.

    Attributes:
        outcome: what was counted ("marketing complaints", "unsubscribes").
        verdict: "line found", "no line seen" or "cannot tell".
        line: touches per customer and week from which the increase is credible; None without one.
        curve: the fitted curve over the pressure seen.
        per_touch, per_touch_low, per_touch_high: rate ratio of one more touch per customer and week.
        p_value: one-sided, that more pressure means more complaints.
        n: complaints counted.
        weeks: collected weeks.
        reason: one sentence.
    """

    outcome: str
    verdict: str
    line: float | None
    curve: tuple[PressureLevel, ...]
    per_touch: float | None
    per_touch_low: float | None
    per_touch_high: float | None
    p_value: float | None
    n: int
    weeks: int
    reason: str


@dataclass(frozen=True, slots=True)
class PressureForecast:
    """Expected complaints for planned weeks.

    Attributes:
        week_starts: Monday of each planned week, ISO date.
        touches: planned touches per customer and week.
        expected, low, high: complaints per week with a 90 % prediction interval; empty when refused.
        reason: why the forecast is refused; "" when it is given.
    """

    week_starts: tuple[str, ...]
    touches: tuple[float, ...]
    expected: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    reason: str = ""
