"""False-discovery control over all campaigns of a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def false_discovery_rates(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Benjamini-Hochberg q-values; a missing p-value stays missing and is not counted as a test.

    q_(i) = min over j >= i of m p_(j) / j, capped at 1, with p sorted upwards and m tests.

    Args:
        p_values: one p-value a test, each in 0..1, or None.

    Returns:
        One q-value (or None) for each p-value, in the same order.

    Source: Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    tested = [index for index, p in enumerate(p_values) if p is not None]
    p = np.array([p_values[index] for index in tested], dtype=float)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(tested) / np.arange(1, len(tested) + 1)
    q_sorted = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    q_values: list[float | None] = [None] * len(p_values)
    for rank, position in enumerate(order):
        q_values[tested[position]] = float(q_sorted[rank])
    return tuple(q_values)
