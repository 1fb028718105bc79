"""How much of a day's posts is known when: reporting delay from days of posting and days of arrival."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.errors import InputError

MINIMUM_POSTS = 50
NEARLY_ALL = 0.99


def completeness(
    delays: Sequence[int] | NDArray[np.int64],
    ages: Sequence[int] | NDArray[np.int64],
    *,
    maximum_days: int = 14,
) -> tuple[float, ...]:
    """Share of a day's final posts that is known 0, 1, 2, ... days later.

    Young days cannot show long delays yet (right truncation), so the plain distribution of delays looks too fast.
    The reverse-time hazard repairs that: with posts of age >= d only,

        h(d) = posts with delay d / posts with delay <= d,      F(a) = product over d > a of (1 - h(d))

    Args:
        delays: (n,) days from posting to arrival, >= 0.
        ages: (n,) days from posting to now, >= delay.
        maximum_days: longest delay considered; later arrivals are left out.

    Returns:
        F(0), F(1), ... up to the day before F reaches 99 %; () when nearly all arrives the same day or fewer than
        50 posts are known. Hand it to `detect(..., completeness=...)`.

    Raises:
        InputError: lengths differ, or a delay is negative or longer than the post's age.

    Source: Lawless (1994), Canadian Journal of Statistics 22, 15-31.
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
    if len(late) < MINIMUM_POSTS:
        return ()
    shares = np.ones(maximum_days + 1)
    for delay in range(maximum_days, 0, -1):
        at_risk = (old >= delay) & (late <= delay)
        hazard = float((late[at_risk] == delay).mean()) if at_risk.any() else 0.0
        shares[delay - 1] = shares[delay] * (1 - hazard)
    known = [float(share) for share in shares if share < NEARLY_ALL]
    return tuple(max(share, 0.01) for share in known)
