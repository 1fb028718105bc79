"""How many of the newest days' posts are in already: sources bring posts late, and are not read every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.reporting_delay import SourceDelay, delay_groups, known_by_age, known_shares
from monitor.domain.series import DailySeries
from monitor.settings import ReportSettings
from monitor.store.arrivals import Arrival, days_of_syncs, read_arrivals
from monitor.store.database import Database
from monitor.workflow.history import start_of_day

LEARNED_FROM_DAYS = 180
WEIGHED_DAYS = 60
"""A source weighs as much as its posts of the last days."""
SILENCE_FROM_DAYS = 56
BELIEVED_SILENCE = 5.0
TOO_FEW_KNOWN = 0.1
"""A day of which less than this is in counts as not collected."""


def known_share(
    database: Database, settings: ReportSettings, days: Sequence[date]
) -> NDArray[np.float64] | None:
    """Expected share of each day's posts that is in the database, (n,); None when nothing is late.

    Learnt from what earlier syncs saw for the first time; a source read only once tells nothing. Of a past week all
    is in by now.

    Args:
        database: with the syncs' own records.
        settings: the report's time zone.
        days: consecutive days, oldest first.
    """
    since = days[-1] - timedelta(days=LEARNED_FROM_DAYS)
    with database.reading() as connection:
        arrivals = read_arrivals(connection, since)
        syncs = days_of_syncs(connection, start_of_day(since, settings), settings.zone)
    by_source: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        by_source.setdefault(arrival.source, []).append(arrival)
    sources = [_source_delay(found, syncs.get(name, [])) for name, found in sorted(by_source.items())]
    shares = known_shares(sources, [day.toordinal() for day in days])
    return None if (shares == 1.0).all() else shares


def without_unknown_days(daily: DailySeries, known: NDArray[np.float64] | None) -> DailySeries:
    """The series with its known shares; a day of which hardly anything is in counts as not collected."""
    if known is None:
        return daily
    in_time = known >= TOO_FEW_KNOWN
    tagged = None if daily.negative_marketing is None else daily.negative_marketing * in_time
    return replace(
        daily,
        total=daily.total * in_time,
        negative=daily.negative * in_time,
        negative_marketing=tagged,
        collected=daily.collected & in_time,
        known=known,
    )


def without_silent_end(daily: DailySeries) -> DailySeries:
    """The series; days after its last post count as not collected where so long a silence is not to be believed.

    A file ends where it was exported, and a sync that no longer runs brings nothing: both look like days without
    a post. The silence is believed where the days before lead to expect fewer than `BELIEVED_SILENCE` posts of it
    (none at all has then a probability above 1 %), or where one as long has been seen among them.
    """
    last = int(np.flatnonzero(daily.total)[-1]) if daily.total.any() else len(daily.dates) - 1
    before = slice(max(0, last + 1 - SILENCE_FROM_DAYS), last + 1)
    silent = int(daily.collected[last + 1 :].sum())
    rate = daily.total[before].sum() / max(int(daily.collected[before].sum()), 1)
    if rate * silent < BELIEVED_SILENCE or silent <= _longest_silence(
        daily.total[before], daily.collected[before]
    ):
        return daily
    return replace(daily, collected=daily.collected & (np.arange(len(daily.dates)) <= last))


def _longest_silence(total: NDArray[np.int64], collected: NDArray[np.bool_]) -> int:
    """Most collected days in a row without a post."""
    longest = current = 0
    for posts, read in zip(total, collected, strict=True):
        current = 0 if posts else current + int(read)
        longest = max(longest, current)
    return longest


def _source_delay(arrivals: Sequence[Arrival], syncs: Sequence[date]) -> SourceDelay:
    ordinals = [day.toordinal() for day in syncs]
    seen = [(arrival.seen_on.toordinal(), arrival.age_days, arrival.posts) for arrival in arrivals]
    last = max([*ordinals, *(seen_on for seen_on, _, _ in seen)])
    recent = sum(posts for seen_on, age, posts in seen if seen_on - age > last - WEIGHED_DAYS)
    return SourceDelay(recent, last, known_by_age(delay_groups(seen, ordinals)))
