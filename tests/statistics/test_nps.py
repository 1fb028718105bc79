"""The NPS: interval coverage, refusal, segments, and reading answers."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.correlate.nps import nps_score, points, segment_scores
from monitor.domain.nps import NpsGroup, NpsResponse
from monitor.errors import InputError


def answers(promoters: int, passives: int, detractors: int) -> list[int]:
    return [9] * promoters + [7] * passives + [3] * detractors


def test_score_is_promoters_minus_detractors() -> None:
    score = nps_score(answers(50, 30, 20), invitations=400)
    assert score.score == pytest.approx(30)
    assert (score.n, score.promoters, score.passives, score.detractors) == (100, 50, 30, 20)
    assert score.response_rate == pytest.approx(0.25)
    assert score.low is not None
    assert score.high is not None
    assert score.high - score.low == pytest.approx(2 * 15.1, abs=0.5)


def test_too_few_answers_are_refused_with_a_reason() -> None:
    score = nps_score([9, 10, 3])
    assert (score.score, score.low, score.high, score.n) == (None, None, None, 3)
    assert "3 answers, at least 5 needed" in score.reason


@pytest.mark.parametrize("n", [5, 10, 20, 100])
def test_interval_covers_the_truth_in_95_of_100_cases(n: int) -> None:
    """Averaged over populations, as in practice; every n alone stays within 93-97 %."""
    rng = np.random.default_rng(n)
    covered = []
    for shares in ([0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.65, 0.25, 0.1], [0.2, 0.3, 0.5]):
        truth = 100 * (shares[0] - shares[2])
        for counts in rng.multinomial(n, shares, 1500):
            score = nps_score(answers(*counts))
            assert score.low is not None
            assert score.high is not None
            covered.append(score.low <= truth <= score.high)
    assert 0.93 <= np.mean(covered) <= 0.975


@given(st.lists(st.integers(0, 10), min_size=5, max_size=60))
def test_the_interval_lies_in_the_scale_and_order_does_not_matter(scores: list[int]) -> None:
    score, mirrored = nps_score(scores), nps_score(scores[::-1])
    assert score == mirrored
    assert score.low is not None
    assert score.high is not None
    assert -100 <= score.low < score.high <= 100


@pytest.mark.parametrize("wrong", [[11], [-1], [7.5]])
def test_an_answer_outside_the_scale_is_named(wrong: list[int]) -> None:
    with pytest.raises(InputError, match="0 to 10 expected"):
        points(wrong)


def test_more_answers_than_invitations_are_an_error() -> None:
    with pytest.raises(InputError, match="3 invitations for 5 answers"):
        nps_score([9] * 5, invitations=3)


def test_groups_of_answers() -> None:
    groups = [_response(score).group for score in (10, 9, 8, 7, 6, 0)]
    assert groups == [NpsGroup.PROMOTER] * 2 + [NpsGroup.PASSIVE] * 2 + [NpsGroup.DETRACTOR] * 2


def _response(score: int) -> NpsResponse:
    return NpsResponse("survey", "1", datetime(2026, 1, 1, tzinfo=UTC), score)


def test_a_response_outside_the_scale_cannot_exist() -> None:
    with pytest.raises(InputError, match="score 11"):
        _response(11)


def test_small_segments_are_pulled_towards_the_rest() -> None:
    scores = answers(60, 20, 20) + answers(10, 40, 50) + answers(0, 0, 4)
    segments = [{"type": "large"}] * 100 + [{"type": "small"}] * 100 + [{"type": "new"}] * 4
    by_name = {row.value: row for row in segment_scores(scores, segments, "type")}
    assert by_name["new"].own.score is None
    assert by_name["new"].weight < by_name["small"].weight
    assert -100 < by_name["new"].pooled < 0
    assert by_name["large"].pooled == pytest.approx(40, abs=8)


def test_segments_without_true_differences_are_pooled_closer_than_their_own_scores() -> None:
    """Shrinkage lowers the squared error where all segments share one truth."""
    rng = np.random.default_rng(3)
    own, pooled = [], []
    for _ in range(60):
        scores = rng.choice([10, 8, 2], 160, p=[0.5, 0.3, 0.2])
        segments = [{"s": str(index % 8)} for index in range(160)]
        for row in segment_scores(scores, segments, "s"):
            assert row.own.score is not None
            own.append((row.own.score - 30) ** 2)
            pooled.append((row.pooled - 30) ** 2)
    assert np.mean(pooled) < 0.5 * np.mean(own)


def test_answers_without_the_attribute_are_left_out() -> None:
    assert segment_scores([9, 3], [{}, {"other": "x"}], "type") == []
