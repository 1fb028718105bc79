"""Red flags: each boundary metric against its own history first and a general benchmark second.

Own history: the windows before the current one, of the same length, give values v_1..v_K. The baseline is their
median; the current window is expected within

    median ± t_{K-1} sqrt(between² + sampling² + 1.57 between² / K)

with between² = max(0, (1.4826 MAD)² - mean sampling variance of the v_k) and sampling² the sampling variance of the
current window, were it at the baseline. Source of the robust scale: Rousseeuw & Croux (1993), JASA 88, 1273-1283;
1.57 is pi / 2, the variance of a median against that of a mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.nps import adjusted_wald
from monitor.correlate.red_flag_rules import RULES, Direction, FlagRule
from monitor.domain.findings import FlagLevel, FlagWindow, RedFlag
from monitor.errors import InputError

FloatArray = NDArray[np.float64]

MINIMUM_WINDOWS = 4
MAXIMUM_WINDOWS = 13
MINIMUM_N = 5
CAUTION_TAIL = 0.025
CRITICAL_TAIL = 0.001
_NEVER_NEGATIVE = {"share", "days", "seconds", "times"}
_SEVERITY = {FlagLevel.NO_DATA: 0, FlagLevel.OK: 1, FlagLevel.CAUTION: 2, FlagLevel.CRITICAL: 3}


@dataclass(frozen=True, slots=True)
class FlagSeries:
    """Observations of one metric.

    Attributes:
        days: (m,) day of each observation as an ordinal (`date.toordinal`).
        numerators: (m,) counts, or plain values.
        denominators: (m,) counts, or ones for plain values.
        counted: True when numerator / denominator are counts of the same things (a binomial share).
    """

    days: NDArray[np.int64]
    numerators: FloatArray
    denominators: FloatArray
    counted: bool


@dataclass(frozen=True, slots=True)
class _Window:
    """One window of a series: its value, the sampling variance of it, and how much stands behind it."""

    value: float
    variance: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class _OwnHistory:
    """What own history leads to expect of the current window."""

    baseline: float
    low: float
    high: float
    level: FlagLevel
    windows: int


def scorecard(
    series: Mapping[str, FlagSeries], last_day: date, *, rules: Sequence[FlagRule] = RULES
) -> tuple[RedFlag, ...]:
    """Judge every row of the boundary table.

    Args:
        series: observations by metric key (`FlagRule.key`); a missing key becomes "no data".
        last_day: last day of the current window.
        rules: the table.

    Returns:
        One flag a rule, in the order of the table.

    Raises:
        InputError: a share lies outside 0..1.
    """
    return tuple(judge(rule, series.get(rule.key), last_day) for rule in rules)


def judge(rule: FlagRule, series: FlagSeries | None, last_day: date) -> RedFlag:
    """Judge one metric; see `scorecard`."""
    first_day = last_day - timedelta(days=rule.window_days - 1)
    window = f"{first_day} to {last_day}"
    _check(rule, series)
    windows = _windows(rule, series, last_day) if series is not None else []
    history = _told(rule, series, windows) if series is not None else ()
    current = windows[-1][1] if windows else None
    if series is None or current is None:
        return _no_data(rule, window, 0, "no data for this metric in the window", history)
    needed = _minimum(rule, series)
    if current.n < needed:
        seen = "observation" if current.n == 1 else "observations"
        reason = f"only {current.n} {seen}, at least {needed} needed"
        return _no_data(rule, window, current.n, reason, history)
    past = [found for _, found in windows[:-1] if found is not None and found.n >= needed]
    own = _own_history(rule, series, past, current)
    general = _against_benchmark(rule, current)
    own_level = own.level if own else FlagLevel.NO_DATA
    level = max(own_level, general, key=lambda candidate: _SEVERITY[candidate])
    return RedFlag(
        area=rule.area,
        metric=rule.metric,
        level=level,
        value=current.value,
        low=current.low,
        high=current.high,
        n=current.n,
        unit=rule.unit,
        own_baseline=own.baseline if own else None,
        own_low=own.low if own else None,
        own_high=own.high if own else None,
        own_level=own_level,
        benchmark=rule.benchmark,
        benchmark_level=general,
        window=window,
        reason=_reason(rule, current, own, general),
        questions=rule.questions if level in {FlagLevel.CAUTION, FlagLevel.CRITICAL} else (),
        history=history,
        window_days=rule.window_days,
        caution_limit=rule.caution,
        critical_limit=rule.critical,
    )


def _check(rule: FlagRule, series: FlagSeries | None) -> None:
    if series is None or not rule.is_share or not len(series.days):
        return
    values = (
        series.numerators if not series.counted else series.numerators / np.maximum(series.denominators, 1)
    )
    if values.max() > 1 or values.min() < 0:
        worst = values.max() if values.max() > 1 else values.min()
        raise InputError(
            f"{rule.key} holds {worst:g}: a share from 0 to 1 expected, divide percentages by 100 "
            "or give numerator and denominator"
        )


def _minimum(rule: FlagRule, series: FlagSeries) -> int:
    """Observations a window needs: five counts or answers, or one value that is an average already."""
    return MINIMUM_N if series.counted or rule.single else 1


def _summarise(rule: FlagRule, series: FlagSeries, last_day: date) -> _Window | None:
    """Value of the window that ends on `last_day`; None when it holds nothing."""
    last = last_day.toordinal()
    inside = (series.days <= last) & (series.days > last - rule.window_days)
    weight = float(series.denominators[inside].sum())
    if weight <= 0:
        return None
    numerators = series.numerators[inside]
    value = float(numerators.sum()) / weight
    if series.counted:
        return _share(float(numerators.sum()), weight)
    count = int(inside.sum())
    if count == 1:  # its noise shows in the spread between windows
        return _Window(value, 0.0, value, value, 1)
    variance = float(numerators.var(ddof=1)) / count
    if rule.key == "nps":  # the interval that stands beside the score everywhere
        low, high = adjusted_wald(int((numerators > 0).sum()), int((numerators < 0).sum()), count)
        return _Window(value, variance, low, high, count)
    half = _t_quantile(CAUTION_TAIL, count - 1) * sqrt(variance)
    return _Window(value, variance, value - half, value + half, count)


def _share(successes: float, trials: float) -> _Window:
    """A share with Wilson's interval (Wilson 1927, JASA 22, 209-212)."""
    p, z = successes / trials, 1.959963984540054
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))
    smoothed = (successes + 0.5) / (trials + 1)
    variance = smoothed * (1 - smoothed) / trials
    return _Window(p, variance, max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half)), int(trials))


