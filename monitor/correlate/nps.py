"""Net promoter score with an interval that holds at small n, and segments with partial pooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.domain.nps import NpsScore, SegmentScore
from monitor.errors import InputError

FloatArray = NDArray[np.float64]

MINIMUM_ANSWERS = 5
"""Below this the interval is wider than a hundred points: no score is printed."""
PSEUDO_PROMOTERS = 0.75
PSEUDO_DETRACTORS = 0.75
PSEUDO_ANSWERS = 3.0
Z95 = 1.959963984540054


def points(scores: Sequence[int] | NDArray[np.int64]) -> FloatArray:
    """Turn answers 0..10 into +100 (promoter), 0 (passive), -100 (detractor), (n,) points.

    Raises:
        InputError: an answer is not a whole number from 0 to 10.
    """
    answers = np.asarray(scores, dtype=np.float64)
    wrong = np.flatnonzero(~((answers >= 0) & (answers <= 10) & (answers == np.rint(answers))))
    if len(wrong):
        raise InputError(
            f"NPS answer {answers[wrong[0]]:g} is wrong: a whole number from 0 to 10 expected, fix the row"
        )
    return np.where(answers >= 9, 100.0, np.where(answers >= 7, 0.0, -100.0))


def nps_score(
    scores: Sequence[int] | NDArray[np.int64],
    *,
    invitations: int | None = None,
    minimum_answers: int = MINIMUM_ANSWERS,
) -> NpsScore:
    """Percent promoters minus percent detractors with the adjusted Wald interval.

    With p and d the shares after adding 3/4 promoter, 3/4 detractor and 3 answers in all (N = n + 3), the interval
    is 100 (p - d ± 1.96 sqrt((p + d - (p - d)²) / N)), cut at ±100. The printed score is the plain one.

    Args:
        scores: (n,) answers 0..10.
        invitations: how many were asked; None when unknown.
        minimum_answers: refuse below.

    Returns:
        The score in points, or a refusal whose `reason` says how many answers are missing.

    Raises:
        InputError: an answer outside 0..10, or fewer invitations than answers.

    Source: Rocks (2016), "Interval estimation for the net promoter score", The American Statistician 70 (4), 365-372.
    """
    answers = points(scores)
    n = len(answers)
    promoters, detractors = int((answers > 0).sum()), int((answers < 0).sum())
    if invitations is not None and invitations < n:
        raise InputError(
            f"{invitations} invitations for {n} answers: at least as many expected, check the export"
        )
    rate = n / invitations if invitations else None
    counts = (n, promoters, n - promoters - detractors, detractors, rate)
    if n < max(minimum_answers, 1):
        return NpsScore(None, None, None, *counts, f"{n} answers, at least {max(minimum_answers, 1)} needed")
    low, high = adjusted_wald(promoters, detractors, n)
    return NpsScore(100.0 * (promoters - detractors) / n, low, high, *counts)


def adjusted_wald(promoters: float, detractors: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Adjusted Wald interval in points; see `nps_score`."""
    centre, error = _adjusted(promoters, detractors, n)
    return max(-100.0, centre - z * error), min(100.0, centre + z * error)


def _adjusted(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """Centre and standard error in points."""
    total = n + PSEUDO_ANSWERS
    p, d = (promoters + PSEUDO_PROMOTERS) / total, (detractors + PSEUDO_DETRACTORS) / total
    return 100 * (p - d), 100 * sqrt((p + d - (p - d) ** 2) / total)


def segment_scores(
    scores: Sequence[int] | NDArray[np.int64],
    segments: Sequence[Mapping[str, str]],
    attribute: str,
    *,
    minimum_answers: int = MINIMUM_ANSWERS,
) -> list[SegmentScore]:
    """Scores by the values of one attribute, each shrunk towards the common mean as far as its n demands.

    theta_s | own ~ N(own_s, v_s), theta_s ~ N(mu, tau²): the pooled score is w own + (1 - w) mu with
    w = tau² / (tau² + v_s); tau² by the method of moments, its interval carries the error of mu.

    Args:
        scores: (n,) answers 0..10.
        segments: (n,) attributes of each answer; answers without `attribute` are left out.
        attribute: "product_line", "customer_type", "csm_coverage", ...
        minimum_answers: a segment's own score is refused below.

    Returns:
        One entry a value, in alphabetical order; [] when no answer carries the attribute.

    Source: DerSimonian & Laird (1986), Controlled Clinical Trials 7, 177-188, for tau².
    """
    answers = np.asarray(scores, dtype=np.int64)
    if len(answers) != len(segments):
        raise InputError(
            f"{len(answers)} scores but {len(segments)} segment rows: one of each per answer expected"
        )
    names = sorted({row[attribute] for row in segments if row.get(attribute)})
    if not names:
        return []
    members = [np.array([row.get(attribute) == name for row in segments]) for name in names]
    own = [nps_score(answers[inside], minimum_answers=minimum_answers) for inside in members]
    moments = np.array([_adjusted(score.promoters, score.detractors, score.n) for score in own])
    pooled, error, weight = _pool(moments[:, 0], moments[:, 1] ** 2)
    return [
        SegmentScore(
            attribute,
            name,
            score,
            float(pooled[index]),
            float(max(-100.0, pooled[index] - Z95 * error[index])),
            float(min(100.0, pooled[index] + Z95 * error[index])),
            float(weight[index]),
        )
        for index, (name, score) in enumerate(zip(names, own, strict=True))
    ]


def _pool(means: FloatArray, variances: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Normal-normal shrinkage of (k,) means: pooled means, their standard errors and own weights."""
    precision = 1 / variances
    fixed = float((precision * means).sum() / precision.sum())
    spread = float((precision * (means - fixed) ** 2).sum())
    scale = float(precision.sum() - (precision**2).sum() / precision.sum())
    between = max(0.0, (spread - (len(means) - 1)) / scale) if scale > 0 else 0.0
    weights = 1 / (variances + between)
    centre = float((weights * means).sum() / weights.sum())
    own = between / (between + variances)
    pooled = own * means + (1 - own) * centre
    error = np.sqrt(own * variances + (1 - own) ** 2 / weights.sum())
    return pooled, error, own
