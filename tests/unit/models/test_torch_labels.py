"""Label names of foreign classifiers are mapped or asked for."""

from __future__ import annotations

import pytest

from models.engines.torch import map_labels
from monitor.domain.scores import Sentiment
from monitor.errors import UsageError


def test_telling_names_map_themselves() -> None:
    assert map_labels({0: "NEGATIVE", 1: "Neutral", 2: "pos"}, {}) == list(Sentiment)


def test_stars_map_many_to_one() -> None:
    mapping = {"1 star": "negative", "3 stars": "neutral", "5 stars": "positive"}
    assert map_labels({0: "1 star", 1: "3 stars", 2: "5 stars"}, mapping) == list(Sentiment)


def test_a_label_without_a_mood_is_named() -> None:
    with pytest.raises(UsageError, match="LABEL_0"):
        map_labels({0: "LABEL_0", 1: "LABEL_1"}, {})


def test_a_wrong_mood_is_named() -> None:
    with pytest.raises(UsageError, match="'angry'"):
        map_labels({0: "LABEL_0"}, {"LABEL_0": "angry"})