def _windows(rule: FlagRule, series: FlagSeries, last_day: date) -> list[tuple[date, _Window | None]]:
    """Last day and summary of the current window and of those before it, oldest first."""
    ends = [last_day - timedelta(days=rule.window_days * back) for back in range(MAXIMUM_WINDOWS, -1, -1)]
    return [(end, _summarise(rule, series, end)) for end in ends]


def _told(
    rule: FlagRule, series: FlagSeries, windows: Sequence[tuple[date, _Window | None]]
) -> tuple[FlagWindow, ...]:
    """The windows as they are shown: from the first that holds enough, gaps as gaps."""
    needed, told = _minimum(rule, series), []
    for end, found in windows:
        if found is not None and found.n >= needed:
            told.append(FlagWindow(end, found.value, found.low, found.high, found.n))
        elif told:
            told.append(FlagWindow(end, None, None, None, found.n if found else 0))
    return tuple(told)


def _own_history(
    rule: FlagRule, series: FlagSeries, past: Sequence[_Window], current: _Window
) -> _OwnHistory | None:
    """Expectation from earlier windows that hold enough; None when they are fewer than four."""
    if len(past) < MINIMUM_WINDOWS:
        return None
    values = np.array([window.value for window in past])
    baseline = float(np.median(values))
    scale = 1.4826 * float(np.median(np.abs(values - baseline)))
    between = max(0.0, scale**2 - float(np.mean([window.variance for window in past])))
    sampling = _sampling_variance(series, baseline, current, past)
    spread = sqrt(
        between * (1 + np.pi / 2 / len(past)) + sampling + np.pi / 2 * _mean_variance(past) / len(past)
    )
    half = _t_quantile(CAUTION_TAIL, len(past) - 1) * spread
    worse = current.value - baseline if rule.bad is Direction.HIGH else baseline - current.value
    limit = _t_quantile(CRITICAL_TAIL, len(past) - 1) * spread
    level = FlagLevel.CRITICAL if worse > limit else FlagLevel.CAUTION if worse > half else FlagLevel.OK
    floor = 0.0 if rule.unit in _NEVER_NEGATIVE else -float("inf")
    ceiling = 1.0 if rule.is_share else float("inf")
    low, high = max(floor, baseline - half), min(ceiling, baseline + half)
    return _OwnHistory(baseline, low, high, level, len(past))


