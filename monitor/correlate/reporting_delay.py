"""How much of a day's posts is known at which age: the reporting delay, from what each sync saw for the first time.

A post that one sync missed and the next one brought arrived somewhere between the two, in days of age (missed, seen].
A post can only be in the data if its delay is at most its present age (right truncation), so young days look faster
than they are. With p_l the share of posts with a delay of l days and groups of n posts alike, the distribution is
the fixed point of

    p_l  is proportional to  sum over groups of n [ p_l 1(l seen) / P(seen) + p_l 1(l hidden) / P(not hidden) ],

the maximum-likelihood estimate for interval-censored, truncated data (Turnbull 1976, JRSS B 38, 290-295).
F(a) = p_0 + ... + p_a is the share of a day that is known at age a.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LONGEST_DELAY_DAYS = 14
"""What comes later is history that was read late, no delay."""
MINIMUM_POSTS = 50
NEARLY_ALL = 0.99
SMALLEST_SHARE = 0.01
ITERATIONS = 300
BACKFILL_SHARE = 0.25
"""A sync whose late posts are older than any delay in this share is a look back, not a delay."""


@dataclass(frozen=True, slots=True)
class DelayGroup:
    """Posts alike: missed by a sync at age `missed` days (-1 = by none), first seen at `seen`, of age `now` today.

    Raises:
        InputError: unless -1 <= missed <= seen <= now.
    """

    missed: int
    seen: int
    now: int
    posts: int

    def __post_init__(self) -> None:
        """Refuse ages that cannot be."""
        if not -1 <= self.missed <= self.seen <= self.now or self.posts < 0:
            raise InputError(
                f"{self.posts} posts of {self.now} days missed at {self.missed} and seen at {self.seen} days: "
                "-1 <= missed <= seen <= age expected, check the clocks"
            )


def delay_groups(arrivals: Sequence[tuple[int, int, int]], syncs: Sequence[int]) -> list[DelayGroup]:
    """What one source's syncs tell about its delay.

    Args:
        arrivals: (day of the sync, age of the posts, posts first seen then), days as ordinals.
        syncs: days on which the source was read, as ordinals.

    Returns:
        Groups of posts that could have been seen by an earlier sync or came by the first that could see them. The
        first sync reads history and tells nothing; so does one that mostly brings posts older than any delay.
    """
    days = sorted(set(syncs))
    before = dict(zip(days[1:], days, strict=False))
    by_day: dict[int, list[tuple[int, int]]] = {}
    for seen_on, age, posts in arrivals:
        by_day.setdefault(seen_on, []).append((age, posts))
    groups: list[DelayGroup] = []
    for seen_on, found in sorted(by_day.items()):
        if seen_on not in before:
            continue
        step = seen_on - before[seen_on]
        late = sum(posts for age, posts in found if age >= step)
        old = sum(posts for age, posts in found if age - step >= LONGEST_DELAY_DAYS)
        if old > BACKFILL_SHARE * late:
            continue
        groups += [
            DelayGroup(max(age - step, -1), age, max(days[-1] - seen_on + age, age), posts)
            for age, posts in found
            if age - step < LONGEST_DELAY_DAYS
        ]
    return groups


def known_by_age(groups: Sequence[DelayGroup]) -> tuple[float, ...]:
    """Share of a day's posts that is known at an age of 0, 1, 2, ... days.

    Args:
        groups: see `delay_groups`; of one source, or of several.

    Returns:
        F(0), F(1), ... up to the day before F reaches 99 %; () when nearly all arrives the same day or fewer than
        50 posts are known.
    """
    if sum(group.posts for group in groups) < MINIMUM_POSTS:
        return ()
    summed: dict[tuple[int, int, int], int] = {}
    for group in groups:
        key = (group.missed, min(group.seen, LONGEST_DELAY_DAYS), min(group.now, LONGEST_DELAY_DAYS))
        summed[key] = summed.get(key, 0) + group.posts
    shares = np.cumsum(_distribution(np.array([(*key, posts) for key, posts in summed.items()])))
    known = [float(share) for share in shares if share < NEARLY_ALL]
    return tuple(max(share, SMALLEST_SHARE) for share in known)


def _distribution(groups: IntArray) -> FloatArray:
    """Shares p_l of delays of 0..14 days from rows (missed, seen, now, posts)."""
    missed, last, now, posts = groups.T
    delays = np.arange(LONGEST_DELAY_DAYS + 1)
    seen = (delays > missed[:, None]) & (delays <= np.maximum(last, missed + 1)[:, None])
    visible = delays <= now[:, None]
    shares = _as_if_exact(last, now, posts)
    for _ in range(ITERATIONS):
        chosen = shares * seen / np.maximum((shares * seen).sum(axis=1, keepdims=True), 1e-300)
        hidden = shares * ~visible / np.maximum((shares * visible).sum(axis=1, keepdims=True), 1e-6)
        counts = posts @ (chosen + hidden)
        shares = counts / counts.sum()
    result: FloatArray = shares
    return result


def _as_if_exact(seen: IntArray, now: IntArray, posts: IntArray) -> FloatArray:
    """The closed-form estimate by reverse-time hazards if each post had come on the day it was seen: the start.

    Source: Lawless (1994), Canadian Journal of Statistics 22, 15-31.
    """
    known = np.ones(LONGEST_DELAY_DAYS + 1)
    for delay in range(LONGEST_DELAY_DAYS, 0, -1):
        at_risk = posts * ((now >= delay) & (seen <= delay))
        known[delay - 1] = known[delay] * (1.0 - (at_risk * (seen == delay)).sum() / max(at_risk.sum(), 1))
    shares = np.diff(known, prepend=0.0) + 1e-3
    result: FloatArray = shares / shares.sum()
    return result


def completeness(
    delays: Sequence[int] | IntArray,
    ages: Sequence[int] | IntArray,
    *,
    maximum_days: int = LONGEST_DELAY_DAYS,
) -> tuple[float, ...]:
    """Share of a day's final posts that is known 0, 1, 2, ... days later, where each delay is known to the day.

    Args:
        delays: (n,) days from posting to arrival, >= 0.
        ages: (n,) days from posting to now, >= delay.
        maximum_days: later arrivals are left out.

    Returns:
        As `known_by_age`. Hand it to `detect(..., completeness=...)`.

    Raises:
        InputError: lengths differ, or a delay is negative or longer than the post's age.
    """
    late, old = np.asarray(delays, dtype=np.int64), np.asarray(ages, dtype=np.int64)
    if len(late) != len(old):
        raise InputError(f"{len(late)} delays for {len(old)} ages: one of each per post expected")
    wrong = np.flatnonzero((late < 0) | (late > old))
    if len(wrong):
        first = wrong[0]
        raise InputError(
            f"a post of {old[first]} days arrived after {late[first]} days: 0 to its age expected, check both clocks"
        )
    kept = late <= min(maximum_days, LONGEST_DELAY_DAYS)
    pairs, counts = np.unique(np.column_stack([late, old])[kept], axis=0, return_counts=True)
    return known_by_age(
        [DelayGroup(int(d) - 1, int(d), int(a), int(n)) for (d, a), n in zip(pairs, counts, strict=True)]
    )


@dataclass(frozen=True, slots=True)
class SourceDelay:
    """One source at the end of the data.

    Attributes:
        posts: recent posts, the source's weight.
        last_read: day of its last sync, as an ordinal.
        known: share known by age, see `known_by_age`.
    """

    posts: int
    last_read: int
    known: tuple[float, ...]

    def share(self, day: int) -> float:
        """Share of one day's posts that its last sync could see."""
        age = self.last_read - day
        if age < 0:
            return 0.0
        return self.known[age] if age < len(self.known) else 1.0


def known_shares(sources: Sequence[SourceDelay], days: Sequence[int]) -> FloatArray:
    """Expected share of each day's posts that is in the data, (n,), from all sources by their weight.

    Args:
        sources: those still read; one that was not for two weeks counts as given up.
        days: as ordinals.
    """
    read = [s for s in sources if s.posts > 0 and days and s.last_read > days[-1] - LONGEST_DELAY_DAYS]
    shares = np.ones(len(days))
    if not read:
        return shares
    weights = np.array([source.posts for source in read], dtype=float)
    for index in range(max(len(days) - 2 * LONGEST_DELAY_DAYS, 0), len(days)):
        shares[index] = weights @ np.array([source.share(days[index]) for source in read]) / weights.sum()
    return np.maximum(shares, SMALLEST_SHARE)


def completeness_of_last(known: FloatArray) -> tuple[float, ...]:
    """Shares of the last steps, newest first, up to the oldest that is not fully known: for `detect`."""
    late = np.flatnonzero(known < 1.0)
    return tuple(known[late[0] :][::-1].tolist()) if late.size else ()
