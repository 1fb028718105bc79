"""Daily counts of posts and the calendar that may have moved them: the correlator's input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from monitor.errors import InputError

SeriesName = Literal["negative_marketing", "negative"]
SERIES_NAMES: tuple[SeriesName, ...] = ("negative_marketing", "negative")

CountArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class DailySeries:
    """Posts a day on consecutive days; a day that was not collected is absent, never zero.

    Attributes:
        dates: consecutive days, oldest first; length n.
        total: (n,) posts of any mood; 0 where not collected.
        negative: (n,) negative posts and marketing complaints among them.
        negative_marketing: (n,) marketing complaints; None when not tagged.
        collected: (n,) True where the day was read completely.
        known: (n,) share of the day's posts that is expected to be in already (reporting delay), above 0 and up
            to 1; None = all of them.
    """

    dates: tuple[date, ...]
    total: CountArray
    negative: CountArray
    negative_marketing: CountArray | None
    collected: NDArray[np.bool_]
    known: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Refuse gaps in the calendar, arrays of other lengths and counts that cannot be.

        Raises:
            InputError: with the first day and value that is wrong.
        """
        for earlier, later in zip(self.dates, self.dates[1:], strict=False):
            if later - earlier != timedelta(days=1):
                raise InputError(
                    f"the day after {earlier} in the daily series is {later}: consecutive days expected, "
                    "mark days without data as not collected"
                )
        for name, counts in self._columns():
            if counts.shape != (len(self.dates),):
                raise InputError(
                    f"the daily series has {len(self.dates)} days but {name} has the shape {counts.shape}: "
                    "one value a day expected"
                )
        self._check_counts()
        if self.known is not None and not ((self.known > 0) & (self.known <= 1)).all():
            raise InputError(
                f"the known shares of the last days are {self.known[-14:].tolist()}: above 0 and up to 1 expected"
            )

    def _columns(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        yield "total", self.total
        yield "negative", self.negative
        if self.negative_marketing is not None:
            yield "negative_marketing", self.negative_marketing
        yield "collected", self.collected
        if self.known is not None:
            yield "known", self.known

    def _check_counts(self) -> None:
        parts: list[tuple[str, CountArray, str, CountArray]]
        parts = [("negative", self.negative, "total", self.total)]
        if self.negative_marketing is not None:
            parts.append(("negative_marketing", self.negative_marketing, "negative", self.negative))
        for name, part, whole_name, whole in parts:
            bad = np.flatnonzero((part < 0) | (part > whole))
            if bad.size:
                day = int(bad[0])
                raise InputError(
                    f"{self.dates[day]}: {name} is {part[day]} and {whole_name} is {whole[day]}: "
                    f"0 <= {name} <= {whole_name} expected, correct the row or drop the day"
                )

    @property
    def series_names(self) -> tuple[SeriesName, ...]:
        """The series that can be judged, the primary one first."""
        return SERIES_NAMES if self.negative_marketing is not None else ("negative",)

    def part(self, days: slice) -> DailySeries:
        """The series on some of its days."""
        tagged = None if self.negative_marketing is None else self.negative_marketing[days]
        known = None if self.known is None else self.known[days]
        return DailySeries(
            self.dates[days], self.total[days], self.negative[days], tagged, self.collected[days], known
        )

    @property
    def known_share(self) -> NDArray[np.float64]:
        """Share of each day's posts that is in already, shape (n,)."""
        return np.ones(len(self.dates)) if self.known is None else self.known

    def counts(self, name: SeriesName) -> CountArray:
        """Counts of one series, shape (n,).

        Raises:
            InputError: when the series is not part of the data.
        """
        if name == "negative":
            return self.negative
        if self.negative_marketing is None:
            raise InputError(
                "the series negative_marketing is asked for, but the data has no such column: "
                "add the column, or choose the series negative"
            )
        return self.negative_marketing


@dataclass(frozen=True, slots=True)
class CampaignWindow:
    """When one campaign ran: `start` and `end` are its first and last day, inclusive.

    Attributes:
        id: the calendar's own id.
        type, channel: kind and channel of the campaign, "" when unknown.
    """

    id: str
    type: str
    channel: str
    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a campaign that ends before it starts.

        Raises:
            InputError: with both days and the campaign's id.
        """
        if self.end < self.start:
            raise InputError(
                f"campaign {self.id!r} ends {self.end} before it starts {self.start}: correct the days"
            )


@dataclass(frozen=True, slots=True)
class Incident:
    """An outage, release or other known event that makes people write, apart from marketing.

    Attributes:
        kind: "outage", "release" or another word of the calendar.
        start, end: first and last day, inclusive.
    """

    kind: str
    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse an incident that ends before it starts.

        Raises:
            InputError: with both days.
        """
        if self.end < self.start:
            raise InputError(
                f"the {self.kind or 'incident'} of {self.start} ends {self.end}, before it starts: "
                "correct the days"
            )