def _mean_variance(windows: Sequence[_Window]) -> float:
    """Mean sampling variance of windows."""
    return float(np.mean([window.variance for window in windows]))


def _sampling_variance(
    series: FlagSeries, baseline: float, current: _Window, past: Sequence[_Window]
) -> float:
    """Sampling variance of the current window, were it at the baseline."""
    if series.counted:
        smoothed = (baseline * current.n + 0.5) / (current.n + 1)
        return smoothed * (1 - smoothed) / current.n
    per_observation = float(np.median([window.variance * window.n for window in past]))
    return per_observation / current.n


def _t_quantile(tail: float, freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 1), 1 - tail))


def _against_benchmark(rule: FlagRule, current: _Window) -> FlagLevel:
    """Level against the general benchmark; a crossing that its interval does not confirm is a caution at most."""
    if rule.caution is None:
        return FlagLevel.NO_DATA
    for limit, level in ((rule.critical, FlagLevel.CRITICAL), (rule.caution, FlagLevel.CAUTION)):
        if limit is not None and _crossed(rule, current.value, limit):
            sure = _crossed(rule, current.low if rule.bad is Direction.HIGH else current.high, limit)
            return level if sure else FlagLevel.CAUTION
    return FlagLevel.OK


def _crossed(rule: FlagRule, value: float, limit: float) -> bool:
    return value > limit if rule.bad is Direction.HIGH else value < limit


def _reason(rule: FlagRule, current: _Window, own: _OwnHistory | None, general: FlagLevel) -> str:
    """One sentence: own history first, benchmark second."""
    value = shown(current.value, rule.unit)
    if own is None:
        first = f"{value}; own history is too short to judge (fewer than {MINIMUM_WINDOWS} earlier windows)"
    else:
        where = "within" if own.level is FlagLevel.OK else "beyond"
        first = (
            f"{value}, {where} the {shown(own.low, rule.unit)} to {shown(own.high, rule.unit)} that "
            f"{own.windows} earlier {_windows_in_words(rule.window_days)} lead to expect"
        )
    if general is FlagLevel.NO_DATA:
        return first
    if general is FlagLevel.OK:
        return f"{first}; does not cross the general benchmark {rule.benchmark}"
    return f"{first}; crosses the general benchmark {_crossed_in_words(rule, current)}"


def _windows_in_words(days: int) -> str:
    return "weeks" if days == 7 else f"windows of {days} days"


def _crossed_in_words(rule: FlagRule, current: _Window) -> str:
    """The furthest limit that was crossed, how sure that is, and the next limit where there is one."""
    end = current.low if rule.bad is Direction.HIGH else current.high
    sure = rule.caution is not None and _crossed(rule, end, rule.caution)
    unsure = "" if sure else ", which its interval does not confirm"
    if rule.caution is None or rule.critical is None:
        return rule.benchmark + unsure
    caution, critical = (
        f"{_limit(rule, limit)} ({level})"
        for limit, level in ((rule.caution, "caution"), (rule.critical, "critical"))
    )
    if not _crossed(rule, current.value, rule.critical):
        return caution + (unsure or f", not the next, {critical}")
    if _crossed(rule, end, rule.critical):
        return critical
    return critical + (unsure or f", of which its interval confirms only {caution}")


def _limit(rule: FlagRule, limit: float) -> str:
    """A limit as the table writes it: "> 0.1 %"."""
    sign = ">" if rule.bad is Direction.HIGH else "<"
    return f"{sign} {100 * limit:g} %" if rule.is_share else f"{sign} {limit:g}"


def shown(value: float, unit: str) -> str:
    """A number with its unit, short enough for a sentence."""
    if unit == "share":
        percent = 100 * value
        if not percent:
            return "0 %"
        return f"{percent:.2f} %" if percent < 1 else f"{percent:.1f} %"
    word = {"points": " points", "days": " days", "seconds": " s"}.get(unit, "")
    return f"{value:.1f}{word}"


def _no_data(
    rule: FlagRule, window: str, n: int, reason: str, history: tuple[FlagWindow, ...] = ()
) -> RedFlag:
    none = FlagLevel.NO_DATA
    return RedFlag(
        area=rule.area, metric=rule.metric, level=none, value=None, low=None, high=None, n=n, unit=rule.unit,
        own_baseline=None, own_low=None, own_high=None, own_level=none, benchmark=rule.benchmark,
        benchmark_level=none, window=window, reason=reason, history=history, window_days=rule.window_days,
        caution_limit=rule.caution, critical_limit=rule.critical,
    )  # fmt: skip
