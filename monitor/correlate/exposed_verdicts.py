"""From numbers to words for comparisons of exposed and unexposed customers."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.exposure import ExposureComparison

LIKELY_Q = 0.03
POSSIBLE_P = 0.05
POSSIBLE_Q = 0.20
WIDEST_RATIO = 3.0
WIDEST_LOSS = 30.0
"""Points; "no sign" needs a smallest detectable effect of at most this, or an interval that excludes it."""


def judge(comparison: ExposureComparison, q_value: float) -> ExposureComparison:
    """The comparison with its verdict and reason.

    Args:
        comparison: with effect, interval and p-value.
        q_value: its false-discovery rate over the campaigns of the report.
    """
    p_value = comparison.p_value if comparison.p_value is not None else 1.0
    if q_value <= LIKELY_Q:
        if not comparison.confounded_with:
            return replace(comparison, verdict="likely", reason="such a difference is rare by chance")
        return replace(
            comparison, verdict="possible", reason="other campaigns reached the groups differently"
        )
    if p_value <= POSSIBLE_P and q_value <= POSSIBLE_Q:
        return replace(comparison, verdict="possible", reason="it may be chance")
    if _could_have_been_seen(comparison):
        return replace(comparison, verdict="no sign", reason="a large effect would have been seen")
    what = "answers" if comparison.outcome == "nps" else "posts"
    return replace(comparison, verdict="cannot tell", reason=f"too few {what} to see even a large effect")


def _could_have_been_seen(comparison: ExposureComparison) -> bool:
    smallest, low, high = comparison.smallest_detectable, comparison.low, comparison.high
    if comparison.outcome == "nps":
        return (smallest is not None and smallest <= WIDEST_LOSS) or (low is not None and low > -WIDEST_LOSS)
    return (smallest is not None and smallest <= WIDEST_RATIO) or (high is not None and high < WIDEST_RATIO)
