"""Marketing and sales metrics that other tools export, one value a day and segment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite

from monitor.errors import InputError


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric, given as a count over a count or as a plain value.

    Attributes:
        source: the configured source's name (or the file).
        metric: the metric's name ("delivery_rate", "win_rate", "cycle_time_days", ...).
        day: the day (or the first day of the period) the value belongs to.
        value: the plain value (a rate is 0..1); None when numerator and denominator are given.
        numerator, denominator: counts whose quotient is the rate; None for a plain value.
        segment: "" for all customers.
    """

    source: str
    metric: str
    day: date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    segment: str = ""

    def __post_init__(self) -> None:
        """Refuse a point without a usable value.

        Raises:
            InputError: with the metric, its day and the value.
        """
        where = f"metric {self.metric!r} on {self.day}"
        numbers = [n for n in (self.value, self.numerator, self.denominator) if n is not None]
        if not all(isfinite(number) for number in numbers):
            raise InputError(f"{where} holds {numbers}: finite numbers expected, fix or drop the row")
        if self.value is None and (self.numerator is None or self.denominator is None):
            raise InputError(f"{where} has no value: give `value`, or `numerator` and `denominator`")
        if self.value is None and not 0 <= (self.numerator or 0) <= (self.denominator or 0):
            raise InputError(
                f"{where} has numerator {self.numerator} of {self.denominator}: 0 <= numerator <= denominator expected"
            )

    @property
    def rate(self) -> float | None:
        """The value, or numerator / denominator; None when the denominator is 0."""
        if self.value is not None:
            return self.value
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator
