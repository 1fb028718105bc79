"""Score values refuse what no model may say."""

from __future__ import annotations

import math

import pytest

from monitor.domain.scores import ComplaintTag, Scores, Sentiment


def _scores(**changes: object) -> Scores:
    values: dict[str, object] = {
        "lang": "en",
        "sentiment": Sentiment.NEGATIVE,
        "probabilities": {Sentiment.NEGATIVE: 0.7, Sentiment.NEUTRAL: 0.2, Sentiment.POSITIVE: 0.1},
        "marketing_complaint": 0.9,
        "complaint": True,
        "model": "test",
        "tags": (ComplaintTag.PRIVACY,),
    }
    return Scores(**{**values, **changes})  # type: ignore[arg-type]


def test_probabilities_of_the_moods_are_kept() -> None:
    assert _scores().probabilities[Sentiment.NEGATIVE] == 0.7


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan, math.inf])
def test_a_complaint_score_outside_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="expected a probability"):
        _scores(marketing_complaint=share)


def test_moods_that_do_not_sum_to_1_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to"):
        _scores(probabilities={Sentiment.NEGATIVE: 0.7, Sentiment.NEUTRAL: 0.7, Sentiment.POSITIVE: 0.1})


def test_tags_without_a_complaint_are_refused() -> None:
    with pytest.raises(ValueError, match="no complaint"):
        _scores(complaint=False)
