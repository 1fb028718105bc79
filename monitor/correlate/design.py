"""The fixed part of a daily count model: weekday, trend, exposure, negative control, known incidents.

Exposure (total minus negative posts) does not enter as one fixed offset: its slow level and its fast
deviation (bursts, weekdays) have coefficients of their own, expected near 1 and 0.5. For the tagged
series the other negative posts enter in the same form as a negative-control series (Lipsitch, Tchetgen
Tchetgen & Cohen 2010, Epidemiology 21, 383-388): what moves product complaints as well is no sign of
marketing. A known incident has two columns: its own days, and the fading days after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.holidays import holiday_days
from monitor.domain.series import DailySeries, Incident, SeriesName

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SLOW_DAYS = 10.0
"""Width (days) of the triangular kernel that separates the slow level from the fast deviation."""
AFTERMATH_DAYS = 5
FALSE_TAGS = 0.08
TYPICAL_RECALL = 0.8
"""Assumed of a tagger whose recall was not measured."""
FADING_DAYS = 1.5


@dataclass(slots=True)
class _Columns:
    """Columns of the design with the normal prior of each coefficient."""

    values: list[FloatArray] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    deviations: list[float] = field(default_factory=list)

    def add(self, column: FloatArray, mean: float, deviation: float) -> None:
        self.values.append(column)
        self.means.append(mean)
        self.deviations.append(deviation)


def design_matrix(
    daily: DailySeries,
    name: SeriesName,
    incidents: Sequence[Incident],
    country: str | None,
    tagger_recall: float = TYPICAL_RECALL,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Build the fixed part of the count model.

    Args:
        daily: posts a day.
        name: the series to be modelled; the tagged series gets the other negatives as control.
        incidents: known outages and releases.
        country: holidays to model, None = none.
        tagger_recall: share of complaints that are tagged.

    Returns:
        Columns (n, p) with the intercept first, prior means (p,), prior precisions (p,).
    """
    n = len(daily.dates)
    columns = _Columns()
    columns.add(np.ones(n), 0.0, 10.0)
    weekday = (np.arange(n) + daily.dates[0].weekday()) % 7
    for day in range(6):
        columns.add((weekday == day).astype(float) - (weekday == 6), 0.0, 0.4)
    trend = np.linspace(-0.5, 0.5, n, dtype=np.float64) * (n - 1) / 365.0
    columns.add(trend, 0.0, 0.5)
    exposure = (daily.total - daily.negative) / daily.known_share
    slow, fast = slow_and_fast(exposure, daily.collected, weekday)
    columns.add(slow, 0.9, 0.35)
    columns.add(fast, 0.5, 0.3)
    if name == "negative_marketing":
        control = negative_control(daily, tagger_recall) / daily.known_share
        slow, fast = slow_and_fast(control, daily.collected, weekday)
        columns.add(slow, 0.3, 0.35)
        columns.add(fast, 0.3, 0.3)
    for incident in incidents:
        for profile in incident_profiles(daily, incident):
            columns.add(profile, 0.3, 1.0)
    if country is not None:
        columns.add(holiday_days(daily.dates, country), -0.5, 0.5)
    precisions = 1.0 / np.array(columns.deviations) ** 2
    return np.column_stack(columns.values), np.array(columns.means), precisions


def negative_control(daily: DailySeries, tagger_recall: float) -> FloatArray:
    """Untagged negatives less the complaints that the tagger is expected to have missed, (n,), at least 0.

    A tagger of recall r leaves (1 - r) / r complaints among the others for each true one it tags; without
    this correction a harmful campaign would raise its own control.
    """
    tagged = daily.counts("negative_marketing").astype(float)
    others = daily.negative - tagged
    true_tags = np.maximum(tagged - FALSE_TAGS * others, 0.0)
    control: FloatArray = np.maximum(others - (1.0 - tagger_recall) / tagger_recall * true_tags, 0.0)
    return control


def slow_and_fast(
    counts: FloatArray, collected: BoolArray, weekday: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Split log counts into a slow level (centred) and the deviation of each day from it.

    slow = log of a kernel mean of weekday-adjusted counts; fast = log((count + 1) / (expected + 1)).

    Args:
        counts: (n,) posts a day.
        collected: (n,) days that count; elsewhere fast is 0 and slow is interpolated.
        weekday: (n,) 0..6.

    Returns:
        Two arrays (n,).
    """
    n = counts.size
    overall = counts[collected].mean() + 0.5
    rhythm = np.array(
        [
            (counts[collected & (weekday == day)].sum() + 2 * overall)
            / ((collected & (weekday == day)).sum() + 2)
            / overall
            for day in range(7)
        ]
    )[weekday]
    adjusted = np.where(collected, np.minimum(counts / rhythm, 4 * overall), 0.0)
    reach = int(2 * SLOW_DAYS)
    kernel = 1.0 - np.abs(np.arange(-reach, reach + 1)) / (reach + 1)
    weight = np.convolve(collected.astype(float), kernel, "same" if n > kernel.size else "full")[:n]
    if n <= kernel.size:
        return np.zeros(n), np.zeros(n)
    level = (np.convolve(adjusted, kernel, "same") + overall) / (weight + 1.0)
    slow = np.log(level)
    fast = np.where(collected, np.log((counts + 1.0) / (level * rhythm + 1.0)), 0.0)
    return slow - slow[collected].mean(), fast


def incident_profiles(daily: DailySeries, incident: Incident) -> list[FloatArray]:
    """Columns of one incident that touch the data: its own days, and the fading days after it."""
    n = len(daily.dates)
    first = (incident.start - daily.dates[0]).days
    last = (incident.end - daily.dates[0]).days
    day = np.arange(n)
    during = ((day >= first) & (day <= last)).astype(float)
    after = day - last
    fading = np.where(
        (after > 0) & (after <= AFTERMATH_DAYS), np.exp(-np.maximum(after, 0) / FADING_DAYS), 0.0
    )
    return [profile for profile in (during, fading) if profile.any()]
